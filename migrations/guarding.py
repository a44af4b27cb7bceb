"""What revisions after the first share: running a revision's guard file, and taking its functions away again."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def create_guards(revision_file: str, *tables: str) -> None:
    """Run the statements of ``<revision file>.<dialect>.sql`` in order, each behind a line ``-- statement``.

    With ``tables`` only those that guard these: their triggers and functions are named after them.
    """
    for statement in _statements(revision_file):
        if not tables or statement.split()[2].startswith(tuple(f"{table}_" for table in tables)):
            op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statement)


def drop_guards_of(*tables: str) -> None:
    """Drop every trigger of these tables with its function: before a revision that guards them anew."""
    connection = op.get_bind()
    for table in tables:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
            for (name,) in connection.exec_driver_sql(query, (table,)).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            continue
        query = (
            "SELECT DISTINCT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            f"WHERE t.tgrelid = '{table}'::regclass AND NOT t.tgisinternal"
        )
        for (name,) in connection.exec_driver_sql(query).all():
            connection.exec_driver_sql(f"DROP FUNCTION {name} CASCADE")


def rewrite_on_sqlite(table: str, *changes: tuple[str, str]) -> None:
    """Make a table anew with its definition changed text by text, its rows, indexes and triggers kept.

    SQLite cannot alter a constraint. Foreign keys are checked when the transaction ends, so rows that point here stay.
    On PostgreSQL this does nothing: there the revision alters the constraints themselves.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    query = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'trigger'"
    objects = connection.exec_driver_sql(query, (table,)).all()
    definition = next(row.sql for row in objects if row.type == "table")
    for old, new in changes:
        if definition.count(old) != 1:
            raise ValueError(f"{table}: not found exactly once in its definition: {old}")
        definition = definition.replace(old, new)
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.exec_driver_sql(f"CREATE TEMP TABLE set_aside AS SELECT * FROM {table}")
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(definition)
    connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM set_aside")
    connection.exec_driver_sql("DROP TABLE set_aside")
    for row in objects:
        if row.type != "table":
            connection.exec_driver_sql(row.sql)


def drop_guards(revision_file: str) -> None:
    """Drop the triggers and functions that ``create_guards`` made."""
    connection = op.get_bind()
    for statement in _statements(revision_file):
        words = statement.replace("(", " ").split()
        if words[1] == "FUNCTION":
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {words[2]} CASCADE")
        elif connection.dialect.name == "sqlite" and words[1] == "TRIGGER":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {words[2]}")


def drop_triggers(table: str, *names: str, functions: tuple[str, ...] = ()) -> None:
    """Drop guards of an earlier revision that this one replaces; on PostgreSQL those of ``functions`` go with them."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for name in functions if connection.dialect.name == "postgresql" else ():
        connection.exec_driver_sql(f"DROP FUNCTION {name} CASCADE")


def change_checks(table: str, **changes: tuple[str, str]) -> None:
    """Change CHECK constraints (name without its prefix: old text, new text) of a table that has rows."""
    rewrite_on_sqlite(table, *changes.values())
    for name, (_, new) in changes.items() if op.get_bind().dialect.name == "postgresql" else ():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, new)


def restore_guards(earlier_file: str, *, mentioning: str) -> None:
    """Run again those statements of an earlier revision's guard file that mention a table: for a downgrade."""
    for statement in _statements(earlier_file):
        if mentioning in statement:
            op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statement)


def _statements(revision_file: str) -> list[str]:
    path = Path(revision_file).with_suffix(f".{op.get_bind().dialect.name}.sql")
    if not path.exists():  # the first revisions named theirs without the words after the number
        number = "_".join(path.name.split("_")[:2])
        path = path.with_name(f"{number}_guards.{op.get_bind().dialect.name}.sql")
    return [statement.strip() for statement in path.read_text(encoding="utf-8").split("-- statement\n")[1:]]
