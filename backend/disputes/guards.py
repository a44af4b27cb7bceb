"""What stands in the way of paying a claim line, as SQL for the triggers of those who pay."""

from __future__ import annotations

from backend.notices.guards import objected

_DISPUTED = (
    "EXISTS (SELECT 1 FROM dispute d JOIN claim_line dl ON dl.worker_id = d.worker_id "
    "WHERE d.status = 'open' AND dl.public_id = <line> "
    "AND (d.enrollment_id IS NULL OR d.enrollment_id = dl.enrollment_id))"
)


def disputed(line_ref: str) -> str:
    """SQL: an open dispute of the line's own person stands against it; ``line_ref`` is SQL for the line's public id."""
    return _DISPUTED.replace("<line>", line_ref)


def blocked(line_ref: str, claim_ref: str) -> str:
    """SQL: an open objection or dispute stands against the line, both given by SQL for their public ids."""
    return f"({objected(line_ref, claim_ref)} OR {disputed(line_ref)})"
