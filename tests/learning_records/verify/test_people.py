"""A person over all records: nothing counts twice, remainders are carried, and time of other kinds is counted again too."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records.evidence import services as evidence
from learning_records.sessions.coverage import union
from learning_records.sessions.earning import pieces_of
from learning_records.sessions.imported import ImportedInterval, check_in_days, count_intervals
from learning_records.sessions.rules import local_day
from learning_records.verify import Recount, Report
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.verify.bundled import (
    a_whole_life,
    an_appeal,
    bundle_of,
    codes,
    imported,
    seal_sessions,
    verified,
)

Body = dict[str, Any]
MINUTE = 60_000


def body_of(record: UUID) -> Body:
    return deepcopy(evidence.trace(record_public_id=record).body)


# a person over all records


def _sealed(kind: str, body: Body) -> UUID:
    del body["kind"], body["suite"]
    return call(lambda: evidence.seal(kind=kind, body=body)).public_id


def test_the_same_session_sealed_twice_counts_nothing_twice(app: Flask, clock: FixedCalendar) -> None:
    life = a_whole_life(clock)
    again = _sealed("session", body_of(life.records[3]))
    report = verified(bundle_of([*life.records, again], [life.person]))
    assert {"RECORD_SAME", "WALL_TWICE", "MEDIA_TWICE", "COVERED_BEFORE"} <= set(codes(report))
    assert str(again) in {finding.record for finding in report.findings}


def test_time_that_counted_in_a_quiz_and_a_session_is_named(app: Flask, clock: FixedCalendar) -> None:
    life = a_whole_life(clock)
    quiz = body_of(life.records[2])
    start = body_of(life.records[3])["pieces"][0][0]
    quiz |= {"attempt": str(uuid4()), "opened_ms": start, "closed_ms": start + 240_000}
    quiz["pieces"] = [[start, start + 240_000, 0, 240_000, False]]
    report = verified(bundle_of([*life.records, _sealed("quiz", quiz)], [life.person]))
    assert set(codes(report)) == {"WALL_TWICE", "SUM_DIFFERS"}


def test_a_missing_session_of_a_person_shows_in_what_was_covered(app: Flask, clock: FixedCalendar) -> None:
    phone, facts = Phone(clock, context=uuid4(), batch=5), lesson(45)
    for _ in range(3):
        phone.open(facts)
        phone.play(300)
        phone.close()
    records = seal_sessions(phone.person)
    for missing, status in ((0, 1), (1, 1), (2, 0)):  # the last one's absence shows only by a receipt
        rest = [record for place, record in enumerate(records) if place != missing]
        report = verified(bundle_of(rest, [phone.person]))
        assert report.status == status
        assert set(codes(report)) <= {"COVERED_BEFORE"}
    part = verified(bundle_of(records[1:], [phone.person], kind="report"))
    assert (codes(part), [note.code for note in part.notes]) == ([], ["KEY_NOT_PINNED", "REST_UNPROVED"])


def test_remainders_below_a_second_are_carried_exactly(app: Flask, clock: FixedCalendar) -> None:
    phone, facts = Phone(clock, context=uuid4()), lesson(45)
    phone.check_in()
    bodies = []
    for _ in range(4):
        phone.open(facts)
        phone.play(10)
        clock.advance(0.7)
        phone.position_ms += 700
        phone.mark()
        phone.close()
        bodies += [body_of(record) for record in seal_sessions(phone.person)]
    assert [body["learned_seconds"] for body in bodies] == [10, 11, 11, 10]

    def seconds_of(*changes: int) -> list[str]:
        report = Report()
        recount = Recount(report, everything=False, remembered=())
        for place, (body, change) in enumerate(zip(bodies, changes, strict=True)):
            recount.index[str(place)] = place
            recount.session(str(place), body | {"learned_seconds": body["learned_seconds"] + change})
        recount.finish()
        return codes(report)

    assert seconds_of(0, 0, 0, 0) == []
    assert seconds_of(1, 0, 0, 0) == ["SUM_DIFFERS"]
    assert seconds_of(0, 0, 0, 1) == ["SUM_DIFFERS"]
    assert "SUM_DIFFERS" in seconds_of(0, -1, 0, 0)


# other time


def _of(life_kind: str, clock: FixedCalendar) -> tuple[Body, list[UUID], UUID]:
    life = a_whole_life(clock)
    kinds = {body_of(record)["kind"]: record for record in life.records}
    rest = [record for record in life.records if record != kinds[life_kind]]
    return body_of(kinds[life_kind]), rest, life.person


def _update(**values: Any) -> Callable[[Body], None]:
    return lambda body: body.update(values)


def _longer(body: Body) -> None:
    body["pieces"][-1][1] += 600_000
    body["pieces"][-1][3] += 600_000


def _interval(body: Body) -> None:
    body["intervals"][0][0] -= 600_000


OTHER: list[tuple[str, Callable[[Body], None], str]] = [
    ("quiz", _update(passed=False), "NOT_EARNED"),
    ("quiz", _update(status="expired"), "NOT_EARNED"),
    ("quiz", _longer, "OUTSIDE_SPAN"),
    ("quiz", _update(learned_seconds=241), "SUM_DIFFERS"),
    ("quiz", _update(checked_in_seconds=241), "SUM_DIFFERS"),
    ("appeal", _update(upheld=False), "NOT_EARNED"),
    ("appeal", _update(uncounted_seconds=1), "APPEAL_TOO_MUCH"),
    ("appeal", _longer, "OUTSIDE_SPAN"),
    ("appeal", _update(learned_seconds=10_000), "SUM_DIFFERS"),
    ("appeal", _update(allowance_seconds=600), "SUM_DIFFERS"),
    ("import", _update(grade="session"), "GRADE_WRONG"),
    ("import", _longer, "PIECES_DIFFER"),
    ("import", _interval, "SUM_DIFFERS"),
    ("import", _update(counted_ms=1), "SUM_DIFFERS"),
    ("import", _update(learned_seconds=10_000), "SUM_DIFFERS"),
    ("import", _update(ahead_tolerance_ms=9_000_000), "PIECES_DIFFER"),
    ("attested", _update(grade="imported"), "GRADE_WRONG"),
    ("attested", _update(learned_seconds=5_401), "SUM_DIFFERS"),
    (
        "attested",
        _update(
            learned_seconds=86_400,
            class_hours=32,
            limit_seconds=86_400,
            before={"attested_seconds": 0, "room_seconds": 86_400},
        ),
        "ATTESTED_TOO_MUCH",
    ),
]


@pytest.mark.parametrize(("kind", "forge", "code"), OTHER)
def test_what_is_forged_in_other_time_is_named(
    app: Flask, clock: FixedCalendar, kind: str, forge: Callable[[Body], None], code: str
) -> None:
    body, rest, person = _of(kind, clock)
    if code == "ATTESTED_TOO_MUCH":
        body["local_day"] += 1  # the day on which the quiz and a session counted
    forge(body)
    forged = _sealed(kind, body)
    report = verified(bundle_of([*rest, forged], [person]))
    assert code in codes(report)
    assert next(finding.record for finding in report.findings if finding.code == code) == str(forged)


def test_an_appeal_that_completes_a_lesson_brings_its_rest_once(app: Flask, clock: FixedCalendar) -> None:
    phone = Phone(clock, context=uuid4(), batch=5)
    phone.check_in()
    facts = lesson(20)
    phone.open(facts)
    phone.play(900)
    phone.answers_checks = False
    phone.play(280, offline=True)
    phone.send()
    phone.close()
    records = seal_sessions(phone.person)
    clock.advance(60)
    records.append(an_appeal(phone, clock))
    appeal = body_of(records[-1])
    assert appeal["allowance_seconds"] > 0
    assert codes(verified(bundle_of(records, [phone.person]))) == []
    appeal["allowance_seconds"] += 2
    forged = verified(bundle_of([records[0], _sealed("appeal", appeal)], [phone.person]))
    assert codes(forged) == ["SUM_DIFFERS"]


def test_time_of_other_platforms_is_recounted_with_its_reasons(app: Flask, clock: FixedCalendar) -> None:
    clock.set("2020-03-04T15:00:00+08:00")
    phone = Phone(clock)
    report = verified(bundle_of(imported(phone, clock), [phone.person]))
    assert codes(report) == []
    person = report.people[str(phone.person)]
    assert (person.recounted_ms, person.attested_seconds) == (900_000 + 800_500, 5_400)


def _some(chance: random.Random, count: int, span: int) -> list[list[int]]:
    """Sorted, disjoint intervals below ``span``."""
    cuts = sorted(chance.sample(range(span), 2 * chance.randint(0, count)))
    return [[start, end] for start, end in zip(cuts[::2], cuts[1::2], strict=True)]


@pytest.mark.parametrize("seed", range(200))
def test_whatever_another_platform_says_it_counts_again_the_same(seed: int) -> None:
    chance = random.Random(seed)
    midnight = 1_583_251_200_000 - chance.choice([0, 3_000_000])
    starts = sorted(midnight + chance.randrange(-2_000_000, 4_000_000) for _ in range(chance.randint(1, 8)))
    media = chance.random() < 0.7
    intervals = []
    for place, start in enumerate(starts):
        end = start + chance.randint(1, 900_000)
        if chance.random() < 0.5 and place + 1 < len(starts):
            end = max(start + 1, starts[place + 1])
        at = chance.randrange(900_000)
        played = (at, at + int((end - start) * chance.choice([0.5, 1, 1, 1.005, 1.5]))) if media else (None, None)
        intervals.append(ImportedInterval(start, end, *played))
    taken = [(midnight - 2_000_000 + start, midnight - 2_000_000 + end) for start, end in _some(chance, 4, 6_000_000)]
    seen = _some(chance, 4, 1_000_000)
    days = [local_day(midnight - 1), local_day(midnight - 1) + 1]
    rooms = {day: chance.randrange(1_500_000) for day in days if chance.random() < 0.4}
    counted = count_intervals(
        intervals,
        taken=union(taken),
        seen=union((start, end) for start, end in seen),
        rooms=rooms,
        tolerance_ms=5_000,
    )
    check_ins = check_in_days(intervals, starts[0] + 100_000 if chance.random() < 0.5 else None)
    pieces = pieces_of(counted.stretches, check_ins)
    total = sum(piece.counted_ms for piece in pieces)
    under = sum(piece.counted_ms for piece in pieces if piece.under_check_in)
    body = {
        "source": str(uuid4()),
        "person": str(uuid4()),
        "context": None,
        "grade": "imported",
        "lesson": str(uuid4()) if media else None,
        "intervals": [list(item) for item in intervals],
        "check_in": {"stated": len(check_ins) == 1, "days": [list(day) for day in sorted(check_ins.items())]},
        "before": {
            "taken": [list(part) for part in taken],
            "covered": seen,
            "rooms": [list(room) for room in sorted(rooms.items())],
            "rests": [0, 0],
        },
        "ahead_tolerance_ms": 5_000,
        "pieces": [list(piece) for piece in pieces],
        "counted_ms": total,
        "learned_seconds": total // 1000,
        "checked_in_seconds": under // 1000,
    }
    report = Report()
    recount = Recount(report, everything=False, remembered=())
    recount.imported("record", body)
    recount.finish()
    assert codes(report) == []
    assert report.people[body["person"]].recounted_ms == total  # type: ignore[index]
