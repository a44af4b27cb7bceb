"""Opening a session, taking beats, closing it: the hot path.

A batch costs one SELECT, one INSERT of its beats and one UPDATE. Repeated batches get the answer they got before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from config import clock
from config.errors import Conflict, Invalid
from learning_records.sessions import closing, progress_store, store
from learning_records.sessions.batches import new_beats, store_beats, stored_answer
from learning_records.sessions.chain import beat_hash
from learning_records.sessions.counting import Judgement, judge_batch
from learning_records.sessions.coverage import first_uncovered, length
from learning_records.sessions.reasons import CHECK_WAITING, CLOSE_REASONS, FINISHED, IDLE, LIMIT, MIDNIGHT
from learning_records.sessions.receipts import issue_receipt, sealed_by_ms
from learning_records.sessions.rules import BeatIn, Chance, CountingRules, LessonFacts, local_day
from learning_records.sessions.state import begin
from learning_records.sessions.store import SYSTEM_CHANCE, Session
from learning_records.sessions.views import (
    BeatsAnswer,
    MovedTo,
    SessionClosed,
    SessionOpened,
    check_view,
    close_notice,
    reasons_of,
)


def open_session(
    *,
    person_ref: UUID,
    lesson: LessonFacts,
    context_ref: UUID | None,
    device_ref: str,
    rules: CountingRules,
    chance: Chance = SYSTEM_CHANCE,
) -> SessionOpened:
    """Open a session of a lesson; the person's open one, on whatever device, is closed at its last good beat.

    ``context_ref`` is the class the time shall be claimable for, None when the person studies alone. Raises ``Invalid``
    DEVICE_INVALID.
    """
    check_device(device_ref)
    now_ms = clock.epoch_ms(clock.now())
    learner_id, _ = store.lock_learner(person_ref, rules, chance)
    closing.replace_open(learner_id, now_ms)
    presence = store.presence_of(learner_id)
    earlier = progress_store.progress_of(learner_id, lesson.lesson_ref).coverage
    state = begin(
        media_ms=lesson.media_ms,
        earlier=earlier,
        resume_at_ms=min(first_uncovered(earlier, 0, lesson.media_ms), lesson.media_ms),
        at_ms=max(now_ms, store.counted_until_ms(person_ref)),
        presence=presence,
    )
    session = store.add_session(
        learner_id=learner_id,
        person_ref=person_ref,
        lesson=lesson,
        context_ref=context_ref,
        device_ref=device_ref,
        rules=rules,
        opened_ms=now_ms,
        state=state,
    )
    return SessionOpened(
        session_id=session.public_id,
        prev=session.chain_start,
        next_seq=1,
        resume_at_ms=state.cursor_ms,
        beat_interval_seconds=rules.beat_interval_seconds,
        check_in_required=_check_in_required(session),
        presence_check=check_view(presence.check),
        lesson_counted_seconds=length(earlier) // 1000,
    )


def check_device(device_ref: str) -> None:
    """Raises ``Invalid`` DEVICE_INVALID unless the name is 1 to 128 characters."""
    if not 0 < len(device_ref) <= 128:
        raise Invalid("DEVICE_INVALID", "无法识别这台设备，请重新打开小程序再试。")


def _check_in_required(session: Session) -> bool:
    day = local_day(session.opened_ms)
    return session.context_ref is not None and not progress_store.check_ins_of(
        session.learner_id, session.context_ref, {day}
    )


def record_beats(
    *, person_ref: UUID, session_id: UUID, beats: Sequence[BeatIn], chance: Chance = SYSTEM_CHANCE
) -> BeatsAnswer:
    """Take a batch of beats and say what it counted.

    A repeated batch gets its stored answer and writes nothing; a batch may begin with beats already known. Raises
    ``NotFound`` SESSION_NOT_FOUND; ``Invalid`` BATCH_SIZE, POSITION_OUT_OF_RANGE; ``Conflict`` BEAT_CHANGED (same seq, other
    content), SEQ_EXPECTED (gap or broken chain; ``errors`` holds expected_seq and expected_prev), SESSION_CLOSED
    (``errors`` holds reason and, after midnight, moved_to).
    """
    session = store.load(person_ref, session_id)
    new = new_beats(session, beats)
    if not new:
        return stored_answer(session, beats[-1].seq)
    now_ms = clock.epoch_ms(clock.now())
    _refuse_if_closed(session, now_ms)
    session, judgement, heads = _judge(session, new, now_ms, chance)
    notice, moved_to, answered = None, None, session
    if _used_up(session, now_ms):
        closing.close_now(session, session.open_state, now_ms, LIMIT)
        notice = close_notice(LIMIT)
    else:
        current, older = closing.split_if_day_is_over(session)
        if older is None:
            store.keep(session)
        else:
            notice = close_notice(MIDNIGHT)
            moved_to = _moved_to(current)
    answer = _answer(answered, judgement, now_ms)
    answer = replace(answer, closed=notice, moved_to=moved_to)
    store_beats(session, new, heads, judgement, now_ms, answer)
    return answer


def close_session(
    *, person_ref: UUID, session_id: UUID, beats: Sequence[BeatIn] = (), chance: Chance = SYSTEM_CHANCE
) -> SessionClosed:
    """Close a session, with its last beats if some are not sent yet. Closing a closed session again gives the same answer.

    A phone that was silent for more than a minute should send its kept beats with ``record_beats`` and answer the presence
    check first: what waits for an answer when a session closes does not count. Raises as ``record_beats`` does.
    """
    session = store.load(person_ref, session_id)
    new = new_beats(session, beats) if beats else []
    now_ms = clock.epoch_ms(clock.now())
    if new:
        _refuse_if_closed(session, now_ms)
    if session.state is None:
        return closing.closed_view(session)
    if session.idle(now_ms):
        return _closed_now(session, closing.close_idle(session))
    session, judgement, heads = _judge(session, new, now_ms, chance)
    closed = closing.close_now(session, session.open_state, now_ms, FINISHED)
    if new:
        answer = replace(_answer(session, judgement, now_ms), closed=close_notice(FINISHED))
        store_beats(session, new, heads, judgement, now_ms, answer)
    return _closed_now(session, closed)


def _closed_now(session: Session, closed: tuple[Session, ...]) -> SessionClosed:
    this = next(item for item in closed if item.id == session.id)
    return closing.closed_view(this, closed)


def _judge(
    session: Session, new: Sequence[BeatIn], now_ms: int, chance: Chance
) -> tuple[Session, Judgement, list[str]]:
    """Judge new beats; the session with its new state and chain, the judgement, and each beat's hash."""
    heads: list[str] = []
    head, name = session.chain_head, str(session.public_id)
    for beat in new:
        head = beat_hash(name, beat.seq, beat.position_ms, head)
        heads.append(head)
    positions = [beat.position_ms for beat in new]
    judgement = judge_batch(session.open_state, positions, now_ms, session.rules, chance)
    session = store.with_state(session, judgement.state)
    return replace(session, chain_head=head, next_seq=session.next_seq + len(new)), judgement, heads


def _refuse_if_closed(session: Session, now_ms: int) -> None:
    if session.state is not None and not session.idle(now_ms):
        return
    reason = session.close_reason or IDLE
    error: dict[str, Any] = {"reason": reason}
    if reason == MIDNIGHT and (successor := store.successor_of(session.id)):
        error["moved_to"] = {
            "session_id": str(successor.public_id),
            "next_seq": successor.next_seq,
            "prev": successor.chain_head,
        }
    raise Conflict("SESSION_CLOSED", CLOSE_REASONS[reason], errors=[error])


def _used_up(session: Session, now_ms: int) -> bool:
    """Whether a session has reached one of its limits: 4 h, its number of beats, or of separate stretches."""
    state, rules = session.open_state, session.rules
    stretches = len(state.firm) + len(state.since) + len(state.uncounted) + len(state.checks)
    return (
        now_ms - session.opened_ms >= rules.session_limit_ms
        or session.next_seq > rules.session_limit_beats
        or stretches > rules.session_limit_spans
    )


def _moved_to(session: Session) -> MovedTo:
    return MovedTo(session.public_id, session.next_seq, session.chain_head, _check_in_required(session))


def _answer(session: Session, judgement: Judgement, now_ms: int) -> BeatsAnswer:
    state = session.open_state
    counted_ms = state.counted_ms
    lost = judgement.reasons
    if state.provisional:
        lost = {**lost, CHECK_WAITING: state.provisional_ms}
    return BeatsAnswer(
        session_id=session.public_id,
        accepted_seq=session.next_seq - 1,
        next_seq=session.next_seq,
        prev=session.chain_head,
        counted_seconds=counted_ms // 1000,
        lesson_counted_seconds=(length(state.earlier) + counted_ms) // 1000,
        uncounted=reasons_of(lost, session.lesson.kind),
        resume_at_ms=judgement.resume_at_ms,
        next_interval_seconds=session.rules.beat_interval_seconds,
        presence_check=check_view(state.presence.check),
        closed=None,
        moved_to=None,
        receipt=issue_receipt(
            session_id=session.public_id,
            seq=session.next_seq - 1,
            chain_head=session.chain_head,
            server_ms=now_ms,
            counted_ms=counted_ms,
            sealed_by_ms=sealed_by_ms(session.opened_ms, session.rules),
        ),
    )
