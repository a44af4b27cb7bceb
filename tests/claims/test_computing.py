"""What each person of a plan is worth, and what the enterprise is told is missing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.claims.services import ClaimPreview, LinePreview
from backend.courses.services import CourseView
from backend.credit_bank import services as credit_bank
from backend.plans.services import PlanView
from config.database import transaction
from tests.cast import enterprises as companies
from tests.cast.claims import Class, Office, a_class, an_office, certify, hours, learn, submitted_claim
from tests.cast.plans import a_draft, a_long_course, a_person, join, on_roster


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def course(app: Flask) -> CourseView:
    return a_long_course()


@pytest.fixture
def training(office: Office, course: CourseView) -> Class:
    return a_class([a_person(1)], office, course=course)


def preview_of(plan: PlanView) -> ClaimPreview:
    certify(plan.training_class.class_id)
    return claims.compute_claim(plan_id=plan.plan_id)


def only_line(plan: PlanView) -> LinePreview:
    (line,) = preview_of(plan).lines
    return line


def test_the_worked_roster_of_the_domain_reference(office: Office, course: CourseView) -> None:
    persons = [a_person(serial) for serial in range(8)]
    group = a_class(persons, office, course=course)
    for person, learned in zip(persons, [23, 24, 24, 25, 27, 28, 30, 36], strict=True):
        learn(person, group.class_id, hours(learned))
    preview = preview_of(group.plan)
    assert [line.amount_fen for line in preview.lines] == [0, 44400, 44400, 46250, 49950, 50000, 50000, 50000]
    assert (preview.total_fen, preview.people_eligible) == (335_000, 7)


def test_who_lacks_minutes_is_told_how_many(training: Class) -> None:
    learn(training.persons[0], training.class_id, hours(24) - 41 * 60)
    line = only_line(training.plan)
    assert line.amount_fen == 0
    assert len(line.missing) == 1
    assert "再学41分钟即可" in line.missing[0]
    assert line.missing[0].endswith("（二(二)）")


def test_the_last_second_is_not_rounded_up(training: Class) -> None:
    learn(training.persons[0], training.class_id, hours(24) - 1)
    assert only_line(training.plan).amount_fen == 0


def test_whole_hours_are_paid_and_the_remainder_stays_claimable(training: Class) -> None:
    person = training.persons[0]
    learn(person, training.class_id, hours(24) + 1_000)
    line = only_line(training.plan)
    assert (line.decision.class_hours, line.amount_fen, line.seconds_held) == (24, 44400, hours(24))
    submitted_claim(training.plan)
    balance = credit_bank.balance(worker_id=person.worker_id)
    assert (balance.claimable_seconds, balance.held_seconds) == (1_000, hours(24))


@pytest.mark.parametrize(
    ("lacking", "rule", "word"),
    [({"checked_in": False}, "check_in", "签到"), ({"passed": False}, "quiz", "考核")],
)
def test_check_in_and_quiz_are_each_required(training: Class, lacking: dict[str, Any], rule: str, word: str) -> None:
    learn(training.persons[0], training.class_id, hours(28), **lacking)
    line = only_line(training.plan)
    assert line.amount_fen == 0
    assert rule in [step.rule for step in line.decision.failed()]
    assert any(word in sentence for sentence in line.missing)


def test_a_plan_that_is_not_filed_brings_nothing(office: Office, course: CourseView) -> None:
    company = companies.an_enterprise(serial=5)
    person = a_person(5)
    on_roster(company, [person])
    plan = a_draft(company, course, head_count=1)
    learn(person, join(plan, [person]), hours(28))
    line = only_line(plan)
    assert line.amount_fen == 0
    assert [step.rule for step in line.decision.failed()] == ["filing", "certificate"]


def test_who_never_joined_is_named_first_of_all(office: Office, course: CourseView) -> None:
    group = a_class([a_person(1)], office, course=course)
    company = companies.an_enterprise(serial=7)
    on_roster(company, [a_person(2, "赵未到")])
    plan = a_draft(company, course, head_count=1)
    line = only_line(plan)
    assert line.person.worker_id is None
    assert "班级码" in line.missing[0]
    assert only_line(group.plan).person.masked_name == "王*明"


def test_the_cap_of_a_person_runs_over_two_enterprises(office: Office, course: CourseView) -> None:
    person = a_person(1)
    first = a_class([person], office, serial=1, course=course)
    second = a_class([person], office, serial=2, course=a_long_course())
    learn(person, first.class_id, hours(24))
    learn(person, second.class_id, hours(24))
    assert submitted_claim(first.plan).total_fen == 44_400
    line = only_line(second.plan)
    assert line.amount_fen == 5_600
    assert "此前已核定444.00元" in " ".join(step.sentence for step in line.decision.steps)
    assert submitted_claim(second.plan).total_fen == 5_600


def test_when_the_cap_is_used_up_nothing_is_held(office: Office, course: CourseView) -> None:
    person, colleague = a_person(1), a_person(2)
    first = a_class([person], office, serial=1, course=course)
    second = a_class([person, colleague], office, serial=2, course=a_long_course())
    learn(person, first.class_id, hours(28))
    learn(person, second.class_id, hours(28))
    learn(colleague, second.class_id, hours(24))
    submitted_claim(first.plan)
    claim = submitted_claim(second.plan)
    assert [(line.amount_fen, line.seconds, line.status) for line in claim.lines] == [
        (0, 0, "refused"),
        (44_400, hours(24), "held"),
    ]
    assert credit_bank.balance(worker_id=person.worker_id).claimable_seconds == hours(28)


def test_a_dispatched_worker_is_claimed_by_the_enterprise_where_they_work(office: Office, course: CourseView) -> None:
    group = a_class([a_person(1)], office, relation="劳务派遣", course=course)
    learn(group.persons[0], group.class_id, hours(24))
    assert only_line(group.plan).amount_fen == 44_400


@pytest.mark.parametrize(("kind", "amount"), [("platform_company", 44_400), ("ordinary", 0)])
def test_a_platform_worker_is_claimed_by_a_platform_company_only(
    office: Office, course: CourseView, kind: str, amount: int
) -> None:
    group = a_class([a_person(1)], office, kind=kind, relation="平台从业", course=course)
    learn(group.persons[0], group.class_id, hours(24))
    assert only_line(group.plan).amount_fen == amount


def test_computing_stores_nothing(training: Class) -> None:
    learn(training.persons[0], training.class_id, hours(24))
    assert preview_of(training.plan) == preview_of(training.plan)
    assert transaction(lambda: claims.claims_of_enterprise(training.enterprise.id)) == []
    assert credit_bank.balance(worker_id=training.persons[0].worker_id).held_seconds == 0
