"""A change of policy tried over the whole book before anybody adopts it: people, class hours, yuan, and who it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.policies import services as policies
from backend.policies.reading import changed
from backend.registers.what_if import Total, WhatIf, what_if
from backend.reviews import services as reviews
from config.database import transaction
from tests.cast.claims import ENTERPRISE_ACTOR, Class, Office, a_class, an_office, hours, learn, submitted_claim
from tests.cast.notices import a_posted_notice, an_approved_claim
from tests.cast.plans import Person, a_person


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def a_claim(office: Office, persons: Sequence[Person], learned: Sequence[Sequence[int]], *, serial: int = 1) -> Class:
    """A submitted claim of people who learned these seconds, one item a lesson."""
    group = a_class(persons, office, serial=serial)
    for person, lessons in zip(persons, learned, strict=True):
        for number, seconds in enumerate(lessons):
            learn(person, group.class_id, seconds, passed=number == 0)
    submitted_claim(group.plan)
    return group


def people(count: int) -> list[Person]:
    return [a_person(number) for number in range(1, count + 1)]


def tried(**settings: str) -> WhatIf:
    """``tried(class_hour__seconds="2400")``."""
    before = policies.configured()
    wanted = {key.replace("__", "."): value for key, value in settings.items()}
    return what_if(before=before, after=changed(before, wanted))


def test_nothing_changed_is_the_book_itself(office: Office) -> None:
    a_claim(office, people(4), [[hours(count)] for count in (23, 24, 27, 28)])
    found = tried()
    assert found.before == found.after == Total(people=3, lines=3, class_hours=79, amount_fen=144_350)
    assert (found.changes, found.lines, found.notices) == ((), (), ())


def test_40_instead_of_45_minutes(office: Office) -> None:
    a_claim(office, people(4), [[hours(count)] for count in (23, 24, 27, 28)])
    found = tried(class_hour__seconds="2400")
    assert [(change.key, change.before, change.after) for change in found.changes] == [
        ("class_hour.seconds", "2700", "2400")
    ]
    assert found.after == Total(people=4, lines=4, class_hours=25 + 27 + 30 + 31, amount_fen=196_200)
    moved = [(line.amount_fen_before, line.amount_fen_after, line.class_hours_after) for line in found.lines]
    assert moved == [(0, 46_250, 25), (44_400, 49_950, 27), (49_950, 50_000, 30)]
    assert "25课时×18.50元＝462.50元" in found.lines[0].why


def test_a_lower_and_a_higher_minimum(office: Office) -> None:
    a_claim(office, people(2), [[hours(23)], [hours(24)]])
    assert tried(subsidy__minimum_class_hours="23").after == Total(2, 2, 47, 86_950)
    found = tried(subsidy__minimum_class_hours="25")
    assert found.after == Total(0, 0, 0, 0)
    assert [(line.amount_fen_after, line.class_hours_after) for line in found.lines] == [(0, 0)]
    assert "不足25课时" in found.lines[0].why


def test_the_scope_of_the_cap_and_what_follows_from_earlier_lines(office: Office) -> None:
    person = a_person(1)
    for serial in (1, 2):
        a_claim(office, [person], [[hours(24)]], serial=serial)
    assert tried().before == Total(people=1, lines=2, class_hours=48, amount_fen=50_000)
    assert tried(subsidy__cap_scope="plan").after == Total(1, 2, 48, 88_800)
    assert tried(subsidy__cap_scope="person_and_enterprise").after.amount_fen == 88_800
    dearer = tried(subsidy__rate_fen_per_class_hour="1900")
    assert [(line.amount_fen_before, line.amount_fen_after) for line in dearer.lines] == [
        (44_400, 45_600),
        (5_600, 4_400),
    ]
    assert dearer.after.amount_fen == 50_000


def test_rounding_lesson_by_lesson(office: Office) -> None:
    """27 lessons of 44 min 50 s are 26 class hours summed, none rounded down one by one, 27 to the nearest."""
    a_claim(office, people(1), [[44 * 60 + 50] * 27])
    assert tried().before == Total(1, 1, 26, 48_100)
    assert tried(class_hour__rounding="floor_per_lesson").after.amount_fen == 0
    found = tried(class_hour__rounding="nearest_per_lesson")
    assert (found.after, found.one_sum) == (Total(1, 1, 27, 49_950), 0)


def test_a_claim_that_was_withdrawn_is_not_in_the_book(office: Office) -> None:
    group = a_claim(office, people(1), [[hours(24)]])
    (claim,) = claims.claims_of_enterprise(group.enterprise.id)
    transaction(lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="名单有误", actor=ENTERPRISE_ACTOR))
    assert tried(class_hour__seconds="2400").before == tried(class_hour__seconds="2400").after == Total(0, 0, 0, 0)


def test_a_notice_would_end_on_another_day(office: Office) -> None:
    """Posted on Monday 2 March: five working days end on the 9th, five calendar days on the 7th."""
    _, claim = an_approved_claim(office, people=2)
    notice = a_posted_notice(office, claim)
    (found,) = tried(claim__notice_days_are="calendar").notices
    assert (found.notice_id, found.posted_on) == (notice.notice_id, date(2020, 3, 2))
    assert (found.closes_on_before, found.closes_on_after) == (date(2020, 3, 9), date(2020, 3, 7))
    assert (found.days_later, found.people, found.amount_fen) == (-2, 2, 88_800)
    assert tried(claim__notice_days="7").notices[0].days_later == 2
    assert tried(subsidy__cap_fen="40000").notices == ()


def test_what_a_reviewer_cut_stays_cut(office: Office) -> None:
    group = a_claim(office, people(2), [[hours(26)], [hours(26)]])
    (claim,) = claims.claims_of_enterprise(group.enterprise.id)
    line = claims.claim_view(claim.claim_id).lines[0]
    transaction(
        lambda: reviews.adjust_line(
            claim_id=claim.claim_id,
            line_id=line.line_id,
            class_hours=24,
            reason="两课时是重复课程",
            clause="二(二)",
            staff=office.reviewer,
        )
    )
    assert tried().before == tried().after == Total(2, 2, 50, 92_500)
    found = tried(class_hour__seconds="2400")
    assert found.after == Total(2, 2, 24 + 29, 44_400 + 50_000)
    assert tried(subsidy__cap_fen="40000").after.amount_fen == 80_000


def run(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["policies", "what-if", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_at_the_terminal(office: Office, app: Flask) -> None:
    a_claim(office, people(2), [[hours(23)], [hours(24)]])
    shown = run(app, "--set", "class_hour.seconds=2400")
    assert "试算：class_hour.seconds（二(二)）2700 → 2400" in shown
    assert "人数：1 → 2（+1）" in shown
    assert "金额：444.00元 → 962.00元（+518.00元）" in shown
    answer: dict[str, Any] = json.loads(run(app, "--set", "subsidy.cap_fen=40000", "--json"))
    assert (answer["policy"], answer["difference_fen"]) == ("wuxi-2020-10", -4_400)
    assert answer["before"] == {"people": 1, "lines": 1, "class_hours": 24, "amount_fen": 44_400}
    assert [line["amount_fen_after"] for line in answer["lines"]] == [40_000]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("class_hour.second=2400", "不认识的键"),
        ("class_hour.seconds=soon", "应为不小于0的整数"),
        ("class_hour.seconds=0", "应大于0"),
        ("claim.last_day_on=2020-13-01", "应为日期"),
        ("subsidy.cap_scope=household", "应为以下之一"),
        ("seconds", "应写成"),
        ("seconds=1", "应写成"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(app: Flask, setting: str, said: str) -> None:
    result = app.test_cli_runner().invoke(args=["policies", "what-if", "--set", setting])
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
