"""Submitting, withdrawing and closing claims; what is held and given back; and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotFound
from tests.cast.claims import (
    ENTERPRISE_ACTOR,
    Class,
    Office,
    a_class,
    an_office,
    approve_twice,
    hours,
    learn,
    submitted_claim,
)
from tests.cast.evidence import a_record_of
from tests.cast.plans import a_draft, a_long_course, a_person, approved

KEY = "claim-key-one"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def training(office: Office) -> Class:
    """One person with 24 class hours, ready to be claimed."""
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24))
    return group


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> DomainError:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code
    return caught.value


def balance_of(group: Class) -> tuple[int, int, int]:
    balance = credit_bank.balance(worker_id=group.persons[0].worker_id)
    return balance.claimable_seconds, balance.held_seconds, balance.settled_seconds


def test_a_claim_keeps_the_decision_the_policy_version_and_the_held_seconds(training: Class) -> None:
    claim = submitted_claim(training.plan)
    (line,) = claim.lines
    assert (claim.status, claim.total_fen, line.status) == ("submitted", 44_400, "held")
    assert line.decision["policy_version"] == claim.policy_version
    assert {step["rule"] for step in line.decision["steps"]} >= {"hours", "quiz", "check_in", "filing", "cap"}
    assert line.decision["facts"]["seconds"] == hours(24)
    assert balance_of(training) == (0, hours(24), 0)
    assert line.hold_key is not None
    assert credit_bank.get_transfer(key=line.hold_key).amount_seconds == hours(24)


def test_the_same_key_gives_the_same_claim_and_writes_nothing(training: Class) -> None:
    first = submitted_claim(training.plan, KEY)
    assert submitted_claim(training.plan, KEY) == first
    assert len(claims.claims_of_enterprise(training.enterprise.id)) == 1
    assert balance_of(training) == (0, hours(24), 0)


def test_the_same_key_for_another_plan_is_a_conflict(training: Class, office: Office) -> None:
    submitted_claim(training.plan, KEY)
    other = approved(a_draft(training.enterprise, a_long_course(), head_count=1), office.reviewer)
    refused(
        lambda: claims.submit_claim(plan_id=other.plan_id, key=KEY, actor=ENTERPRISE_ACTOR),
        Conflict,
        "CLAIM_KEY_REUSED",
    )


def test_a_plan_is_claimed_once(training: Class) -> None:
    submitted_claim(training.plan)
    error = refused(
        lambda: claims.submit_claim(plan_id=training.plan.plan_id, key=KEY, actor=ENTERPRISE_ACTOR),
        Conflict,
        "CLAIM_ALREADY_SUBMITTED",
    )
    assert "待审核" in error.detail


def test_a_key_must_be_a_key(training: Class) -> None:
    plan_id = training.plan.plan_id
    refused(lambda: claims.submit_claim(plan_id=plan_id, key="", actor=ENTERPRISE_ACTOR), Invalid, "CLAIM_KEY_INVALID")


def test_a_claim_is_in_time_until_the_end_of_30_september(training: Class, clock: FixedCalendar) -> None:
    clock.set("2020-09-30T23:59:59.999999+08:00")
    assert submitted_claim(training.plan).total_fen == 44_400


def test_the_next_instant_is_too_late(training: Class, clock: FixedCalendar) -> None:
    clock.set("2020-10-01T00:00:00+08:00")
    error = refused(
        lambda: claims.submit_claim(plan_id=training.plan.plan_id, key=KEY, actor=ENTERPRISE_ACTOR),
        Conflict,
        "CLAIM_TOO_LATE",
    )
    assert "2020年9月30日" in error.detail
    assert balance_of(training) == (hours(24), 0, 0)


def test_a_claim_sent_back_in_time_may_come_again_after_the_deadline(
    training: Class, office: Office, clock: FixedCalendar
) -> None:
    clock.set("2020-09-29T10:00:00+08:00")
    claim = submitted_claim(training.plan)
    transaction(
        lambda: reviews.send_back_claim(
            claim_id=claim.claim_id, staff=office.reviewer, reason="请补充授课记录", clause="三"
        )
    )
    assert balance_of(training) == (hours(24), 0, 0)
    clock.set("2020-10-12T10:00:00+08:00")
    again = submitted_claim(training.plan)
    assert (again.total_fen, again.claimed_on) == (44_400, claim.claimed_on)


def test_withdrawing_gives_everything_back_and_the_plan_can_be_claimed_again(training: Class) -> None:
    claim = submitted_claim(training.plan, KEY)
    withdrawn = transaction(
        lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="人数有误", actor=ENTERPRISE_ACTOR)
    )
    assert (withdrawn.status, withdrawn.lines[0].status) == ("withdrawn", "released")
    assert balance_of(training) == (hours(24), 0, 0)
    again = submitted_claim(training.plan, "claim-key-two")
    assert again.claim_id != claim.claim_id
    assert again.total_fen == 44_400


def test_a_rejected_claim_gives_everything_back(training: Class, office: Office) -> None:
    claim = submitted_claim(training.plan)
    transaction(
        lambda: reviews.reject_claim(claim_id=claim.claim_id, staff=office.reviewer, reason="抽查不符", clause="四.5")
    )
    assert balance_of(training) == (hours(24), 0, 0)
    refused(
        lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="", actor=ENTERPRISE_ACTOR),
        Conflict,
        "CLAIM_MOVE_REFUSED",
    )


def test_an_approved_claim_is_not_withdrawn(training: Class, office: Office) -> None:
    claim = approve_twice(submitted_claim(training.plan), office)
    refused(
        lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="", actor=ENTERPRISE_ACTOR),
        Conflict,
        "CLAIM_MOVE_REFUSED",
    )
    assert balance_of(training) == (0, hours(24), 0)


def test_a_claim_of_nobody_says_what_each_person_lacks(office: Office) -> None:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24) - 60, passed=False)
    error = refused(
        lambda: claims.submit_claim(plan_id=group.plan.plan_id, key=KEY, actor=ENTERPRISE_ACTOR),
        Conflict,
        "CLAIM_NOBODY_ELIGIBLE",
    )
    assert error.errors[0]["name"] == "王*明"
    assert len(error.errors[0]["missing"]) == 2


def test_a_worker_sees_the_claims_in_their_own_name_only(training: Class, office: Office) -> None:
    claim = submitted_claim(training.plan)
    (own,) = claims.claims_in_name_of(training.persons[0].worker_id)
    assert (own.claim_id, own.amount_fen, own.status_words) == (claim.claim_id, 44_400, "待审核")
    assert own.enterprise_name == training.enterprise.name
    assert any("444.00元" in sentence for sentence in own.sentences)
    assert claims.claims_in_name_of(a_person(2).worker_id) == []


def test_an_unknown_claim_is_not_found(training: Class) -> None:
    with pytest.raises(NotFound):
        claims.claim_view(training.plan.plan_id)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE claim_line SET amount_fen = amount_fen - 1", "not edited"),
        ("UPDATE claim_line SET class_hours = 28", "not edited"),
        ("DELETE FROM claim_line", "not deleted|not edited"),
        ("UPDATE subsidy_claim SET total_fen = 1", "not edited"),
        (
            "UPDATE subsidy_claim SET status = 'paid', paid_at = submitted_at",
            "not allowed|approved_by_two|waits for its",
        ),
        ("UPDATE claim_line SET status = 'refused'", "not allowed"),
    ],
)
def test_the_database_refuses_to_edit_what_was_decided(training: Class, statement: str, words: str) -> None:
    submitted_claim(training.plan)
    with pytest.raises(DBAPIError, match=words):
        transaction(lambda: db.session.execute(sa.text(statement)))


def test_the_database_keeps_a_persons_cap_over_all_claims(training: Class, office: Office) -> None:
    submitted_claim(training.plan)
    other = a_class([a_person(2)], office, serial=2)
    learn(other.persons[0], other.class_id, hours(24))
    second = submitted_claim(other.plan)
    statement = sa.text(
        "INSERT INTO claim_line (public_id, claim_id, worker_id, enrollment_id, status, policy_id, cap_fen, cap_ref, "
        "class_hours, seconds, amount_fen, eligible, decision, hold_key, granted_class_hours, granted_seconds, granted_fen, "
        "granted_hold_key) SELECT :id, :claim, worker_id, enrollment_id, status, policy_id, cap_fen, cap_ref, class_hours, "
        "seconds, :amount, eligible, decision, 'another', class_hours, seconds, :amount, 'another' "
        "FROM claim_line WHERE worker_id = :worker"
    ).bindparams(sa.bindparam("id", type_=sa.Uuid()))

    def add(amount: int) -> None:
        values = {"id": second.claim_id, "claim": second.id, "worker": training.persons[0].worker_id, "amount": amount}
        db.session.execute(statement, values)

    with pytest.raises(DBAPIError, match="the cap of this person is passed"):
        transaction(lambda: add(5_601))
    transaction(lambda: add(5_600))


def test_the_database_keeps_one_live_claim_a_plan(training: Class) -> None:
    claim = submitted_claim(training.plan)
    statement = sa.text(
        "INSERT INTO subsidy_claim (public_id, plan_id, enterprise_id, status, policy_id, policy_version, "
        "idempotency_key, fingerprint, claimed_on, total_fen, submitted_at, decision_reason, decision_clause) "
        "SELECT :id, plan_id, enterprise_id, status, policy_id, policy_version, 'another-key', fingerprint, claimed_on, "
        "total_fen, submitted_at, '', '' FROM subsidy_claim"
    ).bindparams(sa.bindparam("id", type_=sa.Uuid()))
    with pytest.raises(DBAPIError, match="subsidy_claim: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(statement, {"id": training.class_id}))
    a_record_of("claim", training.class_id)
    with pytest.raises(IntegrityError, match=r"plan_id|live_plan"):
        transaction(lambda: db.session.execute(statement, {"id": training.class_id}))
    transaction(lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="", actor=ENTERPRISE_ACTOR))
    assert submitted_claim(training.plan).status == "submitted"
