"""Documents and amendments of plans; what was approved is changed by an approved amendment only.

Revision ID: desk_0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards, drop_triggers

revision = "desk_0006"
down_revision = "desk_0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENTS = (
    "kind IN ('business_licence', 'training_scheme', 'entrustment_agreement', 'dispatch_agreement', "
    "'platform_agreement', 'platform_settlement', 'stop_work_proof', 'other_document')"
)


def upgrade() -> None:
    """Whoever is enrolled by now was filed with the plan."""
    op.add_column("training_plan", sa.Column("late_filing_reason", sa.String(500), server_default="", nullable=False))
    op.add_column("enrollment", sa.Column("filed_from", INSTANT))
    op.add_column("review", sa.Column("relevant", sa.Boolean()))
    op.add_column("review", sa.Column("relevance_why", sa.String(500)))
    _create_documents()
    _create_amendments()
    drop_triggers("enrollment", "enrollment_as_filed", functions=("enrollment_keep_filed",))
    create_guards(__file__)


def downgrade() -> None:
    """What amendments changed stays as it is by now."""
    drop_guards(__file__)
    for table in ("amended_course", "amended_person", "plan_amendment", "plan_document"):
        op.drop_table(table)
    op.drop_column("review", "relevance_why")
    op.drop_column("review", "relevant")
    op.drop_column("enrollment", "filed_from")
    op.drop_column("training_plan", "late_filing_reason")
    create_guards(__file__.replace("desk_0006_filing", "desk_0001_guards"), "enrollment")


def _create_documents() -> None:
    op.create_table(
        "plan_document",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.String(100), nullable=False),
        sa.Column("expires_on", sa.Date()),
        sa.Column("settled_month", sa.Date()),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.CheckConstraint(DOCUMENTS, name=op.f("ck_plan_document_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["training_plan.id"], name=op.f("fk_plan_document_plan_id")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.public_id"], name=op.f("fk_plan_document_attachment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_document")),
    )
    for column in ("plan_id", "attachment_id"):
        op.create_index(op.f(f"ix_plan_document_{column}"), "plan_document", [column])


def _create_amendments() -> None:
    op.create_table(
        "plan_amendment",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("head_count", BIG),
        sa.Column("class_hours", BIG),
        sa.Column("submitted_by", sa.String(100), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT),
        sa.Column("decision_reason", sa.String(500), nullable=False),
        sa.Column("decision_clause", sa.String(10), nullable=False),
        sa.CheckConstraint(
            "status IN ('submitted', 'approved', 'sent_back', 'rejected', 'withdrawn')",
            name=op.f("ck_plan_amendment_status"),
        ),
        sa.CheckConstraint("head_count > 0", name=op.f("ck_plan_amendment_head_count")),
        sa.CheckConstraint("class_hours > 0", name=op.f("ck_plan_amendment_class_hours")),
        sa.CheckConstraint("(status = 'submitted') = (decided_at IS NULL)", name=op.f("ck_plan_amendment_decided")),
        sa.ForeignKeyConstraint(["plan_id"], ["training_plan.id"], name=op.f("fk_plan_amendment_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_amendment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_amendment_public_id")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_amendment_plan_id_number")),
    )
    op.create_index(op.f("ix_plan_amendment_status"), "plan_amendment", ["status"])
    is_open = sa.text("status = 'submitted'")
    op.create_index(
        "uq_plan_amendment_open",
        "plan_amendment",
        ["plan_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "amended_person",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("amendment_id", BIG, nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("roster_entry_id", BIG, nullable=False),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.CheckConstraint("action IN ('add', 'correct')", name=op.f("ck_amended_person_action")),
        sa.ForeignKeyConstraint(["amendment_id"], ["plan_amendment.id"], name=op.f("fk_amended_person_amendment_id")),
        sa.ForeignKeyConstraint(
            ["roster_entry_id"], ["roster_entry.id"], name=op.f("fk_amended_person_roster_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amended_person")),
        sa.UniqueConstraint(
            "amendment_id", "roster_entry_id", name=op.f("uq_amended_person_amendment_id_roster_entry_id")
        ),
    )
    op.create_index(op.f("ix_amended_person_roster_entry_id"), "amended_person", ["roster_entry_id"])
    op.create_table(
        "amended_course",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("amendment_id", BIG, nullable=False),
        sa.Column("course_public_id", sa.Uuid(), nullable=False),
        sa.Column("course_version_id", sa.Uuid(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["amendment_id"], ["plan_amendment.id"], name=op.f("fk_amended_course_amendment_id")),
        sa.ForeignKeyConstraint(
            ["course_version_id"], ["course_version.public_id"], name=op.f("fk_amended_course_course_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amended_course")),
        sa.UniqueConstraint(
            "amendment_id", "course_public_id", name=op.f("uq_amended_course_amendment_id_course_public_id")
        ),
    )
    op.create_index(op.f("ix_amended_course_course_version_id"), "amended_course", ["course_version_id"])
