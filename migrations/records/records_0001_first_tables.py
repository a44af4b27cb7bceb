"""The first tables of the records, with the guards the database itself keeps.

Revision ID: records_0001
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "records_0001"
down_revision = None
branch_labels = ("records",)
depends_on = None


def guards(dialect: str) -> list[str]:
    """The statements of this revision's guard file, in order."""
    text = Path(__file__).with_name(f"records_0001_guards.{dialect}.sql").read_text(encoding="utf-8")
    return [statement.strip() for statement in text.split("-- statement\n")[1:]]


def upgrade() -> None:
    """Create the tables and then their guards."""
    op.create_table(
        "evidence_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("suite", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(salt) = 32", name=op.f("ck_evidence_record_salt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_record")),
        sa.UniqueConstraint("public_id", name=op.f("uq_evidence_record_public_id")),
    )
    op.create_index(op.f("ix_evidence_record_kind"), "evidence_record", ["kind"], unique=False)
    op.create_table(
        "learner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_ref", sa.Uuid(), nullable=False),
        sa.Column("presence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
        sa.UniqueConstraint("person_ref", name=op.f("uq_learner_person_ref")),
    )
    op.create_table(
        "check_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("device_ref", sa.String(length=128), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_check_in_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint(
            "learner_id", "context_ref", "local_on", name=op.f("uq_check_in_learner_id_context_ref_local_on")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_check_in_public_id")),
    )
    op.create_table(
        "evidence_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(entry) BETWEEN 1 AND 65535", name=op.f("ck_evidence_entry_size")),
        sa.CheckConstraint("length(leaf_hash) = 64", name=op.f("ck_evidence_entry_leaf_hash")),
        sa.ForeignKeyConstraint(["record_id"], ["evidence_record.id"], name=op.f("fk_evidence_entry_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_entry")),
        sa.UniqueConstraint("leaf_hash", name=op.f("uq_evidence_entry_leaf_hash")),
        sa.UniqueConstraint("record_id", name=op.f("uq_evidence_entry_record_id")),
    )
    op.create_table(
        "learning_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_ref", sa.Uuid(), nullable=False),
        sa.Column("lesson", sa.JSON(), nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=True),
        sa.Column("device_ref", sa.String(length=128), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("continues_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("chain_start", sa.String(length=64), nullable=False),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.Column("next_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("idle_at_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(length=16), nullable=True),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("learned_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checked_in_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("evidence_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (close_reason IS NULL)", name=op.f("ck_learning_session_closed_with_reason")
        ),
        sa.CheckConstraint(
            "checked_in_seconds BETWEEN 0 AND learned_seconds + 1 AND learned_seconds >= 0",
            name=op.f("ck_learning_session_seconds"),
        ),
        sa.CheckConstraint(
            "evidence_record_id IS NULL OR closed_at IS NOT NULL", name=op.f("ck_learning_session_sealed_when_closed")
        ),
        sa.ForeignKeyConstraint(
            ["continues_id"], ["learning_session.id"], name=op.f("fk_learning_session_continues_id")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_learning_session_evidence_record_id")
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_learning_session_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_learning_session_public_id")),
    )
    op.create_index(op.f("ix_learning_session_continues_id"), "learning_session", ["continues_id"], unique=False)
    op.create_index(
        op.f("ix_learning_session_evidence_record_id"), "learning_session", ["evidence_record_id"], unique=False
    )
    op.create_index(
        "ix_learning_session_context_ref_opened_at", "learning_session", ["context_ref", "opened_at"], unique=False
    )
    op.create_index(
        "ix_learning_session_learner_id_lesson_ref", "learning_session", ["learner_id", "lesson_ref"], unique=False
    )
    op.create_index(
        "ix_learning_session_unsealed",
        "learning_session",
        ["id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL AND evidence_record_id IS NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL AND evidence_record_id IS NULL"),
    )
    op.create_index(
        "uq_learning_session_open",
        "learning_session",
        ["learner_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "lesson_progress",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_ref", sa.Uuid(), nullable=False),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.Column("counted_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checked_in_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learned_rest_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checked_in_rest_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("allowance_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "counted_ms >= checked_in_ms AND allowance_ms >= 0", name=op.f("ck_lesson_progress_amounts")
        ),
        sa.CheckConstraint(
            "learned_rest_ms BETWEEN 0 AND 999 AND checked_in_rest_ms BETWEEN 0 AND 999",
            name=op.f("ck_lesson_progress_rest_below_a_second"),
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_lesson_progress_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_progress")),
        sa.UniqueConstraint("learner_id", "lesson_ref", name=op.f("uq_lesson_progress_learner_id_lesson_ref")),
    )
    op.create_table(
        "outside_time",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source_ref", sa.Uuid(), nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('quiz', 'import', 'appeal')", name=op.f("ck_outside_time_kind")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_outside_time_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_time")),
        sa.UniqueConstraint(
            "learner_id", "kind", "source_ref", name=op.f("uq_outside_time_learner_id_kind_source_ref")
        ),
    )
    op.create_table(
        "beat",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("position_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arrived_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counted_from_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counted_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("counted_ms >= 0 AND position_ms >= 0 AND seq > 0", name=op.f("ck_beat_amounts")),
        sa.ForeignKeyConstraint(["session_id"], ["learning_session.id"], name=op.f("fk_beat_session_id")),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_beat")),
    )
    op.create_table(
        "counted_interval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_ref", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_ref", sa.Uuid(), nullable=True),
        sa.Column("started_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(kind = 'session') = (session_id IS NOT NULL)", name=op.f("ck_counted_interval_session")),
        sa.CheckConstraint("(kind = 'session') = (source_ref IS NULL)", name=op.f("ck_counted_interval_source")),
        sa.CheckConstraint("kind IN ('session', 'quiz', 'import', 'appeal')", name=op.f("ck_counted_interval_kind")),
        sa.CheckConstraint("started_ms < ended_ms", name=op.f("ck_counted_interval_order")),
        sa.ForeignKeyConstraint(["person_ref"], ["learner.person_ref"], name=op.f("fk_counted_interval_person_ref")),
        sa.ForeignKeyConstraint(["session_id"], ["learning_session.id"], name=op.f("fk_counted_interval_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_interval")),
    )
    op.create_index(
        "ix_counted_interval_person_ref_started_ms", "counted_interval", ["person_ref", "started_ms"], unique=False
    )
    op.create_index(op.f("ix_counted_interval_session_id"), "counted_interval", ["session_id"], unique=False)
    op.create_table(
        "session_appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("uncounted_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal_by", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_ms < to_ms", name=op.f("ck_session_appeal_order")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_session_appeal_learner_id")),
        sa.ForeignKeyConstraint(["session_id"], ["learning_session.id"], name=op.f("fk_session_appeal_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_appeal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_session_appeal_public_id")),
        sa.UniqueConstraint("session_id", "from_ms", "to_ms", name=op.f("uq_session_appeal_session_id_from_ms_to_ms")),
    )
    op.create_index(op.f("ix_session_appeal_learner_id"), "session_appeal", ["learner_id"], unique=False)
    connection = op.get_bind()
    for statement in guards(connection.dialect.name):
        connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def downgrade() -> None:
    """Drop the tables; on PostgreSQL the guards' functions too."""
    op.drop_index(op.f("ix_session_appeal_learner_id"), table_name="session_appeal")
    op.drop_table("session_appeal")
    op.drop_index(op.f("ix_counted_interval_session_id"), table_name="counted_interval")
    op.drop_index("ix_counted_interval_person_ref_started_ms", table_name="counted_interval")
    op.drop_table("counted_interval")
    op.drop_table("beat")
    op.drop_table("outside_time")
    op.drop_table("lesson_progress")
    op.drop_index(
        "uq_learning_session_open",
        table_name="learning_session",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(
        "ix_learning_session_unsealed",
        table_name="learning_session",
        sqlite_where=sa.text("closed_at IS NOT NULL AND evidence_record_id IS NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL AND evidence_record_id IS NULL"),
    )
    op.drop_index("ix_learning_session_learner_id_lesson_ref", table_name="learning_session")
    op.drop_index("ix_learning_session_context_ref_opened_at", table_name="learning_session")
    op.drop_index(op.f("ix_learning_session_evidence_record_id"), table_name="learning_session")
    op.drop_index(op.f("ix_learning_session_continues_id"), table_name="learning_session")
    op.drop_table("learning_session")
    op.drop_table("evidence_entry")
    op.drop_table("check_in")
    op.drop_table("learner")
    op.drop_index(op.f("ix_evidence_record_kind"), table_name="evidence_record")
    op.drop_table("evidence_record")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in guards("postgresql"):
            if statement.upper().startswith(("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")):
                name = statement.split("FUNCTION", 1)[1].split("(", 1)[0].strip()
                connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name} CASCADE")
