"""Pages of the reviewer and the second reviewer: the queue, one screen a plan, a claim, an appeal. Never a field that
changes learning data."""

from console.reviewer import (
    amendments,
    appeals,
    bank_accounts,
    bundles,
    certificates,
    claims,
    disputes,
    evidence,
    identity,
    lists,
    new_hires,
    notices,
    plans,
    queue,
)
from console.reviewer.door import blueprint

__all__ = [
    "amendments",
    "appeals",
    "bank_accounts",
    "blueprint",
    "bundles",
    "certificates",
    "claims",
    "disputes",
    "evidence",
    "identity",
    "lists",
    "new_hires",
    "notices",
    "plans",
    "queue",
]
