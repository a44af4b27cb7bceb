"""Whoever can write SQL still cannot bend the books: every attack here is refused by the database itself."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.credit_bank import services as bank
from config.database import db, is_sqlite, transaction
from tests.cast import credit_bank as cast
from tests.cast.evidence import a_record_of

COLUMNS = (
    "idempotency_key, fingerprint, kind, source_account_id, destination_account_id, amount_seconds, evidence_record_id, "
    "hold_id, reversal_of_id, reason, source_text, at"
)
BOOKS = """
    INSERT INTO transfer ({columns})
    SELECT 'forged', 'f', '{kind}', s.id, d.id, {amount}, {evidence}, {hold}, {reversal}, '{reason}', '{source}',
           '2020-03-02 00:00:00+00:00'
    FROM account s, account d WHERE s.kind = '{from_kind}' AND d.kind = '{to_kind}'
      AND {from_owner} AND {to_owner}
"""


def forged(
    kind: str,
    from_kind: str,
    to_kind: str,
    amount: object = 10,
    *,
    evidence: str = "NULL",
    hold: str = "NULL",
    reversal: str = "NULL",
    reason: str = "x",
    source: str = "x",
    from_owner: str = "(s.worker_id IS NULL OR s.worker_id = :worker)",
    to_owner: str = "(d.worker_id IS NULL OR d.worker_id = :worker)",
) -> str:
    return BOOKS.format(columns=COLUMNS, **{name: value for name, value in locals().items() if name != "columns"})


RECORD = "(SELECT MIN(id) FROM evidence_record)"
OPEN_HOLD = "(SELECT id FROM transfer WHERE idempotency_key = 'open')"
SETTLED = "(SELECT id FROM transfer WHERE idempotency_key = 'done:s')"
DEPOSITED = "(SELECT MIN(id) FROM transfer)"
NEW_LOT = "INSERT INTO lot (transfer_id, worker_id, amount_seconds, remaining_seconds, last_draw_id) "
NEW_DRAW = "INSERT INTO lot_draw (transfer_id, lot_id, direction, amount_seconds) "

ATTACKS = {
    "raise a balance": "UPDATE account SET balance_seconds = balance_seconds + 1 WHERE worker_id = :worker",
    "raise a balance under the last transfer": (
        "UPDATE account SET balance_seconds = balance_seconds + 1, last_transfer_id = last_transfer_id + 1 "
        "WHERE worker_id = :worker"
    ),
    "replay a transfer on a balance": (
        "UPDATE account SET balance_seconds = balance_seconds + 100, last_transfer_id = (SELECT MIN(id) FROM transfer) "
        "WHERE worker_id = :worker AND kind = 'claimable'"
    ),
    "give an account away": "UPDATE account SET worker_id = :outsider WHERE worker_id = :worker AND kind = 'claimable'",
    "delete an account": "DELETE FROM account WHERE worker_id = :worker AND kind = 'settled'",
    "open an account with money": (
        "INSERT INTO account (worker_id, kind, balance_seconds, last_transfer_id) VALUES (:stranger, 'claimable', 500, 0)"
    ),
    "open a second bank": (
        "INSERT INTO account (worker_id, kind, balance_seconds, last_transfer_id) VALUES (NULL, 'issued', 0, 0)"
    ),
    "open a second account of a kind": (
        "INSERT INTO account (worker_id, kind, balance_seconds, last_transfer_id) VALUES (:worker, 'claimable', 0, 0)"
    ),
    "change a transfer": "UPDATE transfer SET amount_seconds = 1",
    "delete a transfer": "DELETE FROM transfer",
    "change a draw": "UPDATE lot_draw SET amount_seconds = 1",
    "delete a draw": "DELETE FROM lot_draw",
    "deposit without evidence": forged("deposit", "issued", "claimable"),
    "deposit from oneself": forged("deposit", "learned", "claimable", evidence=RECORD),
    "deposit straight to settled": forged("deposit", "issued", "settled", evidence=RECORD),
    "deposit with evidence that does not exist": forged("deposit", "issued", "claimable", evidence="987654"),
    "deposit nothing": forged("deposit", "issued", "claimable", 0, evidence=RECORD),
    "deposit a negative amount": forged("deposit", "issued", "claimable", -5, evidence=RECORD),
    "hold learned time": forged("hold", "learned", "held"),
    "hold beyond the balance": forged("hold", "claimable", "held", 100_000),
    "hold another worker's time": forged(
        "hold", "claimable", "held", from_owner="s.worker_id = :outsider", to_owner="d.worker_id = :worker"
    ),
    "settle without a hold": forged("settle", "held", "settled"),
    "settle more than the hold": forged("settle", "held", "settled", 401, hold=OPEN_HOLD),
    "settle under another transfer": forged("settle", "held", "settled", hold=DEPOSITED),
    "settle a hold that is used up": forged(
        "settle", "held", "settled", 1, hold="(SELECT id FROM transfer WHERE idempotency_key = 'done')"
    ),
    "release without a reason": forged("release", "held", "claimable", hold=OPEN_HOLD, reason=""),
    "release another worker's hold": forged(
        "release",
        "held",
        "claimable",
        hold=OPEN_HOLD,
        from_owner="s.worker_id = :outsider",
        to_owner="d.worker_id = :outsider",
    ),
    "reverse in part": forged("reverse", "settled", "claimable", 299, reversal=SETTLED),
    "reverse more": forged("reverse", "settled", "claimable", 301, reversal=SETTLED),
    "reverse without a source": forged("reverse", "settled", "claimable", 300, reversal=SETTLED, source=""),
    "reverse a hold": forged("reverse", "held", "claimable", 400, reversal=OPEN_HOLD),
    "a kind nobody knows": forged("gift", "issued", "claimable"),
    "make a lot": NEW_LOT + "SELECT id, :worker, 50, 50, 0 FROM transfer WHERE idempotency_key = 'open'",
    "make a lot twice": NEW_LOT + "SELECT MIN(id), :worker, 1000, 1000, 0 FROM transfer",
    "refill a lot": "UPDATE lot SET remaining_seconds = amount_seconds WHERE worker_id = :worker",
    "enlarge a lot": "UPDATE lot SET amount_seconds = amount_seconds + 1 WHERE worker_id = :worker",
    "delete a lot": "DELETE FROM lot WHERE worker_id = :worker",
    "draw a lot beyond its transfer": NEW_DRAW
    + f"SELECT {OPEN_HOLD}, MAX(id), 'draw', 1 FROM lot WHERE worker_id = :worker",
    "return a lot under a hold": NEW_DRAW
    + f"SELECT {OPEN_HOLD}, MAX(id), 'return', 1 FROM lot WHERE worker_id = :worker",
    "draw another worker's lot": NEW_DRAW
    + f"SELECT {OPEN_HOLD}, MIN(id), 'draw', 1 FROM lot WHERE worker_id = :outsider",
}


@pytest.fixture
def cast_ids(app: Flask) -> dict[str, int]:
    """A worker with 2000 seconds banked: 400 on hold, 300 held and settled; an outsider with 100; a stranger."""
    worker, outsider, stranger = cast.a_worker(), cast.a_worker(), cast.a_worker()
    cast.bank(worker, 1000)
    cast.bank(worker, 1000)
    cast.bank(outsider, 100)
    transaction(lambda: bank.hold(worker_id=worker, amount_seconds=400, key="open"))
    transaction(lambda: bank.hold(worker_id=worker, amount_seconds=300, key="done"))
    transaction(lambda: bank.settle(hold_key="done", key="done:s"))
    transaction(lambda: bank.hold(worker_id=outsider, amount_seconds=50, key="outsider"))
    a_record_of("transfer", "forged")
    return {"worker": worker, "outsider": outsider, "stranger": stranger}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda name: name.replace(" ", "_"))
def test_an_attack_with_plain_sql_is_refused(cast_ids: dict[str, int], attack: str) -> None:
    before = [bank.balance(worker_id=worker) for worker in cast_ids.values()]
    statement = text(ATTACKS[attack])
    values = {name: cast_ids[name] for name in cast_ids if f":{name}" in ATTACKS[attack]}
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(statement, values))
    assert [bank.balance(worker_id=worker) for worker in cast_ids.values()] == before
    assert bank.discrepancies() == []


def test_the_forged_statements_are_well_formed(cast_ids: dict[str, int]) -> None:
    """The same statement with right content goes through, so the refusals above are the guards' and not a typing error's."""
    good = forged("hold", "claimable", "held", 10)
    transaction(lambda: db.session.execute(text(good), {"worker": cast_ids["worker"]}))
    assert bank.balance(worker_id=cast_ids["worker"]).held_seconds == 410
    assert bank.discrepancies() != []  # a hold that names no lots is seen


def test_a_transfer_without_its_evidence_record_is_refused(cast_ids: dict[str, int]) -> None:
    statement = text(forged("hold", "claimable", "held", 10).replace("'forged'", "'unsealed'"))
    with pytest.raises(DBAPIError, match="transfer: no evidence record was sealed of it"):
        transaction(lambda: db.session.execute(statement, {"worker": cast_ids["worker"]}))
    a_record_of("transfer", "unsealed")
    transaction(lambda: db.session.execute(statement, {"worker": cast_ids["worker"]}))


@pytest.mark.parametrize("table", ["account", "transfer", "lot", "lot_draw"])
def test_a_table_is_never_emptied(cast_ids: dict[str, int], table: str) -> None:
    statement = text(f"DELETE FROM {table}" if is_sqlite() else f"TRUNCATE {table} CASCADE")
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(statement))
    assert bank.discrepancies() == []
