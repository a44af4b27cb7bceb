"""Presence checks (在线确认): when one falls due, what an answer gives back, what a miss takes away.

A check falls due after a random 5-15 minutes of counted time since the last confirmation, or at once when the phone
returns after more than a minute. There are 60 s to answer. Until then counted time is provisional; a miss voids it, and
nothing counts until the check is answered. The first miss of a local day voids the time since the check was due, a later
one the time back to the last confirmation.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from learning_records.sessions.reasons import CHECK_LEFT_OPEN, CHECK_MISSED, CHECK_MISSED_AGAIN, CHECK_UNANSWERED
from learning_records.sessions.rules import Chance, CountingRules, Span, Stretch, local_day
from learning_records.sessions.state import (
    ANSWERED_LATE,
    CONFIRMED,
    INTERVAL,
    ISSUED,
    ISSUED_AGAIN,
    LEFT_OPEN,
    MISSED,
    MISSED_AGAIN,
    OUTAGE,
    PROOF,
    Check,
    CheckEvent,
    State,
    fresh_presence,
    moved,
    with_uncounted,
)


def settle_check(state: State, now_ms: int, rules: CountingRules) -> State:
    """Miss a check whose time is over. A phone that was away since it was issued has not missed it (counting.md, 在线确认).

    What waits for one answer is never more than the longest presence interval: a phone that stays away again and again, so
    that the check is issued again and again, has missed it.
    """
    check = state.presence.check
    if check is None or check.stopped or now_ms <= check.answer_by_ms:
        return state
    away = not check.seen and now_ms - state.seen_ms > rules.outage_ms
    waiting_ms = state.provisional_ms + min(now_ms - state.arrived_ms, rules.gap_budget_ms)
    return state if away and waiting_ms <= rules.presence_after_max_ms else miss(state)


def miss(state: State) -> State:
    """The check was not answered in time: void what the day's rule says and stop counting."""
    presence = state.presence
    check = presence.check
    assert check is not None
    day = local_day(check.answer_by_ms)
    again = presence.missed_day == day
    voided = moved(state.since, state.provisional) if again else state.provisional
    state = _void(state, voided, CHECK_MISSED_AGAIN if again else CHECK_MISSED)
    return replace(
        state,
        since=() if again else state.since,
        presence=replace(
            presence,
            since_ms=0 if again else presence.since_ms,
            missed_day=day,
            misses=presence.misses + 1 if again else 1,
            check=replace(check, stopped=True),
        ),
        checks=(*state.checks, _event(state, check, MISSED_AGAIN if again else MISSED, check.answer_by_ms)),
    )


def _void(state: State, voided: tuple[Stretch, ...], code: str) -> State:
    """Void stretches: no time, no coverage, and the cursor back to where they began."""
    if not voided:
        return replace(state, provisional=())
    state = with_uncounted(state, *(Span(code, item.started_ms, item.ended_ms) for item in voided))
    return replace(state, provisional=(), cursor_ms=min(state.cursor_ms, voided[0].media_from_ms))


def confirm(state: State, now_ms: int, rules: CountingRules, chance: Chance) -> State:
    """The person is there: a check answered, a check-in, a quiz answer.

    In time, provisional time counts. Late, the check is missed first, and counting restarts now.
    """
    now_ms = max(now_ms, state.arrived_ms)
    check = state.presence.check
    late = False
    if check is not None:
        if not check.stopped and now_ms > check.answer_by_ms:
            state = miss(state)
        late = check.stopped or now_ms > check.answer_by_ms
    answered = check or Check("", PROOF, now_ms, now_ms)
    event = _event(state, answered, ANSWERED_LATE if late else CONFIRMED, now_ms)
    state = replace(state, checks=(*state.checks, event))
    if late:
        state = with_uncounted(state, Span(CHECK_UNANSWERED, state.window_from_ms, now_ms))
        state = replace(state, window_from_ms=now_ms, arrived_ms=now_ms)
    fresh = fresh_presence(rules, chance)
    return replace(
        state,
        firm=moved(state.firm, state.since, state.provisional),
        since=(),
        provisional=(),
        seen_ms=now_ms,
        presence=replace(state.presence, since_ms=0, after_ms=fresh.after_ms, check=None),
    )


def leave_open(state: State, now_ms: int) -> State:
    """The session closes while a check waits for its answer: provisional time is void, the check stays due."""
    check = state.presence.check
    if check is None or check.stopped:
        return state
    state = _void(state, state.provisional, CHECK_LEFT_OPEN)
    return replace(
        state,
        presence=replace(state.presence, check=replace(check, stopped=True)),
        checks=(*state.checks, _event(state, check, LEFT_OPEN, now_ms)),
    )


def place(
    state: State, stretches: list[Stretch], now_ms: int, away: bool, rules: CountingRules, chance: Chance
) -> State:
    """Put newly counted stretches where they belong, and let a check fall due.

    ``away``: the phone was silent for more than a minute before this arrival.
    """
    presence = state.presence
    check = presence.check
    if check is not None and not check.stopped:
        state = replace(state, provisional=moved(state.provisional, tuple(stretches)))
        if now_ms > check.answer_by_ms:
            return _issue(state, _again(check, now_ms, rules), ISSUED_AGAIN)
        if now_ms > check.due_ms and not check.seen:
            state = replace(state, presence=replace(presence, check=replace(check, seen=True)))
        return state
    if check is not None:
        return state
    if away:
        state = replace(state, provisional=moved(state.provisional, tuple(stretches)))
        return _issue(state, new_check(OUTAGE, now_ms, rules, chance), ISSUED)
    return _count(state, stretches, now_ms, rules, chance)


def _count(state: State, stretches: list[Stretch], now_ms: int, rules: CountingRules, chance: Chance) -> State:
    """Count, but never more than the longest presence interval without a confirmation: the rest is provisional."""
    presence = state.presence
    room = max(0, rules.presence_after_max_ms - presence.since_ms)
    counted: list[Stretch] = []
    waiting: list[Stretch] = []
    for stretch in stretches:
        size = stretch.ended_ms - stretch.started_ms
        if size <= room:
            counted.append(stretch)
        elif room == 0:
            waiting.append(stretch)
        else:
            wall, media = stretch.started_ms + room, stretch.media_from_ms + room
            counted.append(Stretch(stretch.started_ms, wall, stretch.media_from_ms, media))
            waiting.append(Stretch(wall, stretch.ended_ms, media, stretch.media_to_ms))
        room -= min(size, room)
    since_ms = rules.presence_after_max_ms - room if stretches else presence.since_ms
    state = replace(
        state,
        since=moved(state.since, tuple(counted)),
        provisional=tuple(waiting),
        presence=replace(presence, since_ms=since_ms),
    )
    if since_ms >= presence.after_ms:
        return _issue(state, new_check(INTERVAL, now_ms, rules, chance), ISSUED)
    return state


def new_check(cause: str, now_ms: int, rules: CountingRules, chance: Chance) -> Check:
    """A check due now, with a small sum to answer where the rules ask for one."""
    check_id = str(UUID(int=chance.getrandbits(128), version=4))
    question = expected = None
    if rules.presence_question:
        left, right = chance.randint(1, 9), chance.randint(1, 9)
        question, expected = f"{left} + {right} = ?", str(left + right)
    return Check(check_id, cause, now_ms, now_ms + rules.presence_answer_ms, question, expected)


def _again(check: Check, now_ms: int, rules: CountingRules) -> Check:
    return replace(check, due_ms=now_ms, answer_by_ms=now_ms + rules.presence_answer_ms, seen=False)


def _issue(state: State, check: Check, outcome: str) -> State:
    return replace(
        state,
        presence=replace(state.presence, check=check),
        checks=(*state.checks, _event(state, check, outcome, check.due_ms)),
    )


def _event(state: State, check: Check, outcome: str, at_ms: int) -> CheckEvent:
    return CheckEvent(check.check_id, check.cause, outcome, at_ms, check.answer_by_ms, state.beats)
