"""Attachments: pictures, videos and stamped papers kept with the evidence.

Revision ID: records_0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "records_0003"
down_revision = "records_0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and its guards. The files lie in the file store."""
    op.create_table(
        "attachment",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", BIG, nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=False),
        sa.Column("owner_ref", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("uploaded_by", sa.String(length=100), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_attachment_sha256")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_attachment_size_bytes")),
        sa.ForeignKeyConstraint(["record_id"], ["evidence_record.id"], name=op.f("fk_attachment_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
        sa.UniqueConstraint("record_id", name=op.f("uq_attachment_record_id")),
    )
    op.create_index("uq_attachment_file", "attachment", ["context_ref", "owner_ref", "kind", "sha256"], unique=True)
    op.create_index("ix_attachment_owner_ref", "attachment", ["owner_ref"])
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])
    create_guards(__file__)


def downgrade() -> None:
    """Take the table away; sealed records and files stay."""
    drop_guards(__file__)
    op.drop_table("attachment")
