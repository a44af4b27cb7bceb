"""Consents to messages, and up to when reminders were told.

Revision ID: desk_0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0011"
down_revision = "desk_0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NEW_COLUMNS = ("waits_since", "taken_at", "useful_until", "read_at")


def upgrade() -> None:
    """Consents and what they were used for; where a message waits, who has it, until when it is of use, who read it."""
    for column in NEW_COLUMNS:
        op.add_column("outbox_message", sa.Column(column, INSTANT))
    op.create_table(
        "message_consent",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("worker_id", BIG, nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_message_consent_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_consent")),
        sa.UniqueConstraint("worker_id", "template", "key", name=op.f("uq_message_consent_worker_id_template_key")),
    )
    op.create_table(
        "consent_use",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("consent_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["message_consent.id"], name=op.f("fk_consent_use_consent_id")),
        sa.ForeignKeyConstraint(["message_id"], ["outbox_message.id"], name=op.f("fk_consent_use_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_use")),
        sa.UniqueConstraint("message_id", name=op.f("uq_consent_use_message_id")),
    )
    op.create_index("ix_consent_use_consent_id", "consent_use", ["consent_id"])
    op.create_table(
        "reminder_mark",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("told_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reminder_mark")),
    )
    create_guards(__file__)


def downgrade() -> None:
    """Consents go; every message may be sent again as before."""
    drop_guards(__file__)
    op.drop_table("reminder_mark")
    op.drop_table("consent_use")
    op.drop_table("message_consent")
    for column in NEW_COLUMNS:
        op.drop_column("outbox_message", column)
