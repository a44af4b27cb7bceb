"""Certificates are given to whom they are due, once, numbered without gaps, and say what was earned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.certificates import rules
from backend.certificates import services as certificates
from backend.policies import services as policies
from backend.policies.rules import Policy
from config.clock import FixedCalendar
from config.database import db, transaction
from tests.cast.certificates import an_earned_class, certified
from tests.cast.claims import Office, a_class, an_office, hours, learn
from tests.cast.plans import a_person


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def test_a_certificate_says_what_was_earned(office: Office) -> None:
    group = an_earned_class(office)
    (issued,) = certified(group)
    assert (issued.number, issued.name, issued.class_hours) == ("锡线培证〔2020〕000001", "王小明", 24)
    assert (issued.attendance_percent, issued.score, issued.pass_mark) == (100, 100, 60)
    assert (issued.issuer, issued.enterprise_name) == (group.enterprise.name, group.enterprise.name)
    assert issued.courses == tuple(course.title for course in group.plan.training_class.courses)
    assert (issued.trade_code, issued.filing_number) == ("6-18-01-01", group.plan.filing_number)
    assert issued.status == "valid"
    assert certificates.of_class(group.class_id) == {group.persons[0].worker_id: issued}


def test_issuing_again_gives_nobody_a_second_one(office: Office) -> None:
    group = an_earned_class(office, people=2)
    assert [found.number[-6:] for found in certified(group)] == ["000001", "000002"]
    assert certified(group) == []
    assert transaction(lambda: certificates.issue_due()) == []
    assert len(certificates.of_class(group.class_id)) == 2


def test_attendance_and_score_both_must_pass(office: Office) -> None:
    short, failed, absent = a_person(1), a_person(2), a_person(3)
    group = a_class([short, failed, absent], office)
    learn(short, group.class_id, hours(24) - 1)
    learn(failed, group.class_id, hours(24), passed=False)
    assert certified(group) == []
    said = {found.masked_name: found for found in certificates.standings(group.class_id)}
    assert len(said) == 1  # all three are called alike
    lacking = [found.lacking for found in certificates.standings(group.class_id)]
    assert lacking[0] == ("核定23课时，不足24课时。",)
    assert lacking[1] == ("结业测试还没有通过（60分及格）。",)
    assert lacking[2] == ("核定0课时，不足24课时。", "出勤率0%，不足80%。", "结业测试还没有通过（60分及格）。")


@pytest.mark.parametrize(
    ("planned", "seconds", "score", "earned"),
    [
        (24, 24 * 2700, 60, True),
        (24, 24 * 2700 - 1, 60, False),
        (40, 32 * 2700, 60, True),  # 80 % exactly
        (40, 32 * 2700 - 1, 60, False),
        (30, 24 * 2700, 60, True),
        (24, 24 * 2700, None, False),
        (None, 24 * 2700, 60, False),
    ],
)
def test_the_border_of_attendance(
    app: Flask, planned: int | None, seconds: int, score: int | None, earned: bool
) -> None:
    policy = policies.current()
    found = rules.standing(seconds=seconds, score=score, planned_class_hours=planned, policy=policy)
    assert found.earned is earned


def test_the_office_issues_by_itself_when_no_hour_can_come_any_more(office: Office, clock: FixedCalendar) -> None:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24))
    whole = rules.Standing(24, 100, 80, ())
    part = rules.Standing(24, 80, 80, ())
    assert rules.issued_by_itself(whole, ends_on=date(2020, 6, 30), today=date(2020, 3, 9))
    assert not rules.issued_by_itself(part, ends_on=date(2020, 6, 30), today=date(2020, 6, 30))
    assert rules.issued_by_itself(part, ends_on=date(2020, 6, 30), today=date(2020, 7, 1))
    assert transaction(certificates.issue_due_by_itself) == 1
    assert transaction(certificates.issue_due_by_itself) == 0


def test_the_database_keeps_a_certificate_as_it_was_issued(office: Office) -> None:
    (issued,) = certified(an_earned_class(office))
    for change in (
        "UPDATE certificate SET number = 'x'",
        "UPDATE certificate SET facts = '{}'",
        "UPDATE certificate SET status = 'revoked'",  # without saying when
        f"UPDATE certificate SET name_encrypted = {_bytes('00')}",
        "DELETE FROM certificate",
        "INSERT INTO certificate SELECT * FROM certificate",
    ):
        with pytest.raises(DBAPIError):
            db.session.execute(sa.text(change))
        db.session.rollback()
    assert certificates.by_code(issued.code) == issued


def _bytes(text: str) -> str:
    return f"'\\x{text}'" if db.engine.dialect.name == "postgresql" else f"x'{text}'"


def test_a_certificate_that_was_not_sealed_cannot_be_slipped_in(office: Office) -> None:
    group = an_earned_class(office)
    certified(group)
    columns = (
        "number, code, worker_id, enrollment_id, class_id, name_encrypted, name_index, facts, issued_at, issued_by, "
        "replaces_id, status, ended_at, ended_reason, ended_clause"
    )
    slipped = columns.replace("number, code", "'锡线培证〔2020〕000009', '0123456789abcdef0123456789abcdef'")
    other_id = "'00000000-0000-0000-0000-000000000009'" if _postgresql() else "'00000000000000000000000000000009'"
    with pytest.raises(DBAPIError, match="no evidence record was sealed"):
        db.session.execute(
            sa.text(f"INSERT INTO certificate (public_id, {columns}) SELECT {other_id}, {slipped} FROM certificate")
        )
    db.session.rollback()


def _postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def test_who_issues_is_the_policy_s_to_say(app: Flask) -> None:
    policy = policies.current()

    def issuer(policy: Policy, mode: str, platform: str = "无锡技能培训学校") -> str:
        return rules.issuer(policy, mode=mode, enterprise_name="甲公司", platform=platform)

    assert (issuer(policy, "own"), issuer(policy, "entrusted")) == ("甲公司", "无锡技能培训学校")
    assert issuer(policy, "entrusted", platform="") == "甲公司"
    bureau = replace(policy, certificate=replace(policy.certificate, issued_by="human_resources_bureau"))
    assert issuer(bureau, "own") == "无锡市人力资源和社会保障局"


@pytest.mark.parametrize("typed", ["锡线培证[2020]000001", "锡线培证（2020）０００００１", " 锡线培证【2020】 000001 "])
def test_a_number_is_found_however_its_brackets_were_typed(typed: str) -> None:
    assert rules.normal_number(typed) == rules.number("锡线培证", 2020, 1) == "锡线培证〔2020〕000001"


def test_a_name_is_compared_without_spaces_and_with_any_dot() -> None:
    assert rules.normal_name(" 买买提•吐尔逊 ") == rules.normal_name("买买提·吐尔逊")
