"""Cuts of claim lines in the words in which they are sealed: when they are made, and as their table has them now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from backend.claims.models import ClaimAdjustment, ClaimLine, SubsidyClaim
from backend.people import services as people
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

ADJUSTMENT = "adjustment"


def seal_adjustment(
    adjustment: ClaimAdjustment, line: ClaimLine, claim_id: UUID, class_id: UUID, *, staff: UUID
) -> None:
    """Seal a cut before it is inserted (kind ``adjustment``, subject ``adjustment:<public id>``)."""
    person = people.learner_ref(line.worker_id)
    evidence.seal(
        kind=ADJUSTMENT,
        body=_facts(adjustment, line.public_id, claim_id, person, staff),
        subject=f"{ADJUSTMENT}:{adjustment.public_id}",
        person_ref=person,
        context_ref=class_id,
    )


def count_sealed_adjustments() -> int:
    """How many cuts there are."""
    return db.session.scalar(select(func.count()).select_from(ClaimAdjustment)) or 0


def sealed_adjustments(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next cuts after that inner id."""
    query = (
        select(ClaimAdjustment, ClaimLine.public_id, ClaimLine.worker_id, SubsidyClaim.public_id)
        .join(ClaimLine, ClaimLine.id == ClaimAdjustment.claim_line_id)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .where(ClaimAdjustment.id > after_id)
        .order_by(ClaimAdjustment.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    rows = db.session.execute(query).all()
    refs = people.learner_refs({worker_id for _, _, worker_id, _ in rows})
    return [
        SealedRow(
            id=adjustment.id,
            name=f"{ADJUSTMENT} {adjustment.public_id}",
            subject=f"{ADJUSTMENT}:{adjustment.public_id}",
            old_id=adjustment.id,
            body=_facts(
                adjustment, line_id, claim_id, refs[worker_id], people.staff_of_id(adjustment.staff_id).public_id
            ),
        )
        for adjustment, line_id, worker_id, claim_id in rows
    ]


class AdjustmentState(NamedTuple):
    """What a cut's row says was decided, by whom."""

    id: int
    adjustment_id: UUID
    reason: str
    clause: str
    staff_id: int


def adjustment_states(after_id: int, limit: int) -> list[AdjustmentState]:
    """What was decided in the next cuts after that inner id."""
    columns = (ClaimAdjustment.id, ClaimAdjustment.public_id, ClaimAdjustment.reason, ClaimAdjustment.clause)
    query = select(*columns, ClaimAdjustment.staff_id).where(ClaimAdjustment.id > after_id)
    rows = db.session.execute(query.order_by(ClaimAdjustment.id).limit(limit))
    return [AdjustmentState(*row) for row in rows]


def _facts(adjustment: ClaimAdjustment, line_id: UUID, claim_id: UUID, person: UUID, staff: UUID) -> dict[str, Any]:
    return {
        "adjustment": str(adjustment.public_id),
        "claim": str(claim_id),
        "line": str(line_id),
        "person": str(person),
        "from_fen": adjustment.from_fen,
        "class_hours": adjustment.class_hours,
        "seconds": adjustment.seconds,
        "amount_fen": adjustment.amount_fen,
        "hold": adjustment.hold_key,
        "reason": adjustment.reason,
        "clause": adjustment.clause,
        "staff": str(staff),
        "at_ms": clock.epoch_ms(adjustment.at),
    }
