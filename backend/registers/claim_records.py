"""Which sealed records a claim consists of, from the sessions its people learned in to the money that was paid or came back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from backend.certificates.models import Certificate
from backend.claims.models import ClaimAdjustment, ClaimLine
from backend.claims.services import ClaimView
from backend.credit_bank.models import Lot, LotDraw, Transfer
from backend.notices.models import NoticeEntry, NoticeRedating, Objection, PublicNotice
from backend.payments.fund_models import Recovery, RecoveryReceipt
from backend.payments.models import PaymentItem, PaymentOrder
from backend.plans import services as plans
from backend.reviews.models import Review
from config.database import db
from learning_records.evidence.models import EvidenceRecord

_MANY = 500  # ids in one statement: SQLite takes 999 parameters at the least


def of_claim(claim: ClaimView) -> set[int]:
    """The inner ids of everything sealed that the claim rests on or that came of it; ``claim`` with its lines."""
    class_ref = plans.plan_view(claim.plan_id).training_class.class_id
    cuts = _cuts(claim)
    orders = db.session.scalars(select(PaymentOrder.public_id).where(PaymentOrder.claim_id == claim.id)).all()
    notices = _posted(claim)
    certificates = _certificates(claim)
    recoveries = _recoveries(claim)
    decided = [
        claim.claim_id,
        claim.plan_id,
        *(cut for cut, _ in cuts),
        *certificates,
        *_objections(claim),
        *recoveries,
    ]
    return {
        *of_subjects("claim", [f"claim:{claim.claim_id}"]),
        *of_subjects("adjustment", [f"adjustment:{cut}" for cut, _ in cuts]),
        *of_subjects("certificate", [f"certificate:{certificate}" for certificate in certificates]),
        *of_subjects("notice", [f"notice:{notice}" for notice in notices]),
        *of_subjects("redating", _redatings(notices)),
        *of_subjects("payment", [f"payment:{order}" for order in orders]),
        *of_subjects("recovery", [f"recovery:{recovery}" for recovery in recoveries]),
        *of_subjects("recovery_receipt", _receipts(recoveries)),
        *of_subjects("review", _reviews(decided)),
        *_of_context("attachment", class_ref),
        *_of_seconds([line.hold_key for line in claim.lines if line.hold_key], [hold for _, hold in cuts if hold]),
    }


def of_subjects(kind: str, subjects: Iterable[str]) -> set[int]:
    """The records of one kind about these subjects."""
    return set(
        each(
            subjects,
            lambda part: select(EvidenceRecord.id).where(EvidenceRecord.kind == kind, EvidenceRecord.subject.in_(part)),
        )
    )


def of_transfers(keys: Iterable[str]) -> set[int]:
    """The records of these transfers of the credit bank."""
    return of_subjects("transfer", [f"transfer:{key}" for key in keys])


def each(values: Iterable[Any], query: Callable[[list[Any]], Select[Any]]) -> list[Any]:
    """All scalars that ``query`` gives for these values, asked in parts."""
    return [row for part in _parts(values) for row in db.session.scalars(query(part))]


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(values)
    return (every[start : start + _MANY] for start in range(0, len(every), _MANY))


def _cuts(claim: ClaimView) -> Sequence[tuple[UUID, str | None]]:
    """The cuts of the claim's lines: public id, and the key under which the rest was held."""
    query = (
        select(ClaimAdjustment.public_id, ClaimAdjustment.hold_key)
        .join(ClaimLine, ClaimLine.id == ClaimAdjustment.claim_line_id)
        .where(ClaimLine.claim_id == claim.id)
    )
    return [(public_id, hold_key) for public_id, hold_key in db.session.execute(query)]


def _certificates(claim: ClaimView) -> list[UUID]:
    places = [line.enrollment_id for line in claim.lines]
    return each(places, lambda part: select(Certificate.public_id).where(Certificate.enrollment_id.in_(part)))


def _posted(claim: ClaimView) -> list[UUID]:
    query = (
        select(PublicNotice.public_id)
        .join(NoticeEntry, NoticeEntry.notice_id == PublicNotice.id)
        .where(NoticeEntry.claim_ref == claim.claim_id, PublicNotice.posted_on.is_not(None))
        .distinct()
    )
    return list(db.session.scalars(query))


def _redatings(notices: Iterable[UUID]) -> list[str]:
    moved = each(
        notices,
        lambda part: (
            select(NoticeRedating.public_id)
            .join(PublicNotice, PublicNotice.id == NoticeRedating.notice_id)
            .where(PublicNotice.public_id.in_(part))
        ),
    )
    return [f"redating:{public_id}" for public_id in moved]


def _objections(claim: ClaimView) -> list[UUID]:
    return list(db.session.scalars(select(Objection.public_id).where(Objection.claim_ref == claim.claim_id)))


def _recoveries(claim: ClaimView) -> list[UUID]:
    query = (
        select(Recovery.public_id)
        .join(PaymentItem, PaymentItem.id == Recovery.item_id)
        .join(PaymentOrder, PaymentOrder.id == PaymentItem.order_id)
        .where(PaymentOrder.claim_id == claim.id)
    )
    return list(db.session.scalars(query))


def _receipts(recoveries: Iterable[UUID]) -> list[str]:
    came = each(
        recoveries,
        lambda part: (
            select(RecoveryReceipt.public_id)
            .join(Recovery, Recovery.id == RecoveryReceipt.recovery_id)
            .where(Recovery.public_id.in_(part))
        ),
    )
    return [f"recovery_receipt:{public_id}" for public_id in came]


def _reviews(subject_ids: Iterable[UUID]) -> list[str]:
    decisions = each(subject_ids, lambda part: select(Review.public_id).where(Review.subject_id.in_(part)))
    return [f"review:{public_id}" for public_id in decisions]


def _of_context(kind: str, context_ref: UUID) -> set[int]:
    query = select(EvidenceRecord.id).where(EvidenceRecord.kind == kind, EvidenceRecord.context_ref == context_ref)
    return set(db.session.scalars(query))


def _of_seconds(claimed: Iterable[str], after_cuts: Iterable[str]) -> set[int]:
    """The holds, what became of them, the deposits they drew, and what these rest on."""
    holds = [*claimed, *after_cuts]
    drawn = _drawn(holds)
    return {
        *of_transfers(holds),
        *of_transfers(_resolving(holds)),
        *of_transfers([key for key, _ in drawn]),
        *(record_id for _, record_id in drawn),
    }


def _resolving(hold_keys: list[str]) -> list[str]:
    """The settlements and releases of these holds, and what reversed them."""
    held, reversing = aliased(Transfer), aliased(Transfer)
    found = each(
        hold_keys,
        lambda part: (
            select(Transfer.idempotency_key)
            .join(held, held.id == Transfer.hold_id)
            .where(held.idempotency_key.in_(part))
        ),
    )
    reversed_ = each(
        found,
        lambda part: (
            select(reversing.idempotency_key)
            .join(Transfer, Transfer.id == reversing.reversal_of_id)
            .where(Transfer.idempotency_key.in_(part))
        ),
    )
    return [*found, *reversed_]


def _drawn(hold_keys: list[str]) -> list[tuple[str, int]]:
    """(key, inner id of the evidence record) of each deposit that the holds drew from."""
    deposit, held = aliased(Transfer), aliased(Transfer)
    rows: list[tuple[str, int]] = []
    for part in _parts(hold_keys):
        query = (
            select(deposit.idempotency_key, deposit.evidence_record_id)
            .join(Lot, Lot.transfer_id == deposit.id)
            .join(LotDraw, LotDraw.lot_id == Lot.id)
            .join(held, held.id == LotDraw.transfer_id)
            .where(held.idempotency_key.in_(part))
            .distinct()
        )
        rows += [(key, record_id) for key, record_id in db.session.execute(query) if record_id is not None]
    return rows
