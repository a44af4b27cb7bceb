"""From the approved claim to the bank: the notice, objections, what becomes payable, what is settled."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.credit_bank import services as credit_bank
from config import clock as house_clock
from config.database import db, transaction
from config.errors import Conflict
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.plans import a_person

OFFICE = "system:notices"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def training(office: Office) -> Class:
    """Two people with 24 class hours each."""
    group = a_class([a_person(1), a_person(2)], office)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    return group


@pytest.fixture
def on_notice(training: Class, office: Office) -> ClaimView:
    claim = approve_twice(submitted_claim(training.plan), office)
    return transaction(lambda: claims.put_on_notice(claim_id=claim.claim_id, actor=OFFICE))


def close(claim: ClaimView, *blocked: UUID) -> ClaimView:
    return transaction(
        lambda: claims.close_notice(claim_id=claim.claim_id, blocked=blocked, actor=OFFICE, at=house_clock.now())
    )


def settle(claim: ClaimView, *line_ids: UUID) -> ClaimView:
    return transaction(
        lambda: claims.settle_lines(claim_id=claim.claim_id, line_ids=line_ids, actor=OFFICE, at=house_clock.now())
    )


def strike(claim: ClaimView, *line_ids: UUID) -> ClaimView:
    return transaction(
        lambda: claims.strike_lines(
            claim_id=claim.claim_id, line_ids=line_ids, reason="异议成立", clause="三", actor=OFFICE
        )
    )


def held_seconds(line_owner: int) -> tuple[int, int, int]:
    found = credit_bank.balance(worker_id=line_owner)
    return found.claimable_seconds, found.held_seconds, found.settled_seconds


def test_closing_makes_every_line_payable_but_those_with_an_objection(on_notice: ClaimView) -> None:
    first, second = on_notice.lines
    closed = close(on_notice, second.line_id)
    assert closed.status == "payable"
    assert [line.payable_at is not None for line in closed.lines] == [True, False]
    assert [line.line_id for line in claims.payable_lines()] == [first.line_id]
    transaction(lambda: claims.free_line(line_id=second.line_id, actor=OFFICE, at=house_clock.now()))
    waiting = claims.payable_lines()
    assert [(line.line_id, line.amount_fen) for line in waiting] == [
        (first.line_id, 44_400),
        (second.line_id, 44_400),
    ]
    assert waiting[0].claim_id == on_notice.claim_id


def test_a_claim_is_paid_when_its_last_person_is(on_notice: ClaimView) -> None:
    first, second = close(on_notice).lines
    partly = settle(on_notice, first.line_id)
    assert (partly.status, [line.status for line in partly.lines]) == ("payable", ["settled", "held"])
    assert held_seconds(first.worker_id) == (0, 0, hours(24))
    whole = settle(on_notice, second.line_id)
    assert (whole.status, whole.paid_at is not None) == ("paid", True)
    assert claims.payable_lines() == []


def test_an_upheld_objection_takes_one_person_out_and_leaves_the_other(on_notice: ClaimView) -> None:
    first, second = on_notice.lines
    left = strike(on_notice, first.line_id)
    assert (left.status, left.granted_fen) == ("on_notice", 44_400)
    assert held_seconds(first.worker_id) == (hours(24), 0, 0)
    close(on_notice)
    assert [line.line_id for line in claims.payable_lines()] == [second.line_id]


def test_a_claim_of_which_nobody_is_left_is_not_paid(on_notice: ClaimView) -> None:
    gone = strike(on_notice, *(line.line_id for line in on_notice.lines))
    assert (gone.status, gone.granted_fen) == ("rejected", 0)


def test_striking_the_last_open_person_of_a_claim_partly_paid_ends_it_as_paid(on_notice: ClaimView) -> None:
    first, second = close(on_notice).lines
    settle(on_notice, first.line_id)
    ended = strike(on_notice, second.line_id)
    assert (ended.status, ended.granted_fen) == ("paid", 44_400)


def test_what_is_not_payable_is_not_settled(on_notice: ClaimView) -> None:
    first, second = on_notice.lines
    close(on_notice, first.line_id)
    with pytest.raises(Conflict) as caught:
        settle(on_notice, first.line_id)
    assert caught.value.code == "LINE_NOT_PAYABLE"
    settle(on_notice, second.line_id)
    with pytest.raises(Conflict) as caught:
        settle(on_notice, second.line_id)
    assert caught.value.code == "LINE_NOT_HELD"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE claim_line SET payable_at = '2020-03-01'", "once its notice has closed"),
        ("UPDATE claim_line SET granted_fen = 1", "only an adjustment"),
        ("UPDATE claim_line SET status = 'settled'", "only what is payable"),
    ],
)
def test_the_database_pays_nothing_early(on_notice: ClaimView, statement: str, words: str) -> None:
    with pytest.raises(DBAPIError, match=words):
        transaction(lambda: db.session.execute(sa.text(statement)))
