"""``flask registers replay``: every payment since day one, from the evidence log, against the books of the desk (四.1)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from backend.claims.models import ClaimLine
from backend.payments.models import FundEntry, PaymentOrder
from backend.registers.replaying import KINDS, Difference, Replay
from config.database import db
from learning_records.evidence.bodies import select_stored, stored_body
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord

_AT_ONCE = 2_000


@dataclass(frozen=True)
class ReplayReport:
    """What was replayed and the first difference; ``agrees`` when there is none."""

    records: int
    payments: int
    lines: int
    paid_fen: int
    difference: Difference | None

    @property
    def agrees(self) -> bool:
        """Whether the books say what follows from the log."""
        return self.difference is None


def count_records() -> int:
    """How many records a replay reads."""
    query = select(func.count()).select_from(EvidenceRecord).where(EvidenceRecord.kind.in_(KINDS))
    return db.session.scalar(query) or 0


def replay(advance: Callable[[int], None] = lambda count: None) -> ReplayReport:
    """Work out every payment again from the log; what is not in the log yet (a second or two) is not looked at.

    Stops at the first difference: of a record, of seconds and payments, or of the fund's entries.
    """
    replayed = Replay()
    records = 0

    def differences() -> Iterator[Difference]:
        nonlocal records
        for subject, kind, body, problems in _records():
            records += 1
            advance(1)
            if problems:
                yield Difference(subject, "存证", "完好", "；".join(problems))
                return
            yield from replayed.feed(subject, kind, body)
        yield from replayed.finish()
        yield from _against_books(replayed)

    first = next(differences(), None)
    return ReplayReport(
        records=records,
        payments=len(replayed.payments),
        lines=sum(len(payment.lines) for payment in replayed.payments.values()),
        paid_fen=sum(payment.amount_fen for payment in replayed.payments.values()),
        difference=first,
    )


def _records() -> Iterator[tuple[str, str, dict[str, object], tuple[str, ...]]]:
    """(subject, kind, body, what is wrong with it) of the records concerned, in the order of the log."""
    after = -1
    query = select_stored().where(EvidenceRecord.kind.in_(KINDS)).order_by(EvidenceEntry.log_index).limit(_AT_ONCE)
    while rows := db.session.execute(query.where(EvidenceEntry.log_index > after)).all():
        for row in rows:
            kept = stored_body(row)
            body = json.loads(kept.body) if kept.body else {}
            problems = (*kept.problems, *(["已销毁"] if kept.erased else []))
            yield row.subject or f"{row.kind}:{row.public_id}", row.kind, body, problems
        after = rows[-1].log_index


def _against_books(replayed: Replay) -> Iterator[Difference]:
    """The fund's entries and orders beside the payments that follow from the log."""
    entries: dict[str, dict[str, int]] = defaultdict(dict)
    query = (
        select(PaymentOrder.public_id.label("order"), ClaimLine.public_id.label("line"), FundEntry.amount_fen)
        .join(PaymentOrder, PaymentOrder.id == FundEntry.order_id)
        .join(ClaimLine, ClaimLine.id == FundEntry.claim_line_id)
        .order_by(FundEntry.id)
    )
    for row in db.session.execute(query):
        entries[str(row.order)][str(row.line)] = row.amount_fen
    orders = {
        str(order): amount
        for order, amount in db.session.execute(
            select(PaymentOrder.public_id, PaymentOrder.amount_fen).where(PaymentOrder.status == "paid")
        )
    }
    for order, amount in orders.items():
        payment = replayed.payments.get(order)
        if payment is None:
            yield Difference(f"payment_order {order}", "付款存证", "有", "没有")
            continue
        if payment.amount_fen != amount:
            yield Difference(f"payment_order {order}", "金额", payment.amount_fen, amount)
        if order in entries and dict(payment.lines) != entries[order]:
            yield Difference(f"fund_entry of {order}", "各人金额", dict(payment.lines), entries[order])
    for order in replayed.payments.keys() - orders.keys():
        yield Difference(f"payment:{order}", "付款单", "已付款", "没有")
