"""Certificates and hour reports that are given out.

Revision ID: desk_0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0007"
down_revision = "desk_0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
FORMATS = ("pdf", "xlsx", "csv", "json")


def upgrade() -> None:
    """Certificates with the numbers of each year; reports with the SHA-256 of their files."""
    op.create_table(
        "certificate_series",
        sa.Column("year", BIG, autoincrement=False, nullable=False),
        sa.Column("last_serial", BIG, nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_certificate_series")),
    )
    _create_certificates()
    _create_reports()
    create_guards(__file__)


def downgrade() -> None:
    """Take certificates and given-out reports away."""
    drop_guards(__file__)
    for table in ("report_issue", "certificate", "certificate_series"):
        op.drop_table(table)


def _create_certificates() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("worker_id", BIG, nullable=False),
        sa.Column("enrollment_id", BIG, nullable=False),
        sa.Column("class_id", BIG, nullable=False),
        sa.Column("name_encrypted", sa.LargeBinary()),
        sa.Column("name_index", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_by", sa.String(length=100), nullable=False),
        sa.Column("replaces_id", BIG),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_reason", sa.String(length=500), nullable=False),
        sa.Column("ended_clause", sa.String(length=10), nullable=False),
        sa.CheckConstraint("status IN ('valid', 'revoked', 'corrected')", name=op.f("ck_certificate_status")),
        sa.CheckConstraint("(status = 'valid') = (ended_at IS NULL)", name=op.f("ck_certificate_ended")),
        sa.CheckConstraint("length(code) = 32", name=op.f("ck_certificate_code")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_certificate_{column}"))
            for column, table in (
                ("worker_id", "worker"),
                ("enrollment_id", "enrollment"),
                ("class_id", "training_class"),
                ("replaces_id", "certificate"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        *(
            sa.UniqueConstraint(column, name=op.f(f"uq_certificate_{column}"))
            for column in ("public_id", "number", "code", "replaces_id")
        ),
    )
    for column in ("worker_id", "enrollment_id", "class_id"):
        op.create_index(f"ix_certificate_{column}", "certificate", [column])
    valid = sa.text("status = 'valid'")
    op.create_index(
        "uq_certificate_one_valid",
        "certificate",
        ["enrollment_id"],
        unique=True,
        sqlite_where=valid,
        postgresql_where=valid,
    )


def _create_reports() -> None:
    op.create_table(
        "report_issue",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("enterprise_name", sa.String(length=100), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        *(
            sa.Column(name, BIG, nullable=False)
            for name in ("row_count", "people", "claimable_seconds", "learned_seconds")
        ),
        *(sa.Column(f"{what}_sha256", sa.String(length=64), nullable=False) for what in ("rows", *FORMATS)),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_by", sa.String(length=100), nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.Column("withdrawn_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("length(code) = 32", name=op.f("ck_report_issue_code")),
        sa.CheckConstraint("row_count > 0 AND people > 0", name=op.f("ck_report_issue_counts")),
        sa.CheckConstraint("claimable_seconds >= 0 AND learned_seconds >= 0", name=op.f("ck_report_issue_seconds")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name=op.f("ck_report_issue_withdrawn")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_report_issue_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_issue")),
        *(
            sa.UniqueConstraint(column, name=op.f(f"uq_report_issue_{column}"))
            for column in ("public_id", "number", "code", *(f"{form}_sha256" for form in FORMATS))
        ),
    )
    op.create_index("ix_report_issue_enterprise_id", "report_issue", ["enterprise_id"])
