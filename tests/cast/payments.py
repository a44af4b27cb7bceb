"""Accounts, money in the fund, claims that became payable, batches, and the bank that answers: built through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.enterprises import services as enterprises
from backend.enterprises.services import BankAccountView, EnterpriseView
from backend.payments import services as payments
from backend.payments.services import BatchView, OrderView, ReturnView
from backend.people import services as people
from backend.reviews import services as reviews
from config import clock
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast.claims import Office, approve_twice
from tests.cast.enterprises import PASSWORD
from tests.cast.notices import a_posted_notice, run_out

FUND = "职业技能提升行动专账资金"
ENOUGH_FEN = 100_000_000
ACCOUNT = "6222021103001234567"


def an_account(enterprise: EnterpriseView, office: Office, number: str = ACCOUNT) -> BankAccountView:
    """An account of the enterprise, named by an agent of its own and confirmed by a reviewer."""
    count = len(enterprises.bank_accounts_of(enterprise.id))

    def name() -> BankAccountView:
        agent = people.create_staff_account(
            username=f"treasurer.{enterprise.id}.{count}", display_name="王出纳", password=PASSWORD, role="agent"
        )
        enterprises.add_agent(enterprise_id=enterprise.id, staff_id=agent.id)
        return enterprises.propose_account(
            enterprise_id=enterprise.id,
            holder_name=enterprise.name,
            bank_name="中国工商银行无锡分行营业部",
            number=number,
            staff=agent,
        )

    made = transaction(name)
    return transaction(lambda: reviews.confirm_bank_account(account_id=made.account_id, staff=office.reviewer))


def allotted(office: Office, amount_fen: int = ENOUGH_FEN) -> None:
    """That much more in the fund, by two persons."""
    made = transaction(
        lambda: payments.propose_allotment(
            fund=FUND, amount_fen=amount_fen, document="锡财社〔2020〕12号", staff=office.cashier
        )
    )
    transaction(lambda: payments.decide_allotment(allotment_id=made.allotment_id, confirm=True, staff=office.releaser))


def payable(claim: ClaimView, office: Office, *, blocked: Sequence[UUID] = ()) -> ClaimView:
    """The submitted claim approved by two, its notice over since the end of last month; its enterprise has an account."""
    approve_twice(claim, office)
    return off_notice(claim, office, blocked=blocked)


def off_notice(claim: ClaimView, office: Office, *, blocked: Sequence[UUID] = ()) -> ClaimView:
    """An approved claim, its notice over since the end of last month; its enterprise has an account."""
    if enterprises.bank_account_of(claim.enterprise_id) is None:
        an_account(enterprises.enterprise_by_id(claim.enterprise_id), office)
    before = clock.start_of_day(clock.today().replace(day=1)) - timedelta(hours=1)
    transaction(lambda: claims.put_on_notice(claim_id=claim.claim_id, actor="staff:reviewer"))
    return transaction(
        lambda: claims.close_notice(claim_id=claim.claim_id, blocked=blocked, actor="staff:reviewer", at=before)
    )


def a_batch(office: Office) -> BatchView:
    """A batch of everything that is due."""
    return transaction(lambda: payments.create_batch(staff=office.cashier))


def released(batch: BatchView, office: Office) -> BatchView:
    """The batch, let go to the bank by the second person."""
    return transaction(lambda: payments.release_batch(batch_id=batch.batch_id, staff=office.releaser))


def a_return(batch: BatchView, *, orders: Sequence[OrderView] | None = None, **failures: str) -> bytes:
    """What the bank returns of these orders (of all): paid, or failed with the code given for the last four of its number."""
    chosen = batch.orders if orders is None else orders
    rows = [["H", "1", "RETURN", batch.number, clock.today().isoformat()]]
    for sequence, order in enumerate(chosen, start=1):
        code = failures.get(f"order_{order.number[-4:]}", "")
        outcome, text = ("FAILED", "退票") if code else ("PAID", "")
        rows.append(["R", str(sequence), order.number, str(order.amount_fen), outcome, code, text])
    return payments.sealed_file(rows, sum(order.amount_fen for order in chosen))


def taken(batch: BatchView, content: bytes, office: Office) -> ReturnView:
    """The return file, taken in."""
    return transaction(lambda: payments.take_return(batch_id=batch.batch_id, content=content, staff=office.cashier))


def paid(office: Office) -> BatchView:
    """Everything that is due, in one batch that the bank paid."""
    batch = released(a_batch(office), office)
    taken(batch, a_return(batch), office)
    return payments.batch_view(batch.batch_id)


def pay(claim: ClaimView, office: Office) -> BatchView:
    """The submitted claim approved, off notice and paid, with enough in the fund."""
    allotted(office)
    payable(claim, office)
    return paid(office)


def pay_after_notice(claim: ClaimView, office: Office, calendar: FixedCalendar) -> BatchView:
    """The submitted claim approved, on a public notice until it ran out, and paid in the month after."""
    allotted(office)
    an_account(enterprises.enterprise_by_id(claim.enterprise_id), office)
    run_out(calendar, a_posted_notice(office, approve_twice(claim, office)))
    calendar.set(clock.start_of_day((clock.today().replace(day=1) + timedelta(days=31)).replace(day=1)))
    return paid(office)
