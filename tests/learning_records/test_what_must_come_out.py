"""Every row of the counting table's "What must come out", against the real services and the real database."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
from flask import Flask

from config import clock as house_clock
from config.clock import FixedCalendar
from config.errors import Conflict, Invalid
from learning_records.sessions import services
from learning_records.sessions.rules import BeatIn
from tests.learning_records.phones import MINUTE, Phone, call, lesson

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("batch", [1, 5])
def test_an_honest_phone_counts_all_of_its_time(clock: FixedCalendar, batch: int) -> None:
    phone = Phone(clock, batch=batch)
    phone.open(lesson(45))
    phone.play(45 * 60)
    closed = phone.close()
    assert closed.counted_seconds == closed.learned_seconds == 2_700
    assert closed.completed
    assert closed.allowance_seconds == 0
    assert closed.uncounted == ()
    assert phone.checks, "an honest phone is asked whether somebody is there"


@pytest.mark.parametrize("seed", range(4))
def test_late_arrivals_lost_requests_and_ten_minutes_away_keep_what_was_watched(
    clock: FixedCalendar, seed: int
) -> None:
    """Arrivals up to 4 s late, 3 % of requests lost and sent again with the next, switched away for ten minutes."""
    chance = random.Random(seed)
    phone = Phone(clock, chance=random.Random(seed))
    phone.open(lesson(45))
    begun = clock()
    played = 0
    away = 0
    while phone.position_ms < phone.facts.media_ms:
        if played == 1_200:
            away = 600
        played += 10
        phone.position_ms += 10_000
        phone.mark()
        due = begun.timestamp() + played + away + chance.uniform(0, 4)
        clock.advance(max(0.0, due - clock().timestamp()))
        lost = chance.random()
        if lost < 0.015:
            continue  # the request never arrived
        if lost < 0.03:
            kept = list(phone.kept)
            phone.post(kept)  # it arrived, its answer did not: everything is sent again
            continue
        phone.send()
    if phone.kept:
        clock.advance(10)
        phone.send()
    assert phone.close().counted_seconds >= 2_700 * 0.995


def test_five_minutes_offline_count_when_the_check_on_return_is_answered(clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(45))
    phone.play(20 * 60)
    phone.play(5 * 60, offline=True)
    answer = phone.send()
    assert answer.presence_check is not None
    assert "CHECK_WAITING" in {reason.code for reason in answer.uncounted}
    phone.play(20 * 60)
    assert phone.close().counted_seconds == 2_700


def test_a_jump_to_the_end_counts_nothing(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    clock.advance(10)
    phone.position_ms = phone.facts.media_ms
    phone.mark()
    answer = phone.send()
    assert answer.counted_seconds == 60
    assert answer.resume_at_ms == MINUTE
    assert [reason.code for reason in answer.uncounted] == ["AHEAD_OF_TIME"]
    assert phone.close().counted_seconds == 60


def test_a_finish_call_that_claims_999999_is_refused(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    clock.advance(10)
    phone.position_ms = 999_999_000
    phone.mark()
    with pytest.raises(Invalid) as refused:
        phone.close()
    assert refused.value.code == "POSITION_OUT_OF_RANGE"
    assert phone.counted() == 60


@pytest.mark.parametrize(("speed", "counted"), [(4.0, 0), (16.0, 0), (1.25, 20)])
def test_a_phone_that_plays_too_fast_and_ignores_the_answer(clock: FixedCalendar, speed: float, counted: int) -> None:
    phone = Phone(clock, speed=speed, obeys=False)
    phone.open(lesson(45))
    phone.play(20 * 60)
    assert phone.close().counted_seconds == counted
    assert "AHEAD_OF_TIME" in phone.codes


def test_a_phone_that_played_too_fast_counts_again_once_it_returns(clock: FixedCalendar) -> None:
    phone = Phone(clock, speed=1.25, obeys=False)
    phone.open(lesson(45))
    phone.play(120)
    phone.speed, phone.position_ms = 1.0, 20_000
    phone.play(60)
    assert phone.counted() == 80


def test_thirty_scripted_beats_in_three_seconds_count_at_most_three(clock: FixedCalendar) -> None:
    phone = Phone(clock, obeys=False)
    phone.open(lesson(45))
    for _ in range(30):
        clock.advance(0.1)
        phone.position_ms += 10_000
        phone.mark()
        phone.send()
    assert phone.close().counted_seconds <= 3


def test_small_scripted_steps_count_no_more_than_real_time(clock: FixedCalendar) -> None:
    phone = Phone(clock, obeys=False)
    phone.open(lesson(45))
    for _ in range(30):
        clock.advance(0.1)
        phone.position_ms += 1_000
        phone.mark()
        phone.send()
    assert phone.close().counted_seconds <= 3


def test_ten_phones_and_lessons_at_once_count_once(clock: FixedCalendar) -> None:
    person = uuid4()
    phones = [Phone(clock, person=person) for _ in range(10)]
    for phone in phones:
        phone.open(lesson(45))
    for _ in range(30):
        clock.advance(10)
        for phone in phones:
            phone.position_ms += 10_000
            phone.mark()
        for phone in phones[:-1]:
            with pytest.raises(Conflict) as conflict:
                phone.send()
            assert conflict.value.code == "SESSION_CLOSED"
            assert conflict.value.errors[0]["reason"] == "REPLACED"
        phones[-1].send()
    assert sum(phone.counted() for phone in phones) == 300


def test_ten_phones_that_open_again_and_again_count_at_most_real_time(clock: FixedCalendar) -> None:
    person = uuid4()
    phones = [Phone(clock, person=person) for _ in range(10)]
    lessons = [lesson(45) for _ in phones]
    begun = clock()
    sessions = []
    for _ in range(20):
        for phone, facts in zip(phones, lessons, strict=True):
            phone.open(facts)
            clock.advance(3)
            phone.position_ms += 10_000 if phone.chance.random() < 0.5 else 3_000
            phone.mark()
            phone.send()
            sessions.append(phone.session_id)
    counted = sum(services.explain(person_ref=person, session_id=item).counted_seconds for item in set(sessions))
    assert 0 < counted <= (clock() - begun).total_seconds()


def test_the_same_minute_five_times_is_one_minute(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    facts = lesson(45)
    phone.open(facts)
    for _ in range(3):
        phone.position_ms = 0
        phone.mark()
        phone.play(60)
    phone.close()
    for _ in range(2):
        phone.open(facts)
        phone.position_ms = 0
        phone.play(60)
        phone.close()
    progress = services.lesson_progress(person_ref=phone.person, lesson_refs=[facts.lesson_ref])[facts.lesson_ref]
    assert progress.counted_seconds == 60
    assert progress.resume_at_ms == MINUTE
    assert "ALREADY_COUNTED" in phone.codes


def test_a_replayed_batch_changes_nothing_and_gets_the_same_answer(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    clock.advance(10)
    phone.position_ms += 10_000
    phone.mark()
    batch = list(phone.kept)
    first = phone.send()
    clock.advance(5)
    assert phone.post(batch) == first
    assert phone.counted() == 70


def test_a_batch_with_one_beat_changed_is_a_conflict(clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(45))
    phone.play(40)
    batch = list(phone.kept)
    phone.send()
    changed = [*batch[:2], batch[2]._replace(position_ms=batch[2].position_ms + 1), *batch[3:]]
    with pytest.raises(Conflict) as conflict:
        phone.post(changed)
    assert conflict.value.code == "BEAT_CHANGED"
    assert phone.counted() == 40


def test_left_playing_alone_all_night_counts_at_most_one_presence_interval(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T21:00:00+08:00")
    total, nights = 0, 0
    phone = Phone(clock, answers_checks=False, batch=5)
    sessions = []
    for _ in range(12):
        phone.open(lesson(90))
        for _ in range(40 * 60 // 50):
            phone.play(50)
            sessions.append(phone.session_id)
        phone.close()
        nights += 1
    total = sum(
        services.explain(person_ref=phone.person, session_id=item).counted_seconds for item in dict.fromkeys(sessions)
    )
    assert nights == 12
    assert 300 <= total <= 900
    assert {"CHECK_MISSED", "CHECK_UNANSWERED"} <= phone.codes


@pytest.mark.parametrize("answered", [True, False])
def test_silence_and_then_many_beats_at_once_count_at_most_600_seconds(clock: FixedCalendar, answered: bool) -> None:
    phone = Phone(clock, answers_checks=answered)
    phone.open(lesson(90))
    clock.advance(880)
    for _ in range(150):
        phone.position_ms += 10_000
        phone.mark()
    phone.send()
    closed = phone.close()
    assert closed.counted_seconds == (600 if answered else 0)


def test_an_hour_of_beats_after_an_hour_of_silence_finds_the_session_closed(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(90))
    phone.play(60)
    clock.advance(3_600)
    for _ in range(200):
        phone.position_ms += 10_000
        phone.mark()
    with pytest.raises(Conflict) as conflict:
        phone.send()
    assert (conflict.value.code, conflict.value.errors[0]["reason"]) == ("SESSION_CLOSED", "IDLE")
    assert call(lambda: services.close_idle_sessions(limit=10)) == [phone.session_id]
    assert phone.counted() == 60


def test_two_enterprises_over_the_same_clock_time_count_once(clock: FixedCalendar) -> None:
    person, facts = uuid4(), lesson(45)
    one, two = Phone(clock, person=person, context=uuid4()), Phone(clock, person=person, context=uuid4())
    for phone in (one, two):
        phone.check_in()
    one.open(facts)
    one.play(300)
    two.open(facts)
    two.play(300)
    assert one.counted() + two.counted() == 600
    assert two.close().checked_in_seconds == 300


def test_a_lesson_shared_by_two_classes_counts_once(clock: FixedCalendar) -> None:
    person, facts = uuid4(), lesson(45)
    one, two = Phone(clock, person=person, context=uuid4()), Phone(clock, person=person, context=uuid4())
    for phone in (one, two):
        phone.check_in()
    one.open(facts)
    one.play(1_200)
    one.close()
    two.open(facts)
    two.position_ms = 0
    two.play(2_700)
    assert two.close().checked_in_seconds == 1_500


def test_opening_again_just_before_checks_fall_due_gains_nothing(clock: FixedCalendar) -> None:
    phone = Phone(clock, answers_checks=False, batch=5)
    lessons = [lesson(90) for _ in range(4)]
    counted = 0
    for number in range(60):
        phone.open(lessons[number % 4])
        phone.play(50)
        counted += phone.close().counted_seconds
    assert 300 <= counted <= 900


def test_an_import_over_the_same_clock_time_counts_once(clock: FixedCalendar, app: Flask) -> None:
    phone = Phone(clock)
    begun = house_clock.epoch_ms(clock())
    phone.open(lesson(45))
    phone.play(600)
    clock.advance(10)

    def bring_in() -> services.ImportedView:
        interval = services.ImportedInterval(begun, house_clock.epoch_ms(clock()))
        return call(
            lambda: services.record_imported_intervals(
                person_ref=phone.person,
                context_ref=None,
                source_ref=uuid4(),
                lesson_ref=None,
                media_ms=None,
                intervals=[interval],
            )
        )

    imported = bring_in()
    assert imported.counted_seconds == 10
    assert [(reason.code, reason.seconds) for reason in imported.uncounted] == [("OVERLAP", 600)]
    phone.play(60)
    assert phone.close().counted_seconds == 660
    assert bring_in().counted_seconds == 0


def test_beats_of_another_person_are_not_found(clock: FixedCalendar) -> None:
    phone, stranger = Phone(clock), Phone(clock)
    opened = phone.open(lesson(45))
    with pytest.raises(Exception, match="SESSION_NOT_FOUND"):
        call(
            lambda: services.record_beats(
                person_ref=stranger.person, session_id=opened.session_id, beats=[BeatIn(1, 0, opened.prev)]
            )
        )
