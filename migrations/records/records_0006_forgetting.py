"""What imported records and appeals said goes when their evidence is erased.

Revision ID: records_0006
"""

from __future__ import annotations

from alembic import op

from migrations.guarding import create_guards, drop_guards, drop_triggers, restore_guards

revision = "records_0006"
down_revision = "records_0005"
branch_labels = None
depends_on = None

FIRST = __file__.replace("records_0006_forgetting", "records_0001_first_tables")
IMPORTED = __file__.replace("records_0006_forgetting", "records_0005_imported_time")


def upgrade() -> None:
    """New guards for the tables that keep what was said."""
    for table in ("session_appeal", "outside_time", "attested_day"):
        drop_triggers(table, f"{table}_no_update", f"{table}_no_delete", functions=(f"{table}_append_only",))
    create_guards(__file__)


def downgrade() -> None:
    """These tables only grow again."""
    drop_guards(__file__)
    restore_guards(FIRST, mentioning="session_appeal")
    restore_guards(FIRST, mentioning="outside_time")
    sqlite = op.get_bind().dialect.name == "sqlite"
    restore_guards(IMPORTED, mentioning="attested_day is append-only" if sqlite else "attested_day_append_only")
