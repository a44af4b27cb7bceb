"""What the database itself keeps of the advance for new hires, the same on SQLite and PostgreSQL.

Nothing submitted without its record; what was submitted is not edited; payable only what two persons approved; a check only of
what was paid; "trained" and "untrained" only as the sealed check says.
"""

from __future__ import annotations

from typing import Any

from backend.new_hires.rules import LINE_MOVES, MOVES
from config.database import allowed_moves, append_only, guard
from learning_records.evidence.guarding import needs_record, uuid_text

_SAID = (
    "roster_entry_id",
    "mentor_entry_id",
    "hired_on",
    "contract_on",
    "contract_renewed",
    "hire_registered",
    "insured_on",
    "left_on",
    "other_subsidy_fen",
    "form",
    "contents",
    "amount_fen",
    "decision",
)
_NEVER = ("public_id", "application_id", "enterprise_id")
_ONCE = ("payable_at", "paid_at", "training_due_on", "recovered_at")
_OF_APPLICATION = ("enterprise_id", "policy_id", "policy_version", "created_at", "public_id")
_SUBMITTED = ("submitted_at", "promise_version", "promise_sha256", "total_fen")

_APPLICATION = "(SELECT 1 FROM new_hire_application a WHERE a.id = NEW.application_id AND {wanted})"
_HELD = "(SELECT COALESCE(SUM(amount_fen), 0) FROM new_hire_line WHERE application_id = NEW.id AND status = 'held')"
_LEFT_DRAFT = "OLD.status = 'draft' AND NEW.status IN ('held', 'refused')"
_KEY_OF_APPLICATION = "(SELECT a.public_id FROM new_hire_application a WHERE a.id = NEW.application_id)"


def attach(application: Any, line: Any, log: Any, answer: Any, check: Any) -> None:
    """Hang the guards on the tables."""
    allowed_moves(application, first=["draft"], moves=[(before, after) for (before, _), after in MOVES.items()])
    allowed_moves(line, first=["draft"], moves=LINE_MOVES)
    for table in (log, answer, check):
        append_only(table)
    _seal(application, line, log, answer, check)
    _keep(application, line)
    _agree(application, line, log, answer, check)


def _seal(application: Any, line: Any, log: Any, answer: Any, check: Any) -> None:
    for table, kind in ((log, "new_hire_log"), (answer, "new_hire_answer"), (check, "new_hire_check")):
        needs_record(
            table,
            kind=kind,
            sqlite_key=uuid_text("NEW.public_id", "sqlite"),
            postgresql_key=uuid_text("NEW.public_id", "postgresql"),
        )
    needs_record(
        application,
        kind="new_hire",
        sqlite_key=uuid_text("NEW.public_id", "sqlite"),
        postgresql_key=uuid_text("NEW.public_id", "postgresql"),
        event="UPDATE OF status",
        when="NEW.status = 'submitted'",
    )
    needs_record(
        line,
        kind="new_hire",
        sqlite_key=_KEY_OF_APPLICATION.replace("a.public_id", uuid_text("a.public_id", "sqlite"), 1),
        postgresql_key=_KEY_OF_APPLICATION.replace("a.public_id", uuid_text("a.public_id", "postgresql"), 1),
        event="UPDATE OF status",
        when=_LEFT_DRAFT,
    )


def _keep(application: Any, line: Any) -> None:
    """What was submitted stays as it was; drafts may be changed and taken back."""
    edited = "what was submitted is not edited"
    _refuse(application, "kept", "DELETE", "OLD.status <> 'draft'", "what was submitted is not deleted", row="OLD")
    _refuse(line, "kept", "DELETE", "OLD.status <> 'draft'", "what was submitted is not deleted", row="OLD")
    _refuse(application, "named", f"UPDATE OF {', '.join(_OF_APPLICATION)}", _changed(_OF_APPLICATION), edited)
    later = f"OLD.status <> 'draft' AND ({_changed(_SUBMITTED)})"
    _refuse(application, "submitted", f"UPDATE OF {', '.join(_SUBMITTED)}", later, edited)
    _refuse(line, "named", f"UPDATE OF {', '.join(_NEVER)}", _changed(_NEVER), edited)
    later = f"OLD.status <> 'draft' AND ({_changed(_SAID)})"
    _refuse(line, "submitted", f"UPDATE OF {', '.join(_SAID)}", later, edited)
    again = " OR ".join(f"(OLD.{name} IS NOT NULL AND {_differs(name)})" for name in _ONCE)
    _refuse(line, "once", f"UPDATE OF {', '.join(_ONCE)}", again, edited)
    person = "NEW.person_index <> OLD.person_index AND substr(NEW.person_index, 1, 7) <> 'erased:'"
    _refuse(line, "person", "UPDATE OF person_index", person, "a line does not change its person")


def _agree(application: Any, line: Any, log: Any, answer: Any, check: Any) -> None:
    """Rows follow from one another, whoever writes them."""
    open_to_lines = _APPLICATION.format(wanted="a.status = 'draft' AND a.enterprise_id = NEW.enterprise_id")
    _refuse(line, "of_draft", "INSERT", f"NOT EXISTS {open_to_lines}", "the application is not open to lines")
    approved = _APPLICATION.format(wanted="a.status = 'approved'")
    unapproved = f"NEW.status = 'payable' AND OLD.status <> 'payable' AND NOT EXISTS {approved}"
    _refuse(line, "approved", "UPDATE OF status", unapproved, "not approved by two persons")
    total = f"NEW.status = 'approved' AND OLD.status <> 'approved' AND NEW.granted_fen <> {_HELD}"
    _refuse(application, "granted", "UPDATE OF status", total, "not what its lines come to")
    granted = "OLD.status = 'approved' AND COALESCE(NEW.granted_fen, -1) <> COALESCE(OLD.granted_fen, -1)"
    _refuse(application, "granted_once", "UPDATE OF granted_fen", granted, "what was granted is not edited")
    found = "SELECT 1 FROM new_hire_check c WHERE c.line_id = NEW.id AND c.outcome = NEW.status"
    unchecked = f"NEW.status IN ('trained', 'untrained') AND OLD.status = 'paid' AND NOT EXISTS ({found})"
    _refuse(line, "checked", "UPDATE OF status", unchecked, "not what the check found")
    paid = "SELECT 1 FROM new_hire_line l WHERE l.id = NEW.line_id AND l.status = 'paid'"
    _refuse(check, "of_paid", "INSERT", f"NOT EXISTS ({paid})", "only what was paid is checked")
    running = (
        "SELECT 1 FROM new_hire_line l WHERE l.id = NEW.line_id AND l.form = NEW.form "
        "AND l.status IN ('held', 'payable', 'paid') AND NEW.trained_on >= l.hired_on"
    )
    _refuse(log, "of_line", "INSERT", f"NOT EXISTS ({running})", "the line takes no such entry")
    own = "SELECT 1 FROM new_hire_log g WHERE g.id = NEW.log_id AND (g.form = 'mentor' OR NEW.answer = 'withdrawn')"
    _refuse(answer, "of_log", "INSERT", f"NOT EXISTS ({own})", "only an entry of a mentor is confirmed")


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(_differs(column) for column in columns)


def _differs(column: str) -> str:
    """Whether a column differs; JSON has no equality on PostgreSQL, its text has."""
    new, old = (f"CAST({row}.{column} AS TEXT)" for row in ("NEW", "OLD"))
    return f"COALESCE({new}, '') <> COALESCE({old}, '')"


def _refuse(table: Any, name: str, event: str, wrong: str, refusal: str, *, row: str = "NEW") -> None:
    trigger, said = f"{table.name}_{name}", f"{table.name}: {refusal}"
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {table.name} WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        ],
        postgresql=[
            f"CREATE FUNCTION {trigger}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {wrong} THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$",
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {table.name} FOR EACH ROW EXECUTE FUNCTION {trigger}_refuse()",
        ],
    )
