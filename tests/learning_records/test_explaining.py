"""What a worker is told: where every second went, how far they are, and how to appeal."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from config.clock import FixedCalendar
from config.errors import Conflict, Invalid, NotAllowed, NotFound
from learning_records.sessions import services
from learning_records.sessions.services import AppealView
from tests.learning_records.phones import Phone, call, lesson

pytestmark = pytest.mark.usefixtures("app")


def _cheated(clock: FixedCalendar) -> Phone:
    """60 s honest, 120 s at four times the speed ignoring the answers, 60 s paused."""
    phone = Phone(clock, obeys=False)
    phone.open(lesson(45))
    phone.play(60)
    phone.speed = 4
    phone.play(120)
    phone.speed, phone.position_ms = 0, 60_000
    phone.play(60)
    return phone


def test_every_second_of_a_session_is_counted_or_has_a_reason(clock: FixedCalendar) -> None:
    phone = _cheated(clock)
    opened_at = clock() - timedelta(seconds=240)
    phone.close()
    explained = services.explain(person_ref=phone.person, session_id=phone.session_id)
    assert explained.opened_at == opened_at
    assert explained.counted_seconds == 60
    assert explained.counted_seconds + sum(span.seconds for span in explained.uncounted) == 240
    assert {span.code for span in explained.uncounted} == {"AHEAD_OF_TIME", "NOT_PLAYING", "SESSION_ENDED"}
    first = explained.uncounted[0]
    assert first.code == "AHEAD_OF_TIME"
    assert first.started_at == opened_at + timedelta(seconds=60)
    assert first.appeal_by == first.ended_at + timedelta(hours=24)
    assert "快进" in first.sentence
    assert "正常速度" in first.next_step
    assert explained.closed is not None
    assert explained.closed.sentence == "本次学习已结束。"


def test_an_open_session_is_explained_too(clock: FixedCalendar) -> None:
    phone = Phone(clock, answers_checks=False, context=uuid4())
    phone.check_in()
    phone.open(lesson(45))
    while not phone.checks:
        phone.play(10)
    counted = phone.counted()
    phone.play(20)
    explained = services.explain(person_ref=phone.person, session_id=phone.session_id)
    assert (explained.counted_seconds, explained.checked_in_seconds, explained.waiting_seconds) == (
        counted,
        counted,
        20,
    )
    assert explained.presence_check is not None
    assert explained.not_claimable is None
    assert explained.closed is None


def test_progress_counts_the_open_session_and_names_where_to_go_on(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    facts, other = lesson(45), uuid4()
    phone.open(facts)
    phone.play(120)
    phone.close()
    assert phone.open(facts).resume_at_ms == 120_000
    phone.play(60)
    progress = services.lesson_progress(person_ref=phone.person, lesson_refs=[facts.lesson_ref, other])
    mine = progress[facts.lesson_ref]
    assert (mine.counted_seconds, mine.covered_ms, mine.resume_at_ms, mine.completed) == (180, 180_000, 180_000, False)
    assert (progress[other].counted_seconds, progress[other].resume_at_ms) == (0, 0)
    assert services.lesson_progress(person_ref=uuid4(), lesson_refs=[other])[other].covered_ms == 0


def _appeal(phone: Phone, **about: object) -> AppealView:
    return call(
        lambda: services.file_appeal(
            person_ref=phone.person,
            session_id=phone.session_id,
            reason="当时在看视频，网络不好",
            **about,  # type: ignore[arg-type]
        )
    )


def test_an_appeal_stores_what_it_is_about_and_until_when_it_could_be_made(clock: FixedCalendar) -> None:
    phone = _cheated(clock)
    phone.close()
    filed = _appeal(phone)
    assert filed.codes == ("AHEAD_OF_TIME", "NOT_PLAYING", "SESSION_ENDED")
    assert filed.uncounted_seconds == 180
    assert filed.appeal_by == filed.ended_at + timedelta(hours=24)
    assert services.get_appeal(appeal_id=filed.appeal_id) == filed
    assert services.appeals_of(person_ref=phone.person) == [filed]
    assert services.appeals_of(person_ref=uuid4()) == []
    assert services.appeals_filed(limit=10) == [filed]
    explained = services.explain(person_ref=phone.person, session_id=phone.session_id)
    assert all(span.appealed for span in explained.uncounted)
    with pytest.raises(Conflict, match="APPEAL_ALREADY_FILED"):
        _appeal(phone)


def test_one_tap_on_a_beat_appeals_the_uncounted_time_around_it(clock: FixedCalendar) -> None:
    phone = _cheated(clock)
    filed = _appeal(phone, seq=8)
    assert filed.seq == 8
    assert filed.codes == ("AHEAD_OF_TIME",)
    with pytest.raises(Invalid, match="NOTHING_TO_APPEAL"):
        _appeal(phone, seq=2)
    with pytest.raises(NotFound, match="BEAT_NOT_FOUND"):
        _appeal(phone, seq=99)


def test_an_appeal_has_24_hours_from_the_uncounted_minute(clock: FixedCalendar) -> None:
    phone = _cheated(clock)
    phone.close()
    span = services.explain(person_ref=phone.person, session_id=phone.session_id).uncounted[0]
    clock.set(span.appeal_by)
    assert _appeal(phone, span=(span.started_at, span.ended_at)).codes == ("AHEAD_OF_TIME",)
    clock.advance(3_600)
    with pytest.raises(NotAllowed, match="APPEAL_TOO_LATE"):
        _appeal(phone)


def test_appeals_that_cannot_be_right_are_refused(clock: FixedCalendar) -> None:
    phone = _cheated(clock)
    now = clock()
    with pytest.raises(Invalid, match="SPAN_REVERSED"):
        _appeal(phone, span=(now, now - timedelta(minutes=1)))
    for reason in ("", "  ", "长" * 501):
        with pytest.raises(Invalid, match="APPEAL_REASON"):
            services.file_appeal(person_ref=phone.person, session_id=phone.session_id, reason=reason)
    with pytest.raises(NotFound, match="SESSION_NOT_FOUND"):
        services.file_appeal(person_ref=uuid4(), session_id=phone.session_id, reason="网络不好")
    with pytest.raises(NotFound, match="APPEAL_NOT_FOUND"):
        services.get_appeal(appeal_id=uuid4())


def test_time_given_back_to_an_appeal_counts_once(clock: FixedCalendar) -> None:
    phone = _cheated(clock)
    closed = phone.close()
    filed = _appeal(phone)

    def give_back() -> services.OutsideTimeView:
        return call(
            lambda: services.record_appealed_time(
                person_ref=phone.person,
                session_id=phone.session_id,
                appeal_ref=filed.appeal_id,
                started_at=filed.started_at - timedelta(seconds=60),
                ended_at=filed.ended_at,
                limit_seconds=filed.uncounted_seconds,
            )
        )

    first, again = give_back(), give_back()
    assert closed.counted_seconds + first.counted_seconds == 240
    assert (again.counted, again.already) == (first.counted, True)


def test_the_check_ins_of_a_class_are_listed_by_day(clock: FixedCalendar) -> None:
    phone = Phone(clock, context=uuid4())
    for day in ("2020-03-02", "2020-03-03"):
        clock.set(f"{day}T08:00:00+08:00")
        phone.check_in()
    assert phone.context is not None
    found = services.check_ins(person_ref=phone.person, context_ref=phone.context)
    assert [str(item.local_date) for item in found] == ["2020-03-02", "2020-03-03"]
    assert services.check_ins(person_ref=uuid4(), context_ref=phone.context) == []
