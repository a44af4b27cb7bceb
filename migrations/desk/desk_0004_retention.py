"""What the desk keeps for how long.

Revision ID: desk_0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0004"
down_revision = "desk_0003"
branch_labels = None
depends_on = ("records_0006",)

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Proposals of destruction; since when nothing personal is kept of a worker or a roster row."""
    for table in ("worker", "roster_entry"):
        op.add_column(table, sa.Column("erased_at", INSTANT))
    op.create_table(
        "destruction_proposal",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("record_count", BIG, nullable=False),
        sa.Column("list_sha256", sa.String(length=64), nullable=False),
        sa.Column("clause", sa.String(length=50), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("approved_by_id", BIG),
        sa.Column("approved_at", INSTANT),
        sa.Column("certificate_id", sa.Uuid()),
        sa.CheckConstraint("status IN ('proposed', 'approved')", name=op.f("ck_destruction_proposal_status")),
        sa.CheckConstraint("record_count > 0", name=op.f("ck_destruction_proposal_record_count")),
        sa.CheckConstraint("length(list_sha256) = 64", name=op.f("ck_destruction_proposal_list_sha256")),
        sa.CheckConstraint("proposed_by_id <> approved_by_id", name=op.f("ck_destruction_proposal_two_persons")),
        sa.CheckConstraint(
            "(status = 'approved') = (approved_by_id IS NOT NULL AND approved_at IS NOT NULL "
            "AND certificate_id IS NOT NULL)",
            name=op.f("ck_destruction_proposal_approved"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["staff_account.id"], name=op.f("fk_destruction_proposal_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff_account.id"], name=op.f("fk_destruction_proposal_approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_proposal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_destruction_proposal_public_id")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_destruction_proposal_certificate_id")),
    )
    for column in ("status", "proposed_by_id", "approved_by_id"):
        op.create_index(f"ix_destruction_proposal_{column}", "destruction_proposal", [column])
    create_guards(__file__)


def downgrade() -> None:
    """Proposals go; what was erased does not come back."""
    drop_guards(__file__)
    op.drop_table("destruction_proposal")
    for table in ("worker", "roster_entry"):
        op.drop_column(table, "erased_at")
