"""申诉: a worker appeals an uncounted minute by one tap, within 24 h. Stored and never edited; the desk answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config import clock
from config.database import db
from config.errors import Conflict, Invalid, NotAllowed, NotFound
from learning_records.sessions import store
from learning_records.sessions.explaining import uncounted_of
from learning_records.sessions.models import Learner, LearningSession, SessionAppeal
from learning_records.sessions.rules import Interval, Span, appeal_deadline_ms
from learning_records.sessions.store import BEATS, Session
from learning_records.sessions.views import AppealView

_LONGEST_REASON = 500


def file_appeal(
    *,
    person_ref: UUID,
    session_id: UUID,
    reason: str,
    seq: int | None = None,
    span: tuple[datetime, datetime] | None = None,
) -> AppealView:
    """File an appeal about the uncounted time at beat ``seq``, in ``span`` (wall time), or of the whole session.

    The appeal covers the uncounted stretches touched that ended at most 24 h ago. Raises ``NotFound`` SESSION_NOT_FOUND,
    BEAT_NOT_FOUND; ``Invalid`` APPEAL_REASON, SPAN_REVERSED, NOTHING_TO_APPEAL; ``NotAllowed`` APPEAL_TOO_LATE;
    ``Conflict`` APPEAL_ALREADY_FILED.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise Invalid("APPEAL_REASON", f"请用1到{_LONGEST_REASON}个字说明当时的情况。")
    session = store.load(person_ref, session_id)
    about = _about(session, seq, span)
    spans = [item for item in uncounted_of(session) if item.started_ms < about.end and item.ended_ms > about.start]
    if not spans:
        raise Invalid("NOTHING_TO_APPEAL", "这段时间里没有未计入的学时，不需要申诉。")
    now = clock.now()
    now_ms = clock.epoch_ms(now)
    spans = [item for item in spans if now_ms <= appeal_deadline_ms(item.ended_ms, session.rules)]
    if not spans:
        raise NotAllowed("APPEAL_TOO_LATE", "申诉要在24小时内提出，这段时间已经超过期限。如有疑问，请联系区人社部门。")
    return _store(session, seq, spans, reason, now)


def _about(session: Session, seq: int | None, span: tuple[datetime, datetime] | None) -> Interval:
    if span is not None:
        about = Interval(clock.epoch_ms(span[0]), clock.epoch_ms(span[1]))
        if about.start >= about.end:
            raise Invalid("SPAN_REVERSED", "申诉的开始时间要早于结束时间，请重新选择。")
        return about
    if seq is None:
        return Interval(session.opened_ms, clock.epoch_ms(clock.now()) + 1)
    arrived = dict(
        db.session.execute(
            select(BEATS.c.seq, BEATS.c.arrived_ms).where(
                BEATS.c.session_id == session.id, BEATS.c.seq.in_([seq - 1, seq])
            )
        ).all()
    )
    if seq not in arrived:
        raise NotFound("BEAT_NOT_FOUND", "没有找到这条学习记录，请从学习明细里选择要申诉的时间。")
    # The real time a beat may have used reaches back over what was kept of the budget.
    before = arrived.get(seq - 1, session.opened_ms)
    return Interval(before - session.rules.kept_budget_ms, max(arrived[seq], before + 1))


def _store(session: Session, seq: int | None, spans: list[Span], reason: str, now: datetime) -> AppealView:
    from_ms, to_ms = spans[0].started_ms, max(item.ended_ms for item in spans)
    same = select(SessionAppeal.id).where(
        SessionAppeal.session_id == session.id, SessionAppeal.from_ms < to_ms, SessionAppeal.to_ms > from_ms
    )
    if db.session.execute(same.limit(1)).first() is not None:
        raise Conflict("APPEAL_ALREADY_FILED", "这段时间已经申诉过，请等待审核人员答复（3个工作日内）。")
    appeal = SessionAppeal(
        learner_id=session.learner_id,
        session_id=session.id,
        seq=seq,
        from_ms=from_ms,
        to_ms=to_ms,
        codes=sorted({item.code for item in spans}),
        uncounted_seconds=sum(item.ended_ms - item.started_ms for item in spans) // 1000,
        reason=reason,
        filed_at=now,
        appeal_by=clock.from_epoch_ms(appeal_deadline_ms(to_ms, session.rules)),
    )
    db.session.add(appeal)
    db.session.flush()
    return _view(appeal, session.person_ref, session.public_id)


def get_appeal(*, appeal_id: UUID) -> AppealView:
    """One appeal. Raises ``NotFound`` APPEAL_NOT_FOUND."""
    found = _select(SessionAppeal.public_id == appeal_id)
    if not found:
        raise NotFound("APPEAL_NOT_FOUND", "没有找到这份申诉，请核对申诉编号。")
    return found[0]


def appeals_of(*, person_ref: UUID) -> list[AppealView]:
    """A person's appeals, newest first."""
    return _select(Learner.person_ref == person_ref)


def appeals_filed(*, after: datetime | None = None, limit: int = 100) -> list[AppealView]:
    """Appeals of everyone for the desk, newest first; with ``after`` only those filed later."""
    return _select(*([SessionAppeal.filed_at > after] if after else []), limit=limit)


def _select(*conditions: Any, limit: int = 1000) -> list[AppealView]:
    rows = db.session.execute(
        select(SessionAppeal, Learner.person_ref, LearningSession.public_id)
        .join(Learner, Learner.id == SessionAppeal.learner_id)
        .join(LearningSession, LearningSession.id == SessionAppeal.session_id)
        .where(*conditions)
        .order_by(SessionAppeal.id.desc())
        .limit(limit)
    )
    return [_view(appeal, person_ref, session_id) for appeal, person_ref, session_id in rows]


def _view(appeal: SessionAppeal, person_ref: UUID, session_id: UUID) -> AppealView:
    return AppealView(
        appeal.public_id,
        person_ref,
        session_id,
        appeal.seq,
        clock.from_epoch_ms(appeal.from_ms),
        clock.from_epoch_ms(appeal.to_ms),
        tuple(appeal.codes),
        appeal.uncounted_seconds,
        appeal.reason,
        appeal.filed_at,
        appeal.appeal_by,
    )
