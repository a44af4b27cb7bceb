"""How transfers get into the books: lock the accounts, look up keys, seal each, insert; the database moves the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from backend.credit_bank.models import Account, LotDraw, Transfer
from backend.credit_bank.rules import ISSUED, WORKER_ACCOUNTS, OpenLot, TransferView, check_key, transfer_facts
from backend.people import services as people
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db, is_sqlite
from config.errors import Conflict, NotFound
from learning_records.evidence import services as evidence
from learning_records.evidence.services import Draft

Accounts = Mapping[tuple[int | None, str], int]
"""Account ids by their worker (None: the bank) and kind."""

TRANSFER = "transfer"
AT_ONCE = 1_000
"""Rows asked for in one query: both databases bound the parameters of a statement."""

_DIRECTIONS = {"hold": "draw", "settle": "settle", "release": "return"}


@dataclass(frozen=True)
class Posting:
    """A transfer that is about to be posted. ``draws`` are the seconds of lots that go with it."""

    worker_id: int
    kind: str
    from_kind: str
    to_kind: str
    amount_seconds: int
    key: str
    fingerprint: str
    context_ref: UUID | None
    evidence_record_id: int | None = None
    hold: TransferView | None = None
    reverses: TransferView | None = None
    reason: str = ""
    source: str = ""
    draws: tuple[OpenLot, ...] = ()

    @property
    def direction(self) -> str:
        """What its draws do to their lots."""
        return _DIRECTIONS.get(self.kind) or ("return" if self.from_kind == "settled" else "draw")


def in_groups(items: Iterable[Any]) -> Iterator[list[Any]]:
    """So many at a time as one query takes."""
    listed = list(items)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def lock_accounts(worker_ids: Iterable[int]) -> Accounts:
    """Open the workers' accounts where missing and lock them until the transaction ends: one writer at a time moves them."""
    found: dict[tuple[int | None, str], int] = {}
    for some in in_groups(sorted(set(worker_ids))):
        accounts = _select_accounts(some)
        missing = [(owner, kind) for owner in some for kind in WORKER_ACCOUNTS if (owner, kind) not in accounts]
        if missing or (None, ISSUED) not in accounts:
            adding = sqlite.insert if is_sqlite() else postgresql.insert
            rows = [
                {"worker_id": owner, "kind": kind, "balance_seconds": 0, "last_transfer_id": 0}
                for owner, kind in [*missing, (None, ISSUED)]
            ]
            db.session.execute(adding(Account).on_conflict_do_nothing(), rows)
            accounts = _select_accounts(some)
        found.update(accounts)
    return found


def _select_accounts(worker_ids: Sequence[int]) -> dict[tuple[int | None, str], int]:
    own = select(Account.worker_id, Account.kind, Account.id).where(Account.worker_id.in_(worker_ids))
    bank = select(Account.worker_id, Account.kind, Account.id).where(Account.kind == ISSUED)
    rows = [*db.session.execute(own.order_by(Account.id).with_for_update()), *db.session.execute(bank)]
    return {(row.worker_id, row.kind): row.id for row in rows}


def fingerprint(**content: Any) -> str:
    """What a request says, so that the same key with other content is seen."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in content.items()}
    return sha256_hex(canonical_json(plain))


def already_posted(marks: Mapping[str, str]) -> dict[str, TransferView]:
    """The transfers whose keys are in the books, by key, if they say the same as ``marks`` (fingerprints by key).

    Raises ``Conflict`` TRANSFER_KEY_REUSED if one says something else, ``Invalid`` TRANSFER_KEY_INVALID.
    """
    for key in marks:
        check_key(key)
    known: dict[str, str] = {}
    for some in in_groups(marks):
        query = select(Transfer.idempotency_key, Transfer.fingerprint).where(Transfer.idempotency_key.in_(some))
        known.update(db.session.execute(query).all())
    if any(marks[key] != mark for key, mark in known.items()):
        raise Conflict("TRANSFER_KEY_REUSED", "这笔交易编号已经用于另一笔内容不同的交易，请核对后重新发起。")
    return find_all(known)


def post_all(postings: Sequence[Posting], accounts: Accounts) -> list[TransferView]:
    """Seal each transfer and insert it with what it does to lots; the database moves balances and lots, or refuses."""
    if not postings:
        return []
    at = clock.now()
    refs = people.learner_refs({posting.worker_id for posting in postings})
    cited = evidence.public_ids(posting.evidence_record_id for posting in postings)
    evidence.seal_all(
        [
            Draft(
                kind=TRANSFER,
                body=_facts(posting, at, refs[posting.worker_id], cited.get(posting.evidence_record_id or 0)),
                subject=f"{TRANSFER}:{posting.key}",
                person_ref=refs[posting.worker_id],
                context_ref=posting.context_ref,
            )
            for posting in postings
        ]
    )
    ids = db.session.scalars(
        insert(Transfer).returning(Transfer.id, sort_by_parameter_order=True),
        [
            {
                "idempotency_key": posting.key,
                "fingerprint": posting.fingerprint,
                "kind": posting.kind,
                "source_account_id": accounts[_owner(posting, posting.from_kind), posting.from_kind],
                "destination_account_id": accounts[_owner(posting, posting.to_kind), posting.to_kind],
                "amount_seconds": posting.amount_seconds,
                "evidence_record_id": posting.evidence_record_id,
                "context_ref": posting.context_ref,
                "hold_id": posting.hold.id if posting.hold else None,
                "reversal_of_id": posting.reverses.id if posting.reverses else None,
                "reason": posting.reason,
                "source_text": posting.source,
                "at": at,
            }
            for posting in postings
        ],
    ).all()
    draws = [
        {
            "transfer_id": transfer_id,
            "lot_id": lot.lot_id,
            "direction": posting.direction,
            "amount_seconds": lot.seconds,
        }
        for transfer_id, posting in zip(ids, postings, strict=True)
        for lot in posting.draws
    ]
    if draws:
        db.session.execute(insert(LotDraw), draws)
    return [_posted(transfer_id, posting, at) for transfer_id, posting in zip(ids, postings, strict=True)]


def _owner(posting: Posting, kind: str) -> int | None:
    return None if kind == ISSUED else posting.worker_id


def _facts(posting: Posting, at: Any, person: UUID, cited: UUID | None) -> dict[str, Any]:
    return transfer_facts(
        key=posting.key,
        kind=posting.kind,
        person=person,
        from_kind=posting.from_kind,
        to_kind=posting.to_kind,
        amount_seconds=posting.amount_seconds,
        context=posting.context_ref,
        evidence=cited,
        hold=posting.hold.key if posting.hold else None,
        reverses=posting.reverses.key if posting.reverses else None,
        reason=posting.reason,
        source=posting.source,
        at_ms=clock.epoch_ms(at),
        draws=[(lot.deposit_key, lot.seconds) for lot in posting.draws],
    )


def _posted(transfer_id: int, posting: Posting, at: Any) -> TransferView:
    return TransferView(
        id=transfer_id,
        key=posting.key,
        kind=posting.kind,
        worker_id=posting.worker_id,
        from_kind=posting.from_kind,
        to_kind=posting.to_kind,
        amount_seconds=posting.amount_seconds,
        context_ref=posting.context_ref,
        evidence_record_id=posting.evidence_record_id,
        reason=posting.reason,
        at=at,
    )


def views(*conditions: Any) -> list[TransferView]:
    """The transfers that fulfil the conditions, in the order of their ids."""
    source, destination = aliased(Account), aliased(Account)
    rows = db.session.execute(
        select(
            Transfer.id,
            Transfer.idempotency_key.label("key"),
            Transfer.kind,
            func.coalesce(source.worker_id, destination.worker_id).label("worker_id"),
            source.kind.label("from_kind"),
            destination.kind.label("to_kind"),
            Transfer.amount_seconds,
            Transfer.context_ref,
            Transfer.evidence_record_id,
            Transfer.reason,
            Transfer.at,
        )
        .join(source, source.id == Transfer.source_account_id)
        .join(destination, destination.id == Transfer.destination_account_id)
        .where(*conditions)
        .order_by(Transfer.id)
    )
    return [TransferView(*row) for row in rows]


def known_keys(keys: Iterable[str]) -> set[str]:
    """Those of these keys that are in the books."""
    known: set[str] = set()
    for some in in_groups(keys):
        known.update(db.session.scalars(select(Transfer.idempotency_key).where(Transfer.idempotency_key.in_(some))))
    return known


def find_all(keys: Iterable[str]) -> dict[str, TransferView]:
    """The transfers that have these keys, by key; unknown keys are left out."""
    return {view.key: view for some in in_groups(keys) for view in views(Transfer.idempotency_key.in_(some))}


def find(key: str) -> TransferView:
    """The transfer of that key. Raises ``NotFound`` TRANSFER_NOT_FOUND."""
    found = find_all([key])
    if key not in found:
        raise NotFound("TRANSFER_NOT_FOUND", "没有找到这笔交易，请核对交易编号。")
    return found[key]
