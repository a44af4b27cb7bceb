"""Archives, legal holds and destruction.

Revision ID: records_0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards, drop_triggers, restore_guards

revision = "records_0004"
down_revision = "records_0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIRST = __file__.replace("records_0004_retention", "records_0001_first_tables")
GUARDED_ANEW = ("evidence_record", "check_in", "beat")
# By what earlier records are gathered stands in their bodies.
BACKFILL = {
    "sqlite": "UPDATE evidence_record SET person_ref = replace(json_extract(CAST(body AS TEXT), '$.person'), '-', ''), "
    "context_ref = replace(json_extract(CAST(body AS TEXT), '$.context'), '-', '') "
    "WHERE kind IN ('session', 'quiz', 'appeal') AND person_ref IS NULL",
    "postgresql": "UPDATE evidence_record SET "
    "person_ref = CAST(CAST(convert_from(body, 'UTF8') AS json) ->> 'person' AS uuid), "
    "context_ref = CAST(CAST(convert_from(body, 'UTF8') AS json) ->> 'context' AS uuid) "
    "WHERE kind IN ('session', 'quiz', 'appeal') AND person_ref IS NULL",
}


def upgrade() -> None:
    """Records may leave the table for an archive, or be erased; beats go with them. New guards say when."""
    for table in GUARDED_ANEW:
        drop_triggers(table, f"{table}_no_update", f"{table}_no_delete", functions=(f"{table}_append_only",))
    connection = op.get_bind()
    connection.exec_driver_sql(BACKFILL[connection.dialect.name])
    for column in ("archive_id", "destruction_id"):
        op.add_column("evidence_record", sa.Column(column, BIG))
        there = sa.text(f"{column} IS NOT NULL")
        name = f"ix_evidence_record_{column}"
        op.create_index(name, "evidence_record", [column], sqlite_where=there, postgresql_where=there)
    _create_legal_hold()
    _create_destruction()
    _create_archive()
    create_guards(__file__)


def _create_legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("person_ref", sa.Uuid()),
        sa.Column("context_ref", sa.Uuid()),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_by", sa.String(length=100), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_record_id", BIG, nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.String(length=100)),
        sa.Column("lift_reason", sa.String(length=500)),
        sa.Column("lifted_record_id", BIG),
        sa.CheckConstraint(
            "(scope = 'person' AND person_ref IS NOT NULL AND context_ref IS NULL) OR "
            "(scope = 'context' AND context_ref IS NOT NULL AND person_ref IS NULL) OR "
            "(scope = 'all' AND person_ref IS NULL AND context_ref IS NULL)",
            name=op.f("ck_legal_hold_scope"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_legal_hold_reason")),
        sa.CheckConstraint(
            "(lifted_at IS NULL AND lifted_by IS NULL AND lift_reason IS NULL AND lifted_record_id IS NULL) OR "
            "(lifted_at IS NOT NULL AND lifted_by IS NOT NULL AND lift_reason <> '' AND lifted_record_id IS NOT NULL)",
            name=op.f("ck_legal_hold_lifted"),
        ),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_legal_hold_evidence_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_record_id"], ["evidence_record.id"], name=op.f("fk_legal_hold_lifted_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legal_hold_public_id")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_legal_hold_evidence_record_id")),
        sa.UniqueConstraint("lifted_record_id", name=op.f("uq_legal_hold_lifted_record_id")),
    )
    op.create_index("ix_legal_hold_person_ref", "legal_hold", ["person_ref"])
    op.create_index("ix_legal_hold_context_ref", "legal_hold", ["context_ref"])


def _create_destruction() -> None:
    op.create_table(
        "destruction",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("clause", sa.String(length=50), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=False),
        sa.Column("approved_by", sa.String(length=100), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_count", BIG, nullable=False),
        sa.Column("evidence_record_id", BIG, nullable=False),
        sa.Column("files_removed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("proposed_by <> approved_by", name=op.f("ck_destruction_two_persons")),
        sa.CheckConstraint("reason <> '' AND clause <> ''", name=op.f("ck_destruction_reason")),
        sa.CheckConstraint("record_count > 0", name=op.f("ck_destruction_record_count")),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_destruction_evidence_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
        sa.UniqueConstraint("public_id", name=op.f("uq_destruction_public_id")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_destruction_evidence_record_id")),
    )


def _create_archive() -> None:
    op.create_table(
        "evidence_archive",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", BIG, nullable=False),
        sa.Column("record_count", BIG, nullable=False),
        sa.Column("first_index", BIG, nullable=False),
        sa.Column("last_index", BIG, nullable=False),
        sa.Column("tree_size", BIG, nullable=False),
        sa.Column("evidence_record_id", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("length(month) = 7", name=op.f("ck_evidence_archive_month")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_evidence_archive_sha256")),
        sa.CheckConstraint("record_count > 0 AND size_bytes > 0", name=op.f("ck_evidence_archive_amounts")),
        sa.CheckConstraint(
            "first_index <= last_index AND last_index < tree_size", name=op.f("ck_evidence_archive_places")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_evidence_archive_evidence_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_archive")),
        sa.UniqueConstraint("public_id", name=op.f("uq_evidence_archive_public_id")),
        sa.UniqueConstraint("sha256", name=op.f("uq_evidence_archive_sha256")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_evidence_archive_evidence_record_id")),
    )
    op.create_index("ix_evidence_archive_month", "evidence_archive", ["month"])


def downgrade() -> None:
    """Take holds, destructions and archives away. What they moved or erased does not come back."""
    drop_guards(__file__)
    for table in ("legal_hold", "destruction", "evidence_archive"):
        op.drop_table(table)
    for column in ("archive_id", "destruction_id"):
        op.drop_index(f"ix_evidence_record_{column}", table_name="evidence_record")
        op.drop_column("evidence_record", column)
    for table in GUARDED_ANEW:
        restore_guards(FIRST, mentioning=f"{table} ")
