"""The database itself refuses that wall time of a person counts twice, whoever writes it and however."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from config.clock import FixedCalendar
from config.database import db, new_public_id, transaction
from learning_records.sessions import services
from learning_records.sessions.models import CountedInterval, Learner
from tests.learning_records.phones import Phone, call, lesson

INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)), min_size=1, max_size=12)


def _learner() -> UUID:
    person = uuid4()
    transaction(lambda: db.session.execute(sa.insert(Learner).values(person_ref=person, presence=[0, 1, 0, 0, None])))
    return person


def _insert(person: UUID, started: int, ended: int, kind: str = "import") -> None:
    db.session.execute(
        sa.insert(CountedInterval).values(
            person_ref=person, kind=kind, source_ref=new_public_id(), started_ms=started, ended_ms=ended
        )
    )


@settings(max_examples=40)
@given(spans=INTERVALS)
def test_the_database_takes_an_interval_exactly_when_nothing_overlaps(app: Flask, spans: list[tuple[int, int]]) -> None:
    person, other = _learner(), _learner()
    kept: list[tuple[int, int]] = []
    for start, size in spans:
        end = start + size
        overlaps = any(first < end and last > start for first, last in kept)
        if overlaps:
            with pytest.raises(DatabaseError, match="already counted"):
                transaction(lambda start=start, end=end: _insert(person, start, end))  # type: ignore[misc]
        else:
            _insert_now(person, start, end)
            kept.append((start, end))
    _insert_now(other, 0, 100)
    rows = db.session.execute(
        sa.select(CountedInterval.started_ms, CountedInterval.ended_ms).where(CountedInterval.person_ref == person)
    )
    assert sorted((first, last) for first, last in rows) == sorted(kept)


def _insert_now(person: UUID, start: int, end: int) -> None:
    transaction(lambda: _insert(person, start, end))


def test_several_rows_in_one_statement_cannot_overlap_either(app: Flask) -> None:
    person = _learner()
    rows = [
        {"person_ref": person, "kind": "quiz", "source_ref": uuid4(), "started_ms": start, "ended_ms": start + 10}
        for start in (0, 5)
    ]
    with pytest.raises(DatabaseError, match="already counted"):
        transaction(lambda: db.session.execute(sa.insert(CountedInterval).values(rows)))


@pytest.mark.parametrize(("started", "ended"), [(10, 10), (10, 5)])
def test_an_interval_without_length_is_refused(app: Flask, started: int, ended: int) -> None:
    person = _learner()
    with pytest.raises(DatabaseError):
        _insert_now(person, started, ended)


def test_two_writers_at_once_cannot_count_the_same_time(app: Flask) -> None:
    person = _learner()
    outcomes: list[str] = []

    def write(offset: int) -> None:
        with app.app_context():
            try:
                _insert_now(person, 100 + offset, 200 + offset)
                outcomes.append("kept")
            except DatabaseError:
                outcomes.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] + ["refused"] * 7


def test_a_session_over_time_that_sql_claimed_meanwhile_cannot_close(app: Flask, clock: FixedCalendar) -> None:
    """The trigger is the last guard: were the services wrong, nothing would be written twice."""
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    begun = int(clock().timestamp() * 1000) - 30_000
    _insert_now(phone.person, begun, begun + 1_000)
    with pytest.raises(DatabaseError, match="already counted"):
        phone.close()
    explained = services.explain(person_ref=phone.person, session_id=phone.session_id)
    assert explained.closed is None


def test_one_person_has_at_most_one_open_session(app: Flask, clock: FixedCalendar) -> None:
    phone = Phone(clock)
    facts = lesson(45)
    phone.open(facts)
    failures: list[BaseException] = []

    def open_too() -> None:
        with app.app_context():
            try:
                call(
                    lambda: services.open_session(
                        person_ref=phone.person,
                        lesson=facts,
                        context_ref=None,
                        device_ref="other",
                        rules=services.CountingRules(),
                    )
                )
            except BaseException as error:
                failures.append(error)
            db.session.remove()

    threads = [threading.Thread(target=open_too) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    opened = db.session.execute(
        sa.text("SELECT count(*), sum(CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END) FROM learning_session")
    ).one()
    assert tuple(opened) == (7, 1)
