"""Versions of policies and corrections of the calendar.

Revision ID: desk_0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0009"
down_revision = "desk_0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables and their guards."""
    op.create_table(
        "policy_version",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("version", name=op.f("uq_policy_version_version")),
    )
    op.create_index(op.f("ix_policy_version_policy_id"), "policy_version", ["policy_id"])
    op.create_table(
        "calendar_correction",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("corrected_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_calendar_correction_reason")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"], name=op.f("fk_calendar_correction_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_correction")),
    )
    op.create_index(op.f("ix_calendar_correction_day"), "calendar_correction", ["day"])
    op.create_index(op.f("ix_calendar_correction_staff_id"), "calendar_correction", ["staff_id"])
    create_guards(__file__)


def downgrade() -> None:
    """Take both tables away."""
    drop_guards(__file__)
    op.drop_table("calendar_correction")
    op.drop_table("policy_version")
