"""One more guard that lives in the database itself: an event refused while a condition holds."""

from __future__ import annotations

from typing import Any

from config.database import guard


def refuse(table: Any, name: str, event: str, wrong: str, refusal: str) -> None:
    """A trigger ``<table>_<name>``: refuse ``event`` (``BEFORE INSERT``, ``BEFORE UPDATE OF …``) on ``table`` while ``wrong``,
    SQL over NEW and OLD that both databases read alike, holds. ``refusal`` says why."""
    of = table.name
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {of}_{name} {event} ON {of} WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{of}: {refusal}'); END"
        ],
        postgresql=[
            f"CREATE FUNCTION {of}_{name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {wrong} THEN "
            f"RAISE EXCEPTION '{of}: {refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {of}_{name} {event} ON {of} FOR EACH ROW EXECUTE FUNCTION {of}_{name}_refuse()",
        ],
    )
