"""Imported intervals beside everything else that counts, on the real database."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask

from config.clock import FixedCalendar, epoch_ms
from config.crypto import canonical_json
from config.errors import Conflict, Invalid
from learning_records.evidence import services as evidence
from learning_records.sessions import services
from learning_records.sessions.services import ImportedInterval
from tests.learning_records.imported.records import bring_in, lost, played
from tests.learning_records.phones import Phone, call, lesson


@pytest.fixture(autouse=True)
def _house(app: Flask) -> None:
    """On a fresh database."""


def test_a_record_counts_once_however_often_it_is_sent(clock: FixedCalendar) -> None:
    person, source, video = uuid4(), uuid4(), uuid4()
    began = clock()
    clock.advance(3_600)
    first = bring_in(person, [played(began, 600, 0, 600)], lesson=video, source=source)
    assert (first.counted_seconds, first.checked_in_seconds, first.already) == (600, 600, False)
    again = bring_in(person, [played(began, 600, 0, 600)], lesson=video, source=source)
    assert again.already
    assert (again.pieces, again.spans, again.facts) == (first.pieces, first.spans, first.facts)


def test_the_same_minute_of_a_platforms_lesson_earns_once_over_records(clock: FixedCalendar) -> None:
    person, video = uuid4(), uuid4()
    began = clock()
    clock.advance(7_200)
    bring_in(person, [played(began, 600, 0, 600)], lesson=video)
    again = bring_in(person, [played(began, 900, 0, 900, after=1_000)], lesson=video)
    assert (again.counted_seconds, lost(again)) == (300, {"ALREADY_COUNTED": 600})
    assert bring_in(uuid4(), [played(began, 600, 0, 600)], lesson=video).counted_seconds == 600, "another person's"
    assert bring_in(person, [played(began, 600, 0, 600, after=3_000)], lesson=uuid4()).counted_seconds == 600
    progress = services.lesson_progress(person_ref=person, lesson_refs=[video])[video]
    assert (progress.counted_seconds, progress.covered_ms) == (900, 900_000)
    assert not progress.completed, "how long a lesson of a platform is, is the platform's word: no allowance"


def test_parts_of_seconds_wait_for_the_next_record_of_the_lesson(clock: FixedCalendar) -> None:
    person, video = uuid4(), uuid4()
    began = clock()
    clock.advance(3_600)
    assert bring_in(person, [played(began, 10.7, 0, 10.7)], lesson=video).counted_seconds == 10
    more = bring_in(person, [played(began, 10.7, 10.7, 21.4, after=60)], lesson=video)
    assert more.counted_seconds == 11
    assert services.problems_of_imported_record(more.facts) == []


def test_time_of_a_session_of_ours_does_not_count_again(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    began = clock()
    phone.open(lesson(45))
    phone.play(300)
    open_still = bring_in(phone.person, [played(began, 200)])
    assert (open_still.counted_seconds, lost(open_still)) == (0, {"OVERLAP": 200})
    phone.close()
    clock.advance(600)
    closed = bring_in(phone.person, [played(began, 400)])
    assert (closed.counted_seconds, lost(closed)) == (100, {"OVERLAP": 300})


def test_time_of_a_record_does_not_count_in_an_open_session(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    began = clock()
    clock.advance(30)
    assert bring_in(phone.person, [played(began, 30)]).counted_seconds == 30
    phone.position_ms += 30_000
    phone.mark()
    answer = phone.send()
    assert answer.counted_seconds == 60
    phone.play(60)
    assert phone.counted() == 120


def test_a_record_of_the_lesson_that_is_open_waits_for_the_end(clock: FixedCalendar) -> None:
    phone, facts = Phone(clock), lesson(45)
    began = clock()
    clock.advance(600)
    phone.open(facts)
    phone.play(60)
    with pytest.raises(Conflict, match="LESSON_OPEN"):
        bring_in(phone.person, [played(began, 60, 0, 60)], lesson=facts.lesson_ref)
    phone.close()
    view = bring_in(phone.person, [played(began, 90, 0, 90)], lesson=facts.lesson_ref)
    assert (view.counted_seconds, lost(view)) == (30, {"ALREADY_COUNTED": 60})


def test_a_platforms_check_in_covers_the_time_behind_it(clock: FixedCalendar) -> None:
    began, person = clock(), uuid4()
    clock.advance(3_600)
    stated = began.replace(minute=5)
    view = bring_in(person, [played(began, 600)], checked_in_at=stated)
    assert (view.counted_seconds, view.checked_in_seconds) == (600, 300)
    assert view.not_claimable is not None
    assert (view.not_claimable.code, view.not_claimable.seconds) == ("NOT_CHECKED_IN", 300)
    assert view.facts["check_in"] == {"by": "platform", "stated": True, "days": [[18_323, epoch_ms(stated)]]}
    silent = bring_in(person, [played(began, 60, after=1_000)])
    assert silent.checked_in_seconds == 60
    assert silent.facts["check_in"]["stated"] is False
    assert silent.not_claimable is None


def test_a_record_over_midnight_is_cut_there_and_each_day_has_its_check_in(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:50:00+08:00")
    began = clock()
    clock.advance(3_600)
    view = bring_in(uuid4(), [played(began, 1_200)], checked_in_at=began)
    assert (view.counted_seconds, view.checked_in_seconds) == (1_200, 600)
    assert [piece.under_check_in for piece in view.pieces] == [True, False]


@pytest.mark.parametrize(
    ("interval", "with_lesson", "code"),
    [
        ((0, 60, None, None), False, None),
        ((0, 61, None, None), False, "FUTURE"),
        ((30, 0, None, None), False, "TIME_REVERSED"),
        ((0, 30, 0, 30), False, "LESSON_MISSING"),
        ((0, 30, 0, 102), True, "MEDIA_BEYOND_END"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    clock: FixedCalendar, interval: tuple[int, int, int | None, int | None], with_lesson: bool, code: str | None
) -> None:
    began, person = epoch_ms(clock()), uuid4()
    clock.advance(60)
    start, end, *media = interval
    given = ImportedInterval(
        began + start * 1000, began + end * 1000, *(None if value is None else value * 1000 for value in media)
    )
    video = uuid4() if with_lesson else None
    if code is None:
        assert bring_in(person, [given], lesson=video).counted_seconds == 60
        return
    with pytest.raises(Invalid, match=code):
        bring_in(person, [given], lesson=video, media_ms=100_000)
    assert bring_in(person, [ImportedInterval(began, began + 60_000)]).counted_seconds == 60


def test_a_check_in_to_come_is_refused(clock: FixedCalendar) -> None:
    began = clock()
    later = clock.advance(60).replace(hour=8)
    with pytest.raises(Invalid, match="CHECK_IN_FUTURE"):
        bring_in(uuid4(), [played(began, 30)], checked_in_at=later)


def test_what_is_sealed_counts_the_same_again_from_itself_alone(clock: FixedCalendar) -> None:
    person, video = uuid4(), uuid4()
    began = clock()
    clock.advance(7_200)
    bring_in(person, [played(began, 500, 0, 500)], lesson=video)
    view = bring_in(
        person,
        [played(began, 900, 400, 1_300), played(began, 60, 1_300, 1_600, after=1_000)],
        lesson=video,
        context=uuid4(),
        checked_in_at=began.replace(minute=10),
    )
    sealed = call(lambda: evidence.seal(kind=services.IMPORTED_KIND, body=view.facts))
    body = evidence.get_record(record_id=sealed.record_id).body
    assert body == view.facts | {"kind": services.IMPORTED_KIND, "suite": body["suite"]}
    assert services.problems_of_imported_record(body) == []
    assert canonical_json(body)
    forged = [
        body | {"learned_seconds": body["learned_seconds"] + 1},
        body | {"counted_ms": body["counted_ms"] + 1},
        body | {"pieces": body["pieces"][:-1]},
        body | {"uncounted": []},
        body | {"checked_in_seconds": 0},
        body | {"before": body["before"] | {"covered": []}},
    ]
    assert all(services.problems_of_imported_record(item) for item in forged)
