"""What the database itself keeps of payments: money follows the lines behind it, and no fund pays what it does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backend.disputes.rules import blocked


class Guards(NamedTuple):
    """The statements for each database."""

    sqlite: Sequence[str]
    postgresql: Sequence[str]


def _refusing(table: str, name: str, event: str, wrong: str, refusal: str) -> Guards:
    """A trigger ``<table>_<name>`` that refuses ``event`` when ``wrong`` holds."""
    return Guards(
        [
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {refusal}'); END"
        ],
        [
            f"CREATE FUNCTION {table}_{name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {wrong} THEN RAISE EXCEPTION '{table}: {refusal}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_{name}_refuse()",
        ],
    )


def _moving(table: str, name: str, event: str, *changes: str, when: str = "") -> Guards:
    """A trigger that carries a new row on into running figures after ``event``."""
    body = "; ".join(changes)
    condition = f" WHEN {when}" if when else ""
    on_postgresql = f" WHEN ({when})" if when else ""
    return Guards(
        [f"CREATE TRIGGER {table}_{name} AFTER {event} ON {table}{condition} BEGIN {body}; END"],
        [
            f"CREATE FUNCTION {table}_{name}_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
            f"CREATE TRIGGER {table}_{name} AFTER {event} ON {table} "
            f"FOR EACH ROW{on_postgresql} EXECUTE FUNCTION {table}_{name}_move()",
        ],
    )


def _joined(*parts: Guards) -> Guards:
    return Guards(
        [text for part in parts for text in part.sqlite], [text for part in parts for text in part.postgresql]
    )


_MOVED_TO = "NEW.status = '{after}' AND OLD.status <> '{after}'"
_ITEMS = "(SELECT COALESCE(SUM(i.amount_fen), 0) FROM payment_item i WHERE i.order_id = o.id AND i.live)"
_ORDERS = "(SELECT COALESCE(SUM(amount_fen), 0) FROM payment_order WHERE batch_id = NEW.id AND status = '<status>')"
_ORDERED, _PAID = _ORDERS.replace("<status>", "created"), _ORDERS.replace("<status>", "paid")
_INCOMPLETE = "EXISTS (SELECT 1 FROM payment_order o WHERE o.batch_id = NEW.id AND o.amount_fen <> <items>)"
_STILL_OUT = "EXISTS (SELECT 1 FROM payment_order WHERE batch_id = NEW.id AND status = 'released')"

BATCH = _joined(
    _refusing(
        "payment_batch",
        "complete",
        "UPDATE OF status",
        f"{_MOVED_TO.format(after='released')} AND (NEW.total_fen <> {_ORDERED} "
        f"OR {_INCOMPLETE.replace('<items>', _ITEMS)})",
        "the total is not what its orders and their items come to",
    ),
    _refusing(
        "payment_batch",
        "returned",
        "UPDATE OF status, paid_fen",
        f"NEW.paid_fen <> {_PAID} OR ({_MOVED_TO.format(after='paid')} AND {_STILL_OUT})",
        "not what the bank returned of its orders",
    ),
    _refusing(
        "payment_batch",
        "released_once",
        "UPDATE OF released_by_id, released_at",
        "OLD.released_by_id IS NOT NULL",
        "it was released before",
    ),
)

_BATCH_OF_ORDER = "(SELECT status FROM payment_batch WHERE id = NEW.batch_id)"
_OTHERS_CLAIM = (
    "(NEW.claim_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subsidy_claim c WHERE c.id = NEW.claim_id "
    "AND c.public_id = NEW.subject_ref AND c.enterprise_id = NEW.enterprise_id))"
)
ORDER = _joined(
    _refusing(
        "payment_order",
        "addressed",
        "INSERT",
        f"{_BATCH_OF_ORDER} <> 'created' OR NEW.subject_ref IS NULL OR NEW.fund = '' OR NEW.policy_version = '' "
        f"OR NEW.payee_name = '' OR NEW.account_ref IS NULL OR {_OTHERS_CLAIM}",
        "it says not whom it pays from what",
    ),
    _refusing(
        "payment_order",
        "with_batch",
        "UPDATE OF status",
        f"NEW.status <> OLD.status AND {_BATCH_OF_ORDER} <> "
        "(CASE NEW.status WHEN 'cancelled' THEN 'cancelled' ELSE 'released' END)",
        "its batch is not as far",
    ),
)

_LINE_PAYABLE = (
    "EXISTS (SELECT 1 FROM claim_line l WHERE l.id = NEW.claim_line_id AND l.public_id = NEW.subject_ref "
    "AND l.claim_id = p.claim_id AND l.status = 'held' AND l.payable_at IS NOT NULL AND l.granted_fen = NEW.amount_fen "
    "AND NOT <blocked>)"
).replace("<blocked>", blocked("l.public_id", "p.subject_ref"))
_HIRE_PAYABLE = (
    "EXISTS (SELECT 1 FROM new_hire_line h JOIN new_hire_application a ON a.id = h.application_id "
    "WHERE h.public_id = NEW.subject_ref AND a.public_id = p.subject_ref AND h.enterprise_id = p.enterprise_id "
    "AND h.status = 'payable' AND h.payable_at IS NOT NULL AND h.amount_fen = NEW.amount_fen)"
)
_ORDER_TAKES = (
    (
        "EXISTS (SELECT 1 FROM payment_order p WHERE p.id = NEW.order_id AND p.status = 'created' "
        "AND p.subject_kind = NEW.subject_kind AND CASE NEW.subject_kind "
        "WHEN 'claim_line' THEN <line> ELSE <hire> END)"
    )
    .replace("<line>", _LINE_PAYABLE)
    .replace("<hire>", _HIRE_PAYABLE)
)
_NOT_ENDED = (
    "NEW.live OR NOT EXISTS (SELECT 1 FROM payment_order WHERE id = NEW.order_id AND status IN ('failed', 'cancelled'))"
)
ITEM = _joined(
    _refusing(
        "payment_item",
        "payable",
        "INSERT",
        f"NOT NEW.live OR NOT {_ORDER_TAKES}",
        "nothing that may be paid stands behind it",
    ),
    _refusing("payment_item", "ended", "UPDATE OF live", _NOT_ENDED, "its order was neither cancelled nor failed"),
)

_EARNED = (
    "EXISTS (SELECT 1 FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.id = NEW.item_id "
    "AND o.id = NEW.order_id AND o.status = 'paid' AND o.fund = NEW.fund AND o.policy_version = NEW.policy_version "
    "AND i.live AND i.amount_fen = NEW.amount_fen AND COALESCE(i.claim_line_id, 0) = COALESCE(NEW.claim_line_id, 0) "
    "AND (i.claim_line_id IS NULL OR EXISTS (SELECT 1 FROM claim_line l "
    "WHERE l.id = i.claim_line_id AND l.status = 'settled' AND l.granted_fen = NEW.amount_fen)))"
)
_NO_FUND = "NOT EXISTS (SELECT 1 FROM fund WHERE name = NEW.fund)"
ENTRY = _joined(
    _refusing(
        "fund_entry",
        "of_line",
        "INSERT",
        f"NOT {_EARNED} OR {_NO_FUND}",
        "not what a settled line of the order was granted",
    ),
    _moving(
        "fund_entry",
        "spends",
        "INSERT",
        "UPDATE fund SET paid_fen = paid_fen + NEW.amount_fen WHERE name = NEW.fund",
    ),
)

# Money that is at the bank cannot be called back by letting its seconds go: what is wrong with it is asked back.
LINE_WITH_BANK = _refusing(
    "claim_line",
    "with_bank",
    "UPDATE OF status",
    "NEW.status = 'released' AND OLD.status = 'held' AND EXISTS (SELECT 1 FROM payment_item i "
    "JOIN payment_order o ON o.id = i.order_id WHERE i.claim_line_id = NEW.id AND i.live AND o.status = 'released')",
    "its payment is at the bank",
)

ALLOTMENT = _moving(
    "fund_allotment",
    "adds",
    "UPDATE OF status",
    "UPDATE fund SET allotted_fen = allotted_fen + NEW.amount_fen WHERE id = NEW.fund_id",
    when=_MOVED_TO.format(after="confirmed"),
)

_ASKED_BACK = (
    "(SELECT COALESCE(SUM(r.amount_fen), 0) FROM recovery r WHERE r.item_id = NEW.item_id AND r.status <> 'refused')"
)
_PAID_ITEM = (
    "(SELECT i.amount_fen FROM payment_item i JOIN payment_order o ON o.id = i.order_id "
    "WHERE i.id = NEW.item_id AND o.status = 'paid' AND o.enterprise_id = NEW.enterprise_id)"
)
RECOVERY = _joined(
    _refusing(
        "recovery",
        "of_paid",
        "INSERT",
        f"{_ASKED_BACK} + NEW.amount_fen > COALESCE({_PAID_ITEM}, 0)",
        "more than was paid",
    ),
    _refusing(
        "recovery",
        "complete",
        "UPDATE OF status",
        f"{_MOVED_TO.format(after='received')} AND NEW.received_fen <> NEW.amount_fen",
        "not all of it came back",
    ),
)
_DEMANDED = (
    "EXISTS (SELECT 1 FROM recovery r WHERE r.id = NEW.recovery_id AND r.status = 'demanded' "
    "AND r.received_fen + NEW.amount_fen <= r.amount_fen AND r.fund = NEW.fund)"
)
RECEIPT = _joined(
    _refusing("recovery_receipt", "demanded", "INSERT", f"NOT {_DEMANDED}", "nothing of that amount is to come back"),
    _moving(
        "recovery_receipt",
        "adds",
        "INSERT",
        "UPDATE recovery SET received_fen = received_fen + NEW.amount_fen WHERE id = NEW.recovery_id",
        "UPDATE fund SET received_fen = received_fen + NEW.amount_fen WHERE name = NEW.fund",
    ),
)
