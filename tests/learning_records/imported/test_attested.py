"""Attested days: class hours without intervals, at most eight a day and never more than the day has hours."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from config.clock import FixedCalendar, epoch_ms, now
from config.database import db, transaction
from config.errors import Invalid
from learning_records.sessions import services
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import CountedInterval, Learner
from learning_records.sessions.rules import day_start_ms
from learning_records.sessions.services import AttestedLimits, ImportedInterval
from tests.learning_records.imported.records import attest, bring_in, lost, played
from tests.learning_records.phones import Phone, lesson

DAY = date(2020, 3, 1)
DAY_NUMBER = 18_322
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _house(app: Flask) -> None:
    """On a fresh database."""


def test_a_stamped_line_counts_once_however_often_it_is_sent(clock: FixedCalendar) -> None:
    person, source = uuid4(), uuid4()
    first = attest(person, DAY, 2, source=source)
    assert (first.counted_seconds, first.reasons, first.already) == (5_400, (), False)
    again = attest(person, DAY, 2, source=source)
    assert again.already
    assert again.facts == first.facts
    assert attest(person, DAY, 2).counted_seconds == 5_400


def test_at_most_eight_class_hours_a_day_over_all_platforms(clock: FixedCalendar) -> None:
    person = uuid4()
    assert attest(person, DAY, 5).counted_seconds == 5 * 2_700
    view = attest(person, DAY, 5)
    assert view.counted_seconds == 3 * 2_700
    assert [(reason.code, reason.seconds) for reason in view.reasons] == [("TOO_MUCH_A_DAY", 2 * 2_700)]
    assert attest(person, DAY, 1).counted_seconds == 0
    assert attest(person, date(2020, 2, 29), 8).counted_seconds == 8 * 2_700, "another day"
    assert attest(uuid4(), DAY, 8).counted_seconds == 8 * 2_700, "another person"


def test_the_limit_is_the_policys(clock: FixedCalendar) -> None:
    limits = AttestedLimits(class_hour_seconds=2_400, class_hours_a_day=3)
    view = attest(uuid4(), DAY, 4, limits=limits)
    assert view.counted_seconds == 7_200
    assert view.facts["limit_seconds"] == 7_200
    assert services.problems_of_attested_record(view.facts) == []
    assert services.problems_of_attested_record(view.facts | {"learned_seconds": 9_600})


def test_a_limit_that_an_office_lowers_leaves_what_counted_and_takes_no_more(clock: FixedCalendar) -> None:
    person = uuid4()
    attest(person, DAY, 8)
    view = attest(person, DAY, 1, limits=AttestedLimits(class_hours_a_day=4))
    assert (view.counted_seconds, [reason.code for reason in view.reasons]) == (0, ["TOO_MUCH_A_DAY"])


def test_never_on_top_of_the_other_time_of_the_day_beyond_24_hours(clock: FixedCalendar) -> None:
    person, midnight = uuid4(), day_start_ms(DAY_NUMBER)
    bring_in(person, [ImportedInterval(midnight, midnight + 20 * HOUR_MS)])
    view = attest(person, DAY, 8)
    assert view.counted_seconds == 4 * 3_600
    assert [(reason.code, reason.seconds) for reason in view.reasons] == [("DAY_FULL", 2 * 3_600)]


def test_what_is_imported_later_finds_the_day_as_full(clock: FixedCalendar) -> None:
    person, midnight = uuid4(), day_start_ms(DAY_NUMBER)
    assert attest(person, DAY, 8).counted_seconds == 6 * 3_600
    view = bring_in(person, [ImportedInterval(midnight - HOUR_MS, midnight + 20 * HOUR_MS)])
    assert (view.counted_seconds, lost(view)) == (19 * 3_600, {"DAY_FULL": 2 * 3_600})
    assert services.problems_of_imported_record(view.facts) == []
    assert bring_in(person, [ImportedInterval(midnight + 22 * HOUR_MS, midnight + 23 * HOUR_MS)]).counted_seconds == 0


def test_today_no_more_is_attested_than_has_passed(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T04:00:00+08:00")
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(600)
    view = attest(phone.person, date(2020, 3, 2), 8)
    assert view.counted_seconds == 4 * 3_600, "ten minutes were learned since four o'clock"
    phone.play(600)
    assert phone.close().counted_seconds == 1_200, "and what is learned today still counts"


def test_an_open_sessions_unused_time_stays_free_for_it(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T01:00:00+08:00")
    phone = Phone(clock)
    phone.open(lesson(45))
    clock.advance(500)
    assert attest(phone.person, date(2020, 3, 2), 8).counted_seconds == 3_600
    phone.position_ms = 500_000
    phone.mark()
    phone.send()
    assert phone.close().counted_seconds == 500


@pytest.mark.parametrize(
    ("day", "class_hours", "code"),
    [
        (date(2020, 3, 3), 1, "FUTURE"),
        (DAY, 0, "CLASS_HOURS_INVALID"),
        (DAY, -1, "CLASS_HOURS_INVALID"),
        (DAY, 25, "CLASS_HOURS_INVALID"),
    ],
)
def test_what_cannot_be_is_refused(clock: FixedCalendar, day: date, class_hours: int, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        attest(uuid4(), day, class_hours)


def _learner() -> UUID:
    person = uuid4()
    transaction(lambda: db.session.execute(sa.insert(Learner).values(person_ref=person, presence=[0, 1, 0, 0, None])))
    return person


def _insert_day(person: UUID, seconds: int, limit: int = 21_600) -> None:
    values = {"stated_seconds": seconds, "counted_seconds": seconds, "limit_seconds": limit, "facts": {}}
    row = sa.insert(AttestedDay).values(
        person_ref=person, source_ref=uuid4(), local_day=DAY_NUMBER, recorded_at=now(), **values
    )
    transaction(lambda: db.session.execute(row))


def _insert_interval(person: UUID, start_ms: int, end_ms: int) -> None:
    row = sa.insert(CountedInterval).values(
        person_ref=person, kind="import", source_ref=uuid4(), started_ms=start_ms, ended_ms=end_ms
    )
    transaction(lambda: db.session.execute(row))


def test_the_database_refuses_more_attested_than_the_limit(clock: FixedCalendar) -> None:
    person = _learner()
    _insert_day(person, 20_000)
    with pytest.raises(DatabaseError, match="more of this day is attested"):
        _insert_day(person, 1_601)
    _insert_day(person, 1_600)


def test_the_database_refuses_a_day_of_more_than_24_hours_from_either_side(clock: FixedCalendar) -> None:
    person, midnight = _learner(), day_start_ms(DAY_NUMBER)
    _insert_interval(person, midnight - HOUR_MS, midnight + 10 * HOUR_MS)
    _insert_interval(person, midnight + 15 * HOUR_MS, midnight + 25 * HOUR_MS)
    with pytest.raises(DatabaseError, match="holds no more time"):
        _insert_day(person, 5 * 3_600 + 1)
    _insert_day(person, 5 * 3_600)
    with pytest.raises(DatabaseError, match="holds no more time"):
        _insert_interval(person, midnight + 10 * HOUR_MS, midnight + 10 * HOUR_MS + 1)
    _insert_interval(person, midnight - 2 * HOUR_MS, midnight - HOUR_MS)
    _insert_interval(person, midnight + 25 * HOUR_MS, midnight + 26 * HOUR_MS)


def test_the_database_keeps_attested_days_as_they_are(clock: FixedCalendar) -> None:
    person = uuid4()
    attest(person, DAY, 1)
    for change in ("UPDATE attested_day SET counted_seconds = 0", "DELETE FROM attested_day"):
        with pytest.raises(DatabaseError, match="append-only"):
            transaction(lambda change=change: db.session.execute(sa.text(change)))  # type: ignore[misc]


def test_two_platforms_at_once_cannot_attest_more_than_the_limit(app: Flask, clock: FixedCalendar) -> None:
    person = _learner()
    counted: list[int] = []

    def write() -> None:
        with app.app_context():
            counted.append(attest(person, DAY, 3).counted_seconds)
            db.session.remove()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == [0, 0, 0, 2 * 2_700, 3 * 2_700, 3 * 2_700]


def test_an_interval_of_the_day_that_is_running_needs_time_that_has_passed(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T08:00:00+08:00")
    person, began = uuid4(), clock()
    attest(person, date(2020, 3, 2), 8)
    clock.advance(3_600)
    view = bring_in(person, [played(began, 3_600)])
    assert view.counted_seconds == 3_600
    earlier = began.replace(day=1, hour=18)  # two o'clock in Wuxi
    assert epoch_ms(earlier) < epoch_ms(began)
    rest = bring_in(person, [played(earlier, 3 * 3_600)])
    assert (rest.counted_seconds, lost(rest)) == (2 * 3_600, {"DAY_FULL": 3_600})
