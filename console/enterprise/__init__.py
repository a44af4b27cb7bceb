"""Pages of an enterprise's agent: roster, plans, progress, claims, hour report, keys."""

from console.enterprise import (
    amendments,
    api_keys,
    bundles,
    certificates,
    claims,
    documents,
    identity,
    imports,
    issued_reports,
    materials,
    new_hire_training,
    new_hires,
    overview,
    plans,
    progress,
    reports,
    rosters,
)
from console.enterprise.door import blueprint

__all__ = [
    "amendments",
    "api_keys",
    "blueprint",
    "bundles",
    "certificates",
    "claims",
    "documents",
    "identity",
    "imports",
    "issued_reports",
    "materials",
    "new_hire_training",
    "new_hires",
    "overview",
    "plans",
    "progress",
    "reports",
    "rosters",
]
