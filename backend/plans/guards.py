"""What was approved is not edited: the database refuses it, save where an approved amendment says the same.

Whom the notice covers is judged by the list as approved (clause 三): neither a later import of the roster nor anybody's hand
reaches it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from config.database import guard


class Event(NamedTuple):
    """A change of a row that is refused when ``wrong`` (SQL over OLD and NEW) holds; ``name`` is part of the trigger's."""

    name: str
    event: str
    wrong: str


def as_approved(table: Any, events: tuple[Event, ...]) -> None:
    """Refuse these changes of ``table`` on both databases."""
    name, refusal = table.name, f"{table.name}: what was approved is not edited"
    sqlite = [
        f"CREATE TRIGGER {name}_{event.name} BEFORE {event.event} ON {name} WHEN {event.wrong} "
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        for event in events
    ]
    postgresql = []
    for event in events:
        postgresql += [
            f"CREATE FUNCTION {name}_{event.name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {event.wrong} THEN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {'OLD' if event.event == 'DELETE' else 'NEW'}; END $$",
            f"CREATE TRIGGER {name}_{event.name} BEFORE {event.event} ON {name} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}_{event.name}_refuse()",
        ]
    guard(table, sqlite=sqlite, postgresql=postgresql)


_FIXED = (
    "enterprise_id, policy_id, policy_version, enterprise_name, mode, platform, agreement, kind, relevance, trade_code, "
    "affected, late_filing_reason, commitment_version, commitment_signer, commitment_signed_at, commitment_sha256, "
    "submitted_at, filed_at, approved_at, filing_number"
)
_GROWS = (
    "OLD.status = 'approved' AND NEW.{column} <> OLD.{column} AND NOT EXISTS (SELECT 1 FROM plan_amendment a "
    "WHERE a.plan_id = NEW.id AND a.status = 'approved' AND a.{column} = NEW.{column})"
)
PLAN_EVENTS = (
    Event("as_approved", f"UPDATE OF {_FIXED}", "OLD.status = 'approved'"),
    Event("heads_as_approved", "UPDATE OF head_count", _GROWS.format(column="head_count")),
    Event("hours_as_approved", "UPDATE OF class_hours", _GROWS.format(column="class_hours")),
)

_APPROVED = (
    "EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id "
    "WHERE c.id = {row}.class_id AND p.status = 'approved')"
)
_AMENDED = (
    "EXISTS (SELECT 1 FROM amended_person ap JOIN plan_amendment a ON a.id = ap.amendment_id "
    "JOIN training_class c ON c.plan_id = a.plan_id WHERE c.id = NEW.class_id AND a.status = 'approved' "
    "AND ap.action = '{action}' AND ap.roster_entry_id = NEW.roster_entry_id AND ap.relation = NEW.filed_relation "
    "AND ap.hired_on = NEW.filed_hired_on{more})"
)
_SAME_PLACE = (
    "NEW.class_id = OLD.class_id AND NEW.roster_entry_id = OLD.roster_entry_id "
    "AND NEW.filed_from IS NOT DISTINCT FROM OLD.filed_from"
)
ENROLLMENT_EVENTS = (
    Event(
        "as_filed",
        "UPDATE OF class_id, roster_entry_id, filed_relation, filed_hired_on, filed_from",
        f"{_APPROVED.format(row='OLD')} AND NOT ({_SAME_PLACE} AND {_AMENDED.format(action='correct', more='')})",
    ),
    Event(
        "as_added",
        "INSERT",
        f"{_APPROVED.format(row='NEW')} "
        f"AND NOT {_AMENDED.format(action='add', more=' AND a.decided_at = NEW.filed_from')}",
    ),
    Event("as_kept", "DELETE", _APPROVED.format(row="OLD")),
)

_PLAN_APPROVED = "EXISTS (SELECT 1 FROM training_plan p WHERE p.id = {row}.plan_id AND p.status = 'approved')"
_COURSE_AMENDED = (
    "EXISTS (SELECT 1 FROM amended_course ac JOIN plan_amendment a ON a.id = ac.amendment_id "
    "WHERE a.plan_id = NEW.plan_id AND a.status = 'approved' AND ac.course_version_id = NEW.course_version_id)"
)
COURSE_EVENTS = (
    Event("as_approved", "UPDATE", _PLAN_APPROVED.format(row="OLD")),
    Event("as_added", "INSERT", f"{_PLAN_APPROVED.format(row='NEW')} AND NOT {_COURSE_AMENDED}"),
    Event("as_kept", "DELETE", _PLAN_APPROVED.format(row="OLD")),
)
