"""Disputes: "someone registered my ID", "I did not take part": what they hold, who decides, what is compensated."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.credit_bank import services as credit_bank
from backend.disputes import services as disputes
from backend.disputes.services import DisputeView
from backend.people import services as people
from backend.reviews import services as reviews
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast import people as visitors
from tests.cast.claims import Class, Office, an_office, hours
from tests.cast.notices import a_posted_notice, an_approved_claim, lines_of, run_out
from tests.cast.retention import unit_of

TEXT = "我从来没有在这家企业参加过培训。"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def approved(office: Office) -> tuple[Class, ClaimView]:
    """Two people with 24 class hours each; their claim waits for its notice."""
    return an_approved_claim(office)


def deny(group: Class, number: int = 0) -> DisputeView:
    person = group.persons[number]
    return transaction(lambda: disputes.report_absence(worker_id=person.worker_id, class_id=group.class_id, text=TEXT))


def report(group: Class, reporter_id: int | None = None, staff_id: int | None = None) -> DisputeView:
    identity = people.full_identity(group.persons[0].worker_id)
    return transaction(
        lambda: disputes.report_misuse(
            name="李真",
            id_number=identity.id_number,
            text="我的身份证号被别人登记了。",
            contact="13812345678",
            reporter_id=reporter_id,
            staff_id=staff_id,
        )
    )


def decide(found: DisputeView, office: Office, *, uphold: bool) -> DisputeView:
    return transaction(
        lambda: reviews.decide_dispute(
            dispute_id=found.dispute_id, staff=office.reviewer, uphold=uphold, answer="经核对签到和设备。"
        )
    )


def test_a_denied_place_is_not_paid_until_it_is_decided(
    office: Office, approved: tuple[Class, ClaimView], clock: FixedCalendar
) -> None:
    found = deny(approved[0])
    assert (found.number, found.kind_words, found.due_on) == (
        "培训争议〔2020〕1号",
        "本人没有参加培训",
        date(2020, 3, 16),
    )
    notice = a_posted_notice(office)
    first, second = lines_of(notice)
    run_out(clock, notice)
    assert [line.line_id for line in claims.payable_lines()] == [second]
    assert decide(found, office, uphold=False).status == "dismissed"
    assert {line.line_id for line in claims.payable_lines()} == {first, second}


def test_upheld_the_line_goes_and_its_seconds_are_taken_back(office: Office, approved: tuple[Class, ClaimView]) -> None:
    group, claim = approved
    worker = group.persons[0].worker_id
    found = decide(deny(group), office, uphold=True)
    assert [(each.outcome, each.amount_fen) for each in found.outcomes] == [("struck", 44_400)]
    assert claims.claim_view(claim.claim_id).granted_fen == 44_400
    balance = credit_bank.balance(worker_id=worker)
    assert (balance.claimable_seconds, balance.held_seconds) == (0, 0)
    assert credit_bank.balance(worker_id=group.persons[1].worker_id).held_seconds == hours(24)
    assert credit_bank.trial_balance() == 0
    assert [line.kind for line in credit_bank.statement(worker_id=worker)][:1] == ["reverse"]


def test_what_was_paid_before_is_to_be_recovered(
    office: Office, approved: tuple[Class, ClaimView], clock: FixedCalendar
) -> None:
    group, claim = approved
    run_out(clock, a_posted_notice(office))
    line = next(each for each in claims.payable_lines() if each.worker_id == group.persons[0].worker_id)
    transaction(
        lambda: claims.settle_lines(
            claim_id=claim.claim_id, line_ids=[line.line_id], actor="bank", at=house_clock.now()
        )
    )
    decide(deny(group), office, uphold=True)
    (due,) = disputes.recoveries_due()
    assert (due.line_id, due.claim_id, due.amount_fen, due.outcome) == (
        line.line_id,
        claim.claim_id,
        44_400,
        "recovery",
    )
    transaction(
        lambda: disputes.recovery_demanded(dispute_id=due.dispute_id, line_id=due.line_id, recovery_ref=due.dispute_id)
    )
    assert disputes.recoveries_due() == []


def test_a_misused_number_is_held_in_every_claim_and_closed_when_upheld(
    office: Office, approved: tuple[Class, ClaimView], clock: FixedCalendar
) -> None:
    group, _ = approved
    impostor = group.persons[0].worker_id
    owner = visitors.a_visitor("the-real-owner").worker_id
    found = report(group, reporter_id=owner)
    notice = a_posted_notice(office)
    run_out(clock, notice)
    assert {line.worker_id for line in claims.payable_lines()} == {group.persons[1].worker_id}
    assert [item.subject for item in reviews.queue()] == ["bank_account", "dispute"]
    upheld = decide(found, office, uphold=True)
    assert [each.outcome for each in upheld.outcomes] == ["struck"]
    assert people.openid_of(impostor) is None
    assert credit_bank.balance(worker_id=impostor).claimable_seconds == 0
    assert disputes.dispute_case(found.dispute_id).contact == "13812345678"


def test_the_desk_reports_for_somebody_without_a_phone(office: Office, approved: tuple[Class, ClaimView]) -> None:
    found = report(approved[0], staff_id=office.reviewer.id)
    assert found.reporter_id is None
    with pytest.raises(Conflict) as caught:
        report(approved[0], staff_id=office.second.id)
    assert caught.value.code == "DISPUTE_OPEN"


def test_a_number_that_is_free_or_ones_own_is_no_dispute(approved: tuple[Class, ClaimView]) -> None:
    group, _ = approved
    with pytest.raises(Conflict) as mine:
        report(group, reporter_id=group.persons[0].worker_id)
    assert mine.value.code == "DISPUTE_NUMBER_YOURS"
    with pytest.raises(NotFound) as free:
        transaction(
            lambda: disputes.report_misuse(
                name="李真", id_number=visitors.an_id_number(987), text=TEXT, contact="13812345678"
            )
        )
    assert free.value.code == "DISPUTE_NUMBER_FREE"


def test_one_withdraws_only_ones_own(office: Office, approved: tuple[Class, ClaimView], clock: FixedCalendar) -> None:
    group, _ = approved
    found = deny(group)
    mine, other = (person.worker_id for person in group.persons)
    with pytest.raises(NotFound):
        transaction(lambda: reviews.withdraw_dispute(dispute_id=found.dispute_id, worker_id=other))
    run_out(clock, a_posted_notice(office))
    assert len(claims.payable_lines()) == 1
    transaction(lambda: reviews.withdraw_dispute(dispute_id=found.dispute_id, worker_id=mine))
    assert len(claims.payable_lines()) == 2
    with pytest.raises(DomainError) as caught:
        decide(found, office, uphold=True)
    assert caught.value.code == "DISPUTE_ENDED"


def test_only_the_desk_decides_and_the_answer_leaks_nothing(office: Office, approved: tuple[Class, ClaimView]) -> None:
    found = deny(approved[0])
    with pytest.raises(NotAllowed):
        transaction(
            lambda: reviews.decide_dispute(
                dispute_id=found.dispute_id, staff=office.cashier, uphold=True, answer="经核对。"
            )
        )
    decide_it = partial(reviews.decide_dispute, dispute_id=found.dispute_id, staff=office.reviewer, uphold=True)
    for answer, code in (("", "REASON_REQUIRED"), ("电话13812345678", "ANSWER_LEAKS")):
        with pytest.raises(Invalid) as caught:
            transaction(partial(decide_it, answer=answer))
        assert caught.value.code == code


def test_overdue_a_dispute_goes_to_a_second_reviewer(
    office: Office, approved: tuple[Class, ClaimView], clock: FixedCalendar
) -> None:
    found = deny(approved[0])
    clock.set("2020-03-17T00:00:00+08:00")
    assert transaction(disputes.escalate_overdue) == 1
    assert disputes.dispute_view(found.dispute_id).escalated
    with pytest.raises(NotAllowed) as caught:
        decide(found, office, uphold=False)
    assert "复核人员" in caught.value.detail
    transaction(
        lambda: reviews.decide_dispute(
            dispute_id=found.dispute_id, staff=office.second, uphold=False, answer="经核对，记录相符。"
        )
    )


def test_what_is_in_dispute_or_on_notice_is_not_destroyed(
    office: Office, approved: tuple[Class, ClaimView], clock: FixedCalendar
) -> None:
    group, _ = approved
    found = deny(group)
    notice = a_posted_notice(office)
    assert unit_of(group.class_id).waits_for == ("未办结的申领1件", "未办结的争议1件")
    decide(found, office, uphold=False)
    run_out(clock, notice)
    assert unit_of(group.class_id).waits_for == ("未办结的申领1件",)


def test_the_database_keeps_disputes(approved: tuple[Class, ClaimView]) -> None:
    deny(approved[0])
    for statement, words in (
        (
            "UPDATE dispute SET status = 'upheld', answer = 'x', decided_by_id = 1, ended_at = '2020-03-03'",
            "a review decides",
        ),
        ("UPDATE dispute SET worker_id = 1", "not edited"),
        ("DELETE FROM dispute", "not deleted"),
        (
            "INSERT INTO dispute_outcome (dispute_id, claim_ref, line_ref, outcome, amount_fen, at) SELECT id, "
            "public_id, public_id, 'struck', 1, '2020-03-03' FROM dispute",
            "only an upheld dispute",
        ),
    ):
        with pytest.raises(DBAPIError, match=words):
            transaction(partial(db.session.execute, sa.text(statement)))
