"""Paying: two persons, to the fen, once; seconds and money settled together; and a register that equals the books."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.payments import services as payments
from backend.payments.services import BatchView
from backend.registers import services as registers
from config.clock import FixedCalendar
from config.database import db, is_sqlite, transaction
from config.errors import Conflict, DomainError, NotAllowed, NotFound
from tests.cast.at_once import at_once
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.evidence import a_record_of
from tests.cast.payments import a_batch, a_return, allotted, an_account, paid, payable, released, taken
from tests.cast.plans import a_long_course, a_person, a_staff


@pytest.fixture
def office(app: Flask) -> Office:
    made = an_office()
    allotted(made)
    return made


@pytest.fixture
def classes(office: Office) -> list[Class]:
    """Two enterprises that share a worker: 444 and 500 yuan in the first, 56 and 462.50 in the second."""
    shared, second, third = a_person(1), a_person(2, "李小红"), a_person(3, "张小刚")
    made = [
        a_class([shared, second], office, serial=1),
        a_class([shared, third], office, serial=2, course=a_long_course()),
    ]
    learn(shared, made[0].class_id, hours(24))
    learn(second, made[0].class_id, hours(28))
    learn(shared, made[1].class_id, hours(24))
    learn(third, made[1].class_id, hours(25))
    return made


@pytest.fixture
def batch(classes: list[Class], office: Office) -> BatchView:
    for group in classes:
        payable(submitted_claim(group.plan), office)
    return a_batch(office)


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> DomainError:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code
    return caught.value


def pay(batch: BatchView, office: Office) -> BatchView:
    sent = released(batch, office)
    taken(sent, a_return(sent), office)
    return payments.batch_view(batch.batch_id)


def test_a_batch_has_one_order_a_claim_and_their_total(batch: BatchView) -> None:
    assert [order.amount_fen for order in batch.orders] == [94_400, 51_850]
    assert [order.number for order in batch.orders] == ["P202003-01-0001", "P202003-01-0002"]
    assert [(order.payee_name, order.account_last4) for order in batch.orders] == [
        ("无锡第1机械有限公司", "4567"),
        ("无锡第2机械有限公司", "4567"),
    ]
    assert (batch.number, batch.month, batch.total_fen, batch.status) == ("P202003-01", "2020-03", 146_250, "created")
    assert payments.queue() == []


def test_the_bank_s_yes_settles_seconds_and_writes_the_money_in_one_go(
    batch: BatchView, office: Office, classes: list[Class], clock: FixedCalendar
) -> None:
    sent = released(batch, office)
    shared = classes[0].persons[0].worker_id
    assert credit_bank.balance(worker_id=shared).settled_seconds == 0
    clock.advance(86_400)
    taken(sent, a_return(sent), office)
    done = payments.batch_view(batch.batch_id)
    assert (done.status, done.released_by, done.paid_at, done.paid_fen) == ("paid", "releaser", clock(), 146_250)
    balance = credit_bank.balance(worker_id=shared)
    assert (balance.claimable_seconds, balance.held_seconds, balance.settled_seconds) == (0, 0, hours(48))
    assert balance.learned_seconds == hours(48)
    assert credit_bank.trial_balance() == 0
    assert [own.amount_fen for own in claims.claims_in_name_of(shared)] == [5_600, 44_400]
    assert {own.status for own in claims.claims_in_name_of(shared)} == {"paid"}


def test_the_register_equals_ledger_orders_and_claims_to_the_fen(batch: BatchView, office: Office) -> None:
    assert registers.payments_register().rows == ()
    pay(batch, office)
    register = registers.payments_register()
    assert [row.amount_fen for row in register.rows] == [44_400, 50_000, 5_600, 46_250]
    assert (register.total_fen, register.people, register.class_hours) == (146_250, 3, 24 + 28 + 24 + 25)
    assert [row.masked_name for row in register.rows] == ["王*明", "李*红", "王*明", "张*刚"]
    assert {row.fund for row in register.rows} == {"职业技能提升行动专账资金"}
    books = registers.reconcile_payments()
    assert books.agrees
    assert (books.fund_entries_fen, books.settled_seconds) == (146_250, hours(24 + 28 + 24 + 25))


def test_the_register_of_one_enterprise_shows_its_own_rows_only(
    batch: BatchView, office: Office, classes: list[Class]
) -> None:
    pay(batch, office)
    own = registers.payments_register(enterprise_id=classes[1].enterprise.id)
    assert [row.amount_fen for row in own.rows] == [5_600, 46_250]
    assert {row.enterprise_name for row in own.rows} == {classes[1].enterprise.name}


def test_releasing_and_returning_twice_pays_once(batch: BatchView, office: Office, clock: FixedCalendar) -> None:
    sent = released(batch, office)
    assert released(batch, office) == sent
    content = a_return(sent)
    first = taken(sent, content, office)
    clock.advance(60)
    again = taken(sent, content, office)
    assert (first.again, again.again, again.return_id) == (False, True, first.return_id)
    assert released(batch, office).status == "paid"
    assert registers.reconcile_payments().fund_entries_fen == 146_250
    refused(lambda: payments.create_batch(staff=office.cashier), Conflict, "NOTHING_TO_PAY")


def test_who_made_the_batch_does_not_release_it(batch: BatchView, office: Office) -> None:
    refused(
        lambda: payments.release_batch(batch_id=batch.batch_id, staff=office.cashier),
        NotAllowed,
        "SECOND_PERSON_REQUIRED",
    )
    refused(lambda: payments.order_file(batch_id=batch.batch_id, staff=office.cashier), Conflict, "BATCH_NOT_RELEASED")


def test_money_is_for_the_cashiers(batch: BatchView) -> None:
    outsider, batch_id = a_staff("outsider", "reviewer"), batch.batch_id
    refused(lambda: payments.create_batch(staff=outsider), NotAllowed, "CASHIER_ROLE_REQUIRED")
    refused(lambda: payments.cancel_batch(batch_id=batch_id, staff=outsider), NotAllowed, "CASHIER_ROLE_REQUIRED")
    refused(lambda: payments.release_batch(batch_id=batch_id, staff=outsider), NotAllowed, "RELEASER_ROLE_REQUIRED")
    refused(lambda: payments.order_file(batch_id=batch_id, staff=outsider), NotAllowed, "RELEASER_ROLE_REQUIRED")
    refused(
        lambda: payments.take_return(batch_id=batch_id, content=b"", staff=outsider),
        NotAllowed,
        "CASHIER_ROLE_REQUIRED",
    )


def test_a_claim_that_is_not_off_notice_is_not_paid(classes: list[Class], office: Office) -> None:
    approve_twice(submitted_claim(classes[0].plan), office)
    an_account(classes[0].enterprise, office)
    assert payments.queue() == []
    refused(lambda: payments.create_batch(staff=office.cashier), Conflict, "NOTHING_TO_PAY")


def test_an_unknown_batch_is_not_found(office: Office, batch: BatchView) -> None:
    unknown = batch.orders[0].order_id
    refused(lambda: payments.release_batch(batch_id=unknown, staff=office.releaser), NotFound, "BATCH_NOT_FOUND")


def test_a_cancelled_batch_lets_its_lines_wait_again(batch: BatchView, office: Office) -> None:
    for _ in range(2):
        cancelled = transaction(lambda: payments.cancel_batch(batch_id=batch.batch_id, staff=office.releaser))
        assert (cancelled.status, {order.status for order in cancelled.orders}) == ("cancelled", {"cancelled"})
    refused(
        lambda: payments.release_batch(batch_id=batch.batch_id, staff=office.releaser), Conflict, "BATCH_MOVE_REFUSED"
    )
    assert paid(office).number == "P202003-02"
    assert registers.reconcile_payments().agrees
    refused(
        lambda: payments.cancel_batch(batch_id=payments.batches()[0].batch_id, staff=office.cashier),
        Conflict,
        "BATCH_MOVE_REFUSED",
    )


def test_a_batch_that_is_out_of_date_is_not_released(batch: BatchView, office: Office, classes: list[Class]) -> None:
    claim = claims.claims_of_enterprise(classes[0].enterprise.id)[0]
    line = claims.claim_view(claim.claim_id).lines[0]
    transaction(
        lambda: claims.strike_lines(
            claim_id=claim.claim_id, line_ids=[line.line_id], reason="异议成立", clause="三", actor="staff:reviewer"
        )
    )
    an_account(classes[1].enterprise, office, "6222021103007654321")
    error = refused(
        lambda: payments.release_batch(batch_id=batch.batch_id, staff=office.releaser), Conflict, "BATCH_OUTDATED"
    )
    assert [problem["order"] for problem in error.errors] == ["P202003-01-0001", "P202003-01-0002"]
    transaction(lambda: payments.cancel_batch(batch_id=batch.batch_id, staff=office.cashier))
    assert paid(office).total_fen == 146_250 - line.granted_fen


def test_money_at_the_bank_is_not_struck(batch: BatchView, office: Office, classes: list[Class]) -> None:
    released(batch, office)
    claim = claims.claim_view(claims.claims_of_enterprise(classes[0].enterprise.id)[0].claim_id)
    refused(
        lambda: claims.strike_lines(
            claim_id=claim.claim_id,
            line_ids=[claim.lines[0].line_id],
            reason="异议成立",
            clause="三",
            actor="staff:reviewer",
        ),
        Conflict,
        "LINE_AT_BANK",
    )


STATEMENTS = [
    ("UPDATE fund_entry SET amount_fen = amount_fen + 1", "append-only"),
    ("DELETE FROM fund_entry", "append-only"),
    ("DELETE FROM bank_return", "append-only"),
    ("UPDATE payment_order SET amount_fen = 1", "not edited"),
    ("UPDATE payment_order SET payee_name = '别人'", "not edited"),
    ("UPDATE payment_item SET amount_fen = 1", "not edited"),
    ("UPDATE payment_item SET live = (1 = 0)", "neither cancelled nor failed"),
    ("UPDATE payment_batch SET total_fen = 1", "not edited"),
    ("UPDATE payment_batch SET status = 'created', released_by_id = NULL, paid_at = NULL", "released before"),
    ("UPDATE payment_batch SET released_by_id = created_by_id", "released before"),
    ("UPDATE payment_batch SET paid_fen = 1", "not what the bank returned"),
    ("UPDATE fund SET paid_fen = paid_fen + 100000000", "not_overdrawn"),
]


def test_the_database_refuses_to_touch_money_that_was_paid(batch: BatchView, office: Office) -> None:
    pay(batch, office)
    for statement, words in STATEMENTS:
        with pytest.raises(DBAPIError, match=words):
            transaction(partial(db.session.execute, sa.text(statement)))


FUND_ENTRY = (
    "INSERT INTO fund_entry (public_id, fund, policy_version, order_id, claim_line_id, amount_fen, at, item_id) "
    "SELECT i.public_id, o.fund, o.policy_version, o.id, i.claim_line_id, i.amount_fen, b.created_at, i.id "
    "FROM payment_item i JOIN payment_order o ON o.id = i.order_id JOIN payment_batch b ON b.id = o.batch_id LIMIT 1"
)


def test_the_database_lets_no_money_out_that_the_bank_did_not_pay(batch: BatchView, office: Office) -> None:
    released(batch, office)
    for made in batch.orders:
        a_record_of("payment", made.order_id)
    with pytest.raises(DBAPIError, match="not what a settled line of the order was granted"):
        transaction(lambda: db.session.execute(sa.text(FUND_ENTRY)))
    paid_unsettled = "UPDATE payment_order SET status = 'paid', paid_at = (SELECT MAX(created_at) FROM payment_batch)"
    with pytest.raises(DBAPIError, match="not what a settled line of the order was granted"):
        transaction(lambda: [db.session.execute(sa.text(text)) for text in (paid_unsettled, FUND_ENTRY)])


def test_the_database_pays_nothing_without_its_evidence_record(batch: BatchView, office: Office) -> None:
    released(batch, office)
    paid_order = "UPDATE payment_order SET status = 'paid', paid_at = (SELECT created_at FROM payment_batch)"
    with pytest.raises(DBAPIError, match="payment_order: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(sa.text(paid_order)))
    other_guard = "DROP TRIGGER fund_entry_of_line" + ("" if is_sqlite() else " ON fund_entry")
    transaction(lambda: db.session.execute(sa.text(other_guard)))
    with pytest.raises(DBAPIError, match="fund_entry: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(sa.text(FUND_ENTRY)))


ITEM = (
    "INSERT INTO payment_item (public_id, order_id, subject_kind, subject_ref, claim_line_id, amount_fen, live) "
    "SELECT l.public_id, o.id, 'claim_line', l.public_id, l.id, {amount}, (1 = 1) FROM claim_line l "
    "JOIN payment_order o ON o.claim_id {claim} l.claim_id WHERE {line} LIMIT 1"
)


ITEMS = [
    ("l.payable_at IS NULL", "=", "l.granted_fen", "nothing that may be paid stands behind it"),
    ("l.payable_at IS NOT NULL", "=", "l.granted_fen + 1", "nothing that may be paid stands behind it"),
    ("l.payable_at IS NOT NULL", "<>", "l.granted_fen", "nothing that may be paid stands behind it"),
    ("l.payable_at IS NOT NULL", "=", "l.granted_fen", "(?i)unique"),
]


def test_the_database_orders_a_line_only_while_it_is_payable_and_once(classes: list[Class], office: Office) -> None:
    first = submitted_claim(classes[0].plan)
    payable(first, office, blocked=[claims.claim_view(first.claim_id).lines[0].line_id])
    payable(submitted_claim(classes[1].plan), office)
    assert [order.people for order in a_batch(office).orders] == [1, 2]
    for line, claim, amount, words in ITEMS:
        statement = sa.text(ITEM.format(line=line, claim=claim, amount=amount))
        with pytest.raises(DBAPIError, match=words):
            transaction(partial(db.session.execute, statement))


def test_two_cashiers_at_once_make_one_batch(app: Flask, classes: list[Class], office: Office) -> None:
    payable(submitted_claim(classes[0].plan), office)
    errors = at_once(
        app,
        [
            lambda: payments.create_batch(staff=office.cashier),
            lambda: payments.create_batch(staff=office.releaser),
        ],
    )
    assert len(errors) == 1
    assert isinstance(errors[0], Conflict)
    assert errors[0].code in ("BATCH_MADE_MEANWHILE", "NOTHING_TO_PAY")
    assert len(payments.batches()) == 1


def test_the_same_return_twice_at_once_pays_once(app: Flask, batch: BatchView, office: Office) -> None:
    sent = released(batch, office)
    content = a_return(sent)

    def take() -> object:
        return payments.take_return(batch_id=batch.batch_id, content=content, staff=office.cashier)

    assert at_once(app, [take, take]) == []
    books = registers.reconcile_payments()
    assert books.agrees
    assert books.fund_entries_fen == 146_250
