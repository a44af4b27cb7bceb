"""How Alembic reaches the database: through the present application, whose engine carries what SQLite needs."""

from __future__ import annotations

from alembic import context
from flask import current_app

from config.database import Base

migrated = current_app.extensions["migrate"]


def render_item(kind: str, value: object, autogen: object) -> str | bool:
    """Write our own column types by the plain types they are stored as."""
    if kind == "type" and type(value).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Every table is ours; nothing is left out but Alembic's own."""
    return not (kind == "table" and name == "alembic_version")


def run() -> None:
    """Run the asked-for migrations in one transaction."""
    with migrated.db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            include_name=include_name,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
