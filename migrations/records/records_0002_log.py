"""The log: an index for each entry, tiles, checkpoints, the sequencer; and by what records are gathered.

Revision ID: records_0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards, drop_triggers, restore_guards

revision = "records_0002"
down_revision = "records_0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIRST = __file__.replace("records_0002_log", "records_0001_first_tables")


def upgrade() -> None:
    """Add columns and tables; an entry's guard now lets the sequencer give it the next index."""
    op.add_column("evidence_record", sa.Column("subject", sa.String(length=250)))
    op.add_column("evidence_record", sa.Column("person_ref", sa.Uuid()))
    op.add_column("evidence_record", sa.Column("context_ref", sa.Uuid()))
    op.create_index("uq_evidence_record_kind_subject", "evidence_record", ["kind", "subject"], unique=True)
    op.create_index("ix_evidence_record_person_ref", "evidence_record", ["person_ref"])
    op.create_index("ix_evidence_record_context_ref", "evidence_record", ["context_ref"])
    op.add_column("evidence_entry", sa.Column("log_index", BIG))
    op.create_index("uq_evidence_entry_log_index", "evidence_entry", ["log_index"], unique=True)
    waiting = sa.text("log_index IS NULL")
    op.create_index(
        "ix_evidence_entry_waiting", "evidence_entry", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "log_tile",
        sa.Column("level", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "length(hashes) BETWEEN 32 AND 8192 AND (length(hashes) / 32) * 32 = length(hashes)",
            name=op.f("ck_log_tile_hashes"),
        ),
        sa.CheckConstraint("level BETWEEN 0 AND 7 AND number >= 0", name=op.f("ck_log_tile_place")),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("origin", sa.String(length=250), nullable=False),
        sa.Column("tree_size", BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tree_size > 0", name=op.f("ck_log_checkpoint_tree_size")),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_log_checkpoint_root")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_checkpoint")),
        sa.UniqueConstraint("origin", "tree_size", name=op.f("uq_log_checkpoint_origin_tree_size")),
    )
    op.create_table(
        "log_sequencer",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_sequencer_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_sequencer")),
    )
    op.execute("INSERT INTO log_sequencer (id) VALUES (1)")
    drop_triggers(
        "evidence_entry",
        "evidence_entry_no_update",
        "evidence_entry_no_delete",
        functions=("evidence_entry_append_only",),
    )
    create_guards(__file__)


def downgrade() -> None:
    """Take the log away; entries and records stay."""
    drop_guards(__file__)
    for table in ("log_sequencer", "log_checkpoint", "log_tile"):
        op.drop_table(table)
    op.drop_index("ix_evidence_entry_waiting", table_name="evidence_entry")
    op.drop_index("uq_evidence_entry_log_index", table_name="evidence_entry")
    op.drop_column("evidence_entry", "log_index")
    restore_guards(FIRST, mentioning="evidence_entry")
    for index in ("uq_evidence_record_kind_subject", "ix_evidence_record_person_ref", "ix_evidence_record_context_ref"):
        op.drop_index(index, table_name="evidence_record")
    for column in ("subject", "person_ref", "context_ref"):
        op.drop_column("evidence_record", column)
