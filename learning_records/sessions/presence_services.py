"""签到 and 在线确认: check-in, answering a presence check, and other proofs that the person is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import insert, select

from config import clock
from config.database import db, new_public_id
from config.errors import Invalid, NotFound
from learning_records.sessions import closing, store
from learning_records.sessions.beats import check_device
from learning_records.sessions.coverage import first_uncovered
from learning_records.sessions.presence import confirm
from learning_records.sessions.reasons import CHECK_MISSED, CHECK_MISSED_AGAIN, CHECK_UNANSWERED
from learning_records.sessions.rules import Chance, CountingRules
from learning_records.sessions.state import ANSWERED_LATE, CONFIRMED, Presence, State, fresh_presence
from learning_records.sessions.store import CHECK_INS, LEARNERS, SYSTEM_CHANCE, Session
from learning_records.sessions.views import CheckInView, PresenceAnswer, UncountedReason, reasons_of, sum_by_code

CHECK_IN_METHODS = ("tap", "rolling_code", "qr", "location")
_DEFAULTS = CountingRules()


def check_in(
    *,
    person_ref: UUID,
    context_ref: UUID,
    device_ref: str,
    method: str,
    rules: CountingRules = _DEFAULTS,
    chance: Chance = SYSTEM_CHANCE,
) -> CheckInView:
    """Check in for a class, once a local day; again the same day gives the first one back. Also confirms presence.

    ``method`` is one of CHECK_IN_METHODS. Raises ``Invalid`` CHECK_IN_METHOD_UNKNOWN, DEVICE_INVALID.
    """
    if method not in CHECK_IN_METHODS:
        raise Invalid("CHECK_IN_METHOD_UNKNOWN", "不支持这种签到方式，请按课程页面上的提示签到。")
    check_device(device_ref)
    now = clock.now()
    today = clock.local_date(now)
    learner_id, presence = store.lock_learner(person_ref, rules, chance)
    made = db.session.execute(
        select(CHECK_INS).where(
            CHECK_INS.c.learner_id == learner_id, CHECK_INS.c.context_ref == context_ref, CHECK_INS.c.local_on == today
        )
    ).one_or_none()
    if made is not None:
        return CheckInView(made.public_id, person_ref, context_ref, today, made.checked_in_at, made.method, True)
    public_id = new_public_id()
    db.session.execute(
        insert(CHECK_INS).values(
            public_id=public_id,
            learner_id=learner_id,
            context_ref=context_ref,
            local_on=today,
            device_ref=device_ref,
            method=method,
            checked_in_at=now,
        )
    )
    _confirm(learner_id, presence, rules, chance)
    return CheckInView(public_id, person_ref, context_ref, today, now, method, False)


def check_ins(*, person_ref: UUID, context_ref: UUID) -> list[CheckInView]:
    """Every check-in of a person for a class, the first day first."""
    rows = db.session.execute(
        select(CHECK_INS)
        .join(LEARNERS, LEARNERS.c.id == CHECK_INS.c.learner_id)
        .where(LEARNERS.c.person_ref == person_ref, CHECK_INS.c.context_ref == context_ref)
        .order_by(CHECK_INS.c.local_on)
    )
    return [
        CheckInView(row.public_id, person_ref, context_ref, row.local_on, row.checked_in_at, row.method, True)
        for row in rows
    ]


def checked_in(*, person_refs: Iterable[UUID], context_ref: UUID) -> set[UUID]:
    """Those of these people who ever checked in for the class."""
    rows = db.session.scalars(
        select(LEARNERS.c.person_ref)
        .join(CHECK_INS, CHECK_INS.c.learner_id == LEARNERS.c.id)
        .where(LEARNERS.c.person_ref.in_(list(person_refs)), CHECK_INS.c.context_ref == context_ref)
        .distinct()
    )
    return set(rows)


def confirm_presence(*, person_ref: UUID, rules: CountingRules = _DEFAULTS, chance: Chance = SYSTEM_CHANCE) -> None:
    """The person proved to be there in another way (a quiz answer): as if a presence check had been answered now."""
    learner_id, presence = store.lock_learner(person_ref, rules, chance)
    _confirm(learner_id, presence, rules, chance)


def _confirm(learner_id: int, presence: Presence, rules: CountingRules, chance: Chance) -> Session | None:
    """Confirm in the open session, or on the learner when none is open. Returns the open session as kept."""
    now_ms = clock.epoch_ms(clock.now())
    session = closing.open_after_idle(learner_id, now_ms)
    if session is not None:
        session = store.with_state(session, confirm(session.open_state, now_ms, session.rules, chance))
        store.keep(session)
        return session
    presence = store.presence_of(learner_id)  # closing an idle session may have changed it
    fresh = fresh_presence(rules, chance)
    store.keep_presence(learner_id, replace(presence, since_ms=0, after_ms=fresh.after_ms, check=None))
    return None


def answer_presence_check(
    *,
    person_ref: UUID,
    session_id: UUID,
    check_id: UUID,
    answer: str | None = None,
    chance: Chance = SYSTEM_CHANCE,
) -> PresenceAnswer:
    """Answer the check that is due: None or any text for a plain tap, the result for a question.

    In time, what waited counts; late, counting restarts now and the answer says where to resume. A wrong result changes
    nothing and may be tried again. The check belongs to the person: any of their sessions may carry the answer, and the
    same answer twice is the same. Raises ``NotFound`` SESSION_NOT_FOUND, CHECK_NOT_FOUND.
    """
    addressed = store.load(person_ref, session_id)
    learner_id, presence = store.lock_learner(person_ref, addressed.rules, chance)
    session = closing.open_after_idle(learner_id, clock.epoch_ms(clock.now()))
    presence = session.open_state.presence if session is not None else store.presence_of(learner_id)
    check = presence.check
    if check is None or check.check_id != str(check_id):
        return _answered_before(session, check_id)
    if check.expected is not None and (answer or "").strip() != check.expected:
        counted_ms = session.open_state.counted_ms if session else 0
        return PresenceAnswer(session_id, check_id, False, False, counted_ms // 1000, None, None)
    if session is None:
        _confirm(learner_id, presence, addressed.rules, chance)
        return PresenceAnswer(session_id, check_id, True, True, 0, None, None)
    session = _confirm(learner_id, presence, session.rules, chance)
    assert session is not None
    return _confirmed(session, check_id)


def _answered_before(session: Session | None, check_id: UUID) -> PresenceAnswer:
    events = session.open_state.checks if session else ()
    if session is not None and any(
        event.check_id == str(check_id) and event.outcome in (CONFIRMED, ANSWERED_LATE) for event in events
    ):
        return _confirmed(session, check_id)
    raise NotFound("CHECK_NOT_FOUND", "这次在线确认已经失效，不需要再回答，请继续学习。")


def _confirmed(session: Session, check_id: UUID) -> PresenceAnswer:
    state = session.open_state
    late = any(event.check_id == str(check_id) and event.outcome == ANSWERED_LATE for event in state.checks)
    return PresenceAnswer(
        session.public_id,
        check_id,
        True,
        late,
        state.counted_ms // 1000,
        first_uncovered(state.covered, state.cursor_ms, state.media_ms) if late else None,
        _lost_reason(state, session.lesson.kind) if late else None,
    )


def _lost_reason(state: State, kind: str) -> UncountedReason | None:
    """The reason of the time a late answer lost: what the miss voided, or the wait for the answer."""
    missed = [span for span in state.uncounted if span.code in (CHECK_MISSED, CHECK_MISSED_AGAIN)]
    lost = missed or [span for span in state.uncounted if span.code == CHECK_UNANSWERED]
    return reasons_of(sum_by_code(lost[-1:]), kind)[0] if lost else None
