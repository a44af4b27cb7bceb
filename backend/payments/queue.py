"""What waits to be paid: gathered from claims and new hires, placed by the rules, with the reason where a line waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa

from backend.claims import services as claims
from backend.disputes.rules import blocked
from backend.enterprises import services as enterprises
from backend.enterprises.services import BankAccountView
from backend.new_hires import services as new_hires
from backend.payments import guards, rules
from backend.payments.funds import free_fen, fund_of
from backend.payments.models import PaymentItem, PaymentOrder
from backend.payments.rules import Account, DueLine, Placed
from backend.payments.views import QueueRow
from config import clock
from config.database import Base, db, guard

# Here and not beside the other guards: the table is that of claims, which has to be known first.
guard(
    Base.metadata.tables["claim_line"], sqlite=guards.LINE_WITH_BANK.sqlite, postgresql=guards.LINE_WITH_BANK.postgresql
)

_CONTESTED = sa.text(
    "SELECT l.public_id FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id "
    "WHERE l.status = 'held' AND l.payable_at IS NOT NULL AND <blocked>".replace(
        "<blocked>", blocked("l.public_id", "c.public_id")
    )
).columns(public_id=sa.Uuid())


def due_lines() -> list[DueLine]:
    """Every line that may be paid and is in no live order."""
    ordered = set(db.session.scalars(sa.select(PaymentItem.subject_ref).where(PaymentItem.live)))
    return [line for line in [*_of_claims(), *_of_new_hires()] if line.subject_ref not in ordered]


def payable_refs() -> set[UUID]:
    """The public ids of all lines that nothing stands in the way of, in an order or not."""
    return {line.subject_ref for line in [*_of_claims(), *_of_new_hires()]} - contested()


def contested() -> set[UUID]:
    """Lines of claims against which an objection or a dispute is open."""
    return set(db.session.scalars(_CONTESTED))


def placed(month: str | None = None) -> list[Placed]:
    """The queue for the batch of that month (``YYYY-MM``; None: this month). Raises ``Invalid`` PAYMENT_MONTH_INVALID."""
    lines = due_lines()
    return rules.place(
        lines,
        first_of_month=rules.month_of(month, clock.today()),
        accounts=usable_accounts({line.enterprise_id for line in lines}),
        free_fen=free_fen(),
        contested=contested(),
    )


def queue(month: str | None = None) -> list[QueueRow]:
    """The queue as people see it: one row for lines of one claim or application that share their fate, with its place."""
    rows = []
    for place, (_, group) in enumerate(groupby(placed(month), key=_fate), start=1):
        some = list(group)
        first = some[0].line
        rows.append(
            QueueRow(
                place=place,
                kind=first.kind,
                kind_words=rules.SUBJECT_WORDS[first.kind],
                subject_ref=first.group,
                enterprise_name=enterprises.enterprise_by_id(first.enterprise_id).name,
                filing_number=filing_number(first.kind, first.group_row_id),
                submitted_at=first.submitted_at,
                payable_on=min(one.line.payable_on for one in some),
                people=len(some),
                amount_fen=sum(one.line.amount_fen for one in some),
                waits_for=some[0].waits_for,
            )
        )
    return rows


def filing_number(kind: str, group_row_id: int | None) -> str | None:
    """The filing number of the plan behind a claim; an advance for new hires has none."""
    if kind != "claim_line" or group_row_id is None:
        return None
    return claims.claim_view_by_id(group_row_id).filing_number


def bank_accounts(enterprise_ids: Iterable[int]) -> dict[int, BankAccountView]:
    """The confirmed account of each enterprise that has one."""
    found = {enterprise_id: enterprises.bank_account_of(enterprise_id) for enterprise_id in enterprise_ids}
    return {enterprise_id: account for enterprise_id, account in found.items() if account is not None}


def usable_accounts(enterprise_ids: Iterable[int]) -> Mapping[int, Account]:
    """Which account each enterprise's money goes to, or why to none: one that a bank refused is not tried again."""
    ids = set(enterprise_ids)
    known = bank_accounts(ids)
    refused = {
        (row.enterprise_id, row.account_ref): row.failure_code
        for row in db.session.execute(
            sa.select(PaymentOrder.enterprise_id, PaymentOrder.account_ref, PaymentOrder.failure_code).where(
                PaymentOrder.enterprise_id.in_(ids), PaymentOrder.failure_code.in_(rules.WRONG_ACCOUNT)
            )
        )
    }
    found = {}
    for enterprise_id in ids:
        account = known.get(enterprise_id)
        code = None if account is None else refused.get((enterprise_id, account.account_id))
        if account is None:
            found[enterprise_id] = Account(None, rules.NO_ACCOUNT)
        elif code is not None:
            found[enterprise_id] = Account(None, f"上次付款失败（{rules.FAILURE_WORDS[code]}），等待企业更正账户")
        else:
            found[enterprise_id] = Account(account.account_id)
    return found


def _fate(one: Placed) -> tuple[str, UUID, str]:
    return one.line.kind, one.line.group, one.waits_for


def _of_claims() -> list[DueLine]:
    return [
        DueLine(
            kind="claim_line",
            subject_ref=line.line_id,
            row_id=line.id,
            group=line.claim_id,
            group_row_id=line.claim_row_id,
            enterprise_id=line.enterprise_id,
            policy_version=line.policy_version,
            fund=fund_of(line.policy_id, line.policy_version),
            amount_fen=line.amount_fen,
            submitted_at=line.submitted_at,
            payable_on=clock.local_date(line.payable_at),
        )
        for line in claims.payable_lines()
    ]


def _of_new_hires() -> list[DueLine]:
    return [
        DueLine(
            kind="new_hire",
            subject_ref=line.line_id,
            row_id=line.id,
            group=line.application_id,
            group_row_id=None,
            enterprise_id=line.enterprise_id,
            policy_version=line.policy_version,
            fund=fund_of(line.policy_id, line.policy_version),
            amount_fen=line.amount_fen,
            submitted_at=line.submitted_at,
            payable_on=clock.local_date(line.payable_at),
        )
        for line in new_hires.payable_lines()
    ]
