"""The fund: filled by two persons and a document, never overdrawn; when it runs out, a queue by submission time."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.notices import services as notices
from backend.payments import services as payments
from backend.payments.services import AllotmentView
from backend.registers import services as registers
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed
from tests.cast import new_hires as hires
from tests.cast.at_once import at_once
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.enterprises import an_enterprise
from tests.cast.notices import a_posted_notice, an_objection, run_out
from tests.cast.payments import FUND, a_batch, a_return, allotted, an_account, paid, payable, released, taken
from tests.cast.plans import a_person


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def a_payable_class(office: Office, serial: int, *, people: int = 1) -> Class:
    """A class of people with 24 hours each (444 yuan), whose claim is payable."""
    group = a_class([a_person(serial * 10 + number) for number in range(people)], office, serial=serial)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    payable(submitted_claim(group.plan), office)
    return group


def proposed(office: Office, amount_fen: int = 100_000) -> AllotmentView:
    return transaction(
        lambda: payments.propose_allotment(
            fund=FUND, amount_fen=amount_fen, document="锡财社〔2020〕12号", staff=office.cashier
        )
    )


def test_a_budget_needs_two_persons(office: Office) -> None:
    allotment = proposed(office)
    assert [(fund.name, fund.balance_fen) for fund in payments.funds()] == [(FUND, 0)]
    with pytest.raises(NotAllowed, match="SECOND_PERSON_REQUIRED"):
        transaction(
            lambda: payments.decide_allotment(allotment_id=allotment.allotment_id, confirm=True, staff=office.cashier)
        )
    for _ in range(2):
        decided = transaction(
            lambda: payments.decide_allotment(allotment_id=allotment.allotment_id, confirm=True, staff=office.releaser)
        )
        assert (decided.status, payments.funds()[0].balance_fen) == ("confirmed", 100_000)


def test_a_refused_budget_adds_nothing(office: Office) -> None:
    allotment = proposed(office)
    transaction(
        lambda: payments.decide_allotment(allotment_id=allotment.allotment_id, confirm=False, staff=office.releaser)
    )
    assert payments.funds()[0].balance_fen == 0
    assert payments.allotments()[0].status_words == "未通过"


BUDGETS: list[tuple[dict[str, Any], str]] = [
    ({"amount_fen": 0}, "ALLOTMENT_INVALID"),
    ({"amount_fen": 10**14}, "ALLOTMENT_INVALID"),
    ({"document": " "}, "ALLOTMENT_DOCUMENT_REQUIRED"),
    ({"fund": "别的资金"}, "FUND_UNKNOWN"),
]


def test_a_budget_says_from_where_and_how_much(office: Office) -> None:
    for changes, code in BUDGETS:
        values = {"fund": FUND, "amount_fen": 100, "document": "锡财社〔2020〕12号", **changes}
        with pytest.raises(Invalid, match=code):
            transaction(partial(payments.propose_allotment, staff=office.cashier, **values))


def test_when_the_fund_runs_out_the_rest_waits_in_the_order_of_submission(office: Office, clock: FixedCalendar) -> None:
    """444 yuan a person: 1,000 yuan reach for the first claim and the first person of the second, and nobody overtakes."""
    first = a_payable_class(office, 1)
    clock.advance(60)
    second = a_payable_class(office, 2, people=2)
    clock.advance(60)
    third = a_payable_class(office, 3)
    allotted(office, 100_000)
    rows = [(row.place, row.enterprise_name, row.people, row.waits_for) for row in payments.queue()]
    short = "资金不足，按提交时间排队"
    assert rows == [
        (1, first.enterprise.name, 1, ""),
        (2, second.enterprise.name, 1, ""),
        (3, second.enterprise.name, 1, short),
        (4, third.enterprise.name, 1, short),
    ]
    batch = a_batch(office)
    assert [order.amount_fen for order in batch.orders] == [44_400, 44_400]
    fund = payments.funds()[0]
    assert (fund.balance_fen, fund.reserved_fen, fund.free_fen) == (100_000, 88_800, 11_200)
    with pytest.raises(Conflict, match="NOTHING_TO_PAY"):
        transaction(lambda: payments.create_batch(staff=office.cashier))
    taken(released(batch, office), a_return(batch), office)
    claim = claims.claims_of_enterprise(second.enterprise.id)[0]
    assert (claim.status, payments.funds()[0].balance_fen) == ("payable", 11_200)
    allotted(office, 80_000)
    assert [order.enterprise_name for order in paid(office).orders] == [second.enterprise.name, third.enterprise.name]
    assert claims.claim_view(claim.claim_id).status == "paid"
    assert payments.funds()[0].balance_fen == 180_000 - 4 * 44_400
    assert len(payments.orders_of_claim(claim.claim_id)) == 2
    assert registers.reconcile_payments().agrees


def test_what_is_under_way_cannot_be_taken_out_of_the_fund(office: Office) -> None:
    a_payable_class(office, 1)
    allotted(office, 50_000)
    a_batch(office)
    less = proposed(office, -5_601)
    with pytest.raises(Conflict, match="FUND_SHORT"):
        transaction(
            lambda: payments.decide_allotment(allotment_id=less.allotment_id, confirm=True, staff=office.releaser)
        )
    allotted(office, -5_600)
    assert payments.funds()[0].free_fen == 0


def test_a_notice_that_ends_this_month_is_paid_next_month(office: Office, clock: FixedCalendar) -> None:
    group = a_class([a_person(1)], office)
    learn(group.persons[0], group.class_id, hours(24))
    claim = approve_twice(submitted_claim(group.plan), office)
    allotted(office)
    run_out(clock, a_posted_notice(office, claim))
    assert [row.waits_for for row in payments.queue()] == ["企业还没有经两人确认的开户账户"]
    an_account(group.enterprise, office)
    assert [row.waits_for for row in payments.queue()] == ["公示在本月届满，列入下月批次"]
    clock.set(datetime.fromisoformat("2020-03-31T23:59:59+08:00"))
    with pytest.raises(Conflict, match="NOTHING_TO_PAY"):
        transaction(lambda: payments.create_batch(staff=office.cashier))
    clock.set(datetime.fromisoformat("2020-04-01T00:00:00+08:00"))
    with pytest.raises(Conflict, match="NOTHING_TO_PAY"):
        transaction(lambda: payments.create_batch(staff=office.cashier, month="2020-03"))
    assert (paid(office).month, claims.claim_view(claim.claim_id).status) == ("2020-04", "paid")


def test_a_month_that_is_none_or_not_yet_is_refused(office: Office) -> None:
    for month in ("2020-13", "2020-04", "三月", ""):
        with pytest.raises(Invalid, match="PAYMENT_MONTH_INVALID"):
            transaction(partial(payments.create_batch, staff=office.cashier, month=month))


def test_an_objection_after_the_notice_holds_the_payment_until_it_is_answered(
    office: Office, clock: FixedCalendar
) -> None:
    group = a_class([a_person(1), a_person(2, "李小红")], office)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    notice = a_posted_notice(office, approve_twice(submitted_claim(group.plan), office))
    objection = an_objection(notice, notice.entries[0].line_id)
    run_out(clock, notice)
    allotted(office)
    an_account(group.enterprise, office)
    clock.set(datetime.fromisoformat("2020-04-01T09:00:00+08:00"))
    assert [order.people for order in paid(office).orders] == [1]
    transaction(
        lambda: reviews.decide_objection(
            objection_id=objection.view.objection_id,
            uphold=False,
            answer="核实其参加了培训。",
            clause="三",
            staff=office.reviewer,
        )
    )
    clock.set(datetime.fromisoformat("2020-05-06T09:00:00+08:00"))
    assert paid(office).paid_fen == 44_400
    assert notices.notice_view(notice.notice_id).status == "closed"
    assert registers.reconcile_payments().agrees


def test_an_advance_for_new_hires_is_paid_without_waiting_for_a_month(office: Office, clock: FixedCalendar) -> None:
    enterprise = an_enterprise()
    persons = [a_person(serial) for serial in (1, 2)]
    hires.hired(enterprise, persons)
    clock.set(datetime.fromisoformat("2020-04-03T09:00:00+08:00"))
    hires.approved(hires.a_draft(enterprise), office.reviewer, office.second)
    an_account(enterprise, office)
    allotted(office, 30_000)
    assert [(row.kind_words, row.amount_fen, row.waits_for) for row in payments.queue()] == [
        ("新录用岗前培训", 30_000, ""),
        ("新录用岗前培训", 30_000, "资金不足，按提交时间排队"),
    ]
    allotted(office, 30_000)
    batch = paid(office)
    assert [(order.claim_id, order.amount_fen, order.status) for order in batch.orders] == [(None, 60_000, "paid")]
    register = registers.payments_register(enterprise_id=enterprise.id)
    assert [(row.amount_fen, row.claim_id, row.kind_words) for row in register.rows] == [
        (30_000, None, "新录用岗前培训")
    ] * 2
    assert registers.reconcile_payments().agrees
    assert payments.funds()[0].balance_fen == 0


def test_two_batches_at_once_do_not_use_the_same_money(app: Flask, office: Office) -> None:
    a_payable_class(office, 1)
    a_payable_class(office, 2)
    allotted(office, 44_400)
    errors = at_once(
        app,
        [
            lambda: payments.create_batch(staff=office.cashier),
            lambda: payments.create_batch(staff=office.releaser),
        ],
    )
    assert [error.code for error in errors if isinstance(error, DomainError)] == ["NOTHING_TO_PAY"]
    assert payments.funds()[0].free_fen == 0
    assert enterprises.bank_account_of(1) is not None
