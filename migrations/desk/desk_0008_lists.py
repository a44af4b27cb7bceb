"""Lists of other offices.

Revision ID: desk_0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0008"
down_revision = "desk_0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
KINDS = ("insured", "pension", "students", "civil_servants", "other_subsidies", "dispatch_licences", "dishonest")


def upgrade() -> None:
    """The lists and their rows."""
    op.create_table(
        "office_list",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("office", sa.String(length=50), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", BIG, nullable=False),
        sa.Column("taken_by_id", BIG, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("withdrawn_by_id", BIG),
        sa.Column("withdrawn_at", INSTANT),
        sa.Column("withdrawn_why", sa.String(length=500)),
        sa.Column("forgotten_at", INSTANT),
        sa.CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_office_list_kind")),
        sa.CheckConstraint("row_count > 0", name=op.f("ck_office_list_row_count")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_office_list_sha256")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_why IS NULL)",
            name=op.f("ck_office_list_withdrawn"),
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["staff_account.id"], name=op.f("fk_office_list_taken_by_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["staff_account.id"], name=op.f("fk_office_list_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_list")),
        sa.UniqueConstraint("public_id", name=op.f("uq_office_list_public_id")),
    )
    op.create_index("ix_office_list_kind_office", "office_list", ["kind", "office"])
    for column in ("taken_by_id", "withdrawn_by_id"):
        op.create_index(f"ix_office_list_{column}", "office_list", [column])
    op.create_table(
        "list_entry",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("list_id", BIG, nullable=False),
        sa.Column("excel_row", BIG, nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=100), nullable=False),
        sa.Column("uscc", sa.String(length=18)),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", BIG),
        sa.Column("from_on", sa.Date()),
        sa.Column("until_on", sa.Date()),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_list_entry_amount_fen")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_list_entry_period")),
        sa.ForeignKeyConstraint(["list_id"], ["office_list.id"], name=op.f("fk_list_entry_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entry")),
    )
    op.create_index("ix_list_entry_list_id_subject", "list_entry", ["list_id", "subject"])
    create_guards(__file__)


def downgrade() -> None:
    """The lists go."""
    drop_guards(__file__)
    op.drop_table("list_entry")
    op.drop_table("office_list")
