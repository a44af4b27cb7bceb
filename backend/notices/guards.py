"""What the database itself keeps of notices and objections."""

from __future__ import annotations

from typing import Any

from config.database import guard


def refuse(table: Any, name: str, event: str, wrong: str, refusal: str) -> None:
    """A trigger ``<table>_<name>`` that refuses ``event`` when ``wrong`` (SQL over NEW and OLD) holds."""
    of = table.name
    function = f"{of}_{name}_refuse"
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {of}_{name} {event} ON {of} WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{of}: {refusal}'); END"
        ],
        postgresql=[
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {wrong} THEN "
            f"RAISE EXCEPTION '{of}: {refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {of}_{name} {event} ON {of} FOR EACH ROW EXECUTE FUNCTION {function}()",
        ],
    )


NOT_GRANTED = (
    "NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id "
    "WHERE l.public_id = NEW.line_ref AND c.public_id = NEW.claim_ref AND c.status = 'approved' AND l.status = 'held' "
    "AND l.granted_fen = NEW.amount_fen AND l.granted_class_hours = NEW.class_hours)"
)
"""A row of a notice says what two persons granted, of a claim that waits for its notice."""

NOT_DRAFT = "NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'draft')"
NOT_DISCARDED = (
    "(NEW.live OR NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'discarded'))"
)

NOT_ON_NOTICE = (
    "NOT EXISTS (SELECT 1 FROM public_notice n JOIN notice_entry e ON e.notice_id = n.id WHERE n.id = NEW.notice_id "
    "AND n.status = 'posted' AND e.claim_ref = NEW.claim_ref AND (NEW.line_ref IS NULL OR e.line_ref = NEW.line_ref))"
)
"""An objection is about a claim, or a person, that is on this notice now."""

NOT_RECORDED = (
    "NOT EXISTS (SELECT 1 FROM notice_redating r WHERE r.notice_id = NEW.id AND r.from_closes_at = OLD.closes_at "
    "AND r.closes_at = NEW.closes_at AND r.closes_on = NEW.closes_on AND r.provisional = NEW.provisional)"
)
RE_DATED = (
    "OLD.status <> 'draft' AND (NEW.closes_at <> OLD.closes_at OR NEW.closes_on <> OLD.closes_on "
    f"OR NEW.provisional <> OLD.provisional) AND (OLD.status <> 'posted' OR NEW.closes_at < OLD.closes_at OR {NOT_RECORDED})"
)
"""A deadline that was posted moves only later, and only as a recorded change says."""


_NOT_REVIEWED = (
    "NEW.status IN ('upheld', 'dismissed') AND OLD.status <> NEW.status AND NOT EXISTS "
    "(SELECT 1 FROM review r WHERE r.subject_kind = '<subject>' AND r.subject_id = NEW.public_id "
    "AND r.verdict = CASE NEW.status WHEN 'upheld' THEN 'approve' ELSE 'reject' END)"
)
_OBJECTED = (
    "EXISTS (SELECT 1 FROM objection o WHERE o.status = 'open' "
    "AND (o.line_ref = <line> OR (o.line_ref IS NULL AND o.claim_ref = <claim>)))"
)


def not_reviewed(subject: str) -> str:
    """SQL: the row moves to upheld or dismissed and no review of ``subject`` says so."""
    return _NOT_REVIEWED.replace("<subject>", subject)


def objected(line_ref: str, claim_ref: str) -> str:
    """SQL: an open objection stands against a claim line, given by SQL for its public id and its claim's."""
    return _OBJECTED.replace("<line>", line_ref).replace("<claim>", claim_ref)
