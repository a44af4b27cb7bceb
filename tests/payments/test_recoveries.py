"""Asking money back: two persons, never more than was paid, and what comes back is an entry of its own."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.disputes import services as disputes
from backend.new_hires import services as new_hires
from backend.payments import services as payments
from backend.payments.services import RecoveryView
from backend.plans import services as plans
from backend.registers import services as registers
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from learning_records.evidence import log
from tests.cast import new_hires as hires
from tests.cast.claims import Class, Office, a_class, an_office, hours, learn, submitted_claim
from tests.cast.enterprises import an_enterprise
from tests.cast.payments import allotted, an_account, paid, payable
from tests.cast.plans import a_person, a_staff
from tests.evidence_audit.asking import audit

REASON = "抽查发现未实际参加培训。"


@pytest.fixture
def office(app: Flask) -> Office:
    made = an_office()
    allotted(made, 100_000)
    return made


@pytest.fixture
def group(office: Office) -> Class:
    made = a_class([a_person(1)], office)
    learn(made.persons[0], made.class_id, hours(24))
    payable(submitted_claim(made.plan), office)
    paid(office)
    return made


@pytest.fixture
def line(group: Class) -> UUID:
    claim = claims.claims_of_enterprise(group.enterprise.id)[0]
    return claims.claim_view(claim.claim_id).lines[0].line_id


def proposed(line: UUID, office: Office, amount_fen: int | None = None) -> RecoveryView:
    return transaction(
        lambda: payments.demand_recovery(
            subject_ref=line, reason=REASON, clause="四.5", staff=office.cashier, amount_fen=amount_fen
        )
    )


def decided(recovery: RecoveryView, office: Office, *, approve: bool = True) -> RecoveryView:
    return transaction(
        lambda: payments.decide_recovery(
            recovery_id=recovery.recovery_id, approve=approve, staff=office.releaser, reason="核实无误。"
        )
    )


def received(
    recovery: RecoveryView, office: Office, amount_fen: int, voucher: str, on: date = date(2020, 3, 2)
) -> None:
    transaction(
        lambda: payments.receive_recovery(
            recovery_id=recovery.recovery_id,
            amount_fen=amount_fen,
            received_on=on,
            voucher=voucher,
            staff=office.cashier,
        )
    )


def test_money_asked_back_returns_to_the_fund_and_edits_nothing(
    app: Flask, line: UUID, office: Office, clock: FixedCalendar
) -> None:
    recovery = proposed(line, office)
    assert (recovery.number, recovery.amount_fen, recovery.status, recovery.open_fen) == (
        "ZH2020-0001", 44_400, "proposed", 0
    )  # fmt: skip
    demanded = decided(recovery, office)
    assert (demanded.status, demanded.due_on, demanded.open_fen) == ("demanded", date(2020, 4, 1), 44_400)
    received(recovery, office, 40_000, "20200302-000123")
    assert payments.recovery_view(recovery.recovery_id).open_fen == 4_400
    received(recovery, office, 4_400, "20200302-000124")
    assert payments.recovery_view(recovery.recovery_id).status == "received"
    assert [receipt.amount_fen for receipt in payments.receipts(recovery.recovery_id)] == [40_000, 4_400]
    fund = payments.funds()[0]
    assert (fund.paid_fen, fund.received_fen, fund.balance_fen) == (44_400, 44_400, 100_000)
    assert claims.line_view(line).status == "settled"
    books = registers.reconcile_payments()
    assert (books.agrees, books.receipts_fen, books.recovery_open_fen) == (True, 44_400, 0)
    decisions = reviews.history(subject="recovery", subject_id=recovery.recovery_id)
    assert [(one.stage, one.verdict) for one in decisions] == [("first", "approve"), ("second", "approve")]
    log.sequence()
    _, report = audit(app)
    assert {"payment": 1, "allotment": 1, "recovery": 1, "recovery_receipt": 2}.items() <= report["rows"].items()
    of_money = ("payment", "fund", "recovery", "allotment")
    assert not [one for one in report["differences"] if one["sentence"].startswith(of_money)]


def test_part_of_it_may_be_asked_back_and_never_more_than_was_paid(line: UUID, office: Office) -> None:
    decided(proposed(line, office, 40_000), office)
    with pytest.raises(Invalid, match="RECOVERY_AMOUNT_INVALID"):
        proposed(line, office, 4_401)
    refused = decided(proposed(line, office), office, approve=False)
    assert (refused.amount_fen, refused.status) == (4_400, "refused")
    assert proposed(line, office).amount_fen == 4_400
    with pytest.raises(Conflict, match="RECOVERY_ALREADY_DEMANDED"):
        proposed(line, office)


def test_two_persons_demand(line: UUID, office: Office) -> None:
    recovery = proposed(line, office)
    with pytest.raises(NotAllowed, match="SECOND_PERSON_REQUIRED"):
        transaction(
            lambda: payments.decide_recovery(recovery_id=recovery.recovery_id, approve=True, staff=office.cashier)
        )
    assert decided(recovery, office) == decided(recovery, office)


def test_others_ask_nothing_back(line: UUID, office: Office) -> None:
    outsider, recovery = a_staff("outsider", "agent"), proposed(line, office)
    works = (
        lambda: payments.demand_recovery(subject_ref=line, reason=REASON, clause="四.5", staff=outsider),
        lambda: payments.decide_recovery(recovery_id=recovery.recovery_id, approve=True, staff=outsider),
        lambda: payments.receive_recovery(
            recovery_id=recovery.recovery_id, amount_fen=1, received_on=date(2020, 3, 2), voucher="0001", staff=outsider
        ),
    )
    for work in works:
        with pytest.raises(NotAllowed):
            transaction(work)


RECEIPTS = [
    (44_401, date(2020, 3, 2), "20200302-000123", "RECEIPT_INVALID"),
    (0, date(2020, 3, 2), "20200302-000123", "RECEIPT_INVALID"),
    (100, date(2020, 3, 1), "20200302-000123", "RECEIPT_INVALID"),
    (100, date(2020, 3, 3), "20200302-000123", "RECEIPT_INVALID"),
    (100, date(2020, 3, 2), " ", "RECEIPT_VOUCHER_REQUIRED"),
    (100, date(2020, 3, 2), "20200302-000001", "VOUCHER_KNOWN"),
]


def test_a_receipt_is_of_a_day_an_amount_and_a_voucher_of_its_own(line: UUID, office: Office) -> None:
    recovery = decided(proposed(line, office), office)
    received(recovery, office, 100, "20200302-000001")
    for amount_fen, on, voucher, code in RECEIPTS:
        with pytest.raises(DomainError, match=code):
            received(recovery, office, amount_fen, voucher, on)


def test_nothing_comes_back_before_it_was_demanded(line: UUID, office: Office) -> None:
    with pytest.raises(Conflict, match="RECOVERY_MOVE_REFUSED"):
        received(proposed(line, office), office, 100, "20200302-000123")


def test_what_was_never_paid_is_not_asked_back(office: Office) -> None:
    with pytest.raises(NotFound, match="PAYMENT_NOT_FOUND"):
        proposed(uuid4(), office)


def test_a_demand_past_its_day_is_overdue(line: UUID, office: Office, clock: FixedCalendar) -> None:
    recovery = decided(proposed(line, office), office)
    clock.set(datetime.fromisoformat("2020-04-01T23:59:00+08:00"))
    assert not payments.recovery_view(recovery.recovery_id).overdue
    clock.set(datetime.fromisoformat("2020-04-02T00:00:00+08:00"))
    assert payments.recovery_view(recovery.recovery_id).overdue


def test_an_upheld_dispute_after_payment_waits_for_its_recovery(group: Class, line: UUID, office: Office) -> None:
    person = group.persons[0]
    dispute = transaction(
        lambda: disputes.report_absence(
            worker_id=person.worker_id, class_id=group.class_id, text="我没有参加过这个班的培训。"
        )
    )
    transaction(
        lambda: reviews.decide_dispute(
            dispute_id=dispute.dispute_id, uphold=True, answer="核实其未参加。", clause="四.5", staff=office.reviewer
        )
    )
    (due,) = payments.recoveries_due()
    assert (due.subject_ref, due.amount_fen, due.source_ref) == (line, 44_400, dispute.dispute_id)
    recovery = proposed(line, office)
    assert payments.recoveries_due() == []
    decided(recovery, office)
    assert disputes.recoveries_due() == []
    assert plans.plan_view(group.plan.plan_id).status == "approved"


def test_an_advance_whose_training_did_not_happen_is_recovered(office: Office, clock: FixedCalendar) -> None:
    enterprise = an_enterprise("无锡锡山电子有限公司", serial=7)
    hires.hired(enterprise, [a_person(1)])
    clock.set(datetime.fromisoformat("2020-04-03T09:00:00+08:00"))
    application = hires.approved(hires.a_draft(enterprise), office.reviewer, office.second)
    an_account(enterprise, office)
    paid(office)
    clock.set(datetime.fromisoformat("2020-07-10T09:00:00+08:00"))
    (line,) = new_hires.application_view(application.application_id).lines
    transaction(
        lambda: reviews.decide_new_hire_check(
            line_id=line.line_id, staff=office.reviewer, trained=False, reason="未见培训记录。", clause="二(一)"
        )
    )
    (due,) = payments.recoveries_due()
    assert (due.amount_fen, due.enterprise_name) == (30_000, enterprise.name)
    recovery = decided(proposed(due.subject_ref, office), office)
    received(recovery, office, 30_000, "20200710-000001", date(2020, 7, 10))
    assert new_hires.recoveries_due() == []
    assert payments.funds()[0].balance_fen == 100_000
    assert registers.reconcile_payments().agrees


STATEMENTS = [
    ("UPDATE recovery SET amount_fen = 1", "not edited"),
    ("UPDATE recovery SET status = 'received'", "not all of it came back"),
    ("UPDATE recovery_receipt SET amount_fen = 1", "append-only"),
    ("DELETE FROM recovery_receipt", "append-only"),
    ("UPDATE fund_allotment SET amount_fen = 1", "not edited"),
    ("UPDATE fund_allotment SET status = 'proposed'", "not allowed"),
    ("UPDATE fund SET opening_fen = 1", "not edited"),
    (
        "INSERT INTO recovery_receipt (public_id, recovery_id, fund, amount_fen, received_on, voucher, recorded_by_id, "
        "at) SELECT public_id, id, fund, 44400, due_on, 'x', proposed_by_id, proposed_at FROM recovery",
        "nothing of that amount is to come back",
    ),
    (
        "INSERT INTO recovery (public_id, number, item_id, enterprise_id, fund, amount_fen, reason, clause, status, "
        "proposed_by_id, proposed_at) SELECT i.public_id, 'x', item_id, enterprise_id, fund, 1, reason, clause, "
        "'proposed', proposed_by_id, proposed_at FROM recovery r JOIN payment_item i ON i.id = r.item_id",
        "more than was paid",
    ),
]


def test_the_database_keeps_what_was_asked_and_came_back(line: UUID, office: Office) -> None:
    recovery = decided(proposed(line, office), office)
    received(recovery, office, 100, "20200302-000123")
    for statement, words in STATEMENTS:
        with pytest.raises(DBAPIError, match=words):
            transaction(partial(db.session.execute, sa.text(statement)))
