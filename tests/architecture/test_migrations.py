"""The migrations and the models say the same: tables, columns, constraints, indexes and guards."""

from __future__ import annotations

from typing import Any

import flask_migrate
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from config.database import Base, db, guards_of


def _schema_objects() -> set[str]:
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(sa.text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return {" ".join(str(value) for value in row) for row in rows}
    rows = db.session.execute(
        sa.text(
            "SELECT tgname, pg_get_triggerdef(t.oid), prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid "
            "WHERE NOT tgisinternal"
        )
    )
    return {" ".join(str(value) for value in row) for row in rows}


def test_migrations_give_what_the_models_say(app: Flask) -> None:
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    differences: list[Any] = [
        difference
        for difference in compare_metadata(context, Base.metadata)
        if not (difference[0] == "remove_table" and difference[1].name == "alembic_version")
    ]
    assert differences == []


def test_migrations_carry_every_guard_of_the_models(app: Flask) -> None:
    migrated = _schema_objects()
    expected = sum(
        statement.lstrip().upper().startswith(("CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER"))
        for table in Base.metadata.tables.values()
        for statement in guards_of(table, db.engine.dialect.name)
    )
    assert len(migrated) == expected > 0
    db.session.rollback()
    Base.metadata.drop_all(db.engine)
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    Base.metadata.create_all(db.engine)
    assert _schema_objects() == migrated


def test_down_and_up_again(app: Flask) -> None:
    flask_migrate.downgrade(revision="desk@base")
    flask_migrate.downgrade(revision="records@base")
    left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    flask_migrate.upgrade(revision="heads")
    assert set(sa.inspect(db.engine).get_table_names()) >= set(Base.metadata.tables)


def test_the_records_stand_alone(app: Flask) -> None:
    flask_migrate.downgrade(revision="desk@base")
    tables = set(sa.inspect(db.engine).get_table_names())
    assert "evidence_record" in tables
    assert not {"worker", "training_plan", "transfer"} & tables
