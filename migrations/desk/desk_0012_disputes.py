"""Public notices, objections, disputes.

Revision ID: desk_0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards_of

revision = "desk_0012"
down_revision = "desk_0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "number_series",
    "public_notice",
    "notice_entry",
    "notice_redating",
    "objection",
    "dispute",
    "dispute_outcome",
    "escalation",
)


def upgrade() -> None:
    """New tables only."""
    _notices()
    _objections()
    _disputes()
    create_guards(__file__)


def downgrade() -> None:
    """The tables go with their rows."""
    drop_guards_of(*TABLES)
    for table in reversed(TABLES):
        op.drop_table(table)


def _notices() -> None:
    op.create_table(
        "number_series",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", BIG, autoincrement=False, nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.CheckConstraint("kind IN ('notice', 'objection', 'dispute')", name=op.f("ck_number_series_kind")),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "public_notice",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("people", BIG, nullable=False),
        sa.Column("total_fen", BIG, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("made_by_id", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("posted_by_id", BIG),
        sa.Column("posted_at", INSTANT),
        sa.Column("posted_on", sa.Date()),
        sa.Column("url", sa.String()),
        sa.Column("opens_on", sa.Date()),
        sa.Column("closes_on", sa.Date()),
        sa.Column("closes_at", INSTANT),
        sa.Column("provisional", sa.Boolean()),
        sa.Column("closed_at", INSTANT),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_public_notice_closed")),
        sa.CheckConstraint(
            "(status IN ('draft', 'discarded')) = (posted_on IS NULL) AND (posted_on IS NULL) = (url IS NULL) AND (posted_on IS NULL) = (posted_by_id IS NULL) AND (posted_on IS NULL) = (posted_at IS NULL) AND (posted_on IS NULL) = (opens_on IS NULL) AND (posted_on IS NULL) = (closes_on IS NULL) AND (posted_on IS NULL) = (closes_at IS NULL) AND (posted_on IS NULL) = (provisional IS NULL)",
            name=op.f("ck_public_notice_posted"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'posted', 'closed', 'discarded')", name=op.f("ck_public_notice_status")
        ),
        sa.CheckConstraint("closed_at IS NULL OR closed_at >= closes_at", name=op.f("ck_public_notice_not_early")),
        sa.CheckConstraint("people > 0 AND total_fen > 0", name=op.f("ck_public_notice_somebody")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff_account.id"], name=op.f("fk_public_notice_made_by_id")),
        sa.ForeignKeyConstraint(["posted_by_id"], ["staff_account.id"], name=op.f("fk_public_notice_posted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
        sa.UniqueConstraint("public_id", name=op.f("uq_public_notice_public_id")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_public_notice_year_sequence")),
    )
    op.create_index("ix_public_notice_made_by_id", "public_notice", ["made_by_id"])
    op.create_index("ix_public_notice_posted_by_id", "public_notice", ["posted_by_id"])
    op.create_index("ix_public_notice_status_closes_at", "public_notice", ["status", "closes_at"])
    op.create_table(
        "notice_entry",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("claim_ref", sa.Uuid(), nullable=False),
        sa.Column("line_ref", sa.Uuid(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("masked_name", sa.String(), nullable=False),
        sa.Column("class_hours", BIG, nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_fen > 0 AND class_hours > 0", name=op.f("ck_notice_entry_amounts")),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_notice_entry_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_entry")),
        sa.UniqueConstraint("notice_id", "position", name=op.f("uq_notice_entry_notice_id_position")),
    )
    op.create_index("ix_notice_entry_claim_ref", "notice_entry", ["claim_ref"])
    op.create_index("ix_notice_entry_line_ref", "notice_entry", ["line_ref"])
    op.create_index("ix_notice_entry_notice_id", "notice_entry", ["notice_id"])
    op.create_index(
        "uq_notice_entry_live_line",
        "notice_entry",
        ["line_ref"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "notice_redating",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("from_closes_at", INSTANT, nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_notice_redating_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_redating")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notice_redating_public_id")),
    )
    op.create_index("ix_notice_redating_notice_id", "notice_redating", ["notice_id"])


def _objections() -> None:
    op.create_table(
        "objection",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("claim_ref", sa.Uuid(), nullable=False),
        sa.Column("line_ref", sa.Uuid()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("worker_id", BIG),
        sa.Column("name_encrypted", sa.LargeBinary()),
        sa.Column("contact_encrypted", sa.LargeBinary()),
        sa.Column("code_digest", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("decided_by_id", BIG),
        sa.Column("ended_at", INSTANT),
        sa.Column("erased_at", INSTANT),
        sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name=op.f("ck_objection_ended")),
        sa.CheckConstraint(
            "(status IN ('upheld', 'dismissed')) = (decided_by_id IS NOT NULL)", name=op.f("ck_objection_decided")
        ),
        sa.CheckConstraint("decided_by_id IS NULL OR answer <> ''", name=op.f("ck_objection_answered")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'dismissed', 'withdrawn')", name=op.f("ck_objection_status")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff_account.id"], name=op.f("fk_objection_decided_by_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["public_notice.id"], name=op.f("fk_objection_notice_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_objection_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_objection_code_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_objection_public_id")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_objection_year_sequence")),
    )
    op.create_index("ix_objection_decided_by_id", "objection", ["decided_by_id"])
    op.create_index("ix_objection_line_ref", "objection", ["line_ref"])
    op.create_index("ix_objection_notice_id", "objection", ["notice_id"])
    op.create_index("ix_objection_status_claim_ref", "objection", ["status", "claim_ref"])
    op.create_index("ix_objection_worker_id", "objection", ["worker_id"])


def _disputes() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_ref", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('appeal', 'objection', 'dispute')", name=op.f("ck_escalation_subject_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("subject_kind", "subject_ref", name=op.f("uq_escalation_subject_kind_subject_ref")),
    )
    op.create_table(
        "dispute",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("worker_id", BIG, nullable=False),
        sa.Column("enrollment_id", BIG),
        sa.Column("class_ref", sa.Uuid()),
        sa.Column("reporter_id", BIG),
        sa.Column("opened_by_staff_id", BIG),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("contact_encrypted", sa.LargeBinary()),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("decided_by_id", BIG),
        sa.Column("ended_at", INSTANT),
        sa.Column("erased_at", INSTANT),
        sa.CheckConstraint(
            "(kind = 'not_taken_part') = (enrollment_id IS NOT NULL) AND (enrollment_id IS NULL) = (class_ref IS NULL)",
            name=op.f("ck_dispute_enrollment"),
        ),
        sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name=op.f("ck_dispute_ended")),
        sa.CheckConstraint(
            "(status IN ('upheld', 'dismissed')) = (decided_by_id IS NOT NULL)", name=op.f("ck_dispute_decided")
        ),
        sa.CheckConstraint("decided_by_id IS NULL OR answer <> ''", name=op.f("ck_dispute_answered")),
        sa.CheckConstraint("kind IN ('identity_misuse', 'not_taken_part')", name=op.f("ck_dispute_kind")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'dismissed', 'withdrawn')", name=op.f("ck_dispute_status")),
        sa.CheckConstraint(
            "(reporter_id IS NULL) <> (opened_by_staff_id IS NULL)", name=op.f("ck_dispute_by_phone_or_desk")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff_account.id"], name=op.f("fk_dispute_decided_by_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_dispute_enrollment_id")),
        sa.ForeignKeyConstraint(
            ["opened_by_staff_id"], ["staff_account.id"], name=op.f("fk_dispute_opened_by_staff_id")
        ),
        sa.ForeignKeyConstraint(["reporter_id"], ["worker.id"], name=op.f("fk_dispute_reporter_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_dispute_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispute_public_id")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_dispute_year_sequence")),
    )
    op.create_index("ix_dispute_decided_by_id", "dispute", ["decided_by_id"])
    op.create_index("ix_dispute_enrollment_id", "dispute", ["enrollment_id"])
    op.create_index("ix_dispute_opened_by_staff_id", "dispute", ["opened_by_staff_id"])
    op.create_index("ix_dispute_reporter_id", "dispute", ["reporter_id"])
    op.create_index("ix_dispute_status", "dispute", ["status"])
    op.create_index("ix_dispute_worker_id", "dispute", ["worker_id"])
    op.create_index(
        "uq_dispute_open_enrollment",
        "dispute",
        ["enrollment_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "uq_dispute_open_identity",
        "dispute",
        ["worker_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open' AND enrollment_id IS NULL"),
        postgresql_where=sa.text("status = 'open' AND enrollment_id IS NULL"),
    )
    op.create_table(
        "dispute_outcome",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("dispute_id", BIG, nullable=False),
        sa.Column("claim_ref", sa.Uuid(), nullable=False),
        sa.Column("line_ref", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recovery_ref", sa.Uuid()),
        sa.CheckConstraint("outcome IN ('struck', 'recovery')", name=op.f("ck_dispute_outcome_outcome")),
        sa.CheckConstraint(
            "recovery_ref IS NULL OR outcome = 'recovery'", name=op.f("ck_dispute_outcome_recovery_ref")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_dispute_outcome_amount_fen")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_outcome_dispute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_outcome")),
        sa.UniqueConstraint("dispute_id", "line_ref", name=op.f("uq_dispute_outcome_dispute_id_line_ref")),
    )
    op.create_index("ix_dispute_outcome_dispute_id", "dispute_outcome", ["dispute_id"])
    op.create_index("ix_dispute_outcome_line_ref", "dispute_outcome", ["line_ref"])
