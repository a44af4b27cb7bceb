"""What the database itself keeps of claims: the cap of a person, the total, cuts that only go down, what may be paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Guards(NamedTuple):
    """The statements for each database."""

    sqlite: Sequence[str]
    postgresql: Sequence[str]


def _refusing(table: str, name: str, event: str, wrong: str, refusal: str, *, lock: str = "") -> Guards:
    """A trigger ``<table>_<name>`` that refuses ``event`` when ``wrong`` holds; ``lock`` runs before it on PostgreSQL."""
    after = event.startswith("AFTER")
    returned = "NULL" if after else "NEW"
    return Guards(
        [
            f"CREATE TRIGGER {table}_{name} {event} ON {table} WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {refusal}'); END"
        ],
        [
            f"CREATE FUNCTION {table}_{name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
            f"IF {wrong} THEN RAISE EXCEPTION '{table}: {refusal}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {returned}; END $$",
            f"CREATE TRIGGER {table}_{name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}_refuse()",
        ],
    )


def _joined(*parts: Guards) -> Guards:
    return Guards(
        [text for part in parts for text in part.sqlite], [text for part in parts for text in part.postgresql]
    )


# The cap of clause 二(二) over every claim and enterprise of a person (domain.md A4). The worker's row is locked first on
# PostgreSQL, so that two claims submitted at the same moment see each other.
_GRANTED_IN_ALL = (
    "(SELECT COALESCE(SUM(granted_fen), 0) FROM claim_line "
    "WHERE worker_id = NEW.worker_id AND policy_id = NEW.policy_id AND cap_ref = NEW.cap_ref "
    "AND status IN ('held', 'settled'))"
)
_LOCK_WORKER = "PERFORM 1 FROM worker WHERE id = NEW.worker_id FOR NO KEY UPDATE; "
_STARTS_OTHERWISE = (
    "(NEW.granted_class_hours <> CASE NEW.status WHEN 'held' THEN NEW.class_hours ELSE 0 END "
    "OR NEW.granted_seconds <> NEW.seconds OR NEW.granted_fen <> NEW.amount_fen "
    "OR COALESCE(NEW.granted_hold_key, '') <> COALESCE(NEW.hold_key, '') OR NEW.payable_at IS NOT NULL)"
)
_NOT_SUBMITTED = "NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'submitted')"
_NOT_CUT = (
    "NOT EXISTS (SELECT 1 FROM claim_adjustment a WHERE a.claim_line_id = NEW.id AND a.from_fen = OLD.granted_fen "
    "AND a.class_hours = NEW.granted_class_hours AND a.seconds = NEW.granted_seconds AND a.amount_fen = NEW.granted_fen "
    "AND COALESCE(a.hold_key, '') = COALESCE(NEW.granted_hold_key, ''))"
)
_NOT_FREE = (
    "(OLD.payable_at IS NOT NULL OR NEW.status <> 'held' OR NOT EXISTS "
    "(SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'payable'))"
)
LINE = _joined(
    _refusing(
        "claim_line",
        "cap",
        "AFTER INSERT",
        f"{_GRANTED_IN_ALL} > NEW.cap_fen",
        "the cap of this person is passed",
        lock=_LOCK_WORKER,
    ),
    _refusing("claim_line", "with_claim", "BEFORE INSERT", _NOT_SUBMITTED, "the claim is not open to lines"),
    _refusing("claim_line", "as_claimed", "BEFORE INSERT", _STARTS_OTHERWISE, "a line begins with what was claimed"),
    _refusing(
        "claim_line",
        "cut",
        "BEFORE UPDATE OF granted_class_hours, granted_seconds, granted_fen, granted_hold_key",
        _NOT_CUT,
        "only an adjustment changes what is granted",
    ),
    _refusing(
        "claim_line",
        "payable",
        "BEFORE UPDATE OF payable_at",
        _NOT_FREE,
        "a line is payable once its notice has closed",
    ),
    _refusing(
        "claim_line",
        "settled",
        "BEFORE UPDATE OF status",
        "NEW.status = 'settled' AND OLD.status <> 'settled' AND NEW.payable_at IS NULL",
        "only what is payable is settled",
    ),
)

_CLAIMED = "(SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE claim_id = NEW.id)"
_GRANTED = "(SELECT COALESCE(SUM(granted_fen), 0) FROM claim_line WHERE claim_id = NEW.id AND status = 'held')"
_LEFT = "EXISTS (SELECT 1 FROM claim_line WHERE claim_id = NEW.id AND status = 'held')"
CLAIM = _joined(
    _refusing(
        "subsidy_claim",
        "total",
        "BEFORE UPDATE OF status",
        f"NEW.status = 'approved' AND OLD.status <> 'approved' AND (NEW.total_fen <> {_CLAIMED} OR {_GRANTED} = 0)",
        "the total is not what its lines come to, or nothing is left to grant",
    ),
    _refusing(
        "subsidy_claim",
        "settled",
        "BEFORE UPDATE OF status",
        f"NEW.status = 'paid' AND OLD.status <> 'paid' AND {_LEFT}",
        "a line waits for its payment",
    ),
)

_NOT_OPEN = (
    "NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id WHERE l.id = NEW.claim_line_id "
    "AND c.status = 'submitted' AND l.status = 'held' AND l.granted_fen = NEW.from_fen "
    "AND NEW.class_hours < l.granted_class_hours AND NEW.seconds < l.granted_seconds)"
)
ADJUSTMENT = _refusing(
    "claim_adjustment", "open", "BEFORE INSERT", _NOT_OPEN, "only an open line is cut, and only downward"
)
