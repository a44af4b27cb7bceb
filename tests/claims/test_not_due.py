"""Money that is not due, however it is asked for: late starts, later hires, edited rosters, worn-out deadlines, direct SQL."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import rules
from backend.claims import services as claims
from backend.claims.services import LinePreview
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.plans.services import PlanView
from backend.policies.reading import parse_policy
from backend.reviews import services as reviews
from backend.study import services as study
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict
from learning_records.sessions.services import BeatIn
from tests.cast import enterprises as companies
from tests.cast.claims import (
    ENTERPRISE_ACTOR,
    Class,
    Office,
    a_class,
    an_office,
    approve_twice,
    certify,
    hours,
    learn,
    pass_quiz,
    submitted_claim,
)
from tests.cast.enterprises import a_roster, roster_row, roster_workbook
from tests.cast.plans import Person, a_draft, a_long_course, a_person, approved, join
from tests.policies.conftest import FILE

IN_TIME, TOO_LATE = "2020-09-20T10:00:00+08:00", "2020-10-05T10:00:00+08:00"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def a_group(office: Office, rows: Sequence[dict[str, Any]], *, serial: int = 1, **fields: Any) -> Class:
    """A class whose roster rows and plan fields are as given."""
    persons = [a_person(number) for number in range(1, len(rows) + 1)]
    enterprise = companies.an_enterprise(serial=serial)
    listed = [roster_row(person.name, person.id_number, **row) for person, row in zip(persons, rows, strict=True)]
    a_roster(enterprise, listed)
    draft = a_draft(enterprise, a_long_course(lessons=14), head_count=len(persons), **fields)
    plan = approved(draft, office.reviewer)
    return Class(enterprise, plan, join(plan, persons), tuple(persons))


def only_line(plan: PlanView) -> LinePreview:
    certify(plan.training_class.class_id)
    (line,) = claims.compute_claim(plan_id=plan.plan_id).lines
    return line


def failed(line: LinePreview) -> list[str]:
    """What stands in the way, besides the certificate that nobody gets whose learning or quiz does."""
    return [step.rule for step in line.decision.failed() if step.rule != "certificate"]


def a_real_minute(person: Person, group: Class, lesson_id: UUID, clock: FixedCalendar) -> None:
    """One minute of one session, watched as a phone does."""

    def watch() -> None:
        study.check_in(worker_id=person.worker_id, class_id=group.class_id, device="phone")
        opened = study.open_session(
            worker_id=person.worker_id,
            lesson_id=lesson_id,
            class_id=group.class_id,
            device="phone",
            chance=random.Random(1),
        )
        clock.advance(60)
        beats = [BeatIn(1, 60_000, opened.prev)]
        study.close_session(worker_id=person.worker_id, session_id=opened.session_id, beats=beats)

    transaction(watch)


def lesson_of(group: Class) -> UUID:
    progress = study.progress(group.persons[0].worker_id, group.class_id)
    return progress.lessons[0].lesson_id


@pytest.mark.parametrize(
    ("first_opened", "amount"), [("2020-06-30T23:58:00+08:00", 44_400), ("2020-07-01T00:00:00+08:00", 0)]
)
def test_a_class_starts_with_its_first_session_not_with_its_plan(
    office: Office, clock: FixedCalendar, first_opened: str, amount: int
) -> None:
    group = a_class([a_person(1)], office)
    clock.set(first_opened)
    a_real_minute(group.persons[0], group, lesson_of(group), clock)
    learn(group.persons[0], group.class_id, hours(24))
    line = only_line(group.plan)
    assert (line.amount_fen, failed(line)) == (amount, [] if amount else ["policy_window"])
    if not amount:
        assert "开班日期2020年7月1日（备案后第一次学习的日期）" in line.missing[0]


def test_fewer_than_80_percent_of_the_planned_hours_bring_nothing(office: Office) -> None:
    group = a_group(office, [{}], class_hours=40)
    learn(group.persons[0], group.class_id, hours(24))
    line = only_line(group.plan)
    assert (line.amount_fen, failed(line)) == (0, ["attendance"])
    learn(group.persons[0], group.class_id, hours(8), passed=False)
    assert only_line(group.plan).amount_fen == 50_000


def test_who_was_hired_after_the_class_started_brings_nothing(office: Office) -> None:
    group = a_group(office, [{"hired_on": date(2020, 3, 10)}])
    learn(group.persons[0], group.class_id, hours(24))
    line = only_line(group.plan)
    assert (line.amount_fen, failed(line)) == (0, ["relation"])
    assert "入职日期2020年3月10日晚于开班日期" in line.missing[0]


def test_a_roster_changed_after_the_filing_changes_no_claim(office: Office) -> None:
    group = a_group(office, [{"relation": "平台从业", "hired_on": date(2020, 3, 10)}])
    learn(group.persons[0], group.class_id, hours(24))
    assert only_line(group.plan).amount_fen == 0
    better = roster_workbook([roster_row(group.persons[0].name, group.persons[0].id_number)])
    report = transaction(
        lambda: enterprises.import_roster(enterprise_id=group.enterprise.id, workbook=better, on=date(2020, 3, 2))
    )
    assert report.updated == 1
    line = only_line(group.plan)
    assert (line.amount_fen, failed(line), line.person.relation) == (0, ["relation"], "platform_worker")


def test_the_database_keeps_what_was_approved_of_the_class_list(office: Office) -> None:
    a_group(office, [{"relation": "平台从业"}])
    with pytest.raises(DBAPIError, match="what was approved is not edited"):
        transaction(lambda: db.session.execute(sa.text("UPDATE enrollment SET filed_relation = 'contract'")))


def test_a_correction_keeps_its_time_only_until_the_claim_is_ended(office: Office, clock: FixedCalendar) -> None:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24))
    words = {"reason": "请补正材料。", "clause": "三"}
    clock.set(IN_TIME)
    first = submitted_claim(group.plan)
    transaction(lambda: reviews.send_back_claim(claim_id=first.claim_id, staff=office.reviewer, **words))
    clock.set(TOO_LATE)
    second = submitted_claim(group.plan)
    transaction(lambda: reviews.send_back_claim(claim_id=second.claim_id, staff=office.reviewer, **words))
    third = submitted_claim(group.plan)
    assert third.claimed_on == date(2020, 9, 20)
    transaction(lambda: claims.withdraw_claim(claim_id=third.claim_id, reason="放弃", actor=ENTERPRISE_ACTOR))
    with pytest.raises(Conflict) as refused:
        submitted_claim(group.plan)
    assert refused.value.code == "CLAIM_TOO_LATE"
    assert credit_bank.balance(worker_id=group.persons[0].worker_id).claimable_seconds == hours(24)


def test_a_failed_quiz_pays_nothing_and_a_passed_resit_pays(office: Office) -> None:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24), passed=False)
    pass_quiz(group.persons[0], group.class_id, right=False)
    assert failed(only_line(group.plan)) == ["quiz"]
    pass_quiz(group.persons[0], group.class_id)
    assert only_line(group.plan).amount_fen == 44_400


def test_a_quiz_passed_in_one_class_is_not_passed_in_another(office: Office) -> None:
    shared = a_person(1)
    first, second = (a_class([shared], office, serial=serial) for serial in (1, 2))
    learn(shared, first.class_id, hours(24))
    learn(shared, second.class_id, hours(24), passed=False)
    assert failed(only_line(second.plan)) == ["quiz"]


def test_seconds_of_another_class_are_never_drawn(office: Office) -> None:
    shared = a_person(1)
    first, second = (a_class([shared], office, serial=serial) for serial in (1, 2))
    learn(shared, first.class_id, hours(24))
    learn(shared, second.class_id, hours(23))
    assert failed(only_line(second.plan)) == ["hours"]
    (line,) = submitted_claim(first.plan).lines
    assert line.hold_key is not None
    assert {lot.context_ref for lot in credit_bank.lots_of(transfer_key=line.hold_key)} == {first.class_id}


def test_keys_are_those_the_credit_bank_documents(office: Office) -> None:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24))
    claim = submitted_claim(group.plan)
    (line,) = claim.lines
    assert line.hold_key == f"claim:{claim.claim_id}:{line.line_id}:hold"
    transaction(lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="", actor=ENTERPRISE_ACTOR))
    released = credit_bank.get_transfer(key=f"claim:{claim.claim_id}:{line.line_id}:release")
    assert (released.kind, released.amount_seconds) == ("release", hours(24))
    assert "claim:<claim>:<line>:release" in (credit_bank.__doc__ or "")


@pytest.mark.parametrize("amount", ["amount_fen", "50000 - amount_fen"])
def test_the_database_takes_no_line_into_a_decided_claim(office: Office, amount: str) -> None:
    group, other = a_class([a_person(1)], office), a_class([a_person(2)], office, serial=2)
    for one in (group, other):
        learn(one.persons[0], one.class_id, hours(24))
    decided, open_one = approve_twice(submitted_claim(group.plan), office), submitted_claim(other.plan)
    statement = sa.text(
        "INSERT INTO claim_line (public_id, claim_id, worker_id, enrollment_id, status, policy_id, cap_fen, cap_ref, "
        "class_hours, seconds, amount_fen, eligible, decision, hold_key, granted_class_hours, granted_seconds, granted_fen, "
        "granted_hold_key) SELECT :id, :claim, worker_id, enrollment_id, 'held', policy_id, cap_fen, 'another', class_hours, "
        f"seconds, {amount}, eligible, decision, 'another', class_hours, seconds, {amount}, 'another' "
        "FROM claim_line WHERE claim_id = :source"
    ).bindparams(sa.bindparam("id", type_=sa.Uuid()))
    values = {"id": open_one.claim_id, "claim": decided.id, "source": open_one.id}
    with pytest.raises(DBAPIError, match="not open to lines"):
        transaction(lambda: db.session.execute(statement, values))
    values |= {"claim": open_one.id, "source": decided.id}
    transaction(lambda: db.session.execute(statement, values))
    move, where = "UPDATE subsidy_claim SET status =", f"WHERE id = {open_one.id}"
    reviewed = f"{move} 'reviewed', first_reviewer_id = {office.reviewer.id} {where}"
    approve = f"{move} 'approved', second_reviewer_id = {office.second.id} {where}"
    transaction(lambda: db.session.execute(sa.text(reviewed)))
    with pytest.raises(DBAPIError, match="not what its lines come to"):
        transaction(lambda: db.session.execute(sa.text(approve)))


def test_the_cap_is_shared_as_the_policy_says() -> None:
    plan = UUID(int=7)
    expected = {
        "person": "person",
        "plan": f"plan:{plan}",
        "person_and_enterprise": "enterprise:3",
        "person_and_year": "year:2020",
    }
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for scope, ref in expected.items():
        data["subsidy"]["cap_scope"]["value"] = scope
        policy = parse_policy(data, name=scope)
        assert rules.cap_ref(policy, plan=plan, enterprise_id=3, on=date(2020, 9, 30)) == ref
