"""Who decides what, in which words, and that a decision stays."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.people.services import StaffView
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed
from tests.cast import enterprises as companies
from tests.cast.claims import (
    Class,
    Office,
    a_class,
    an_office,
    approve_twice,
    confirm_account,
    hours,
    learn,
    submitted_claim,
)
from tests.cast.evidence import a_record_of
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, on_roster, submitted


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def training(office: Office) -> Class:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24))
    return group


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> DomainError:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code
    return caught.value


def test_two_persons_approve_a_claim(training: Class, office: Office) -> None:
    claim = submitted_claim(training.plan)
    first = transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    assert first.status == "reviewed"
    second = transaction(
        lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.second, reason="核对无误", clause="二(二)")
    )
    assert second.status == "approved"
    assert [(row.stage, row.verdict, row.staff_name, row.clause) for row in history_of(claim.claim_id)] == [
        ("first", "approve", "reviewer", "三"),
        ("second", "approve", "second", "二(二)"),
    ]


def history_of(claim_id: UUID) -> list[reviews.ReviewView]:
    return reviews.history(subject="claim", subject_id=claim_id)


def test_neither_may_do_the_others_part(training: Class, office: Office) -> None:
    claim = submitted_claim(training.plan)

    def approve(staff: StaffView) -> Callable[[], object]:
        return lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=staff)

    refused(approve(office.second), NotAllowed, "REVIEWER_ROLE_REQUIRED")
    transaction(approve(office.reviewer))
    refused(approve(office.reviewer), NotAllowed, "REVIEWER_ROLE_REQUIRED")
    assert claims.claim_view(claim.claim_id).status == "reviewed"


def test_one_person_under_two_roles_is_still_one_person(training: Class, office: Office) -> None:
    claim = submitted_claim(training.plan)
    transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    promoted = StaffView(
        office.reviewer.id, office.reviewer.public_id, "reviewer", office.reviewer.display_name, "second_reviewer"
    )
    refused(
        lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=promoted), NotAllowed, "SECOND_PERSON_REQUIRED"
    )
    assert len(history_of(claim.claim_id)) == 1


@pytest.mark.parametrize("role", ["agent", "cashier", "desk_clerk", "author", "bureau"])
def test_nobody_else_decides(training: Class, role: str) -> None:
    claim, outsider = submitted_claim(training.plan), a_staff("outsider", role)
    refused(
        lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=outsider), NotAllowed, "REVIEWER_ROLE_REQUIRED"
    )
    refused(
        lambda: reviews.reject_plan(plan_id=training.plan.plan_id, staff=outsider, reason="不行", clause="三"),
        NotAllowed,
        "REVIEWER_ROLE_REQUIRED",
    )
    assert reviews.queue(role=role) == []


@pytest.mark.parametrize(
    ("reason", "clause", "code"),
    [
        ("", "三", "REASON_REQUIRED"),
        (" 。 ", "三", "REASON_REQUIRED"),
        ("长" * 501, "三", "REASON_TOO_LONG"),
        ("材料不全", "九", "CLAUSE_UNKNOWN"),
        ("材料不全", "", "CLAUSE_UNKNOWN"),
    ],
)
def test_a_refusal_names_its_reason_and_clause(
    training: Class, office: Office, reason: str, clause: str, code: str
) -> None:
    claim = submitted_claim(training.plan)
    refused(
        lambda: reviews.reject_claim(claim_id=claim.claim_id, staff=office.reviewer, reason=reason, clause=clause),
        Invalid,
        code,
    )
    assert claims.claim_view(claim.claim_id).status == "submitted"


def test_the_second_reviewer_may_reject_what_the_first_approved(training: Class, office: Office) -> None:
    claim = submitted_claim(training.plan)
    transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    transaction(
        lambda: reviews.reject_claim(claim_id=claim.claim_id, staff=office.second, reason="考勤存疑", clause="四.2")
    )
    assert claims.claim_view(claim.claim_id).status == "rejected"
    assert credit_bank.balance(worker_id=training.persons[0].worker_id).held_seconds == 0


def test_an_approved_claim_is_not_decided_again(training: Class, office: Office) -> None:
    claim = approve_twice(submitted_claim(training.plan), office)
    refused(
        lambda: reviews.reject_claim(claim_id=claim.claim_id, staff=office.reviewer, reason="反悔", clause="三"),
        Conflict,
        "CLAIM_MOVE_REFUSED",
    )


def test_the_queue_shows_each_role_what_waits_for_it_longest_wait_first(
    training: Class, office: Office, clock: FixedCalendar
) -> None:
    company = companies.an_enterprise(serial=8)
    on_roster(company, [a_person(8)])
    clock.advance(60)
    plan = submitted(a_draft(company, a_long_course(), head_count=1))
    clock.advance(60)
    claim = submitted_claim(training.plan)
    assert [item.subject for item in reviews.queue(role="reviewer")] == ["bank_account", "plan", "claim"]
    confirm_account(training.enterprise, office)
    assert [(item.subject, item.subject_id) for item in reviews.queue(role="reviewer")] == [
        ("plan", plan.plan_id),
        ("claim", claim.claim_id),
    ]
    assert [item.subject for item in reviews.queue(role="second_reviewer")] == ["plan"]
    transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    assert [(item.subject, item.stage) for item in reviews.queue(role="second_reviewer")] == [
        ("plan", "only"),
        ("claim", "second"),
    ]
    assert [item.subject for item in reviews.queue(role="reviewer")] == ["plan"]


@pytest.mark.parametrize("statement", ["UPDATE review SET reason = '改'", "DELETE FROM review"])
def test_a_decision_stays_as_it_was(training: Class, office: Office, statement: str) -> None:
    approve_twice(submitted_claim(training.plan), office)
    with pytest.raises(DBAPIError, match="append-only"):
        transaction(lambda: db.session.execute(sa.text(statement)))


def test_a_decision_without_its_evidence_record_is_refused(training: Class, office: Office) -> None:
    approve_twice(submitted_claim(training.plan), office)
    statement = sa.text(
        "INSERT INTO review (public_id, subject_kind, subject_id, stage, verdict, reason, clause, staff_id, at) "
        "SELECT :id, subject_kind, :id, stage, verdict, reason, clause, staff_id, at FROM review LIMIT 1"
    ).bindparams(sa.bindparam("id", training.class_id, type_=sa.Uuid()))
    with pytest.raises(DBAPIError, match="review: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(statement))
    a_record_of("review", training.class_id)
    transaction(lambda: db.session.execute(statement))


def test_a_decision_moves_no_second_of_learning(training: Class, office: Office) -> None:
    worker_id = training.persons[0].worker_id
    before = [line.key for line in credit_bank.statement(worker_id=worker_id)]
    learned = credit_bank.balance(worker_id=worker_id).learned_seconds
    claim = submitted_claim(training.plan)
    transaction(
        lambda: reviews.reject_claim(claim_id=claim.claim_id, staff=office.reviewer, reason="抽查不符", clause="四.5")
    )
    after = [line.key for line in credit_bank.statement(worker_id=worker_id)]
    assert sorted(set(after) - set(before)) == sorted(
        [f"claim:{claim.claim_id}:{claim.lines[0].line_id}:{verb}" for verb in ("hold", "release")]
    )
    assert credit_bank.balance(worker_id=worker_id).learned_seconds == learned
