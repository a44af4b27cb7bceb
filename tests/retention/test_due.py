"""The clock of each class: two years from the later of last payment and last session, and what stops it (A24, 四.2)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from backend.people import services as people
from backend.retention import services as retention
from backend.retention.rules import UnitFacts, kept_until, reasons_to_wait
from backend.reviews import services as reviews
from backend.study import services as study
from config.clock import FixedCalendar
from config.database import transaction
from learning_records.evidence import log
from tests.cast.claims import an_office
from tests.cast.payments import a_batch, a_return, allotted, paid, pay, payable, released, taken
from tests.cast.retention import a_claim, a_photo, a_studied_class, lessons_of, studying, unit_of
from tests.study.phones import a_learner

DAYS = st.dates(date(2019, 1, 1), date(2024, 12, 31))
LATER_OF_BOTH = "later_of_last_payment_and_last_session"


@given(st.none() | DAYS, st.none() | DAYS, DAYS, st.integers(2, 5))
def test_the_latest_day_decides(session: date | None, payment: date | None, sealed: date, years: int) -> None:
    facts = UnitFacts(session, payment, sealed)
    latest = max(day for day in (session, payment, sealed) if day is not None)
    until = kept_until(facts, years=years, kept_from=LATER_OF_BOTH)
    assert (until.year - latest.year, until.month) == (years, latest.month)
    assert until.day == latest.day or (latest.day, until.day) == (29, 28)
    from_training = kept_until(facts, years=years, kept_from="training_end")
    assert from_training <= until


def test_what_is_waited_for_is_said_in_words() -> None:
    facts = UnitFacts(None, None, date(2020, 3, 1), {"未办结的申领": 2, "未答复的申诉": 0})
    assert reasons_to_wait(facts) == ("未办结的申领2件",)


def test_without_a_claim_the_last_session_decides(app: Flask, clock: FixedCalendar) -> None:
    group = a_studied_class(clock, an_office())
    clock.set("2020-04-20T20:00:00+08:00")
    studying(clock, group, group.persons[1], lesson=1)
    unit = unit_of(group.class_id)
    assert (unit.kind, unit.records, unit.last_payment_on) == ("class", 5, None)  # with two documents
    assert (unit.last_session_on, unit.kept_until) == (date(2020, 4, 20), date(2022, 4, 20))
    clock.set("2022-04-20T23:59:59+08:00")
    assert not unit_of(group.class_id).is_due
    clock.advance(1)
    assert unit_of(group.class_id).is_due


def test_a_payment_after_the_last_session_decides(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    group = a_studied_class(clock, office)
    claim = a_claim(group)
    clock.set("2020-08-31T17:00:00+08:00")
    pay(claim, office)
    unit = unit_of(group.class_id)
    assert (unit.last_payment_on, unit.kept_until) == (date(2020, 8, 31), date(2022, 8, 31))
    clock.set("2022-04-01T00:00:00+08:00")
    assert not unit_of(group.class_id).is_due
    clock.set("2022-09-01T00:00:00+08:00")
    assert unit_of(group.class_id).is_due


def test_an_open_claim_and_a_payment_in_flight_keep_everything(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    group, other = a_studied_class(clock, office), a_studied_class(clock, office, serial=2)
    claim = a_claim(group)
    clock.set("2023-01-01T09:00:00+08:00")
    assert unit_of(group.class_id).waits_for == ("未办结的申领1件",)
    assert not unit_of(group.class_id).is_due
    assert unit_of(other.class_id).is_due
    payable(claim, office)
    allotted(office)
    batch = a_batch(office)
    assert unit_of(group.class_id).waits_for == ("未办结的申领1件", "未拨付的款项1件")
    released(batch, office)
    taken(batch, a_return(batch, order_0001="SYSTEM_ERROR"), office)
    assert unit_of(group.class_id).waits_for == ("未办结的申领1件",)  # the failed order itself is over
    paid(office)
    unit = unit_of(group.class_id)
    assert (unit.waits_for, unit.kept_until, unit.is_due) == ((), date(2025, 1, 1), False)


def test_an_appeal_that_waits_keeps_everything(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    group = a_studied_class(clock, office, count=1)
    phone = a_learner(clock, group.persons[0].worker_id, group.class_id)
    phone.answers_checks = False
    phone.watch(lessons_of(group)[1], 1800)
    case = transaction(
        lambda: study.appeal(worker_id=phone.worker_id, session_id=phone.session_id, reason="当时在看，手机卡住了")
    )
    clock.set("2022-06-01T09:00:00+08:00")
    assert unit_of(group.class_id).waits_for == ("未答复的申诉1件",)
    transaction(
        lambda: reviews.decide_appeal(
            appeal_id=case.appeal.appeal_id, staff=office.reviewer, approve=False, reason="没有播放记录"
        )
    )
    unit = unit_of(group.class_id)
    assert (unit.waits_for, unit.kept_until) == ((), date(2024, 6, 1))  # the answer is evidence, two years old then


def test_a_session_that_is_not_sealed_keeps_everything(app: Flask, clock: FixedCalendar) -> None:
    group = a_studied_class(clock, an_office())
    phone = a_learner(clock, group.persons[0].worker_id, group.class_id)
    phone.begin(lessons_of(group)[1])
    clock.set("2022-06-01T09:00:00+08:00")
    assert unit_of(group.class_id).waits_for == ("未存证的学习1件",)
    transaction(lambda: study.bank_closed_sessions())
    assert unit_of(group.class_id).waits_for == ()


def test_a_picture_added_late_is_kept_two_years_from_then(app: Flask, clock: FixedCalendar) -> None:
    group = a_studied_class(clock, an_office())
    clock.set("2020-09-01T09:00:00+08:00")
    a_photo(group)
    assert unit_of(group.class_id).kept_until == date(2022, 9, 1)


def _alone(clock: FixedCalendar, worker_id: int, lesson_of: UUID, seconds: int = 60) -> None:
    """Learn a public lesson for no class."""
    phone = a_learner(clock, worker_id)
    lesson = next(
        lesson
        for course in study.open_courses(worker_id=worker_id)
        for lesson in study.open_course(worker_id=worker_id, course_id=course.public_id).lessons
        if lesson.public_id == lesson_of
    )
    phone.watch(lesson, seconds)
    log.sequence()


@pytest.mark.parametrize("again", [False, True])
def test_learning_on_ones_own_goes_by_the_last_session_of_the_person(
    app: Flask, clock: FixedCalendar, again: bool
) -> None:
    group = a_studied_class(clock, an_office(), count=1)
    person = group.persons[0]
    _alone(clock, person.worker_id, lessons_of(group)[2].public_id)
    ref = people.learner_ref(person.worker_id)
    if again:  # in a class: it is the person's last session all the same
        clock.set("2020-06-30T09:00:00+08:00")
        studying(clock, group, person, lesson=1)
    unit = unit_of(ref)
    assert (unit.kind, unit.records) == ("person", 1)
    assert unit.kept_until == (date(2022, 6, 30) if again else date(2022, 3, 2))


def test_looking_changes_nothing(app: Flask, clock: FixedCalendar) -> None:
    a_studied_class(clock, an_office())
    clock.set("2022-06-01T09:00:00+08:00")
    assert retention.due() == retention.due()
    assert retention.personal_due() == retention.personal_due()
