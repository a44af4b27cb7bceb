"""Claims in the words in which they are sealed: when they are submitted, and as their tables have them now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.policies.rules import Policy
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import BEFORE_ALL, SealedRow

CLAIM = "claim"
_AT_ONCE = 20
"""Claims looked at together: each has up to some hundred lines."""


def seal_claim(claim: SubsidyClaim, plan: PlanView, policy: Policy) -> None:
    """Seal a claim with its lines, before they are inserted (kind ``claim``, subject ``claim:<public id>``)."""
    rates = {
        "rate_fen": policy.subsidy.rate_fen_per_class_hour,
        "class_hour_seconds": policy.class_hour.seconds,
        "minimum_class_hours": policy.subsidy.minimum_class_hours,
        "cap_fen": policy.subsidy.cap_fen,
    }
    refs = people.learner_refs([line.worker_id for line in claim.lines])
    evidence.seal(
        kind=CLAIM,
        body={**_facts(claim, plan, refs), "rates": rates},
        subject=f"{CLAIM}:{claim.public_id}",
        context_ref=plan.training_class.class_id,
    )


def count_sealed_rows() -> int:
    """How many claims there are."""
    return db.session.scalar(select(func.count()).select_from(SubsidyClaim)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next claims after that id with their lines. The rates stand in the policy, not in the tables, and are left out."""
    claims = _page(after_id, limit)
    refs = _refs(claims)
    rows = [
        SealedRow(
            id=claim.id,
            name=f"{CLAIM} {claim.public_id}",
            subject=f"{CLAIM}:{claim.public_id}",
            old_id=claim.id,
            body=_facts(claim, plans.plan_view_by_id(claim.plan_id), refs),
        )
        for claim in claims
    ]
    db.session.expunge_all()
    return rows


def _page(after_id: int, limit: int) -> Sequence[SubsidyClaim]:
    query = select(SubsidyClaim).where(SubsidyClaim.id > after_id).order_by(SubsidyClaim.id).limit(min(limit, _AT_ONCE))
    with_lines = query.options(selectinload(SubsidyClaim.lines)).execution_options(populate_existing=True)
    return db.session.scalars(with_lines).all()


def _refs(claims: Iterable[SubsidyClaim]) -> Mapping[int, UUID]:
    return people.learner_refs({line.worker_id for claim in claims for line in claim.lines})


def _facts(claim: SubsidyClaim, plan: PlanView, refs: Mapping[int, UUID]) -> dict[str, Any]:
    return {
        "claim": str(claim.public_id),
        "plan": str(plan.plan_id),
        "enterprise": str(enterprises.enterprise_by_id(claim.enterprise_id).public_id),
        "filing_number": plan.filing_number,
        "policy_id": claim.policy_id,
        "policy_version": claim.policy_version,
        "claimed_on": claim.claimed_on.isoformat(),
        "at_ms": clock.epoch_ms(claim.submitted_at),
        "total_fen": claim.total_fen,
        "lines": [_line(line, refs[line.worker_id], plan.training_class.class_id) for line in claim.lines],
    }


def _line(line: ClaimLine, person: UUID, class_id: UUID) -> dict[str, Any]:
    facts = line.decision["facts"]
    return {
        "line": str(line.public_id),
        "person": str(person),
        "class": str(class_id),
        "class_hours": line.class_hours,
        "seconds": line.seconds,
        "claimable_seconds": facts["seconds"],
        "drawn_fen": facts["drawn_fen"],
        "cap_fen": line.cap_fen,
        "cap_ref": line.cap_ref,
        "amount_fen": line.amount_fen,
        "eligible": line.eligible,
        "hold": line.hold_key,
        "decision_sha256": sha256_hex(canonical_json(line.decision)),
    }


class ClaimState(NamedTuple):
    """What a claim's row says was decided; ``line_statuses`` are those of its lines, without ``refused``."""

    id: int
    claim_id: UUID
    status: str
    first_reviewer_id: int | None
    second_reviewer_id: int | None
    approved_at: datetime | None
    paid_at: datetime | None
    total_fen: int
    decision_reason: str
    decision_clause: str
    line_statuses: frozenset[str]


def claim_states(after_id: int, limit: int) -> list[ClaimState]:
    """What was decided of the next claims after that inner id."""
    claims = _page(after_id, limit)
    states = [
        ClaimState(
            claim.id,
            claim.public_id,
            claim.status,
            claim.first_reviewer_id,
            claim.second_reviewer_id,
            claim.approved_at,
            claim.paid_at,
            claim.total_fen,
            claim.decision_reason,
            claim.decision_clause,
            frozenset(line.status for line in claim.lines if line.hold_key is not None),
        )
        for claim in claims
    ]
    db.session.expunge_all()
    return states


def line_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Lines whose seconds the credit bank holds, settled or released otherwise than their status says: which, and how."""
    after = BEFORE_ALL
    while claims := _page(after, _AT_ONCE):
        lines = {line.hold_key: (claim, line) for claim in claims for line in claim.lines if line.hold_key is not None}
        moved = credit_bank.known_keys(key for hold in lines for key in (hold, *_keys_after(hold)))
        for hold_key, (claim, line) in lines.items():
            settled, released = (key in moved for key in _keys_after(hold_key))
            by_books = "settled" if settled else "released" if released else "held" if hold_key in moved else "not held"
            if line.status != by_books:
                name = f"claim_line {line.public_id} of {CLAIM} {claim.public_id}"
                yield name, f"status {line.status} in the table, its seconds are {by_books} in the credit bank"
        advance(len(claims))
        after = claims[-1].id
        db.session.expunge_all()


def _keys_after(hold_key: str) -> tuple[str, str]:
    stem = hold_key.removesuffix("hold")
    return f"{stem}settle", f"{stem}release"
