"""A reviewer lowers what one person is granted, never what was learned; the second reviewer may return a claim."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.claims.services import AdjustmentView, ClaimView
from backend.credit_bank import services as credit_bank
from backend.reviews import services as reviews
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.plans import a_person, a_staff


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def training(office: Office) -> Class:
    """Two people: 30 and 24 class hours."""
    group = a_class([a_person(1), a_person(2)], office)
    for person, count in zip(group.persons, (30, 24), strict=True):
        learn(person, group.class_id, hours(count))
    return group


@pytest.fixture
def claim(training: Class) -> ClaimView:
    return submitted_claim(training.plan)


def cut(claim: ClaimView, number: int, class_hours: int, office: Office) -> AdjustmentView:
    return transaction(
        lambda: reviews.adjust_line(
            claim_id=claim.claim_id,
            line_id=claim.lines[number].line_id,
            class_hours=class_hours,
            reason="抽查发现6课时由他人代学",
            clause="四.2",
            staff=office.reviewer,
        )
    )


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> None:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code


def balance_of(worker_id: int) -> tuple[int, int]:
    found = credit_bank.balance(worker_id=worker_id)
    return found.claimable_seconds, found.held_seconds


def problems() -> list[tuple[str, str]]:
    return [
        *claims.line_problems(lambda _: None),
        *reviews.decision_problems(lambda _: None),
        *reviews.adjustment_problems(lambda _: None),
    ]


def test_a_cut_lowers_the_grant_and_gives_the_rest_of_the_seconds_back(claim: ClaimView, office: Office) -> None:
    first = claim.lines[0]
    made = cut(claim, 0, 24, office)
    assert (made.from_fen, made.amount_fen) == (50_000, 44_400)
    assert "由500.00元减为24课时、444.00元" in made.sentence
    line = claims.claim_view(claim.claim_id).lines[0]
    assert (line.amount_fen, line.granted_fen, line.granted_seconds) == (50_000, 44_400, hours(24))
    assert balance_of(first.worker_id) == (hours(6), hours(24))
    assert credit_bank.get_transfer(key=str(line.granted_hold_key)).amount_seconds == hours(24)
    assert claims.drawn_fen([first.worker_id], claim.policy_id) == {first.worker_id: 44_400}
    (own,) = claims.claims_in_name_of(first.worker_id)
    assert own.amount_fen == 44_400
    assert any("代学" in sentence for sentence in own.sentences)
    assert problems() == []


def test_a_second_cut_goes_further_down(claim: ClaimView, office: Office) -> None:
    cut(claim, 0, 26, office)
    cut(claim, 0, 25, office)
    (found,) = claims.adjustments_of(claim.claim_id).values()
    assert [(made.from_fen, made.amount_fen) for made in found] == [(50_000, 48_100), (48_100, 46_250)]
    assert balance_of(claim.lines[0].worker_id) == (hours(5), hours(25))
    assert problems() == []


def test_below_the_minimum_nothing_is_granted(claim: ClaimView, office: Office) -> None:
    assert cut(claim, 1, 23, office).amount_fen == 0
    line = claims.claim_view(claim.claim_id).lines[1]
    assert (line.status, line.granted_fen) == ("released", 0)
    assert balance_of(line.worker_id) == (hours(24), 0)
    approve_twice(claim, office)
    assert claims.claim_view(claim.claim_id).granted_fen == 50_000
    assert problems() == []


def test_a_claim_cut_to_nothing_is_not_approved(claim: ClaimView, office: Office) -> None:
    cut(claim, 0, 0, office)
    cut(claim, 1, 0, office)
    refused(
        lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer),
        Conflict,
        "CLAIM_NOTHING_GRANTED",
    )


@pytest.mark.parametrize(
    ("class_hours", "code"), [(30, "ADJUSTMENT_NOT_LOWER"), (28, "ADJUSTMENT_NOT_LOWER"), (-1, "ADJUSTMENT_INVALID")]
)
def test_a_cut_goes_down_only(claim: ClaimView, office: Office, class_hours: int, code: str) -> None:
    refused(lambda: cut_in(claim, class_hours, office), Invalid, code)


def cut_in(claim: ClaimView, class_hours: int, office: Office, reason: str = "抽查不符") -> AdjustmentView:
    return reviews.adjust_line(
        claim_id=claim.claim_id,
        line_id=claim.lines[0].line_id,
        class_hours=class_hours,
        reason=reason,
        clause="四.2",
        staff=office.reviewer,
    )


def test_a_cut_needs_a_reason_the_first_reviewer_and_a_claim_that_waits(claim: ClaimView, office: Office) -> None:
    refused(lambda: cut_in(claim, 24, office, reason=""), Invalid, "REASON_REQUIRED")
    second = Office(office.second, office.second, office.cashier, office.releaser)
    refused(lambda: cut_in(claim, 24, second), NotAllowed, "REVIEWER_ROLE_REQUIRED")
    transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    refused(lambda: cut_in(claim, 24, office), Conflict, "CLAIM_MOVE_REFUSED")


def test_withdrawing_gives_back_what_a_cut_left(claim: ClaimView, office: Office) -> None:
    cut(claim, 0, 24, office)
    transaction(lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="", actor="staff:agent"))
    assert balance_of(claim.lines[0].worker_id) == (hours(30), 0)
    assert problems() == []


def test_the_second_reviewer_returns_a_claim_to_the_first_who_cuts_and_approves_again(
    claim: ClaimView, office: Office
) -> None:
    transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    returned = transaction(
        lambda: reviews.return_claim(
            claim_id=claim.claim_id, staff=office.second, reason="请复核第1人的学时", clause="四.2"
        )
    )
    assert (returned.status, returned.first_reviewer_id) == ("submitted", None)
    assert balance_of(claim.lines[0].worker_id) == (0, hours(30))
    assert problems() == []
    cut(claim, 0, 24, office)
    approved = approve_twice(claim, office)
    assert (approved.status, approved.granted_fen) == ("approved", 88_800)
    assert problems() == []


def test_only_the_second_reviewer_returns_a_claim(claim: ClaimView, office: Office) -> None:
    def give_back() -> ClaimView:
        return reviews.return_claim(claim_id=claim.claim_id, staff=office.second, reason="请复核", clause="三")

    refused(give_back, Conflict, "CLAIM_MOVE_REFUSED")
    other = a_staff("another", "reviewer")
    refused(
        lambda: reviews.return_claim(claim_id=claim.claim_id, staff=other, reason="请复核", clause="三"),
        NotAllowed,
        "REVIEWER_ROLE_REQUIRED",
    )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE claim_adjustment SET amount_fen = 1", "append-only"),
        ("DELETE FROM claim_adjustment", "append-only"),
    ],
)
def test_the_database_edits_no_cut(claim: ClaimView, office: Office, statement: str, words: str) -> None:
    cut(claim, 0, 24, office)
    with pytest.raises(DBAPIError, match=words):
        transaction(lambda: db.session.execute(sa.text(statement)))
