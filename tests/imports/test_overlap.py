"""A person's time counts once, wherever it was recorded first: with us, on another platform, or as class hours of a day."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.study import services as study
from config.clock import FixedCalendar
from tests.cast.claims import certify, pass_quiz, submitted_claim
from tests.cast.imports import Room, a_day, a_record, a_room, interval, verdict
from tests.cast.plans import a_person
from tests.study.phones import Learner, a_learner

HOUR, CLASS_HOUR = 3_600, 2_700


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class of one on 2 March; it is 5 March, half past nine, now."""
    made = a_room()
    clock.set("2020-03-05T09:30:00+08:00")
    return made


@pytest.fixture
def phone(room: Room, clock: FixedCalendar) -> Learner:
    """The worker's phone, signed in for the day."""
    learner = a_learner(clock, room.persons[0].worker_id, room.class_id)
    learner.sign_in_for_the_day()
    return learner


def _learned(room: Room) -> int:
    return credit_bank.balance(worker_id=room.persons[0].worker_id).learned_seconds


def test_what_we_counted_first_is_not_counted_again(room: Room, phone: Learner, clock: FixedCalendar) -> None:
    ours = phone.watch(room.course.lessons[0], 1_200)  # 9:30 to 9:50
    assert ours.learned_seconds == 1_200
    clock.set("2020-03-05T12:00:00+08:00")
    said = verdict(room, a_record(room, lesson="别处的课", intervals=[interval("09:00", "10:00")]))
    assert (said.verdict, said.code) == ("taken", "OVERLAP")
    assert (said.counted_seconds, said.overlap_seconds) == (HOUR - 1_200, 1_200)
    assert "20分没有计入" in said.detail
    assert _learned(room) == HOUR
    within = verdict(room, a_record(room, lesson="别处的课", intervals=[interval("09:35", "09:45")]))
    assert (within.verdict, within.code, within.counted_seconds, within.overlap_seconds) == (
        "refused",
        "OVERLAP",
        0,
        600,
    )
    assert _learned(room) == HOUR


def test_what_the_platform_recorded_first_is_not_counted_by_an_open_session(
    room: Room, phone: Learner, clock: FixedCalendar
) -> None:
    phone.begin(room.course.lessons[0])
    phone.play(600)  # 9:30 to 9:40
    said = verdict(room, a_record(room, lesson="别处的课", intervals=[interval("09:00", "09:35")]))
    assert (said.code, said.counted_seconds, said.overlap_seconds) == ("OVERLAP", 1_800, 300)
    ours = phone.finish()
    assert ours.learned_seconds == 600
    assert _learned(room) == 1_800 + 600


def test_time_recorded_elsewhere_while_our_session_was_silent_counts_once(
    room: Room, phone: Learner, clock: FixedCalendar
) -> None:
    phone.begin(room.course.lessons[0])
    phone.play(300)  # to 9:35; then the worker learns on the platform for five minutes
    clock.advance(300)
    assert verdict(room, a_record(room, lesson="别处的课", intervals=[interval("09:35", "09:40")])).code == "OK"
    phone.play(300)
    phone.finish()
    assert _learned(room) == 300 + 300 + 300


def test_the_same_lesson_open_with_us_waits(room: Room, phone: Learner, clock: FixedCalendar) -> None:
    lesson = room.course.lessons[0]
    phone.begin(lesson)
    phone.play(60)
    record = a_record(room, lesson=lesson.title, intervals=[interval("09:00", "09:20", 0, 1_200_000)])
    refused = verdict(room, record)
    assert (refused.verdict, refused.code) == ("refused", "LESSON_OPEN")
    phone.finish()
    assert verdict(room, record).verdict == "taken"


def test_two_platforms_over_the_same_hour_count_once(room: Room, clock: FixedCalendar) -> None:
    clock.set("2020-03-06T09:00:00+08:00")
    other = room.from_platform("px-class")
    assert verdict(room, a_record(room)).counted_seconds == HOUR
    said = verdict(other, a_record(other, intervals=[interval("09:30", "10:30")]))
    assert (said.code, said.counted_seconds, said.overlap_seconds) == ("OVERLAP", 1_800, 1_800)


def test_two_enterprises_over_the_same_hour_count_once(room: Room, clock: FixedCalendar) -> None:
    clock.set("2020-03-02T09:00:00+08:00")
    second = a_room(room.persons, serial=2, course=room.course)
    clock.set("2020-03-06T09:00:00+08:00")
    assert verdict(room, a_record(room)).code == "OK"
    said = verdict(second, a_record(second))
    assert (said.verdict, said.code) == ("refused", "OVERLAP")


def test_a_day_holds_no_more_than_its_hours(room: Room, clock: FixedCalendar) -> None:
    clock.set("2020-03-06T09:00:00+08:00")
    assert verdict(room, a_record(room, intervals=[interval("00:00", "20:00")])).counted_seconds == 20 * HOUR
    said = verdict(room, a_day(room, 8), signed=True)
    assert (said.code, said.counted_seconds) == ("DAY_FULL", 4 * HOUR)
    full = verdict(room, a_record(room, intervals=[interval("20:00", "23:00")]))
    assert (full.verdict, full.code) == ("refused", "DAY_FULL")
    assert _learned(room) == 24 * HOUR


def test_class_hours_of_the_day_before_are_no_hindrance(room: Room, clock: FixedCalendar) -> None:
    clock.set("2020-03-06T09:00:00+08:00")
    assert verdict(room, a_day(room, 8, "2020-03-04"), signed=True).counted_seconds == 8 * CLASS_HOUR
    assert verdict(room, a_record(room)).code == "OK"


def test_what_was_imported_is_claimed_and_what_was_attested_is_not(app: Flask, clock: FixedCalendar) -> None:
    room = a_room([a_person(1), a_person(2, "赵䶮")])
    clock.set("2020-03-10T20:00:00+08:00")
    timed, attested = room.persons
    for day in ("2020-03-05", "2020-03-06", "2020-03-07"):
        verdict(room, a_record(room, intervals=[interval("08:00", "14:00", day=day)]))
        who = {"name": attested.name, "id_number": attested.id_number}
        verdict(room, a_day(room, 8, day, **who), signed=True)
    for person in room.persons:
        pass_quiz(person, room.class_id)
    assert study.progress(timed.worker_id, room.class_id).class_hours == 24
    certify(room.class_id)
    preview = claims.compute_claim(plan_id=room.plan.plan_id)
    assert [line.amount_fen for line in preview.lines] == [44_400, 0]
    claim = submitted_claim(room.plan)
    (held,) = [line for line in claim.lines if line.hold_key]
    traced = study.trace(transfer_key=str(held.hold_key))
    assert [record.kind for record in traced.records] == ["import"] * 3
    assert sum(record.seconds for record in traced.records) == 24 * CLASS_HOUR
    assert not [record for record in traced.records if record.problems]
