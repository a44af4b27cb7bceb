"""Asking for an audit as somebody at the terminal does, and changing rows as somebody with the database's password does."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from config.database import db, is_sqlite
from tests.learning_records.by_hand import by_hand


def audit(app: Flask) -> tuple[int, dict[str, Any]]:
    """The exit status and the report of ``flask evidence audit --json``."""
    outcome = app.test_cli_runner().invoke(args=["evidence", "audit", "--json"])
    if outcome.exit_code not in (0, 1):
        raise AssertionError((outcome.exit_code, outcome.output, outcome.exception))
    return outcome.exit_code, json.loads(outcome.stdout)


def first(app: Flask) -> dict[str, Any]:
    """The first difference of an audit that finds one."""
    status, report = audit(app)
    assert (status, report["agrees"]) == (1, False), report
    difference: dict[str, Any] = report["differences"][0]
    return difference


def value(query: str) -> Any:
    """One value of the database; 32 hexadecimal digits are a UUID."""
    found = db.session.execute(sa.text(query)).scalar_one()
    db.session.rollback()
    is_uuid = isinstance(found, str) and len(found) == 32 and not set(found) - set("0123456789abcdef")
    return str(UUID(found)) if is_uuid else str(found) if isinstance(found, UUID) else found


def change(table: str, statement: str, **values: Any) -> None:
    """Run a statement with the guards of one table taken away."""
    by_hand(statement, unguarding=(table,), **values)


def tear_out(*tables: str, where: str) -> None:
    """Delete rows whatever refers to them: with guards and foreign keys out of the way."""
    with db.engine.connect() as connection:
        if not is_sqlite():
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in tables:
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE {where}")
            connection.commit()
            return
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        for table in tables:
            guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
            for (trigger,) in raw.execute(guards, (table,)).fetchall():
                raw.execute(f"DROP TRIGGER {trigger}")
            raw.execute(f"DELETE FROM {table} WHERE {where}")
        raw.execute("PRAGMA foreign_keys=ON")
