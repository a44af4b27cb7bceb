"""What somebody with the database's password can do: change rows with the guards of their tables taken away."""

from __future__ import annotations

import sqlalchemy as sa

from config.database import db, is_sqlite, transaction


def by_hand(*statements: str, unguarding: tuple[str, ...], **values: object) -> None:
    """Run the statements in one transaction after taking the triggers of these tables away."""

    def work() -> None:
        for table in unguarding:
            if not is_sqlite():
                db.session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                continue
            named = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
            for trigger in db.session.scalars(named, {"name": table}).all():
                db.session.execute(sa.text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            db.session.execute(sa.text(statement), values)

    transaction(work)
