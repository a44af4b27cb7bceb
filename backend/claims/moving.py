"""What every move of a claim shares: the keys of its seconds, releasing lines, and the audit trail.

A line's seconds live in the credit bank under ``claim:<claim>:<line>:hold``; after the n-th cut under ``…:<n>:hold``. Each hold
is released under its own key with ``release`` for ``hold``; a line is settled under ``claim:<claim>:<line>:settle``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from backend.audit import services as audit
from backend.claims import rules
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.credit_bank import services as credit_bank
from config.database import db


def key_of(claim: UUID, line: UUID, verb: str) -> str:
    """The key under which the credit bank first holds, settles or first releases a line."""
    return f"claim:{claim}:{line}:{verb}"


def release_key_of(hold_key: str) -> str:
    """The key under which a hold of a line is released."""
    return f"{hold_key.removesuffix('hold')}release"


def release(lines: Iterable[ClaimLine], *, reason: str) -> None:
    """Give the people of these held lines their seconds and their cap back."""
    held = [line for line in lines if line.status == "held"]
    keys = {line.granted_hold_key: release_key_of(line.granted_hold_key) for line in held if line.granted_hold_key}
    for line in held:
        line.status = "released"
    if keys:
        credit_bank.release_all(keys, reason=reason)
    db.session.flush()


def close(claim: SubsidyClaim, move: str, *, reason: str, clause: str, actor: str, action: str) -> None:
    """End a claim unpaid: its lines are released."""
    claim.status = rules.next_status(claim.status, move)
    release(claim.lines, reason=reason)
    decide(claim, reason=reason, clause=clause, actor=actor, action=action)


def decide(claim: SubsidyClaim, *, reason: str, clause: str, actor: str, action: str) -> None:
    """Keep the words of a decision on the claim."""
    claim.decision_reason, claim.decision_clause = reason, clause
    db.session.flush()
    write(claim, actor, action, {"reason": reason, "clause": clause})


def write(claim: SubsidyClaim, actor: str, action: str, detail: Mapping[str, str | int]) -> None:
    """A line of the audit trail about this claim."""
    audit.write(actor=actor, action=action, subject=f"claim:{claim.public_id}", detail=dict(detail))
