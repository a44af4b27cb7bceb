"""What the payments slice hands out: frozen views. Amounts are fen; ids are public unless they say ``row``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class QueueRow:
    """Lines of one claim or application with the same fate. ``waits_for``: empty when the next batch takes them."""

    place: int
    kind: str
    kind_words: str
    subject_ref: UUID
    enterprise_name: str
    filing_number: str | None
    submitted_at: datetime
    payable_on: date
    people: int
    amount_fen: int
    waits_for: str


@dataclass(frozen=True)
class OrderView:
    """One order of a batch. ``claim_id`` is None for an advance for new hires; the account shows its last four digits."""

    order_id: UUID
    number: str
    kind_words: str
    subject_ref: UUID | None
    claim_id: UUID | None
    enterprise_name: str
    filing_number: str | None
    payee_name: str
    bank_name: str
    account_last4: str
    fund: str
    people: int
    amount_fen: int
    status: str
    status_words: str
    paid_at: datetime | None
    failure_code: str | None
    failure_words: str
    retry_of: str | None


@dataclass(frozen=True)
class BatchView:
    """A batch; ``total_fen`` is the sum of its orders, ``paid_fen`` what the bank said was paid. ``batch_list`` leaves
    ``orders`` empty."""

    batch_id: UUID
    number: str
    month: str
    status: str
    status_words: str
    total_fen: int
    paid_fen: int
    created_by: str
    created_at: datetime
    released_by: str | None
    released_at: datetime | None
    paid_at: datetime | None
    order_count: int
    orders: tuple[OrderView, ...] = ()


@dataclass(frozen=True)
class ReturnView:
    """A return file that was taken in. ``again``: the same file had been taken in before, nothing changed."""

    return_id: UUID
    batch_id: UUID
    sha256: str
    paid_orders: int
    failed_orders: int
    paid_fen: int
    taken_by: str
    taken_at: datetime
    again: bool = False


@dataclass(frozen=True)
class FundView:
    """A fund: ``balance_fen`` = opening + allotted + received - paid; ``free_fen`` is that without the orders under way."""

    name: str
    opening_fen: int
    allotted_fen: int
    paid_fen: int
    received_fen: int
    balance_fen: int
    reserved_fen: int

    @property
    def free_fen(self) -> int:
        """What a new batch may use."""
        return self.balance_fen - self.reserved_fen


@dataclass(frozen=True)
class AllotmentView:
    """Money put into a fund or taken out of it, by a document."""

    allotment_id: UUID
    fund: str
    amount_fen: int
    document: str
    note: str
    status: str
    status_words: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class RecoveryView:
    """Money of one paid line that is asked back. ``open_fen`` is what has not come back yet; ``overdue`` by its due day."""

    recovery_id: UUID
    number: str
    kind: str
    kind_words: str
    subject_ref: UUID
    order_number: str
    enterprise_id: int
    enterprise_name: str
    fund: str
    amount_fen: int
    received_fen: int
    reason: str
    clause: str
    status: str
    status_words: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    due_on: date | None
    overdue: bool

    @property
    def open_fen(self) -> int:
        """What is still to come back."""
        return self.amount_fen - self.received_fen if self.status == "demanded" else 0


@dataclass(frozen=True)
class ReceiptView:
    """Money that came back."""

    receipt_id: UUID
    recovery_id: UUID
    recovery_number: str
    enterprise_name: str
    amount_fen: int
    received_on: date
    voucher: str
    recorded_by: str
    at: datetime


@dataclass(frozen=True)
class RecoveryDue:
    """A case that was decided and whose money nobody has asked back yet."""

    subject_ref: UUID
    source_ref: UUID | None
    enterprise_name: str
    amount_fen: int
    reason: str
    clause: str
