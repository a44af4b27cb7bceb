"""Claims in the words in which they are sealed: when they are submitted, and as their tables have them now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.claims.models import ClaimAdjustment, ClaimLine, SubsidyClaim
from backend.claims.moving import key_of, release_key_of
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
    """Lines that grant other than their cuts left, or whose seconds the credit bank holds, settled or released otherwise
    than their status says: which, and how."""
    after = BEFORE_ALL
    while claims := _page(after, _AT_ONCE):
        lines = [(claim, line) for claim in claims for line in claim.lines if line.hold_key is not None]
        cuts = _cuts([line.id for _, line in lines])
        holds = {line.id: _holds(line, cuts.get(line.id, ())) for _, line in lines}
        keys = {key for found in holds.values() for key in found}
        settles = {line.id: key_of(claim.public_id, line.public_id, "settle") for claim, line in lines}
        moved = credit_bank.known_keys([*keys, *map(release_key_of, keys), *settles.values()])
        for claim, line in lines:
            problems = _line_problems(line, cuts.get(line.id, ()), holds[line.id], settles[line.id], moved)
            yield from ((f"claim_line {line.public_id} of {CLAIM} {claim.public_id}", problem) for problem in problems)
        advance(len(claims))
        after = claims[-1].id
        db.session.expunge_all()


def _cuts(line_row_ids: Sequence[int]) -> Mapping[int, Sequence[ClaimAdjustment]]:
    found: dict[int, list[ClaimAdjustment]] = {}
    for start in range(0, len(line_row_ids), 500):
        query = select(ClaimAdjustment).where(ClaimAdjustment.claim_line_id.in_(line_row_ids[start : start + 500]))
        ordered = query.order_by(ClaimAdjustment.id).execution_options(populate_existing=True)
        for cut in db.session.scalars(ordered):
            found.setdefault(cut.claim_line_id, []).append(cut)
    return found


def _holds(line: ClaimLine, cuts: Sequence[ClaimAdjustment]) -> list[str]:
    return [key for key in (line.hold_key, *(cut.hold_key for cut in cuts)) if key is not None]


def _line_problems(
    line: ClaimLine, cuts: Sequence[ClaimAdjustment], holds: Sequence[str], settle: str, moved: Collection[str]
) -> Iterator[str]:
    left = cuts[-1] if cuts else line
    granted = (line.granted_class_hours, line.granted_seconds, line.granted_fen, line.granted_hold_key)
    if granted != (left.class_hours, left.seconds, left.amount_fen, left.hold_key):
        yield f"grants {line.granted_fen} fen in the table, {left.amount_fen} fen by its adjustments"
        return
    if any(release_key_of(key) not in moved for key in holds[:-1]):
        yield "was cut and still holds what it held before"
    released = release_key_of(holds[-1]) in moved
    by_books = (
        "settled" if settle in moved else "released" if released else "held" if holds[-1] in moved else "not held"
    )
    if line.status != by_books:
        yield f"status {line.status} in the table, its seconds are {by_books} in the credit bank"
