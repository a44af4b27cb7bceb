"""Reading disputes: one, a worker's own, what waits, what stands against claim lines and what is to be recovered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.disputes import rules
from backend.disputes.models import Dispute, DisputeOutcome, Escalation
from backend.disputes.views import DisputeCase, DisputeView, OutcomeView
from backend.notices.services import AnswerState
from backend.people import services as people
from backend.plans import services as plans
from config import crypto
from config.database import db, locked
from config.errors import NotFound

CONTACT = "dispute-contact"


def dispute_view(dispute_id: UUID) -> DisputeView:
    """One dispute. Raises ``NotFound`` DISPUTE_NOT_FOUND."""
    return views([load_dispute(dispute_id)])[0]


def dispute_case(dispute_id: UUID) -> DisputeCase:
    """One dispute for whoever decides it. Raises ``NotFound`` DISPUTE_NOT_FOUND."""
    row = load_dispute(dispute_id)
    return DisputeCase(
        view=views([row])[0],
        masked_name=people.worker_view(row.worker_id).masked_name or "",
        contact=None if row.contact_encrypted is None else crypto.decrypt(row.contact_encrypted, purpose=CONTACT),
    )


def disputes_of(worker_id: int) -> list[DisputeView]:
    """What a worker reported by phone, the newest first."""
    return _select(Dispute.reporter_id == worker_id)


def open_disputes() -> list[DisputeView]:
    """What waits for a decision, the earliest due first."""
    return sorted(_select(Dispute.status == "open"), key=lambda each: (each.due_on, each.opened_at))


def disputed_people(worker_ids: Collection[int]) -> set[tuple[int, int | None]]:
    """Open disputes of these workers: (worker, enrollment), or (worker, None) where everything in the name is disputed."""
    query = select(Dispute.worker_id, Dispute.enrollment_id).where(
        Dispute.status == "open", Dispute.worker_id.in_(list(worker_ids))
    )
    return {(row.worker_id, row.enrollment_id) for row in db.session.execute(query)}


def recoveries_due() -> list[OutcomeView]:
    """Lines that were paid before their dispute was upheld, and whose recovery nobody demanded yet, the first one first."""
    query = (
        select(DisputeOutcome, Dispute)
        .join(Dispute, Dispute.id == DisputeOutcome.dispute_id)
        .where(DisputeOutcome.outcome == "recovery", DisputeOutcome.recovery_ref.is_(None))
        .order_by(DisputeOutcome.id)
    )
    return [_outcome(row, dispute) for row, dispute in db.session.execute(query)]


def escalated_refs(subject_kind: str, refs: Iterable[UUID]) -> set[UUID]:
    """Which of these appeals, objections or disputes went to a second reviewer."""
    query = select(Escalation.subject_ref).where(
        Escalation.subject_kind == subject_kind, Escalation.subject_ref.in_(list(refs))
    )
    return set(db.session.scalars(query))


def dispute_states(after_id: int, limit: int) -> list[AnswerState]:
    """What was answered to the next disputes after that inner id."""
    query = select(Dispute).where(Dispute.id > after_id).order_by(Dispute.id).limit(limit)
    return [
        AnswerState(row.id, row.public_id, row.status, row.answer, row.clause, row.decided_by_id)
        for row in db.session.scalars(query.execution_options(populate_existing=True))
    ]


def count_disputes() -> int:
    """How many disputes there are."""
    return db.session.scalar(select(func.count()).select_from(Dispute)) or 0


def load_dispute(dispute_id: UUID, *, lock: bool = False) -> Dispute:
    """The row, locked until the transaction ends if asked. Raises ``NotFound`` DISPUTE_NOT_FOUND."""
    query = select(Dispute).where(Dispute.public_id == dispute_id)
    row: Dispute | None = db.session.scalar(locked(query) if lock else query)
    if row is None:
        raise NotFound("DISPUTE_NOT_FOUND", "没有找到这件争议，请从列表重新打开。")
    return row


def views(rows: Sequence[Dispute]) -> list[DisputeView]:
    """The views of some rows."""
    escalated = escalated_refs("dispute", [row.public_id for row in rows])
    outcomes: dict[int, list[DisputeOutcome]] = defaultdict(list)
    query = select(DisputeOutcome).where(DisputeOutcome.dispute_id.in_([row.id for row in rows]))
    for outcome in db.session.scalars(query.order_by(DisputeOutcome.id)):
        outcomes[outcome.dispute_id].append(outcome)
    return [_view(row, row.public_id in escalated, outcomes[row.id]) for row in rows]


def _select(*conditions: Any) -> list[DisputeView]:
    query = select(Dispute).where(*conditions).order_by(Dispute.id.desc())
    return views(db.session.scalars(query).all())


def _view(row: Dispute, escalated: bool, outcomes: Sequence[DisputeOutcome]) -> DisputeView:
    return DisputeView(
        dispute_id=row.public_id,
        number=rules.dispute_number(row.year, row.sequence),
        kind=row.kind,
        kind_words=rules.KIND_WORDS[row.kind],
        status=row.status,
        status_words=rules.STATUS_WORDS[row.status],
        worker_id=row.worker_id,
        enrollment_id=row.enrollment_id,
        class_id=row.class_ref,
        title="" if row.class_ref is None else plans.class_view(row.class_ref).title,
        reporter_id=row.reporter_id,
        text=row.text,
        opened_at=row.opened_at,
        due_on=row.due_on,
        escalated=escalated,
        answer=row.answer,
        clause=row.clause,
        ended_at=row.ended_at,
        outcomes=tuple(_outcome(each, row) for each in outcomes),
    )


def _outcome(row: DisputeOutcome, dispute: Dispute) -> OutcomeView:
    return OutcomeView(
        dispute_id=dispute.public_id,
        dispute_number=rules.dispute_number(dispute.year, dispute.sequence),
        claim_id=row.claim_ref,
        line_id=row.line_ref,
        outcome=row.outcome,
        amount_fen=row.amount_fen,
        recovery_ref=row.recovery_ref,
    )
