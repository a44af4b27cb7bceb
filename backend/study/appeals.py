"""申诉: a worker appeals against time that did not count. Upheld, it is a deposit that cites the decision; never an edit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from backend.people import services as people
from backend.policies import services as policies
from backend.study.banking import APPEAL, SESSION, bank_closed_sessions, bank_evidence, banked
from backend.study.models import AppealCase, AppealDecision, BankedEvidence
from backend.study.views import AppealCaseView
from config import clock
from config.database import db, locked
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from learning_records.sessions.services import AppealView, OutsideTimeView

UPHELD, REFUSED = "upheld", "refused"
_LONGEST_REASON = 500


def appeal(
    *,
    worker_id: int,
    session_id: UUID,
    reason: str,
    seq: int | None = None,
    span: tuple[datetime, datetime] | None = None,
) -> AppealCaseView:
    """Appeal the uncounted time at beat ``seq``, in ``span``, or of the whole session; answered within 3 working days.

    Raises ``NotFound`` SESSION_NOT_FOUND, BEAT_NOT_FOUND; ``Invalid`` APPEAL_REASON, SPAN_REVERSED, NOTHING_TO_APPEAL;
    ``NotAllowed`` APPEAL_TOO_LATE (24 h after the minute); ``Conflict`` APPEAL_ALREADY_FILED.
    """
    filed = sessions.file_appeal(
        person_ref=people.learner_ref(worker_id), session_id=session_id, reason=reason, seq=seq, span=span
    )
    days = policies.current().appeal.answered_in_working_days
    case = AppealCase(
        appeal_ref=filed.appeal_id,
        worker_id=worker_id,
        session_ref=session_id,
        answer_due_on=policies.working_days_after(clock.local_date(filed.filed_at), days),
        opened_at=filed.filed_at,
    )
    db.session.add(case)
    db.session.flush()
    session_row = banked(SESSION, session_id)
    return _view(case, filed, None, session_row.context_ref if session_row else None)


def appeals_of(*, worker_id: int) -> list[AppealCaseView]:
    """A worker's appeals, newest first."""
    return _select(AppealCase.worker_id == worker_id)


def open_appeals() -> list[AppealCaseView]:
    """Appeals that wait for an answer, the earliest due first."""
    waiting = [case for case in _select() if case.outcome is None]
    return sorted(waiting, key=lambda case: (case.answer_due_on, case.appeal.filed_at))


def appeal_case(*, appeal_id: UUID) -> AppealCaseView:
    """One appeal. Raises ``NotFound`` APPEAL_NOT_FOUND."""
    found = _select(AppealCase.appeal_ref == appeal_id)
    if not found:
        raise NotFound("APPEAL_NOT_FOUND", "没有找到这份申诉，请核对申诉编号。")
    return found[0]


def decide_appeal(*, appeal_id: UUID, upheld: bool, reason: str, staff_public_id: UUID) -> AppealCaseView:
    """Answer an appeal. The decision is sealed as an evidence record; upheld, its time is deposited citing that record.

    What is given back never passes the uncounted time, the person's real time that counted nowhere else, or what the
    lesson still lacks; what it lacked counts as watched from now on. The session is banked first and stays as it is.
    Raises ``NotFound`` APPEAL_NOT_FOUND; ``Invalid`` REASON_REQUIRED, SESSION_STILL_OPEN; ``Conflict``
    APPEAL_ALREADY_DECIDED.
    """
    reason = reason.strip()
    if not 1 < len(reason) <= _LONGEST_REASON:
        raise Invalid("REASON_REQUIRED", f"请用2到{_LONGEST_REASON}个字写明理由，让申诉人看得明白。")
    case = db.session.scalar(locked(select(AppealCase).where(AppealCase.appeal_ref == appeal_id)))
    if case is None:
        raise NotFound("APPEAL_NOT_FOUND", "没有找到这份申诉，请核对申诉编号。")
    if db.session.scalar(select(AppealDecision.id).where(AppealDecision.case_id == case.id)) is not None:
        raise Conflict("APPEAL_ALREADY_DECIDED", "这份申诉已经答复过，不能再次答复。")
    filed = sessions.get_appeal(appeal_id=appeal_id)
    bank_closed_sessions(worker_id=case.worker_id)
    session_row = banked(SESSION, case.session_ref)
    if session_row is None:
        raise Invalid("SESSION_STILL_OPEN", "这次学习还没有结束，请在学习结束后再答复。")
    counted = _give_back(filed) if upheld else None
    granted = counted.counted_seconds if counted else 0
    person, decided_at = people.learner_ref(case.worker_id), clock.now()
    row = bank_evidence(
        source_kind=APPEAL,
        source_ref=appeal_id,
        worker_id=case.worker_id,
        person_ref=person,
        context_ref=session_row.context_ref,
        filed=session_row.filed,
        body=_body(filed, person, session_row.context_ref, upheld, reason, staff_public_id, counted, decided_at)
        | {"session_record": str(evidence.get_record(record_id=session_row.evidence_record_id).public_id)},
        learned_seconds=granted,
        checked_in_seconds=counted.checked_in_seconds if counted else 0,
        allowance=(counted.allowance_seconds, counted.allowance_checked_in_seconds) if counted else (0, 0),
        kind="appeal",
        reason=f"申诉成立：{reason}"[:_LONGEST_REASON],
    )
    decision = AppealDecision(
        case_id=case.id,
        outcome=UPHELD if upheld else REFUSED,
        reason=reason,
        decided_by=staff_public_id,
        granted_seconds=granted,
        evidence_record_id=row.evidence_record_id,
        decided_at=decided_at,
    )
    db.session.add(decision)
    db.session.flush()
    return _view(case, filed, decision, session_row.context_ref)


def _give_back(filed: AppealView) -> OutsideTimeView:
    return sessions.record_appealed_time(
        person_ref=filed.person_ref,
        session_id=filed.session_id,
        appeal_ref=filed.appeal_id,
        started_at=filed.started_at,
        ended_at=filed.ended_at,
        limit_seconds=filed.uncounted_seconds,
    )


def _body(
    filed: AppealView,
    person_ref: UUID,
    context_ref: UUID | None,
    upheld: bool,
    reason: str,
    staff_public_id: UUID,
    counted: OutsideTimeView | None,
    decided_at: datetime,
) -> dict[str, object]:
    return {
        "appeal": str(filed.appeal_id),
        "person": str(person_ref),
        "context": str(context_ref) if context_ref else None,
        "session": str(filed.session_id),
        "started_ms": clock.epoch_ms(filed.started_at),
        "ended_ms": clock.epoch_ms(filed.ended_at),
        "codes": list(filed.codes),
        "uncounted_seconds": filed.uncounted_seconds,
        "appeal_reason": filed.reason,
        "filed_ms": clock.epoch_ms(filed.filed_at),
        "upheld": upheld,
        "decision_reason": reason,
        "decided_by": str(staff_public_id),
        "decided_ms": clock.epoch_ms(decided_at),
        "pieces": counted.facts["pieces"] if counted else [],
        "learned_seconds": counted.counted_seconds if counted else 0,
        "checked_in_seconds": counted.checked_in_seconds if counted else 0,
        "allowance_seconds": counted.allowance_seconds if counted else 0,
    }


def _select(*conditions: Any) -> list[AppealCaseView]:
    of_session = and_(BankedEvidence.source_kind == SESSION, BankedEvidence.source_ref == AppealCase.session_ref)
    query = (
        select(AppealCase, AppealDecision, BankedEvidence.context_ref)
        .outerjoin(AppealDecision, AppealDecision.case_id == AppealCase.id)
        .outerjoin(BankedEvidence, of_session)
    )
    return [
        _view(case, sessions.get_appeal(appeal_id=case.appeal_ref), decision, context_ref)
        for case, decision, context_ref in db.session.execute(query.where(*conditions).order_by(AppealCase.id.desc()))
    ]


def _view(
    case: AppealCase, filed: AppealView, decision: AppealDecision | None, context_ref: UUID | None
) -> AppealCaseView:
    return AppealCaseView(
        appeal=filed,
        worker_id=case.worker_id,
        answer_due_on=case.answer_due_on,
        outcome=decision.outcome if decision else None,
        reason=decision.reason if decision else "",
        granted_seconds=decision.granted_seconds if decision else 0,
        decided_at=decision.decided_at if decision else None,
        context_ref=context_ref,
    )
