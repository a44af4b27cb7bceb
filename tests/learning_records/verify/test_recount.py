"""Counting again: honest records come out the same; what an operator forges inside a record is named with record and beat."""

from __future__ import annotations

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
from learning_records.verify import Recount, Report
from tests.learning_records.phones import Phone, lesson
from tests.learning_records.verify.bundled import (
    a_quiz,
    bundle_of,
    codes,
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


def test_a_check_missed_and_answered_before_the_next_beat_counts_the_same(app: Flask, clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5, answers_checks=False)
    phone.open(lesson(45))
    for _ in range(2):
        phone.play(50)
        while phone.answers[-1].presence_check is None:
            phone.play(50)
        phone.play(50)
        clock.advance(70)
        phone.answer(phone.checks[-1].check_id)
        phone.play(100)
    phone.close()
    body = body_of(seal_sessions(phone.person)[0])
    assert codes(recounted(body)) == []
    outcomes = [check[2] for check in body["checks"]]
    assert outcomes.count("ANSWERED_LATE") == 2
    places = [check[5] for check in body["checks"] if check[2] in ("MISSED", "MISSED_AGAIN", "ANSWERED_LATE")]
    assert places[0] == places[1]
    late = next(check for check in body["checks"] if check[2] == "ANSWERED_LATE")
    late[0] = str(uuid4())
    assert "CHECK_WRONG" in codes(recounted(body))


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
