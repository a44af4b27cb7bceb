"""The services of what other platforms recorded: intervals and attested days, counted once a source, one or many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from config import clock
from config.errors import Conflict, DomainError
from learning_records.sessions import attested_days, imported_time, standing
from learning_records.sessions.attested_days import AttestedRecord, AttestedView
from learning_records.sessions.imported import AttestedLimits, ImportedInterval
from learning_records.sessions.imported_time import ImportedRecord, ImportedView
from learning_records.sessions.rules import Chance, CountingRules
from learning_records.sessions.standing import Standing, Written
from learning_records.sessions.store import SYSTEM_CHANCE

_DEFAULTS = CountingRules()
_LIMITS = AttestedLimits()


def record_imported_intervals(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    lesson_ref: UUID | None,
    media_ms: int | None,
    intervals: Sequence[ImportedInterval],
    checked_in_at: datetime | None = None,
    rules: CountingRules = _DEFAULTS,
    chance: Chance = SYSTEM_CHANCE,
) -> ImportedView:
    """Count what another platform recorded; once for each ``source_ref``.

    With media (needs ``lesson_ref``) newly covered media count, within the interval's own real time, and stay covered:
    the same minute earns once. Without media the wall time itself counts. Wall time that counted elsewhere never does. No
    allowance is given and no presence asked: the grade "imported" says so, and policy says whether it pays.
    ``checked_in_at`` is the platform's 签到 of its local day; left out, each day's first interval is it.

    Raises ``Invalid``: those of ``imported.checked``, LESSON_MISSING (media without a lesson), FUTURE, CHECK_IN_FUTURE;
    ``Conflict`` LESSON_OPEN while a session of ours is open on that very lesson, RECORD_DESTROYED when its evidence was
    destroyed since.
    """
    record = ImportedRecord(person_ref, context_ref, source_ref, lesson_ref, media_ms, intervals, checked_in_at)
    (outcome,) = record_all([record], rules=rules, chance=chance)
    if isinstance(outcome, DomainError):
        raise outcome
    assert isinstance(outcome, ImportedView)
    return outcome


def record_attested_day(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    local_on: date,
    class_hours: int,
    limits: AttestedLimits = _LIMITS,
    chance: Chance = SYSTEM_CHANCE,
) -> AttestedView:
    """Count class hours of a local day that a platform attests without intervals; once for each ``source_ref``.

    At most the policy's class hours a day over all platforms, and with the time of that day that counted otherwise never
    more than had passed of it. Raises ``Invalid`` FUTURE for a day to come, CLASS_HOURS_INVALID under 1 or over 24;
    ``Conflict`` RECORD_DESTROYED when its evidence was destroyed since.
    """
    record = AttestedRecord(person_ref, context_ref, source_ref, local_on, class_hours)
    (outcome,) = record_all([record], limits=limits, chance=chance)
    if isinstance(outcome, DomainError):
        raise outcome
    assert isinstance(outcome, AttestedView)
    return outcome


def record_all(
    records: Sequence[ImportedRecord | AttestedRecord],
    *,
    rules: CountingRules = _DEFAULTS,
    limits: AttestedLimits = _LIMITS,
    least_seconds: int = 0,
    chance: Chance = SYSTEM_CHANCE,
) -> list[ImportedView | AttestedView | DomainError]:
    """Count many records (at most some thousand) in the order given, as if one after the other; what each brought, or why it
    was refused, as the services for one record say it. A refused record stops no other.

    A record that brings less than ``least_seconds`` is told what it would have brought, and nothing of it is kept.
    """
    now_ms = clock.epoch_ms(clock.now())
    checked = [_checked(record, rules, now_ms) for record in records]
    good = [item for item in checked if not isinstance(item, DomainError)]
    standings = standing.read([item.wanted for item in good], rules=rules, chance=chance, now_ms=now_ms)
    known = {(one.learner_id, lesson_ref) for one in standings.values() for lesson_ref in one.progress}
    written = Written()
    outcomes: list[ImportedView | AttestedView | DomainError] = []
    for item in checked:
        if isinstance(item, DomainError):
            outcomes.append(item)
            continue
        one = standings[item.record.person_ref]
        outcomes.append(_count(item, one, written, rules, limits, least_seconds, now_ms))
    standing.write(written, known)
    return outcomes


def _checked(
    record: ImportedRecord | AttestedRecord, rules: CountingRules, now_ms: int
) -> imported_time.Checked | attested_days.Checked | DomainError:
    try:
        if isinstance(record, ImportedRecord):
            return imported_time.check(record, rules, now_ms)
        return attested_days.check(record, now_ms)
    except DomainError as refusal:
        return refusal


def _destroyed() -> Conflict:
    return Conflict("RECORD_DESTROYED", "这条记录以前已经收录，保存期满后证据已经销毁，不能再次收录。")


def _count(
    item: imported_time.Checked | attested_days.Checked,
    one: Standing,
    written: Written,
    rules: CountingRules,
    limits: AttestedLimits,
    least_seconds: int,
    now_ms: int,
) -> ImportedView | AttestedView | DomainError:
    view = imported_time.view_of if isinstance(item, imported_time.Checked) else attested_days.view_of
    if item.record.source_ref in one.made:
        made = one.made[item.record.source_ref]
        return view(made, already=True) if made else _destroyed()
    try:
        counted: imported_time.Counted | attested_days.Counted
        if isinstance(item, imported_time.Checked):
            counted = imported_time.count(item, one, rules, now_ms)
        else:
            counted = attested_days.count(item, one, limits, now_ms)
    except DomainError as refusal:
        return refusal
    if counted.facts["learned_seconds"] >= least_seconds:
        counted.keep(one, written)
    return view(counted.facts, already=False)
