"""Guards of the ledger in the database itself, the same on SQLite and PostgreSQL, so that no statement can bend the books.

- A transfer goes only between accounts its kind allows, resolves a hold for at most its amount, and reverses a transfer whole.
- A transfer moves both balances (never below zero, a CHECK); a claimable deposit makes its lot; a draw moves what remains.
- Nothing else may change a balance or a lot: PostgreSQL sees that the update comes from a trigger, SQLite (one writer, growing
  ids) that it follows a transfer or draw newer than the last one applied.
"""

from __future__ import annotations

_RIGHT_ACCOUNTS = """EXISTS (
  SELECT 1 FROM account s, account d
  WHERE s.id = NEW.source_account_id AND d.id = NEW.destination_account_id AND (
    (NEW.kind IN ('deposit', 'allowance', 'appeal') AND s.kind = 'issued' AND d.kind IN ('claimable', 'learned'))
    OR (NEW.kind = 'reverse' AND s.kind IN ('claimable', 'learned') AND d.kind = 'issued')
    OR (s.worker_id = d.worker_id AND (
      (NEW.kind = 'hold' AND s.kind = 'claimable' AND d.kind = 'held')
      OR (NEW.kind = 'settle' AND s.kind = 'held' AND d.kind = 'settled')
      OR (NEW.kind = 'release' AND s.kind = 'held' AND d.kind = 'claimable')
      OR (NEW.kind = 'reverse' AND s.kind = 'settled' AND d.kind = 'claimable')))))"""

_HOLD_IS_LARGE_ENOUGH = """(NEW.hold_id IS NULL OR EXISTS (
  SELECT 1 FROM transfer h
  WHERE h.id = NEW.hold_id AND h.kind = 'hold' AND h.destination_account_id = NEW.source_account_id
    AND NEW.amount_seconds + COALESCE(
      (SELECT SUM(r.amount_seconds) FROM transfer r WHERE r.hold_id = NEW.hold_id), 0) <= h.amount_seconds))"""

_REVERSES_WHOLE = """(NEW.reversal_of_id IS NULL OR EXISTS (
  SELECT 1 FROM transfer o
  WHERE o.id = NEW.reversal_of_id AND o.amount_seconds = NEW.amount_seconds
    AND o.destination_account_id = NEW.source_account_id
    AND (o.kind = 'settle' OR (o.kind IN ('deposit', 'allowance', 'appeal')
      AND o.source_account_id = NEW.destination_account_id))))"""

_LOT_OF_DEPOSIT = """EXISTS (
  SELECT 1 FROM transfer t, account d
  WHERE t.id = NEW.transfer_id AND d.id = t.destination_account_id AND d.kind = 'claimable'
    AND t.kind IN ('deposit', 'allowance', 'appeal') AND d.worker_id = NEW.worker_id
    AND t.amount_seconds = NEW.amount_seconds AND NEW.remaining_seconds = NEW.amount_seconds AND NEW.last_draw_id = 0)"""

_DRAW_OF_TRANSFER = """EXISTS (
  SELECT 1 FROM transfer t, account s, lot l
  WHERE t.id = NEW.transfer_id AND s.id = t.source_account_id AND l.id = NEW.lot_id AND l.worker_id = s.worker_id AND (
    (NEW.direction = 'draw' AND (t.kind = 'hold' OR (t.kind = 'reverse' AND t.reversal_of_id = l.transfer_id)))
    OR (NEW.direction = 'settle' AND t.kind = 'settle')
    OR (NEW.direction = 'return' AND (t.kind = 'release' OR (t.kind = 'reverse' AND s.kind = 'settled'))))
  AND NEW.amount_seconds + COALESCE(
    (SELECT SUM(x.amount_seconds) FROM lot_draw x WHERE x.transfer_id = NEW.transfer_id), 0) <= t.amount_seconds)"""

_TRANSFER_RULES = (
    (_RIGHT_ACCOUNTS, "this kind of transfer does not go between these accounts"),
    (_HOLD_IS_LARGE_ENOUGH, "a hold is resolved for at most its amount"),
    (_REVERSES_WHOLE, "a reversal takes back one deposit or settlement whole"),
)
_LOT_RULES = ((_LOT_OF_DEPOSIT, "a lot is made by its deposit"),)
_DRAW_RULES = ((_DRAW_OF_TRANSFER, "a lot is drawn only by a transfer of its worker, for at most its amount"),)

_MOVE_BALANCES = (
    "UPDATE account SET balance_seconds = balance_seconds - NEW.amount_seconds, last_transfer_id = NEW.id "
    "WHERE id = NEW.source_account_id",
    "UPDATE account SET balance_seconds = balance_seconds + NEW.amount_seconds, last_transfer_id = NEW.id "
    "WHERE id = NEW.destination_account_id",
    "INSERT INTO lot (transfer_id, worker_id, context_ref, amount_seconds, remaining_seconds, last_draw_id) "
    "SELECT NEW.id, d.worker_id, NEW.context_ref, NEW.amount_seconds, NEW.amount_seconds, 0 FROM account d "
    "WHERE d.id = NEW.destination_account_id AND d.kind = 'claimable' AND NEW.kind IN ('deposit', 'allowance', 'appeal')",
)
_MOVE_LOT = (
    "UPDATE lot SET remaining_seconds = remaining_seconds + CASE NEW.direction WHEN 'draw' THEN -NEW.amount_seconds "
    "WHEN 'return' THEN NEW.amount_seconds ELSE 0 END, last_draw_id = NEW.id WHERE id = NEW.lot_id",
)


def _sqlite_checks(table: str, rules: tuple[tuple[str, str], ...]) -> str:
    checks = " ".join(f"SELECT RAISE(ABORT, '{message}') WHERE NOT {rule};" for rule, message in rules)
    return f"CREATE TRIGGER {table}_rules BEFORE INSERT ON {table} BEGIN {checks} END"


def _sqlite_after(table: str, statements: tuple[str, ...]) -> str:
    return f"CREATE TRIGGER {table}_moves AFTER INSERT ON {table} BEGIN {'; '.join(statements)}; END"


def _sqlite_moved_only(table: str, same: tuple[str, ...], moved_by: str) -> list[str]:
    """No delete; no update but the one that follows ``moved_by``."""
    unchanged = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in same)
    return [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} rows are never deleted'); END",
        f"CREATE TRIGGER {table}_moved_only BEFORE UPDATE ON {table} WHEN NOT ({unchanged} AND {moved_by}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is moved only by the ledger'); END",
    ]


def _postgresql_checks(table: str, rules: tuple[tuple[str, str], ...], lock: str = "") -> list[str]:
    checks = " ".join(
        f"IF NOT {rule} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF;"
        for rule, message in rules
    )
    return [
        f"CREATE FUNCTION {table}_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock} {checks} RETURN NEW; END $$",
        f"CREATE TRIGGER {table}_rules BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_rules()",
    ]


def _postgresql_after(table: str, statements: tuple[str, ...]) -> list[str]:
    return [
        f"CREATE FUNCTION {table}_moves() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {'; '.join(statements)}; RETURN NULL; END $$",
        f"CREATE TRIGGER {table}_moves AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_moves()",
    ]


def _postgresql_moved_only(table: str) -> list[str]:
    """No delete, no truncate; no update but from the ledger's own triggers."""
    refuse = f"RAISE EXCEPTION '{table} is moved only by the ledger' USING ERRCODE = 'check_violation'"
    return [
        f"CREATE FUNCTION {table}_moved_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF; {refuse}; END $$",
        f"CREATE TRIGGER {table}_moved_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_moved_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_moved_only()",
    ]


_NEW_ACCOUNT = (("(NEW.balance_seconds = 0 AND NEW.last_transfer_id = 0)", "an account begins at zero"),)
_LOCK_HOLD = "IF NEW.hold_id IS NOT NULL THEN PERFORM 1 FROM transfer WHERE id = NEW.hold_id FOR UPDATE; END IF;"

ACCOUNT_SQLITE = [
    _sqlite_checks("account", _NEW_ACCOUNT),
    *_sqlite_moved_only(
        "account",
        ("id", "worker_id", "kind"),
        "NEW.last_transfer_id > OLD.last_transfer_id AND EXISTS (SELECT 1 FROM transfer t WHERE t.id = NEW.last_transfer_id "
        "AND NEW.balance_seconds = OLD.balance_seconds + CASE OLD.id WHEN t.source_account_id THEN -t.amount_seconds "
        "WHEN t.destination_account_id THEN t.amount_seconds END)",
    ),
]
ACCOUNT_POSTGRESQL = [*_postgresql_checks("account", _NEW_ACCOUNT), *_postgresql_moved_only("account")]

TRANSFER_SQLITE = [_sqlite_checks("transfer", _TRANSFER_RULES), _sqlite_after("transfer", _MOVE_BALANCES)]
TRANSFER_POSTGRESQL = [
    *_postgresql_checks("transfer", _TRANSFER_RULES, lock=_LOCK_HOLD),
    *_postgresql_after("transfer", _MOVE_BALANCES),
]

LOT_SQLITE = [
    _sqlite_checks("lot", _LOT_RULES),
    *_sqlite_moved_only(
        "lot",
        ("id", "transfer_id", "worker_id", "context_ref", "amount_seconds"),
        "NEW.last_draw_id > OLD.last_draw_id AND EXISTS (SELECT 1 FROM lot_draw x WHERE x.id = NEW.last_draw_id "
        "AND x.lot_id = OLD.id AND NEW.remaining_seconds = OLD.remaining_seconds + CASE x.direction "
        "WHEN 'draw' THEN -x.amount_seconds WHEN 'return' THEN x.amount_seconds ELSE 0 END)",
    ),
]
LOT_POSTGRESQL = [*_postgresql_checks("lot", _LOT_RULES), *_postgresql_moved_only("lot")]

LOT_DRAW_SQLITE = [_sqlite_checks("lot_draw", _DRAW_RULES), _sqlite_after("lot_draw", _MOVE_LOT)]
LOT_DRAW_POSTGRESQL = [*_postgresql_checks("lot_draw", _DRAW_RULES), *_postgresql_after("lot_draw", _MOVE_LOT)]
