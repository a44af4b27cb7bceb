"""Reporting a dispute, withdrawing it, and writing down how it ended. The rows only; decisions are ``reviews``'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.disputes import rules
from backend.disputes.models import Dispute, DisputeOutcome
from backend.disputes.reading import CONTACT, load_dispute, views
from backend.disputes.rules import Kind
from backend.disputes.views import DisputeView, LineOutcome
from backend.notices import services as notices
from backend.people import services as people
from backend.plans import services as plans
from backend.policies import services as policies
from config import clock, crypto
from config.database import db, new_public_id
from config.errors import Conflict, NotFound


def report_misuse(
    *,
    name: str,
    id_number: str,
    text: str,
    contact: str,
    reporter_id: int | None = None,
    staff_id: int | None = None,
) -> DisputeView:
    """ "Someone registered my ID": by the account of its real owner, or at the desk. From now on nothing in that name is paid.

    By phone the door spends one of the day's identity tries first, so that nobody tries numbers out. Raises ``Invalid`` as
    ``people.check_identity``, DISPUTE_TEXT, DISPUTE_CONTACT; ``NotFound`` DISPUTE_NUMBER_FREE; ``Conflict``
    DISPUTE_NUMBER_YOURS, DISPUTE_OPEN.
    """
    text, given = rules.check_words(text, contact, contact_needed=True)
    _, checked = people.check_identity(name, id_number)
    holder = people.find_by_id_number(checked.number)
    if holder is None:
        raise NotFound("DISPUTE_NUMBER_FREE", "这个身份证号没有被登记，您可以直接实名登记。")
    if holder == reporter_id:
        raise Conflict("DISPUTE_NUMBER_YOURS", "这个身份证号就登记在您现在的账号上，请核对后再试。")
    return _open("identity_misuse", holder, text, given, reporter_id=reporter_id, staff_id=staff_id)


def report_absence(*, worker_id: int, class_id: UUID, text: str, contact: str = "") -> DisputeView:
    """ "I did not take part": a worker denies their own place in a class. From now on nothing of that place is paid.

    Raises ``NotFound`` CLASS_NOT_FOUND; ``Invalid`` DISPUTE_TEXT, DISPUTE_CONTACT; ``Conflict`` DISPUTE_OPEN.
    """
    text, given = rules.check_words(text, contact, contact_needed=False)
    place = plans.enrollment(worker_id, class_id)
    if place is None:
        raise NotFound("CLASS_NOT_FOUND", "您不在这个班级里，请从“我的班级”重新选择。")
    return _open("not_taken_part", worker_id, text, given, reporter_id=worker_id, place=(place.id, class_id))


def withdraw_dispute(*, dispute_id: UUID, worker_id: int) -> DisputeView:
    """The reporter takes it back. Called by ``reviews``, which frees what it held.

    Raises ``NotFound`` DISPUTE_NOT_FOUND (also for somebody else's), ``Conflict`` DISPUTE_ENDED.
    """
    row = load_dispute(dispute_id, lock=True)
    if row.reporter_id != worker_id:
        raise NotFound("DISPUTE_NOT_FOUND", "没有找到这件争议，请从列表重新打开。")
    rules.require_open(row.status)
    row.status, row.ended_at = "withdrawn", clock.now()
    db.session.flush()
    _audit(row, "worker", "dispute.withdrawn")
    return views([row])[0]


def end_dispute(
    *,
    dispute_id: UUID,
    upheld: bool,
    answer: str,
    clause: str,
    staff_id: int,
    actor: str,
    decide: Callable[[], None],
) -> DisputeView:
    """Write down how a dispute ended; ``decide`` records the review, without which the database refuses it.

    Raises ``NotFound`` DISPUTE_NOT_FOUND, ``Conflict`` DISPUTE_ENDED, ``Invalid`` ANSWER_LEAKS.
    """
    row = load_dispute(dispute_id, lock=True)
    rules.require_open(row.status)
    notices.require_publishable(answer)
    decide()
    row.status = "upheld" if upheld else "dismissed"
    row.answer, row.clause, row.decided_by_id, row.ended_at = answer, clause, staff_id, clock.now()
    db.session.flush()
    _audit(row, actor, f"dispute.{row.status}")
    return views([row])[0]


def add_outcomes(*, dispute_id: UUID, lines: Sequence[LineOutcome]) -> DisputeView:
    """What an upheld dispute did to claim lines. Raises ``NotFound`` DISPUTE_NOT_FOUND."""
    row = load_dispute(dispute_id)
    db.session.add_all(
        DisputeOutcome(
            dispute_id=row.id,
            claim_ref=line.claim_id,
            line_ref=line.line_id,
            outcome=line.outcome,
            amount_fen=line.amount_fen,
            at=clock.now(),
        )
        for line in lines
    )
    db.session.flush()
    return views([row])[0]


def recovery_demanded(*, dispute_id: UUID, line_id: UUID, recovery_ref: UUID) -> None:
    """``payments`` demanded back what a disputed line was paid; the same again changes nothing.

    Raises ``NotFound`` DISPUTE_OUTCOME_NOT_FOUND.
    """
    dispute = load_dispute(dispute_id)
    row = db.session.scalar(
        select(DisputeOutcome).where(
            DisputeOutcome.dispute_id == dispute.id,
            DisputeOutcome.line_ref == line_id,
            DisputeOutcome.outcome == "recovery",
        )
    )
    if row is None:
        raise NotFound("DISPUTE_OUTCOME_NOT_FOUND", "这件争议没有要追回的这笔补贴，请刷新页面后重新选择。")
    row.recovery_ref = row.recovery_ref or recovery_ref
    db.session.flush()


def _open(
    kind: Kind,
    worker_id: int,
    text: str,
    contact: str | None,
    *,
    reporter_id: int | None,
    staff_id: int | None = None,
    place: tuple[int, UUID] | None = None,
) -> DisputeView:
    now = clock.now()
    today = clock.local_date(now)
    days = policies.configured().appeal.disputes_answered_in_working_days
    row = Dispute(
        public_id=new_public_id(),
        year=today.year,
        sequence=notices.next_number("dispute", today.year),
        kind=kind,
        status="open",
        worker_id=worker_id,
        enrollment_id=place[0] if place else None,
        class_ref=place[1] if place else None,
        reporter_id=reporter_id,
        opened_by_staff_id=staff_id,
        text=text,
        contact_encrypted=crypto.encrypt(contact, purpose=CONTACT) if contact else None,
        opened_at=now,
        due_on=policies.working_days_after(today, days),
        answer="",
        clause="",
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict("DISPUTE_OPEN", "同一件事已经有人反映，正在核实，请等待处理结果。") from error
    _audit(row, "worker" if staff_id is None else "staff", "dispute.opened")
    return views([row])[0]


def _audit(row: Dispute, actor: str, action: str) -> None:
    audit.write(actor=actor, action=action, subject=f"dispute:{row.public_id}", detail={"kind": row.kind})
