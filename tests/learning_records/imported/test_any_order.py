"""Sessions, quizzes, appeals, imports and attested days in any order: no wall second twice, no day of more than 24 hours.

The machine acts through the services and looks with SQL. It often begins soon before or
after midnight, so that a run crosses it and a day has room for little.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from config.clock import FixedCalendar, epoch_ms, today
from config.database import db
from config.errors import Conflict, Invalid
from learning_records.sessions import services
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import CountedInterval, OutsideTime
from learning_records.sessions.rules import DAY_MS, day_start_ms
from tests.learning_records.imported.records import attest, bring_in, played
from tests.learning_records.phones import Phone, call, lesson

SECOND, HOUR = 1_000, 3_600
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 40), st.booleans()),
        st.tuples(st.just("open"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("close"), st.just(0), st.just(0)),
        st.tuples(st.just("quiz"), st.integers(1, 900), st.just(0)),
        st.tuples(st.just("appeal"), st.integers(0, 3 * HOUR), st.integers(1, HOUR)),
        st.tuples(st.just("import"), st.integers(0, 26 * HOUR), st.integers(1, 20 * HOUR)),
        st.tuples(st.just("play elsewhere"), st.integers(0, 3 * HOUR), st.integers(1, HOUR)),
        st.tuples(st.just("attest"), st.integers(0, 1), st.integers(1, 8)),
        st.tuples(st.just("wait"), st.integers(1, 4 * HOUR), st.just(0)),
    ),
    min_size=4,
    max_size=18,
)


class _Person:
    """One person, a phone, and everything else that may count for them."""

    def __init__(self, clock: FixedCalendar) -> None:
        self.clock = clock
        self.phone = Phone(clock, context=uuid4(), batch=5)
        self.lessons = [lesson(90), lesson(45)]
        self.elsewhere = uuid4()
        self.sessions: list[UUID] = []
        self.open(0, 0)

    def open(self, number: int, _: int) -> None:
        self.phone.open(self.lessons[number])
        self.sessions.append(self.phone.session_id)

    def play(self, tens: int, offline: bool) -> None:
        self.phone.play(tens * 10, offline=offline)
        if self.phone.kept:
            self.phone.send()

    def close(self, *_: int) -> None:
        self.phone.close()

    def wait(self, seconds: int, _: int) -> None:
        self.clock.advance(seconds)

    def quiz(self, seconds: int, _: int) -> None:
        began = self.clock()
        self.clock.advance(seconds)
        call(
            lambda: services.record_quiz_time(
                person_ref=self.phone.person,
                context_ref=None,
                quiz_ref=uuid4(),
                started_at=began,
                ended_at=self.clock(),
                limit_seconds=600,
            )
        )

    def appeal(self, ago: int, seconds: int) -> None:
        began = self.clock() - timedelta(seconds=ago + seconds)
        call(
            lambda: services.record_appealed_time(
                person_ref=self.phone.person,
                session_id=self.sessions[0],
                appeal_ref=uuid4(),
                started_at=began,
                ended_at=began + timedelta(seconds=seconds),
                limit_seconds=HOUR,
            )
        )

    def bring(self, ago: int, seconds: int) -> None:
        began = self.clock() - timedelta(seconds=ago + seconds)
        view = bring_in(self.phone.person, [played(began, seconds)])
        assert services.problems_of_imported_record(view.facts) == []

    def play_elsewhere(self, ago: int, seconds: int) -> None:
        began = self.clock() - timedelta(seconds=ago + seconds)
        intervals = [
            played(began, seconds / 2, 0, seconds / 2),
            played(began, seconds / 2, 60, 60 + seconds, seconds / 2),
        ]
        view = bring_in(self.phone.person, intervals, lesson=self.elsewhere)
        assert services.problems_of_imported_record(view.facts) == []

    def attest(self, days_ago: int, class_hours: int) -> None:
        attest(self.phone.person, today() - timedelta(days=days_ago), class_hours)


def _rows(query: Any) -> list[Any]:
    found = db.session.execute(query).all()
    db.session.rollback()
    return list(found)


def _check(person: UUID, began_ms: int, now_ms: int) -> None:
    """As an auditor with nothing but SQL would."""
    counted = sorted(
        _rows(
            sa.select(CountedInterval.started_ms, CountedInterval.ended_ms, CountedInterval.kind).where(
                CountedInterval.person_ref == person
            )
        )
    )
    for before, after in pairwise(counted):
        assert before.ended_ms <= after.started_ms, "a wall second counted twice"
    assert all(row.ended_ms <= now_ms for row in counted), "the future counted"
    attested = _rows(
        sa.select(AttestedDay.local_day, AttestedDay.counted_seconds).where(AttestedDay.person_ref == person)
    )
    for day in {row.local_day for row in attested} | {(began_ms + 8 * HOUR * SECOND) // DAY_MS}:
        start, end = day_start_ms(day), day_start_ms(day + 1)
        inside = sum(max(0, min(row.ended_ms, end) - max(row.started_ms, start)) for row in counted)
        stated = SECOND * sum(row.counted_seconds for row in attested if row.local_day == day)
        assert stated <= 8 * 2_700 * SECOND
        assert inside + stated <= min(DAY_MS, now_ms - start), "more than has passed of the day"


@settings(max_examples=50)
@given(steps=STEPS, hour=st.sampled_from([1, 6, 20, 22, 23]))
def test_no_second_counts_twice_and_no_day_holds_more_than_24_hours(
    app: Flask, clock: FixedCalendar, steps: list[tuple[str, int, int]], hour: int
) -> None:
    clock.set(f"2020-03-02T{hour:02d}:30:00+08:00")
    began_ms = epoch_ms(clock())
    person = _Person(clock)
    acts: dict[str, Callable[[int, Any], None]] = {
        "play": person.play,
        "open": person.open,
        "close": person.close,
        "quiz": person.quiz,
        "appeal": person.appeal,
        "import": person.bring,
        "play elsewhere": person.play_elsewhere,
        "attest": person.attest,
        "wait": person.wait,
    }
    for name, first, second in steps:
        try:
            acts[name](first, second)
        except (Conflict, Invalid):
            person.open(0, 0)
        _check(person.phone.person, began_ms, epoch_ms(clock()))
    person.phone.kept = []
    call(lambda: services.close_idle_sessions(person_ref=person.phone.person))
    person.open(1, 0)
    person.close()
    _check(person.phone.person, began_ms, epoch_ms(clock()))
    assert services.closed_unsealed(person_ref=person.phone.person, limit=1_000), "every session could be closed"


def test_the_kinds_of_time_that_the_machine_acts_all_leave_rows(app: Flask, clock: FixedCalendar) -> None:
    clock.set("2020-03-02T22:30:00+08:00")
    person = _Person(clock)
    person.play(30, False)
    person.wait(600, 0)
    person.quiz(300, 0)
    person.bring(2 * HOUR, HOUR)
    person.attest(0, 2)
    person.play_elsewhere(HOUR, 600)
    person.open(1, 0)
    person.play(12, False)
    person.appeal(500, 300)
    person.close()
    kinds = {row.kind for row in _rows(sa.select(OutsideTime.kind))}
    assert kinds == {"quiz", "import", "appeal"}
    assert {row.kind for row in _rows(sa.select(CountedInterval.kind))} == {"session", "quiz", "import", "appeal"}
    assert _rows(sa.select(AttestedDay.counted_seconds)) == [(5_400,)]
