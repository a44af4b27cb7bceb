"""Counting again: honest records come out the same; what an operator forges inside a record is named with record and beat."""

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
from learning_records.sessions import services
from learning_records.sessions.chain import chain_head
from learning_records.sessions.coverage import union
from learning_records.sessions.earning import pieces_of
from learning_records.sessions.imported import ImportedInterval, check_in_days, count_intervals
from learning_records.sessions.rules import local_day
from learning_records.verify import Recount, Report
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.verify.bundled import (
    a_quiz,
    a_whole_life,
    an_appeal,
    bundle_of,
    codes,
    imported,
    recounted,
    seal_sessions,
    verified,
)

Body = dict[str, Any]
MINUTE = 60_000


def body_of(record: UUID) -> Body:
    return deepcopy(evidence.trace(record_public_id=record).body)


def eventful(clock: FixedCalendar) -> Phone:
    """A session with everything in it: checks answered, missed twice and answered late, an outage, a jump, a step back, a
    quiz meanwhile, a check-in in the middle, and a lesson that comes to its end."""
    phone = Phone(clock, context=uuid4(), batch=5, obeys=False)
    phone.open(lesson(40))
    phone.play(600)
    phone.check_in()
    phone.answers_checks = False
    for _ in range(2):
        phone.play(50)
        while phone.answers[-1].presence_check is None:
            phone.play(50)
        phone.play(100)
        phone.answer(phone.checks[-1].check_id)
        phone.position_ms = phone.answers[-1].counted_seconds * 1000
    phone.answers_checks = True
    phone.play(200, offline=True)
    phone.send()
    a_quiz(phone, clock, 120)
    phone.play(50)
    phone.position_ms += 600_000
    phone.play(50)
    phone.position_ms = 0
    phone.play(50)
    phone.position_ms = phone.answers[-1].counted_seconds * 1000
    phone.play(2400 - phone.position_ms // 1000 - 30)
    phone.close()
    return phone


@pytest.fixture
def body(app: Flask, clock: FixedCalendar) -> Body:
    phone = eventful(clock)
    (record,) = seal_sessions(phone.person)
    return body_of(record)


def test_the_eventful_session_counts_the_same(body: Body) -> None:
    report = recounted(body)
    assert codes(report) == []
    person = report.people[body["person"]]
    assert person.recounted_ms == body["counted_ms"]
    assert 0 < person.checked_in_ms < person.recounted_ms
    assert (person.allowance_seconds > 0) == (body["allowance_ms"] > 0)
    assert {check[2] for check in body["checks"]} >= {"ISSUED", "CONFIRMED", "MISSED", "MISSED_AGAIN", "ANSWERED_LATE"}
    assert {"COUNTED_ELSEWHERE", "CHECK_MISSED"} <= {span[0] for span in body["uncounted"]}


def _beat(body: Body, code: str = "", *, counted: bool = True) -> list[Any]:
    found: list[Any] = next(beat for beat in body["beats"][40:] if beat[5] == code and bool(beat[4]) == counted)
    return found


def _arrived_earlier(body: Body) -> None:
    for beat in body["beats"][:10]:
        beat[2] -= 20_000


def _position(body: Body) -> None:
    _beat(body)[1] += 3_000


def _more_for_a_beat(body: Body) -> None:
    _beat(body)[4] += 5_000


def _refused_counts(body: Body) -> None:
    beat = _beat(body, "AHEAD_OF_TIME", counted=False)
    beat[5] = ""


def _beat_gone(body: Body) -> None:
    del body["beats"][12]


def _batches_joined(body: Body) -> None:
    del body["batches"][3]


def _piece_longer(body: Body) -> None:
    body["pieces"][-1][1] += 60_000
    body["pieces"][-1][3] += 60_000


def _all_checked_in(body: Body) -> None:
    for piece in body["pieces"]:
        piece[4] = True


def _checked_in_earlier(body: Body) -> None:
    body["check_in"]["at_ms"] -= 5 * MINUTE


def _counted_more(body: Body) -> None:
    body["counted_ms"] += 1000


def _event(body: Body, outcome: str) -> list[Any]:
    found: list[Any] = next(check for check in body["checks"] if check[2] == outcome)
    return found


def _miss_removed(body: Body) -> None:
    body["checks"].remove(_event(body, "MISSED_AGAIN"))


def _second_miss_as_first(body: Body) -> None:
    _event(body, "MISSED_AGAIN")[2] = "MISSED"


def _late_answer_in_time(body: Body) -> None:
    _event(body, "ANSWERED_LATE")[2] = "CONFIRMED"


def _answer_invented(body: Body) -> None:
    issued = next(check for check in body["checks"] if check[2] == "ISSUED" and check[1] == "INTERVAL")
    body["checks"].insert(body["checks"].index(issued) + 1, [*issued[:2], "CONFIRMED", issued[3], *issued[4:]])


def _outage_not_asked(body: Body) -> None:
    outage = next(check for check in body["checks"] if check[1] == "OUTAGE")
    body["checks"] = [check for check in body["checks"] if check[0] != outage[0]]


def _check_out_of_place(body: Body) -> None:
    _event(body, "CONFIRMED")[5] = 1


def _covered_before(body: Body) -> None:
    body["before"]["covered"] = [[60_000, 120_000]]


def _began_earlier(body: Body) -> None:
    body["before"]["from_ms"] -= 10 * MINUTE


def _confirmed_before(body: Body) -> None:
    body["before"]["check_waiting"] = True


def _nothing_elsewhere(body: Body) -> None:
    body["uncounted"] = [span for span in body["uncounted"] if span[0] != "COUNTED_ELSEWHERE"]


def _allowance_more(body: Body) -> None:
    body["allowance_ms"] += 1000


def _allowance_seconds(body: Body) -> None:
    body["allowance_seconds"] += 1


def _given(body: Body) -> None:
    body["given"] = [[20, 0, 60_000]]


def _seconds(body: Body) -> None:
    body["learned_seconds"] += 1


def _other_person(body: Body) -> None:
    body["person"] = str(uuid4())


def _beyond_the_lesson(body: Body) -> None:
    body["beats"][50][1] = body["lesson"]["media_ms"] + 5_000


def _after_silence(body: Body) -> None:
    for beat in body["beats"][100:]:
        beat[2] += 3_600_000


def _too_long(body: Body) -> None:
    body["rules"]["session_limit_ms"] = 20 * MINUTE


def _number(body: Body) -> None:
    body["beats"][30][0] = 32


@pytest.mark.parametrize(
    ("forge", "code", "names_beat"),
    [
        (_arrived_earlier, "BEAT_COUNT", True),
        (_position, "BEAT_COUNT", True),
        (_more_for_a_beat, "BEAT_COUNT", True),
        (_refused_counts, "BEAT_COUNT", True),
        (_beat_gone, "BEATS_ORDER", True),
        (_batches_joined, "BATCHES_WRONG", True),
        (_piece_longer, "PIECES_DIFFER", False),
        (_all_checked_in, "PIECES_DIFFER", False),
        (_checked_in_earlier, "PIECES_DIFFER", False),
        (_counted_more, "SUM_DIFFERS", False),
        (_miss_removed, "CHECK_MISS_HIDDEN", True),
        (_second_miss_as_first, "SECOND_MISS", True),
        (_late_answer_in_time, "CHECK_WRONG", True),
        (_answer_invented, "CHECK_WRONG", True),
        (_outage_not_asked, "CHECK_NOT_ASKED", True),
        (_check_out_of_place, "CHECK_WRONG", True),
        (_covered_before, "PIECES_DIFFER", False),
        (_began_earlier, "UNCOUNTED_DIFFERS", False),
        (_confirmed_before, "BEAT_COUNT", True),
        (_nothing_elsewhere, "UNCOUNTED_DIFFERS", False),
        (_allowance_more, "SUM_DIFFERS", False),
        (_allowance_seconds, "SUM_DIFFERS", False),
        (_given, "GIVEN_WRONG", True),
        (_seconds, "SUM_DIFFERS", False),
        (_other_person, "CHAIN_START", False),
        (_beyond_the_lesson, "BEAT_RANGE", True),
        (_after_silence, "BEAT_TOO_LATE", True),
        (_too_long, "BEAT_TOO_LATE", True),
        (_number, "BEATS_ORDER", True),
    ],
)
def test_what_is_forged_in_a_session_is_named(
    body: Body, forge: Callable[[Body], None], code: str, names_beat: bool
) -> None:
    forge(body)
    body["chain_head"] = chain_head(
        body["session"], body["chain_start"], ((beat[0], beat[1]) for beat in body["beats"])
    )
    report = recounted(body)
    found = [finding for finding in report.findings if finding.code == code]
    assert found, codes(report)
    assert found[0].record == "record"
    assert (found[0].beat is not None) == names_beat


def test_a_changed_beat_breaks_the_chain(body: Body) -> None:
    body["beats"][3][1] += 1
    assert "CHAIN_BROKEN" in codes(recounted(body))


def test_other_rules_than_the_published_are_said(app: Flask, clock: FixedCalendar) -> None:
    phone = Phone(clock, rules=services.CountingRules(version="mild", gap_budget_ms=3_600_000))
    phone.open(lesson(5))
    phone.play(60)
    phone.close()
    report = verified(bundle_of(seal_sessions(phone.person), [phone.person]))
    assert codes(report) == []
    assert "gap_budget_ms=3600000" in next(note.en for note in report.notes if note.code == "RULES_DIFFER")


# over midnight


@pytest.fixture
def night(app: Flask, clock: FixedCalendar) -> tuple[Phone, list[UUID]]:
    clock.set("2020-03-02T23:44:35+08:00")
    phone = Phone(clock, context=uuid4(), batch=5)
    phone.check_in()
    phone.open(lesson(60))
    phone.play(2400)
    phone.close()
    return phone, seal_sessions(phone.person)


def _counted_together(first: Body, second: Body) -> Report:
    report = Report()
    recount = Recount(report, everything=False, remembered=())
    recount.sessions([("first", lambda: first), ("second", lambda: second)])
    recount.finish()
    return report


def test_midnight_joins_two_records(night: tuple[Phone, list[UUID]]) -> None:
    phone, records = night
    report = verified(bundle_of(records, [phone.person]))
    assert codes(report) == []
    assert report.people[str(phone.person)].recounted_ms == 2_400_000
    first, second = (body_of(record) for record in records)
    assert sum(piece[1] - piece[0] for piece in second["pieces"]) > sum(beat[4] for beat in second["beats"])
    assert codes(_counted_together(first, second)) == []


@pytest.mark.parametrize("where", ["covered", "unconfirmed_ms", "from_ms", "pieces", "checks", "continues", "lesson"])
def test_what_is_forged_over_midnight_is_named(night: tuple[Phone, list[UUID]], where: str) -> None:
    first, second = (body_of(record) for record in night[1])
    if where == "covered":
        second["before"]["covered"] = []
    elif where in second["before"]:
        second["before"][where] += 1000
    elif where == "pieces":
        second["pieces"][0][0] -= 1000
    elif where == "checks":
        first["checks"] = first["checks"][:1]
    elif where == "continues":
        first["closed_ms"] -= 1000
    else:
        second["lesson"] = {**second["lesson"], "sha256": "cd" * 32}
    assert codes(_counted_together(first, second))


def test_without_the_record_before_midnight_nothing_is_believed(night: tuple[Phone, list[UUID]]) -> None:
    _, records = night
    report = Report()
    recount = Recount(report, everything=False, remembered=())
    recount.session("second", body_of(records[1]))
    assert "PIECES_DIFFER" in codes(report)


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
