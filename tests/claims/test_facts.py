"""What a claim asks others: certificates, lists of other offices, the proof of a relation, the bank account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.certificates import services as certificates
from backend.claims import services as claims
from backend.claims.services import LinePreview
from backend.enterprises import services as enterprises
from backend.policies import services as policies
from backend.reviews import services as reviews
from config.database import db, transaction
from config.errors import Conflict
from tests.cast import enterprises as companies
from tests.cast.claims import (
    ENTERPRISE_ACTOR,
    Class,
    Office,
    a_class,
    an_office,
    certify,
    hours,
    learn,
    submitted_claim,
)
from tests.cast.lists import a_list
from tests.cast.plans import a_draft, a_long_course, a_person, approved, join, on_roster
from tests.policies.conftest import FILE


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def an_earned_class(office: Office, *, relation: str = "劳动合同") -> Class:
    group = a_class([a_person(1), a_person(2, "李小红")], office, relation=relation)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    certify(group.class_id)
    return group


def lines_of(group: Class) -> tuple[LinePreview, ...]:
    return claims.compute_claim(plan_id=group.plan.plan_id).lines


def failed(line: LinePreview) -> list[str]:
    return [step.rule for step in line.decision.failed()]


@pytest.fixture
def refusing_pension(app: Flask, tmp_path: Path) -> Iterator[None]:
    """The office refuses who receives a pension, instead of having a reviewer look."""
    for path in FILE.parent.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(
            text.replace('[lists.pension]\nvalue = "flag"', '[lists.pension]\nvalue = "refuse"'), encoding="utf-8"
        )
    policies.configure(policy_id="wuxi-2020-10", directory=tmp_path)
    yield
    policies.configure(policy_id="wuxi-2020-10")


def test_the_number_of_the_certificate_stands_on_the_line(office: Office) -> None:
    group = an_earned_class(office)
    numbers = {worker: found.number for worker, found in certificates.of_class(group.class_id).items()}
    claim = submitted_claim(group.plan)
    assert {line.worker_id: line.certificate_number for line in claim.lines} == numbers
    assert [line.decision["certificate_number"] for line in claim.lines] == list(numbers.values())
    with pytest.raises(sa.exc.DBAPIError, match="not edited"):
        transaction(lambda: db.session.execute(sa.text("UPDATE claim_line SET certificate_number = '锡线培证0'")))


def test_a_revoked_certificate_is_none(office: Office) -> None:
    group = an_earned_class(office)
    held = certificates.of_class(group.class_id)[group.persons[0].worker_id]
    transaction(
        lambda: reviews.revoke_certificate(
            certificate_id=held.certificate_id, staff=office.reviewer, reason="由他人代学", clause="四.2"
        )
    )
    first, second = lines_of(group)
    assert (failed(first), first.amount_fen) == (["certificate"], 0)
    assert "还没有培训合格证书" in first.missing[0]
    assert second.amount_fen == 44_400


def test_a_list_that_flags_is_shown_and_pays_one_that_refuses_does_not(office: Office) -> None:
    group = an_earned_class(office)
    a_list("pension", [["王小明", group.persons[0].id_number, date(2019, 1, 1), ""]])
    first, second = lines_of(group)
    assert (failed(first), first.amount_fen) == ([], 44_400)
    said = [step.sentence for step in first.decision.steps if step.rule == "lists"]
    assert "养老待遇领取人员名单" in said[0]
    assert "第" in said[0]
    assert second.facts.list_findings == ()
    stored = submitted_claim(group.plan).lines[0].decision["facts"]["list_findings"]
    assert [(found["kind"], found["refuses"]) for found in stored] == [("pension", False)]


@pytest.mark.usefixtures("refusing_pension")
def test_a_list_that_refuses_stops_that_person_only(office: Office) -> None:
    group = an_earned_class(office)
    a_list("pension", [["王小明", group.persons[0].id_number, date(2019, 1, 1), ""]])
    first, second = lines_of(group)
    assert (failed(first), first.amount_fen, second.amount_fen) == (["lists"], 0, 44_400)
    assert "按政策不能申领" in first.missing[0]


def test_a_list_is_asked_about_the_day_the_class_began(office: Office) -> None:
    group = an_earned_class(office)
    a_list("pension", [["王小明", group.persons[0].id_number, date(2020, 3, 10), ""]], as_of_on=date(2020, 2, 29))
    assert lines_of(group)[0].facts.list_findings == ()


def test_a_dishonest_enterprise_is_flagged_on_every_line(office: Office) -> None:
    group = an_earned_class(office)
    a_list("dishonest", [[group.enterprise.uscc, group.enterprise.name, "拖欠", date(2019, 1, 1)]])
    assert [[found.kind for found in line.facts.list_findings] for line in lines_of(group)] == [["dishonest"]] * 2


def test_the_agreement_filed_with_the_plan_proves_the_relation(office: Office) -> None:
    group = an_earned_class(office, relation="劳务派遣")
    for line in lines_of(group):
        assert (line.facts.relation, line.facts.relation_proven, line.amount_fen) == ("dispatched_in", True, 44_400)


def test_a_claim_needs_an_account_and_a_proposed_one_will_do(office: Office) -> None:
    enterprise = companies.an_enterprise(serial=9)
    person = a_person(9)
    on_roster(enterprise, [person])
    plan = approved(a_draft(enterprise, a_long_course(), head_count=1), office.reviewer)
    learn(person, join(plan, [person]), hours(24))
    certify(plan.training_class.class_id)
    with pytest.raises(Conflict) as refused:
        transaction(lambda: claims.submit_claim(plan_id=plan.plan_id, key="first-key", actor=ENTERPRISE_ACTOR))
    assert refused.value.code == "BANK_ACCOUNT_MISSING"
    assert claims.claims_of_enterprise(enterprise.id) == []
    assert submitted_claim(plan).total_fen == 44_400
    assert enterprises.bank_account_of(enterprise.id) is None
