"""Paying: two persons, to the fen, once; seconds and money settled together; and a register that equals the books."""

from __future__ import annotations

from collections.abc import Callable

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
from tests.cast.plans import a_long_course, a_person, a_staff


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


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
        approve_twice(submitted_claim(group.plan), office)
    return transaction(lambda: payments.create_batch(staff=office.cashier))


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> None:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code


def pay(batch: BatchView, office: Office) -> BatchView:
    return transaction(lambda: payments.pay_batch(batch_id=batch.batch_id, staff=office.releaser))


def test_a_batch_has_one_order_a_claim_and_their_total(batch: BatchView) -> None:
    assert [order.amount_fen for order in batch.orders] == [94_400, 51_850]
    assert (batch.total_fen, batch.status, batch.created_by) == (146_250, "created", "cashier")
    assert payments.payable_claims() == []


def test_paying_settles_seconds_and_writes_the_money_in_one_go(
    batch: BatchView, office: Office, classes: list[Class], clock: FixedCalendar
) -> None:
    clock.advance(86_400)
    paid = pay(batch, office)
    assert (paid.status, paid.released_by, paid.paid_at) == ("paid", "releaser", clock())
    shared = classes[0].persons[0].worker_id
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


def test_paying_twice_pays_once(batch: BatchView, office: Office, clock: FixedCalendar) -> None:
    first = pay(batch, office)
    clock.advance(60)
    assert pay(batch, office) == first
    assert registers.reconcile_payments().fund_entries_fen == 146_250
    refused(lambda: payments.create_batch(staff=office.cashier), Conflict, "NOTHING_TO_PAY")


def test_who_made_the_batch_does_not_release_it(batch: BatchView, office: Office) -> None:
    refused(
        lambda: payments.pay_batch(batch_id=batch.batch_id, staff=office.cashier), NotAllowed, "SECOND_PERSON_REQUIRED"
    )
    assert registers.reconcile_payments().fund_entries_fen == 0


@pytest.mark.parametrize("role", ["agent", "reviewer", "desk_clerk", "author"])
def test_money_is_for_the_cashiers(batch: BatchView, role: str) -> None:
    outsider = a_staff("outsider", role)
    refused(lambda: payments.create_batch(staff=outsider), NotAllowed, "CASHIER_ROLE_REQUIRED")
    refused(lambda: payments.pay_batch(batch_id=batch.batch_id, staff=outsider), NotAllowed, "RELEASER_ROLE_REQUIRED")


def test_a_claim_that_is_not_approved_is_not_paid(classes: list[Class], office: Office) -> None:
    submitted_claim(classes[0].plan)
    refused(lambda: payments.create_batch(staff=office.cashier), Conflict, "NOTHING_TO_PAY")


def test_an_unknown_batch_is_not_found(office: Office, batch: BatchView) -> None:
    unknown = batch.orders[0].order_id
    refused(lambda: payments.pay_batch(batch_id=unknown, staff=office.releaser), NotFound, "BATCH_NOT_FOUND")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE fund_entry SET amount_fen = amount_fen + 1", "append-only"),
        ("DELETE FROM fund_entry", "append-only"),
        ("UPDATE payment_order SET amount_fen = 1", "not edited"),
        ("UPDATE payment_batch SET total_fen = 1", "not edited"),
        ("UPDATE payment_batch SET status = 'created', released_by_id = NULL, paid_at = NULL", "not allowed"),
        ("UPDATE payment_batch SET released_by_id = created_by_id", "two_persons"),
    ],
)
def test_the_database_refuses_to_touch_money_that_was_paid(
    batch: BatchView, office: Office, statement: str, words: str
) -> None:
    pay(batch, office)
    with pytest.raises(DBAPIError, match=words):
        transaction(lambda: db.session.execute(sa.text(statement)))


FUND_ENTRY = (
    "INSERT INTO fund_entry (public_id, fund, policy_version, order_id, claim_line_id, amount_fen, at) "
    "SELECT claim_line.public_id, 'x', 'x', payment_order.id, claim_line.id, {amount}, claim.submitted_at "
    "FROM claim_line JOIN subsidy_claim claim ON claim.id = claim_line.claim_id JOIN payment_order ON {order} LIMIT 1"
)


@pytest.mark.parametrize(
    ("amount", "order"),
    [
        ("claim_line.amount_fen", "payment_order.claim_id = claim.id"),  # not settled yet
        ("claim_line.amount_fen + 1", "payment_order.claim_id = claim.id"),
        ("claim_line.amount_fen", "payment_order.claim_id <> claim.id"),
    ],
)
def test_the_database_lets_no_money_out_that_was_not_granted(batch: BatchView, amount: str, order: str) -> None:
    for made in batch.orders:
        a_record_of("payment", made.order_id)
    statement = sa.text(FUND_ENTRY.format(amount=amount, order=order))
    with pytest.raises(DBAPIError, match="not what a settled line of the order was granted"):
        transaction(lambda: db.session.execute(statement))


def test_the_database_pays_nothing_without_its_evidence_record(batch: BatchView, office: Office) -> None:
    paid = "UPDATE payment_order SET status = 'paid', paid_at = (SELECT created_at FROM payment_batch)"
    with pytest.raises(DBAPIError, match="payment_order: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(sa.text(paid)))
    entry = sa.text(FUND_ENTRY.format(amount="claim_line.amount_fen", order="payment_order.claim_id = claim.id"))
    other_guard = "DROP TRIGGER fund_entry_of_line" + ("" if is_sqlite() else " ON fund_entry")
    transaction(lambda: db.session.execute(sa.text(other_guard)))
    with pytest.raises(DBAPIError, match="fund_entry: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(entry))


@pytest.mark.parametrize(("status", "amount"), [("submitted", "claim.total_fen"), ("approved", "claim.total_fen + 1")])
def test_the_database_orders_only_what_an_approved_claim_comes_to(
    classes: list[Class], office: Office, status: str, amount: str
) -> None:
    claim = submitted_claim(classes[0].plan)
    approve_twice(submitted_claim(classes[1].plan), office)
    batch = transaction(lambda: payments.create_batch(staff=office.cashier))
    if status == "approved":
        approve_twice(claim, office)
    statement = sa.text(
        "INSERT INTO payment_order (public_id, batch_id, claim_id, enterprise_id, amount_fen, status) "
        f"SELECT :id, payment_batch.id, claim.id, claim.enterprise_id, {amount}, 'created' "
        "FROM subsidy_claim claim, payment_batch WHERE claim.id = :claim"
    ).bindparams(sa.bindparam("id", type_=sa.Uuid()))
    values = {"id": batch.batch_id, "claim": claim.id}
    with pytest.raises(DBAPIError, match="not what an approved claim comes to"):
        transaction(lambda: db.session.execute(statement, values))


def test_two_cashiers_at_once_make_one_batch(app: Flask, classes: list[Class], office: Office) -> None:
    approve_twice(submitted_claim(classes[0].plan), office)
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


def test_two_releases_at_once_pay_once(app: Flask, batch: BatchView, office: Office) -> None:
    def release() -> object:
        return payments.pay_batch(batch_id=batch.batch_id, staff=office.releaser)

    assert at_once(app, [release, release]) == []
    books = registers.reconcile_payments()
    assert books.agrees
    assert books.fund_entries_fen == 146_250
