"""The advance for new hires.

Revision ID: desk_0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0010"
down_revision = "desk_0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = ("new_hire_check", "new_hire_log_answer", "new_hire_log", "new_hire_line", "new_hire_application")


def upgrade() -> None:
    """Applications for new hires and their lines, the logs of their training, and the checks."""
    op.create_table(
        "new_hire_application",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("policy_id", sa.String(length=50), nullable=False),
        sa.Column("policy_version", sa.String(length=100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT),
        sa.Column("promise_version", sa.String(length=20)),
        sa.Column("promise_sha256", sa.String(length=64)),
        sa.Column("total_fen", BIG, nullable=False),
        sa.Column("granted_fen", BIG),
        sa.Column("first_reviewer_id", BIG),
        sa.Column("second_reviewer_id", BIG),
        sa.Column("approved_at", INSTANT),
        sa.Column("decision_reason", sa.String(length=500), nullable=False),
        sa.Column("decision_clause", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "(status = 'approved') = (granted_fen IS NOT NULL)", name=op.f("ck_new_hire_application_granted")
        ),
        sa.CheckConstraint(
            "(status IN ('draft', 'withdrawn')) OR (submitted_at IS NOT NULL AND promise_sha256 IS NOT NULL)",
            name=op.f("ck_new_hire_application_submitted"),
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR (first_reviewer_id IS NOT NULL AND second_reviewer_id IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck_new_hire_application_approved_by_two"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'reviewed', 'approved', 'sent_back', 'rejected', 'withdrawn')",
            name=op.f("ck_new_hire_application_status"),
        ),
        sa.CheckConstraint("first_reviewer_id <> second_reviewer_id", name=op.f("ck_new_hire_application_two_persons")),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_new_hire_application_total_fen")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_new_hire_application_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["first_reviewer_id"], ["staff_account.id"], name=op.f("fk_new_hire_application_first_reviewer_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_reviewer_id"], ["staff_account.id"], name=op.f("fk_new_hire_application_second_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_hire_application")),
        sa.UniqueConstraint("public_id", name=op.f("uq_new_hire_application_public_id")),
    )
    op.create_index(op.f("ix_new_hire_application_enterprise_id"), "new_hire_application", ["enterprise_id"])
    op.create_index(op.f("ix_new_hire_application_first_reviewer_id"), "new_hire_application", ["first_reviewer_id"])
    op.create_index(op.f("ix_new_hire_application_second_reviewer_id"), "new_hire_application", ["second_reviewer_id"])
    op.create_index(op.f("ix_new_hire_application_status"), "new_hire_application", ["status"])
    op.create_table(
        "new_hire_line",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("roster_entry_id", BIG, nullable=False),
        sa.Column("mentor_entry_id", BIG),
        sa.Column("person_index", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("contract_on", sa.Date()),
        sa.Column("contract_renewed", sa.Boolean(), nullable=False),
        sa.Column("hire_registered", sa.Boolean(), nullable=False),
        sa.Column("insured_on", sa.Date()),
        sa.Column("left_on", sa.Date()),
        sa.Column("other_subsidy_fen", BIG, nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("contents", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("decision", sa.JSON(none_as_null=True)),
        sa.Column("payable_at", INSTANT),
        sa.Column("paid_at", INSTANT),
        sa.Column("training_due_on", sa.Date()),
        sa.Column("recovered_at", INSTANT),
        sa.CheckConstraint("(form = 'mentor') = (mentor_entry_id IS NOT NULL)", name=op.f("ck_new_hire_line_mentor")),
        sa.CheckConstraint("(status = 'draft') = (decision IS NULL)", name=op.f("ck_new_hire_line_decided")),
        sa.CheckConstraint(
            "(status IN ('draft', 'refused')) = (amount_fen = 0)", name=op.f("ck_new_hire_line_granted")
        ),
        sa.CheckConstraint(
            "(status IN ('paid', 'trained', 'untrained', 'recovered')) = (paid_at IS NOT NULL AND training_due_on IS NOT NULL)",
            name=op.f("ck_new_hire_line_paid"),
        ),
        sa.CheckConstraint("form IN ('online', 'self_study', 'mentor')", name=op.f("ck_new_hire_line_form")),
        sa.CheckConstraint(
            "status IN ('draft', 'held', 'refused', 'released', 'payable', 'paid', 'trained', 'untrained', 'recovered')",
            name=op.f("ck_new_hire_line_status"),
        ),
        sa.CheckConstraint("amount_fen >= 0 AND other_subsidy_fen >= 0", name=op.f("ck_new_hire_line_amount_fen")),
        sa.CheckConstraint("mentor_entry_id <> roster_entry_id", name=op.f("ck_new_hire_line_mentor_is_another")),
        sa.CheckConstraint("paid_at IS NULL OR payable_at IS NOT NULL", name=op.f("ck_new_hire_line_payable_first")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["new_hire_application.id"], name=op.f("fk_new_hire_line_application_id")
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_new_hire_line_enterprise_id")),
        sa.ForeignKeyConstraint(
            ["mentor_entry_id"], ["roster_entry.id"], name=op.f("fk_new_hire_line_mentor_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["roster_entry_id"], ["roster_entry.id"], name=op.f("fk_new_hire_line_roster_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_hire_line")),
        sa.UniqueConstraint(
            "application_id", "roster_entry_id", name=op.f("uq_new_hire_line_application_id_roster_entry_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_new_hire_line_public_id")),
    )
    op.create_index(op.f("ix_new_hire_line_application_id"), "new_hire_line", ["application_id"])
    op.create_index(op.f("ix_new_hire_line_enterprise_id"), "new_hire_line", ["enterprise_id"])
    op.create_index(op.f("ix_new_hire_line_mentor_entry_id"), "new_hire_line", ["mentor_entry_id"])
    op.create_index(op.f("ix_new_hire_line_person_index"), "new_hire_line", ["person_index"])
    op.create_index(op.f("ix_new_hire_line_roster_entry_id"), "new_hire_line", ["roster_entry_id"])
    op.create_index(op.f("ix_new_hire_line_status"), "new_hire_line", ["status"])
    op.create_index(
        "uq_new_hire_line_person",
        "new_hire_line",
        ["person_index"],
        unique=True,
        sqlite_where=sa.text("status IN ('held', 'payable', 'paid', 'trained', 'untrained')"),
        postgresql_where=sa.text("status IN ('held', 'payable', 'paid', 'trained', 'untrained')"),
    )
    op.create_table(
        "new_hire_check",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("counted_seconds", BIG, nullable=False),
        sa.Column("needed_seconds", BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("clause", sa.String(length=10), nullable=False),
        sa.Column("decided_by_id", BIG),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "decided_by_id IS NOT NULL OR (outcome = 'trained' AND counted_seconds >= needed_seconds)",
            name=op.f("ck_new_hire_check_by_rule"),
        ),
        sa.CheckConstraint("outcome IN ('trained', 'untrained')", name=op.f("ck_new_hire_check_outcome")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_new_hire_check_reason")),
        sa.CheckConstraint("counted_seconds >= 0 AND needed_seconds > 0", name=op.f("ck_new_hire_check_seconds")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff_account.id"], name=op.f("fk_new_hire_check_decided_by_id")),
        sa.ForeignKeyConstraint(["line_id"], ["new_hire_line.id"], name=op.f("fk_new_hire_check_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_hire_check")),
        sa.UniqueConstraint("line_id", name=op.f("uq_new_hire_check_line_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_new_hire_check_public_id")),
    )
    op.create_index(op.f("ix_new_hire_check_decided_by_id"), "new_hire_check", ["decided_by_id"])
    op.create_table(
        "new_hire_log",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=False),
        sa.Column("minutes", BIG, nullable=False),
        sa.Column("content", sa.String(length=30), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("photo_ref", sa.Uuid()),
        sa.Column("written_by", sa.String(length=60), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.CheckConstraint("form IN ('self_study', 'mentor')", name=op.f("ck_new_hire_log_form")),
        sa.CheckConstraint("minutes > 0 AND minutes <= 1440", name=op.f("ck_new_hire_log_minutes")),
        sa.ForeignKeyConstraint(["line_id"], ["new_hire_line.id"], name=op.f("fk_new_hire_log_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_hire_log")),
        sa.UniqueConstraint("line_id", "key", name=op.f("uq_new_hire_log_line_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_new_hire_log_public_id")),
    )
    op.create_index(op.f("ix_new_hire_log_line_id"), "new_hire_log", ["line_id"])
    op.create_table(
        "new_hire_log_answer",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("log_id", BIG, nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "answer IN ('confirmed', 'refused', 'withdrawn')", name=op.f("ck_new_hire_log_answer_answer")
        ),
        sa.ForeignKeyConstraint(["log_id"], ["new_hire_log.id"], name=op.f("fk_new_hire_log_answer_log_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_hire_log_answer")),
        sa.UniqueConstraint("log_id", name=op.f("uq_new_hire_log_answer_log_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_new_hire_log_answer_public_id")),
    )
    create_guards(__file__)


def downgrade() -> None:
    """Applications, logs and checks go."""
    drop_guards(__file__)
    for table in TABLES:
        op.drop_table(table)
