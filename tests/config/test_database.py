"""One way to commit, and what the engine must do for us on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from config.database import UtcDateTime, db, is_sqlite, transaction


def test_an_error_inside_the_work_leaves_nothing_written(app: Flask) -> None:
    db.session.execute(text("CREATE TABLE scratch (value INTEGER)"))
    db.session.commit()

    def work() -> None:
        db.session.execute(text("INSERT INTO scratch VALUES (1)"))
        raise KeyError("stop")

    with pytest.raises(KeyError):
        transaction(work)
    assert db.session.execute(text("SELECT count(*) FROM scratch")).scalar() == 0


def test_a_transaction_inside_a_transaction_is_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="already open"):
        transaction(lambda: transaction(lambda: None))


def test_sqlite_is_durable_and_keeps_foreign_keys(app: Flask) -> None:
    if not is_sqlite():
        assert db.session.execute(text("SHOW server_version_num")).scalar_one() >= "150000"
        return
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        assert db.session.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_an_instant_without_an_offset_is_refused() -> None:
    column = UtcDateTime()
    noon = datetime(2020, 3, 2, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        column.process_bind_param(noon.replace(tzinfo=None), sqlite.dialect())
    assert column.process_result_value(noon.replace(tzinfo=None), sqlite.dialect()) == noon
