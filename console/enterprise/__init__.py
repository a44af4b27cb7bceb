"""Pages of an enterprise's agent: roster, plans, progress, claims, hour report, keys."""

from console.enterprise import (
    api_keys,
    bundles,
    certificates,
    claims,
    identity,
    imports,
    issued_reports,
    materials,
    overview,
    plans,
    progress,
    reports,
    rosters,
)
from console.enterprise.door import blueprint

__all__ = [
    "api_keys",
    "blueprint",
    "bundles",
    "certificates",
    "claims",
    "identity",
    "imports",
    "issued_reports",
    "materials",
    "overview",
    "plans",
    "progress",
    "reports",
    "rosters",
]
