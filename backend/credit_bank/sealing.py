"""The transfers as their tables have them now, in the words in which they were sealed: for the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import aliased

from backend.credit_bank.ledger import TRANSFER
from backend.credit_bank.models import Account, Lot, LotDraw, Transfer
from backend.credit_bank.rules import transfer_facts
from backend.people import services as people
from config import clock
from config.database import UuidText, db
from learning_records.evidence.audit_bodies import public_ids_in_words
from learning_records.sealed_rows import SealedRow


def count_sealed_rows() -> int:
    """How many transfers there are."""
    return db.session.scalar(select(func.count()).select_from(Transfer)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next transfers after that id, with the kinds of their accounts, what they cite and the lots they moved."""
    source, destination = aliased(Account), aliased(Account)
    hold, reversed_one = aliased(Transfer), aliased(Transfer)
    rows = db.session.execute(
        select(
            Transfer.id,
            Transfer.idempotency_key,
            Transfer.kind,
            func.coalesce(source.worker_id, destination.worker_id).label("worker_id"),
            source.kind.label("from_kind"),
            destination.kind.label("to_kind"),
            Transfer.amount_seconds,
            type_coerce(Transfer.context_ref, UuidText()).label("context"),
            Transfer.evidence_record_id,
            hold.idempotency_key.label("hold"),
            reversed_one.idempotency_key.label("reverses"),
            Transfer.reason,
            Transfer.source_text,
            Transfer.at,
        )
        .join(source, source.id == Transfer.source_account_id)
        .join(destination, destination.id == Transfer.destination_account_id)
        .outerjoin(hold, hold.id == Transfer.hold_id)
        .outerjoin(reversed_one, reversed_one.id == Transfer.reversal_of_id)
        .where(Transfer.id > after_id)
        .order_by(Transfer.id)
        .limit(limit)
    ).all()
    if not rows:
        return []
    refs = people.learner_refs({row.worker_id for row in rows})
    cited = public_ids_in_words([row.evidence_record_id for row in rows])
    draws = _draws(rows[0].id, rows[-1].id)
    return [
        SealedRow(
            id=row.id,
            name=f"{TRANSFER} {row.idempotency_key}",
            subject=f"{TRANSFER}:{row.idempotency_key}",
            old_id=row.id,
            body=transfer_facts(
                key=row.idempotency_key,
                kind=row.kind,
                person=refs[row.worker_id],
                from_kind=row.from_kind,
                to_kind=row.to_kind,
                amount_seconds=row.amount_seconds,
                context=row.context,
                evidence=cited.get(row.evidence_record_id),
                hold=row.hold,
                reverses=row.reverses,
                reason=row.reason,
                source=row.source_text,
                at_ms=clock.epoch_ms(row.at),
                draws=draws.get(row.id, ()),
            ),
        )
        for row in rows
    ]


def _draws(first_id: int, last_id: int) -> dict[int, list[tuple[str, int]]]:
    """(key of the deposit, seconds) of the lots under transfers, by transfer, the oldest lot first."""
    deposit = aliased(Transfer)
    query = (
        select(LotDraw.transfer_id, deposit.idempotency_key, LotDraw.amount_seconds)
        .join(Lot, Lot.id == LotDraw.lot_id)
        .join(deposit, deposit.id == Lot.transfer_id)
        .where(LotDraw.transfer_id.between(first_id, last_id))
        .order_by(LotDraw.transfer_id, LotDraw.lot_id)
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for transfer_id, key, seconds in db.session.execute(query):
        found[transfer_id].append((key, seconds))
    return found
