"""Guards of tables that only grow, but for what goes when the evidence is archived or erased."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column

from config.database import guard
from learning_records.retention_sql import nothing_left, on_hold, past_two_years


def forgets(table: Any, *, column: str, gone: str, since: str, person: str, context: str = "OLD.context_ref") -> None:
    """Refuse every change and deletion, but that ``column`` is emptied (``gone`` then holds): when a destruction was made
    after two years from ``since``, all evidence of what that person learned in that context is erased, and no legal hold
    stands. The arguments are SQL."""
    name = table.name
    refusal = f"{name} is append-only; {column} goes together with the evidence"

    def may_go(dialect: str) -> str:
        is_same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
        others = [other for other in table.columns if other.name != column]
        conditions = [
            gone,
            *(f"{_plain('NEW', other)} {is_same} {_plain('OLD', other)}" for other in others),
            _SOME_DESTRUCTION.replace("PAST", past_two_years(dialect, since=since, at="d.destroyed_at")),
            nothing_left(dialect, person=person, context=context),
            f"NOT {on_hold(person=person, context=context)}",
        ]
        return " AND ".join(conditions)

    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} WHEN NOT COALESCE({may_go('sqlite')}, 0) "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        ],
        postgresql=_function(
            name, f"IF TG_OP = 'UPDATE' THEN IF {may_go('postgresql')} THEN RETURN NEW; END IF; END IF;", refusal
        ),
    )


def goes_with_record(table: Any) -> None:
    """Refuse every change, and every deletion before the record of the session is archived or erased: it holds the rows."""
    name = table.name
    refusal = f"{name} is append-only; it goes when the record of its session is archived or erased"
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} WHEN NOT {_RECORD_MOVED} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        ],
        postgresql=_function(
            name, f"IF TG_OP = 'DELETE' THEN IF {_RECORD_MOVED} THEN RETURN OLD; END IF; END IF;", refusal
        ),
    )


_SOME_DESTRUCTION = "EXISTS (SELECT 1 FROM destruction d WHERE PAST)"
_RECORD_MOVED = (
    "EXISTS (SELECT 1 FROM learning_session s JOIN evidence_record r ON r.id = s.evidence_record_id "
    "WHERE s.id = OLD.session_id AND (r.archive_id IS NOT NULL OR r.destruction_id IS NOT NULL))"
)


def _plain(row: str, column: Column[Any]) -> str:
    """PostgreSQL compares no JSON, only its text."""
    named = f"{row}.{column.name}"
    return f"CAST({named} AS text)" if isinstance(column.type, JSON) else named


def _function(name: str, allowed: str, refusal: str) -> list[str]:
    return [
        f"CREATE FUNCTION {name}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {allowed} "
        f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$",
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_guard()",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {name}_guard()",
    ]
