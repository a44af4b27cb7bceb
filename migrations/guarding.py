"""What revisions after the first share: running a revision's guard file, and taking its functions away again."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def create_guards(revision_file: str) -> None:
    """Run the statements of ``<revision file>.<dialect>.sql`` in order, each behind a line ``-- statement``."""
    for statement in _statements(revision_file):
        op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statement)


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
