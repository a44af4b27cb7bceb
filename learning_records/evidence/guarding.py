"""A guard for tables of decisions: the database refuses a row of which no record was sealed before.

So a decision is evidence or it is not there. Used by the models of the slices that seal. For whoever takes the guards away
first, the audit holds every row against its record.
"""

from __future__ import annotations

from typing import Any

from config.database import guard

_NO_RECORD = "NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = '<kind>' AND subject = '<kind>:' || <key>)"
_UUID_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def uuid_text(column: str, dialect: str) -> str:
    """SQL for a UUID column as the text a subject has; SQLite keeps UUIDs as 32 digits without hyphens."""
    if dialect == "postgresql":
        return f"{column}::text"
    return " || '-' || ".join(f"substr({column}, {start}, {length})" for start, length in _UUID_PARTS)


def needs_record(
    table: Any, *, kind: str, sqlite_key: str, postgresql_key: str, event: str = "INSERT", when: str = ""
) -> None:
    """Refuse ``event`` on ``table`` unless the record of ``kind`` with the subject ``<kind>:<key>`` exists.

    The keys are SQL over the row ``NEW``; ``when`` narrows the event to some rows.
    """
    name, refusal = table.name, f"{table.name}: no evidence record was sealed of it"

    def unsealed(key: str) -> str:
        missing = _NO_RECORD.replace("<kind>", kind).replace("<key>", key)
        return f"{when} AND {missing}" if when else missing

    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {name}_sealed BEFORE {event} ON {name} WHEN {unsealed(sqlite_key)} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        ],
        postgresql=[
            f"CREATE FUNCTION {name}_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {unsealed(postgresql_key)} THEN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {name}_sealed BEFORE {event} ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_sealed()",
        ],
    )
