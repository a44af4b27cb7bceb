"""Bank accounts of enterprises; the second reviewer of a claim may return it to the first.

Revision ID: desk_0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import change_checks, create_guards, drop_guards

revision = "desk_0014"
down_revision = "desk_0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

VERDICTS = (
    "verdict IN ('approve', 'send_back', 'reject')",
    "verdict IN ('approve', 'return', 'send_back', 'reject')",
)
TWO_PERSONS = sa.text("subject_kind = 'claim' AND verdict = 'approve'")


def upgrade() -> None:
    """Whoever approved a claim once may approve it again after its return, at the same stage only: a trigger keeps that."""
    op.drop_index("uq_review_claim_two_persons", "review")
    change_checks("review", verdict=VERDICTS)
    op.create_table(
        "bank_account",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("holder_name", sa.String(length=100), nullable=False),
        sa.Column("bank_name", sa.String(length=100), nullable=False),
        sa.Column("account_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("account_index", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG),
        sa.Column("decided_at", INSTANT),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'active', 'replaced', 'refused', 'withdrawn')", name=op.f("ck_bank_account_status")
        ),
        sa.CheckConstraint("length(last4) = 4", name=op.f("ck_bank_account_last4")),
        sa.CheckConstraint(
            "decided_by_id <> proposed_by_id OR status = 'withdrawn'", name=op.f("ck_bank_account_two_persons")
        ),
        sa.CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_bank_account_decided_at")),
        sa.CheckConstraint("(status = 'proposed') = (decided_by_id IS NULL)", name=op.f("ck_bank_account_decided_by")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_bank_account_{column}"))
            for column, table in (
                ("enterprise_id", "enterprise"),
                ("proposed_by_id", "staff_account"),
                ("decided_by_id", "staff_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_account_public_id")),
    )
    for column in ("enterprise_id", "proposed_by_id", "decided_by_id"):
        op.create_index(f"ix_bank_account_{column}", "bank_account", [column])
    for status in ("active", "proposed"):
        only = sa.text(f"status = '{status}'")
        op.create_index(
            f"uq_bank_account_{status}",
            "bank_account",
            ["enterprise_id"],
            unique=True,
            sqlite_where=only,
            postgresql_where=only,
        )
    create_guards(__file__)


def downgrade() -> None:
    """Only while no claim was returned."""
    drop_guards(__file__)
    op.drop_table("bank_account")
    change_checks("review", verdict=VERDICTS[::-1])
    op.create_index(
        "uq_review_claim_two_persons",
        "review",
        ["subject_id", "staff_id"],
        unique=True,
        sqlite_where=TWO_PERSONS,
        postgresql_where=TWO_PERSONS,
    )
