"""Claims on notice and cut line by line; more kinds of decisions.

Revision ID: desk_0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import change_checks, create_guards, drop_guards_of

revision = "desk_0005"
down_revision = "desk_0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

BEFORE = ("desk_0001_guards", "desk_0002_decisions")
"""The guard files of earlier revisions that speak of these tables."""

STATUSES = (
    "status IN ('submitted', 'reviewed', 'approved', 'sent_back', 'rejected', 'withdrawn', 'paid')",
    "status IN ('submitted', 'reviewed', 'approved', 'on_notice', 'payable', 'paid', 'sent_back', 'rejected', 'withdrawn')",
)
BY_TWO = tuple(
    f"status NOT IN ({statuses}) OR (first_reviewer_id IS NOT NULL AND second_reviewer_id IS NOT NULL)"
    for statuses in ("'approved', 'paid'", "'approved', 'on_notice', 'payable', 'paid'")
)
SUBJECTS = (
    "subject_kind IN ('plan', 'claim', 'identity_claim', 'appeal')",
    "subject_kind IN ('plan', 'amendment', 'claim', 'adjustment', 'bank_account', 'certificate', 'new_hire', "
    "'objection', 'dispute', 'recovery', 'identity_claim', 'appeal')",
)
LIVE = (
    "status IN ('submitted', 'reviewed', 'approved', 'paid')",
    "status IN ('submitted', 'reviewed', 'approved', 'on_notice', 'payable', 'paid')",
)


def upgrade() -> None:
    """What was granted so far is what was claimed."""
    drop_guards_of("subsidy_claim", "claim_line")
    _change(old=0, new=1)
    op.add_column("claim_line", sa.Column("certificate_number", sa.String()))
    for name in ("granted_class_hours", "granted_seconds", "granted_fen"):
        op.add_column("claim_line", sa.Column(name, BIG, server_default=sa.text("0"), nullable=False))
    op.add_column("claim_line", sa.Column("granted_hold_key", sa.String()))
    op.add_column("claim_line", sa.Column("payable_at", INSTANT))
    op.create_index("ix_claim_line_granted_hold_key", "claim_line", ["granted_hold_key"])
    op.execute(
        "UPDATE claim_line SET granted_class_hours = class_hours, granted_seconds = seconds, granted_fen = amount_fen, "
        "granted_hold_key = hold_key WHERE status <> 'refused'"
    )
    op.create_table(
        "claim_adjustment",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("claim_line_id", BIG, nullable=False),
        sa.Column("from_fen", BIG, nullable=False),
        sa.Column("class_hours", BIG, nullable=False),
        sa.Column("seconds", BIG, nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("hold_key", sa.String()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "amount_fen >= 0 AND class_hours >= 0 AND seconds >= 0", name=op.f("ck_claim_adjustment_amounts")
        ),
        sa.CheckConstraint("amount_fen < from_fen", name=op.f("ck_claim_adjustment_downward")),
        sa.CheckConstraint("(amount_fen = 0) = (hold_key IS NULL)", name=op.f("ck_claim_adjustment_hold_key")),
        sa.CheckConstraint("(amount_fen = 0) = (seconds = 0)", name=op.f("ck_claim_adjustment_seconds")),
        sa.CheckConstraint("reason <> '' AND clause <> ''", name=op.f("ck_claim_adjustment_reason")),
        sa.ForeignKeyConstraint(["claim_line_id"], ["claim_line.id"], name=op.f("fk_claim_adjustment_claim_line_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"], name=op.f("fk_claim_adjustment_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_adjustment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_claim_adjustment_public_id")),
        sa.UniqueConstraint("hold_key", name=op.f("uq_claim_adjustment_hold_key")),
    )
    for column in ("claim_line_id", "staff_id"):
        op.create_index(f"ix_claim_adjustment_{column}", "claim_adjustment", [column])
    create_guards(__file__)


def downgrade() -> None:
    """Only while no claim is in a state that the earlier schema does not know."""
    drop_guards_of("subsidy_claim", "claim_line", "claim_adjustment")
    op.drop_table("claim_adjustment")
    op.drop_index("ix_claim_line_granted_hold_key", "claim_line")
    for name in (
        "payable_at",
        "granted_hold_key",
        "granted_fen",
        "granted_seconds",
        "granted_class_hours",
        "certificate_number",
    ):
        op.drop_column("claim_line", name)
    _change(old=1, new=0)
    for earlier in BEFORE:
        create_guards(__file__.replace("desk_0005_claims", earlier), "subsidy_claim", "claim_line")


def _change(*, old: int, new: int) -> None:
    op.drop_index("uq_subsidy_claim_live_plan", "subsidy_claim")
    change_checks("subsidy_claim", status=(STATUSES[old], STATUSES[new]), approved_by_two=(BY_TWO[old], BY_TWO[new]))
    change_checks("review", subject_kind=(SUBJECTS[old], SUBJECTS[new]))
    live = sa.text(LIVE[new])
    op.create_index(
        "uq_subsidy_claim_live_plan",
        "subsidy_claim",
        ["plan_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
