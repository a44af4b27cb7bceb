"""Time from other platforms: what their records said, and days without intervals.

Revision ID: records_0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "records_0005"
down_revision = "records_0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """An imported record keeps its facts; attested days; no local day holds more than 24 hours."""
    op.add_column("outside_time", sa.Column("facts", sa.JSON(none_as_null=True)))
    op.create_table(
        "attested_day",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_ref", sa.Uuid(), nullable=False),
        sa.Column("source_ref", sa.Uuid(), nullable=False),
        sa.Column("context_ref", sa.Uuid()),
        sa.Column("local_day", BIG, nullable=False),
        sa.Column("stated_seconds", BIG, nullable=False),
        sa.Column("counted_seconds", BIG, nullable=False),
        sa.Column("limit_seconds", BIG, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "counted_seconds BETWEEN 0 AND stated_seconds", name=op.f("ck_attested_day_counted_seconds")
        ),
        sa.CheckConstraint("limit_seconds BETWEEN 1 AND 86400", name=op.f("ck_attested_day_limit_seconds")),
        sa.ForeignKeyConstraint(["person_ref"], ["learner.person_ref"], name=op.f("fk_attested_day_person_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attested_day")),
        sa.UniqueConstraint("person_ref", "source_ref", name=op.f("uq_attested_day_person_ref_source_ref")),
    )
    op.create_index("ix_attested_day_person_ref_local_day", "attested_day", ["person_ref", "local_day"])
    create_guards(__file__)


def downgrade() -> None:
    """Attested days go; imported records keep their pieces."""
    drop_guards(__file__)
    op.drop_table("attested_day")
    op.drop_column("outside_time", "facts")
