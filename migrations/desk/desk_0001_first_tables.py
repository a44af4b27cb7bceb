"""The first tables of the desk, with the guards the database itself keeps.

Revision ID: desk_0001
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "desk_0001"
down_revision = None
branch_labels = ("desk",)
depends_on = ("records_0001",)


def guards(dialect: str) -> list[str]:
    """The statements of this revision's guard file, in order."""
    text = Path(__file__).with_name(f"desk_0001_guards.{dialect}.sql").read_text(encoding="utf-8")
    return [statement.strip() for statement in text.split("-- statement\n")[1:]]


def upgrade() -> None:
    """Create the tables and then their guards."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("subject_kind IN ('enterprise', 'training_center')", name=op.f("ck_api_key_subject_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_key_public_id")),
    )
    op.create_index(op.f("ix_api_key_subject_id"), "api_key", ["subject_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_audit_entry_public_id")),
    )
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "channel_token",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel_token")),
    )
    op.create_table(
        "staff_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=50), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("failed_passwords", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('agent', 'reviewer', 'second_reviewer', 'cashier', 'desk_clerk', 'author', 'bureau')",
            name=op.f("ck_staff_account_role"),
        ),
        sa.CheckConstraint("failed_passwords >= 0", name=op.f("ck_staff_account_failed_passwords")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_account_public_id")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_account_username")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(length=12), nullable=False),
        sa.Column("owner_name", sa.String(length=100), nullable=False),
        sa.Column("owner_key", sa.String(length=100), nullable=False),
        sa.Column("owner_enterprise_public_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("trade_code", sa.String(length=10), nullable=True),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(owner_kind = 'enterprise') = (owner_enterprise_public_id IS NOT NULL)",
            name=op.f("ck_course_owner_enterprise"),
        ),
        sa.CheckConstraint(
            "owner_kind IN ('institution', 'enterprise', 'platform')", name=op.f("ck_course_owner_kind")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["staff_account.id"], name=op.f("fk_course_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("owner_kind", "owner_key", "code", name=op.f("uq_course_owner_kind_owner_key_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_course_public_id")),
    )
    op.create_index(op.f("ix_course_author_id"), "course", ["author_id"], unique=False)
    op.create_index(
        op.f("ix_course_owner_enterprise_public_id"), "course", ["owner_enterprise_public_id"], unique=False
    )
    op.create_table(
        "training_center",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_center")),
        sa.UniqueConstraint("name", name=op.f("uq_training_center_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_training_center_public_id")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("learner_ref", sa.Uuid(), nullable=False),
        sa.Column("name_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.String(length=64), nullable=True),
        sa.Column("sex", sa.String(length=6), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("phone_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("consent_version", sa.String(length=20), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identity_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("identity_tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_tries_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("identity_tries >= 0", name=op.f("ck_worker_identity_tries")),
        sa.CheckConstraint("sex IN ('male', 'female')", name=op.f("ck_worker_sex")),
        sa.CheckConstraint("(consented_at IS NULL) = (consent_version IS NULL)", name=op.f("ck_worker_consent_whole")),
        sa.CheckConstraint(
            "(id_number_index IS NULL) = (id_number_encrypted IS NULL) AND (id_number_index IS NULL) = (name_encrypted IS NULL) AND (id_number_index IS NULL) = (identity_checked_at IS NULL) AND (id_number_index IS NULL) = (born_on IS NULL) AND (id_number_index IS NULL) = (sex IS NULL)",
            name=op.f("ck_worker_identity_whole"),
        ),
        sa.CheckConstraint(
            "consented_at IS NOT NULL OR (name_encrypted IS NULL AND id_number_encrypted IS NULL AND id_number_index IS NULL AND phone_encrypted IS NULL AND born_on IS NULL AND sex IS NULL)",
            name=op.f("ck_worker_consent_first"),
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR id_number_index IS NULL", name=op.f("ck_worker_merged_without_identity")
        ),
        sa.ForeignKeyConstraint(["merged_into_id"], ["worker.id"], name=op.f("fk_worker_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_worker_id_number_index")),
        sa.UniqueConstraint("learner_ref", name=op.f("uq_worker_learner_ref")),
        sa.UniqueConstraint("public_id", name=op.f("uq_worker_public_id")),
    )
    op.create_index(op.f("ix_worker_merged_into_id"), "worker", ["merged_into_id"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device", sa.String(length=100), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_access_token_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_access_token_digest")),
    )
    op.create_index(op.f("ix_access_token_expires_at"), "access_token", ["expires_at"], unique=False)
    op.create_index(op.f("ix_access_token_worker_id"), "access_token", ["worker_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("balance_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('claimable', 'held', 'settled', 'learned') AND worker_id IS NOT NULL) OR (kind = 'issued' AND worker_id IS NULL)",
            name=op.f("ck_account_owner"),
        ),
        sa.CheckConstraint("balance_seconds >= 0 OR kind = 'issued'", name=op.f("ck_account_never_overdrawn")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_account_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(
        "uq_account_bank_kind",
        "account",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("worker_id IS NULL"),
        postgresql_where=sa.text("worker_id IS NULL"),
    )
    op.create_index("uq_account_worker_id_kind", "account", ["worker_id", "kind"], unique=True)
    op.create_table(
        "appeal_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("appeal_ref", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_ref", sa.Uuid(), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_appeal_case_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_case")),
        sa.UniqueConstraint("appeal_ref", name=op.f("uq_appeal_case_appeal_ref")),
    )
    op.create_index(op.f("ix_appeal_case_worker_id"), "appeal_case", ["worker_id"], unique=False)
    op.create_table(
        "banked_evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source_kind", sa.String(length=8), nullable=False),
        sa.Column("source_ref", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=True),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("evidence_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learned_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimable_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("banked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source_kind IN ('session', 'quiz', 'appeal')", name=op.f("ck_banked_evidence_source_kind")),
        sa.CheckConstraint("filed OR claimable_seconds = 0", name=op.f("ck_banked_evidence_filed_before_training")),
        sa.CheckConstraint("learned_seconds >= 0 AND claimable_seconds >= 0", name=op.f("ck_banked_evidence_seconds")),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_banked_evidence_evidence_record_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_banked_evidence_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_banked_evidence")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_banked_evidence_evidence_record_id")),
    )
    op.create_index(op.f("ix_banked_evidence_worker_id"), "banked_evidence", ["worker_id"], unique=False)
    op.create_index("uq_banked_evidence_source", "banked_evidence", ["source_kind", "source_ref"], unique=True)
    op.create_table(
        "center_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_center_code_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_center_code_digest")),
    )
    op.create_index(op.f("ix_center_code_worker_id"), "center_code", ["worker_id"], unique=False)
    op.create_table(
        "center_look_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_priority", sa.Boolean(), nullable=False),
        sa.Column("class_hours", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("class_hours >= 0 AND credits >= 0", name=op.f("ck_center_look_up_figures")),
        sa.ForeignKeyConstraint(["center_id"], ["training_center.id"], name=op.f("fk_center_look_up_center_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_center_look_up_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center_look_up")),
        sa.UniqueConstraint("public_id", name=op.f("uq_center_look_up_public_id")),
    )
    op.create_index("ix_center_look_up_center_id_at", "center_look_up", ["center_id", "at"], unique=False)
    op.create_index(op.f("ix_center_look_up_worker_id"), "center_look_up", ["worker_id"], unique=False)
    op.create_table(
        "course_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("trade_code", sa.String(length=10), nullable=True),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("imported_by", sa.String(length=100), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("form IN ('theory', 'simulation')", name=op.f("ck_course_version_form")),
        sa.CheckConstraint("length(fingerprint) = 64", name=op.f("ck_course_version_fingerprint")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_course_version_version")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_version_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_version")),
        sa.UniqueConstraint("course_id", "version", name=op.f("uq_course_version_course_id_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_course_version_public_id")),
    )
    op.create_index(op.f("ix_course_version_course_id"), "course_version", ["course_id"], unique=False)
    op.create_table(
        "desk_clerk",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("staff_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("center_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["training_center.id"], name=op.f("fk_desk_clerk_center_id")),
        sa.ForeignKeyConstraint(
            ["staff_account_id"], ["staff_account.id"], name=op.f("fk_desk_clerk_staff_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_clerk")),
        sa.UniqueConstraint("staff_account_id", name=op.f("uq_desk_clerk_staff_account_id")),
    )
    op.create_index(op.f("ix_desk_clerk_center_id"), "desk_clerk", ["center_id"], unique=False)
    op.create_table(
        "enterprise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("uscc_confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("business_scope", sa.String(length=2000), nullable=False),
        sa.Column("district_code", sa.String(length=6), nullable=False),
        sa.Column("affected_declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ordinary', 'dispatch_company', 'platform_company')", name=op.f("ck_enterprise_kind")
        ),
        sa.ForeignKeyConstraint(
            ["uscc_confirmed_by_id"], ["staff_account.id"], name=op.f("fk_enterprise_uscc_confirmed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("public_id", name=op.f("uq_enterprise_public_id")),
        sa.UniqueConstraint("uscc", name=op.f("uq_enterprise_uscc")),
    )
    op.create_index(op.f("ix_enterprise_uscc_confirmed_by_id"), "enterprise", ["uscc_confirmed_by_id"], unique=False)
    op.create_table(
        "identity_claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name_matches", sa.Boolean(), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("request_reason", sa.String(length=500), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(way = 'old_phone' AND status IN ('shown', 'used', 'replaced')) OR (way = 'desk' AND status IN ('asked', 'requested', 'approved', 'rejected', 'replaced'))",
            name=op.f("ck_identity_claim_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'rejected') OR (decided_by_id IS NOT NULL AND decision_reason IS NOT NULL)",
            name=op.f("ck_identity_claim_decided_by_staff"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('requested', 'approved', 'rejected') OR (requested_by_id IS NOT NULL AND request_reason IS NOT NULL)",
            name=op.f("ck_identity_claim_requested_by_staff"),
        ),
        sa.CheckConstraint("holder_id <> claimant_id", name=op.f("ck_identity_claim_two_workers")),
        sa.CheckConstraint("requested_by_id <> decided_by_id", name=op.f("ck_identity_claim_four_eyes")),
        sa.ForeignKeyConstraint(["claimant_id"], ["worker.id"], name=op.f("fk_identity_claim_claimant_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff_account.id"], name=op.f("fk_identity_claim_decided_by_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["worker.id"], name=op.f("fk_identity_claim_holder_id")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["staff_account.id"], name=op.f("fk_identity_claim_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_claim")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_identity_claim_code_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_identity_claim_public_id")),
    )
    op.create_index(op.f("ix_identity_claim_claimant_id"), "identity_claim", ["claimant_id"], unique=False)
    op.create_index(op.f("ix_identity_claim_decided_by_id"), "identity_claim", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_identity_claim_holder_id"), "identity_claim", ["holder_id"], unique=False)
    op.create_index(op.f("ix_identity_claim_requested_by_id"), "identity_claim", ["requested_by_id"], unique=False)
    op.create_index(op.f("ix_identity_claim_status"), "identity_claim", ["status"], unique=False)
    op.create_index(
        "uq_identity_claim_one_code_a_holder",
        "identity_claim",
        ["holder_id"],
        unique=True,
        sqlite_where=sa.text("status = 'shown'"),
        postgresql_where=sa.text("status = 'shown'"),
    )
    op.create_table(
        "lesson",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lesson_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("course_id", "code", name=op.f("uq_lesson_course_id_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lesson_public_id")),
    )
    op.create_index(op.f("ix_lesson_course_id"), "lesson", ["course_id"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_message_sent")),
        sa.CheckConstraint("status IN ('queued', 'sent', 'given_up')", name=op.f("ck_outbox_message_status")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_message_attempts")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_outbox_message_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbox_message_public_id")),
    )
    op.create_index(op.f("ix_outbox_message_status"), "outbox_message", ["status"], unique=False)
    op.create_index(op.f("ix_outbox_message_worker_id"), "outbox_message", ["worker_id"], unique=False)
    op.create_table(
        "payment_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("total_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'paid') = (released_by_id IS NOT NULL AND paid_at IS NOT NULL)",
            name=op.f("ck_payment_batch_paid"),
        ),
        sa.CheckConstraint("status IN ('created', 'paid')", name=op.f("ck_payment_batch_status")),
        sa.CheckConstraint("created_by_id <> released_by_id", name=op.f("ck_payment_batch_two_persons")),
        sa.CheckConstraint("total_fen > 0", name=op.f("ck_payment_batch_total_fen")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_account.id"], name=op.f("fk_payment_batch_created_by_id")),
        sa.ForeignKeyConstraint(["released_by_id"], ["staff_account.id"], name=op.f("fk_payment_batch_released_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_batch_public_id")),
    )
    op.create_index(op.f("ix_payment_batch_created_by_id"), "payment_batch", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_payment_batch_released_by_id"), "payment_batch", ["released_by_id"], unique=False)
    op.create_index(op.f("ix_payment_batch_status"), "payment_batch", ["status"], unique=False)
    op.create_table(
        "quiz_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_ref", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time_limit_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pass_mark", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("score", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_quiz_attempt_closed_at")),
        sa.CheckConstraint(
            "(status = 'open') = (score IS NULL) AND (status = 'open') = (passed IS NULL)",
            name=op.f("ck_quiz_attempt_graded"),
        ),
        sa.CheckConstraint(
            "NOT passed OR (status = 'submitted' AND score >= pass_mark)", name=op.f("ck_quiz_attempt_passed")
        ),
        sa.CheckConstraint("status <> 'submitted' OR closed_at <= deadline_at", name=op.f("ck_quiz_attempt_in_time")),
        sa.CheckConstraint("status IN ('open', 'submitted', 'expired')", name=op.f("ck_quiz_attempt_status")),
        sa.CheckConstraint("deadline_at > opened_at AND number >= 1", name=op.f("ck_quiz_attempt_sane")),
        sa.CheckConstraint("pass_mark BETWEEN 1 AND 100", name=op.f("ck_quiz_attempt_pass_mark")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_quiz_attempt_score")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_quiz_attempt_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quiz_attempt_public_id")),
        sa.UniqueConstraint(
            "worker_id", "subject_ref", "number", name=op.f("uq_quiz_attempt_worker_id_subject_ref_number")
        ),
    )
    op.create_index("ix_quiz_attempt_open_deadline", "quiz_attempt", ["status", "deadline_at"], unique=False)
    op.create_index(op.f("ix_quiz_attempt_worker_id"), "quiz_attempt", ["worker_id"], unique=False)
    op.create_index(
        "uq_quiz_attempt_one_open",
        "quiz_attempt",
        ["worker_id", "subject_ref"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("clause", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IN ('only', 'first', 'second')", name=op.f("ck_review_stage")),
        sa.CheckConstraint(
            "subject_kind IN ('plan', 'claim', 'identity_claim', 'appeal')", name=op.f("ck_review_subject_kind")
        ),
        sa.CheckConstraint("verdict IN ('approve', 'send_back', 'reject')", name=op.f("ck_review_verdict")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"], name=op.f("fk_review_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_public_id")),
    )
    op.create_index(op.f("ix_review_staff_id"), "review", ["staff_id"], unique=False)
    op.create_index("ix_review_subject", "review", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "uq_review_claim_two_persons",
        "review",
        ["subject_id", "staff_id"],
        unique=True,
        sqlite_where=sa.text("subject_kind = 'claim' AND verdict = 'approve'"),
        postgresql_where=sa.text("subject_kind = 'claim' AND verdict = 'approve'"),
    )
    op.create_table(
        "wechat_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("openid_index", sa.String(length=64), nullable=False),
        sa.Column("openid_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_wechat_account_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_account")),
        sa.UniqueConstraint("openid_index", name=op.f("uq_wechat_account_openid_index")),
    )
    op.create_index(op.f("ix_wechat_account_worker_id"), "wechat_account", ["worker_id"], unique=False)
    op.create_table(
        "appeal_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("granted_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("evidence_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "granted_seconds >= 0 AND (outcome = 'upheld' OR granted_seconds = 0)",
            name=op.f("ck_appeal_decision_granted"),
        ),
        sa.CheckConstraint("outcome IN ('upheld', 'refused')", name=op.f("ck_appeal_decision_outcome")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_appeal_decision_reason")),
        sa.ForeignKeyConstraint(["case_id"], ["appeal_case.id"], name=op.f("fk_appeal_decision_case_id")),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_appeal_decision_evidence_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_decision")),
        sa.UniqueConstraint("case_id", name=op.f("uq_appeal_decision_case_id")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_appeal_decision_evidence_record_id")),
    )
    op.create_table(
        "enterprise_agent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("staff_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_enterprise_agent_enterprise_id")),
        sa.ForeignKeyConstraint(
            ["staff_account_id"], ["staff_account.id"], name=op.f("fk_enterprise_agent_staff_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_agent")),
        sa.UniqueConstraint(
            "staff_account_id", "enterprise_id", name=op.f("uq_enterprise_agent_staff_account_id_enterprise_id")
        ),
    )
    op.create_index(op.f("ix_enterprise_agent_enterprise_id"), "enterprise_agent", ["enterprise_id"], unique=False)
    op.create_table(
        "lesson_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("trade_code", sa.String(length=10), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("captions_sha256", sa.String(length=64), nullable=True),
        sa.Column("low_bitrate_sha256", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'reading') = (text IS NOT NULL)", name=op.f("ck_lesson_version_text")),
        sa.CheckConstraint("kind IN ('video', 'reading', 'simulation')", name=op.f("ck_lesson_version_kind")),
        sa.CheckConstraint(
            "topic IN ('infectious_disease', 'work_safety', 'law', 'trade')", name=op.f("ck_lesson_version_topic")
        ),
        sa.CheckConstraint("length(sha256) = 64 AND length(fingerprint) = 64", name=op.f("ck_lesson_version_hashes")),
        sa.CheckConstraint("media_ms > 0", name=op.f("ck_lesson_version_media_ms")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_lesson_version_version")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_version_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_version")),
        sa.UniqueConstraint("lesson_id", "version", name=op.f("uq_lesson_version_lesson_id_version")),
    )
    op.create_index(op.f("ix_lesson_version_lesson_id"), "lesson_version", ["lesson_id"], unique=False)
    op.create_index("ix_lesson_version_sha256", "lesson_version", ["sha256"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("course_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("stem", sa.String(length=500), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.String(length=500), nullable=False),
        sa.CheckConstraint("kind IN ('single', 'multiple', 'true_false')", name=op.f("ck_question_kind")),
        sa.ForeignKeyConstraint(
            ["course_version_id"], ["course_version.id"], name=op.f("fk_question_course_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("course_version_id", "number", name=op.f("uq_question_course_version_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_question_public_id")),
    )
    op.create_index(op.f("ix_question_course_version_id"), "question", ["course_version_id"], unique=False)
    op.create_table(
        "roster_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id_number_index", sa.String(length=64), nullable=False),
        sa.Column("name_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("phone_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("position", sa.String(length=50), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "relation IN ('contract', 'dispatched_in', 'platform_worker')", name=op.f("ck_roster_entry_relation")
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_roster_entry_enterprise_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_roster_entry_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint(
            "enterprise_id", "id_number_index", name=op.f("uq_roster_entry_enterprise_id_id_number_index")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_roster_entry_public_id")),
    )
    op.create_index(
        "ix_roster_entry_enterprise_id_worker_id", "roster_entry", ["enterprise_id", "worker_id"], unique=True
    )
    op.create_index(op.f("ix_roster_entry_id_number_index"), "roster_entry", ["id_number_index"], unique=False)
    op.create_index(op.f("ix_roster_entry_worker_id"), "roster_entry", ["worker_id"], unique=False)
    op.create_table(
        "training_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("head_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("class_hours", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("relevance", sa.String(), nullable=False),
        sa.Column("trade_code", sa.String(), nullable=False),
        sa.Column("affected", sa.Boolean(), nullable=False),
        sa.Column("commitment_version", sa.String(), nullable=True),
        sa.Column("commitment_signer", sa.String(), nullable=True),
        sa.Column("commitment_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commitment_sha256", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filing_number", sa.String(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("decision_clause", sa.String(), nullable=False),
        sa.CheckConstraint("(status = 'approved') = (approved_at IS NOT NULL)", name=op.f("ck_training_plan_approved")),
        sa.CheckConstraint("kind IN ('pre_job', 'safety', 'skill_upgrade')", name=op.f("ck_training_plan_kind")),
        sa.CheckConstraint("mode IN ('own', 'entrusted')", name=op.f("ck_training_plan_mode")),
        sa.CheckConstraint("status = 'draft' OR filed_at IS NOT NULL", name=op.f("ck_training_plan_filed")),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'sent_back', 'approved', 'rejected')",
            name=op.f("ck_training_plan_status"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (filing_number IS NULL)", name=op.f("ck_training_plan_filing_number")
        ),
        sa.CheckConstraint("class_hours > 0", name=op.f("ck_training_plan_class_hours")),
        sa.CheckConstraint("head_count > 0", name=op.f("ck_training_plan_head_count")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_training_plan_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_plan")),
        sa.UniqueConstraint("filing_number", name=op.f("uq_training_plan_filing_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_training_plan_public_id")),
    )
    op.create_index(op.f("ix_training_plan_enterprise_id"), "training_plan", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_training_plan_status"), "training_plan", ["status"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("destination_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("evidence_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("context_ref", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reversal_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("source_text", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'reverse') = (reversal_of_id IS NOT NULL)", name=op.f("ck_transfer_reverses")),
        sa.CheckConstraint(
            "(kind IN ('deposit', 'allowance', 'appeal')) = (evidence_record_id IS NOT NULL)",
            name=op.f("ck_transfer_deposit_cites_evidence"),
        ),
        sa.CheckConstraint(
            "(kind IN ('settle', 'release')) = (hold_id IS NOT NULL)", name=op.f("ck_transfer_resolves_hold")
        ),
        sa.CheckConstraint("kind <> 'reverse' OR source_text <> ''", name=op.f("ck_transfer_reverse_source")),
        sa.CheckConstraint(
            "kind IN ('deposit', 'allowance', 'appeal', 'hold', 'settle', 'release', 'reverse')",
            name=op.f("ck_transfer_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('allowance', 'appeal', 'release', 'reverse') OR reason <> ''", name=op.f("ck_transfer_reason")
        ),
        sa.CheckConstraint("amount_seconds > 0", name=op.f("ck_transfer_amount")),
        sa.CheckConstraint("source_account_id <> destination_account_id", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(
            ["destination_account_id"], ["account.id"], name=op.f("fk_transfer_destination_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_record_id"], ["evidence_record.id"], name=op.f("fk_transfer_evidence_record_id")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["transfer.id"], name=op.f("fk_transfer_hold_id")),
        sa.ForeignKeyConstraint(["reversal_of_id"], ["transfer.id"], name=op.f("fk_transfer_reversal_of_id")),
        sa.ForeignKeyConstraint(["source_account_id"], ["account.id"], name=op.f("fk_transfer_source_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_transfer_idempotency_key")),
        sa.UniqueConstraint("reversal_of_id", name=op.f("uq_transfer_reversal_of_id")),
    )
    op.create_index(op.f("ix_transfer_context_ref"), "transfer", ["context_ref"], unique=False)
    op.create_index(op.f("ix_transfer_destination_account_id"), "transfer", ["destination_account_id"], unique=False)
    op.create_index(op.f("ix_transfer_evidence_record_id"), "transfer", ["evidence_record_id"], unique=False)
    op.create_index(op.f("ix_transfer_hold_id"), "transfer", ["hold_id"], unique=False)
    op.create_index(op.f("ix_transfer_source_account_id"), "transfer", ["source_account_id"], unique=False)
    op.create_table(
        "course_lesson",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_version_id"], ["course_version.id"], name=op.f("fk_course_lesson_course_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_version_id"], ["lesson_version.id"], name=op.f("fk_course_lesson_lesson_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_lesson")),
        sa.UniqueConstraint(
            "course_version_id", "lesson_version_id", name=op.f("uq_course_lesson_course_version_id_lesson_version_id")
        ),
        sa.UniqueConstraint("course_version_id", "position", name=op.f("uq_course_lesson_course_version_id_position")),
    )
    op.create_index(op.f("ix_course_lesson_course_version_id"), "course_lesson", ["course_version_id"], unique=False)
    op.create_index(op.f("ix_course_lesson_lesson_version_id"), "course_lesson", ["lesson_version_id"], unique=False)
    op.create_table(
        "lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=True),
        sa.Column("amount_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("remaining_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_draw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "remaining_seconds >= 0 AND remaining_seconds <= amount_seconds", name=op.f("ck_lot_remaining")
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_lot_transfer_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_lot_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_lot_transfer_id")),
    )
    op.create_index("ix_lot_worker_id_context_ref", "lot", ["worker_id", "context_ref"], unique=False)
    op.create_table(
        "plan_course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_public_id", sa.Uuid(), nullable=False),
        sa.Column("course_version_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_version_id"], ["course_version.public_id"], name=op.f("fk_plan_course_course_version_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["training_plan.id"], name=op.f("fk_plan_course_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_course")),
        sa.UniqueConstraint("plan_id", "course_public_id", name=op.f("uq_plan_course_plan_id_course_public_id")),
    )
    op.create_index(op.f("ix_plan_course_course_public_id"), "plan_course", ["course_public_id"], unique=False)
    op.create_index(op.f("ix_plan_course_course_version_id"), "plan_course", ["course_version_id"], unique=False)
    op.create_index(op.f("ix_plan_course_plan_id"), "plan_course", ["plan_id"], unique=False)
    op.create_table(
        "quiz_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("option_order", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_item_attempt_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_quiz_item_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_item")),
        sa.UniqueConstraint("attempt_id", "position", name=op.f("uq_quiz_item_attempt_id_position")),
        sa.UniqueConstraint("attempt_id", "question_id", name=op.f("uq_quiz_item_attempt_id_question_id")),
    )
    op.create_index(op.f("ix_quiz_item_attempt_id"), "quiz_item", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_quiz_item_question_id"), "quiz_item", ["question_id"], unique=False)
    op.create_table(
        "subsidy_claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("total_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("second_reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("decision_clause", sa.String(), nullable=False),
        sa.CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_subsidy_claim_paid")),
        sa.CheckConstraint(
            "status IN ('submitted', 'reviewed', 'approved', 'sent_back', 'rejected', 'withdrawn', 'paid')",
            name=op.f("ck_subsidy_claim_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'paid') OR (first_reviewer_id IS NOT NULL AND second_reviewer_id IS NOT NULL)",
            name=op.f("ck_subsidy_claim_approved_by_two"),
        ),
        sa.CheckConstraint("first_reviewer_id <> second_reviewer_id", name=op.f("ck_subsidy_claim_two_persons")),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_subsidy_claim_total_fen")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_subsidy_claim_enterprise_id")),
        sa.ForeignKeyConstraint(
            ["first_reviewer_id"], ["staff_account.id"], name=op.f("fk_subsidy_claim_first_reviewer_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["training_plan.id"], name=op.f("fk_subsidy_claim_plan_id")),
        sa.ForeignKeyConstraint(
            ["second_reviewer_id"], ["staff_account.id"], name=op.f("fk_subsidy_claim_second_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_claim")),
        sa.UniqueConstraint(
            "enterprise_id", "idempotency_key", name=op.f("uq_subsidy_claim_enterprise_id_idempotency_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_subsidy_claim_public_id")),
    )
    op.create_index(op.f("ix_subsidy_claim_enterprise_id"), "subsidy_claim", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_first_reviewer_id"), "subsidy_claim", ["first_reviewer_id"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_plan_id"), "subsidy_claim", ["plan_id"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_second_reviewer_id"), "subsidy_claim", ["second_reviewer_id"], unique=False)
    op.create_index(op.f("ix_subsidy_claim_status"), "subsidy_claim", ["status"], unique=False)
    op.create_index(
        "uq_subsidy_claim_live_plan",
        "subsidy_claim",
        ["plan_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('submitted', 'reviewed', 'approved', 'paid')"),
        postgresql_where=sa.text("status IN ('submitted', 'reviewed', 'approved', 'paid')"),
    )
    op.create_table(
        "training_class",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("class_code", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_training_class_dates")),
        sa.ForeignKeyConstraint(["plan_id"], ["training_plan.id"], name=op.f("fk_training_class_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_class")),
        sa.UniqueConstraint("class_code", name=op.f("uq_training_class_class_code")),
        sa.UniqueConstraint("plan_id", name=op.f("uq_training_class_plan_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_training_class_public_id")),
    )
    op.create_table(
        "enrollment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("roster_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_relation", sa.String(), nullable=True),
        sa.Column("filed_hired_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(worker_id IS NULL) = (joined_at IS NULL)", name=op.f("ck_enrollment_joined")),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_enrollment_class_id")),
        sa.ForeignKeyConstraint(["roster_entry_id"], ["roster_entry.id"], name=op.f("fk_enrollment_roster_entry_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_enrollment_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("class_id", "roster_entry_id", name=op.f("uq_enrollment_class_id_roster_entry_id")),
        sa.UniqueConstraint("class_id", "worker_id", name=op.f("uq_enrollment_class_id_worker_id")),
    )
    op.create_index(op.f("ix_enrollment_class_id"), "enrollment", ["class_id"], unique=False)
    op.create_index(op.f("ix_enrollment_roster_entry_id"), "enrollment", ["roster_entry_id"], unique=False)
    op.create_index(op.f("ix_enrollment_worker_id"), "enrollment", ["worker_id"], unique=False)
    op.create_table(
        "lot_draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=6), nullable=False),
        sa.Column("amount_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("direction IN ('draw', 'settle', 'return')", name=op.f("ck_lot_draw_direction")),
        sa.CheckConstraint("amount_seconds > 0", name=op.f("ck_lot_draw_amount")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_draw_lot_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_lot_draw_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_draw")),
    )
    op.create_index(op.f("ix_lot_draw_lot_id"), "lot_draw", ["lot_id"], unique=False)
    op.create_index("uq_lot_draw_transfer_id_lot_id", "lot_draw", ["transfer_id", "lot_id"], unique=True)
    op.create_table(
        "payment_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_payment_order_paid")),
        sa.CheckConstraint("status IN ('created', 'paid')", name=op.f("ck_payment_order_status")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_order_amount_fen")),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name=op.f("fk_payment_order_batch_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["subsidy_claim.id"], name=op.f("fk_payment_order_claim_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_payment_order_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_payment_order_claim_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_order_public_id")),
    )
    op.create_index(op.f("ix_payment_order_batch_id"), "payment_order", ["batch_id"], unique=False)
    op.create_index(op.f("ix_payment_order_enterprise_id"), "payment_order", ["enterprise_id"], unique=False)
    op.create_table(
        "claim_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("worker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("cap_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cap_ref", sa.String(), nullable=False),
        sa.Column("class_hours", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("hold_key", sa.String(), nullable=True),
        sa.CheckConstraint("(status = 'refused') = (amount_fen = 0)", name=op.f("ck_claim_line_refused")),
        sa.CheckConstraint("(status = 'refused') = (hold_key IS NULL)", name=op.f("ck_claim_line_hold_key")),
        sa.CheckConstraint("(status = 'refused') = (seconds = 0)", name=op.f("ck_claim_line_refused_seconds")),
        sa.CheckConstraint("status IN ('refused', 'held', 'released', 'settled')", name=op.f("ck_claim_line_status")),
        sa.CheckConstraint("amount_fen >= 0 AND amount_fen <= cap_fen", name=op.f("ck_claim_line_amount_fen")),
        sa.CheckConstraint("class_hours >= 0", name=op.f("ck_claim_line_class_hours")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_claim_line_seconds")),
        sa.ForeignKeyConstraint(["claim_id"], ["subsidy_claim.id"], name=op.f("fk_claim_line_claim_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_claim_line_enrollment_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_claim_line_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line")),
        sa.UniqueConstraint("claim_id", "worker_id", name=op.f("uq_claim_line_claim_id_worker_id")),
        sa.UniqueConstraint("hold_key", name=op.f("uq_claim_line_hold_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_claim_line_public_id")),
    )
    op.create_index(op.f("ix_claim_line_claim_id"), "claim_line", ["claim_id"], unique=False)
    op.create_index(op.f("ix_claim_line_enrollment_id"), "claim_line", ["enrollment_id"], unique=False)
    op.create_index(op.f("ix_claim_line_worker_id"), "claim_line", ["worker_id"], unique=False)
    op.create_index("ix_claim_line_worker_policy", "claim_line", ["worker_id", "policy_id"], unique=False)
    op.create_table(
        "fund_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("fund", sa.String(length=50), nullable=False),
        sa.Column("policy_version", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_fund_entry_amount_fen")),
        sa.ForeignKeyConstraint(["claim_line_id"], ["claim_line.id"], name=op.f("fk_fund_entry_claim_line_id")),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name=op.f("fk_fund_entry_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_entry")),
        sa.UniqueConstraint("claim_line_id", name=op.f("uq_fund_entry_claim_line_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fund_entry_public_id")),
    )
    op.create_index(op.f("ix_fund_entry_order_id"), "fund_entry", ["order_id"], unique=False)
    connection = op.get_bind()
    for statement in guards(connection.dialect.name):
        connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def downgrade() -> None:
    """Drop the tables; on PostgreSQL the guards' functions too."""
    op.drop_index(op.f("ix_fund_entry_order_id"), table_name="fund_entry")
    op.drop_table("fund_entry")
    op.drop_index("ix_claim_line_worker_policy", table_name="claim_line")
    op.drop_index(op.f("ix_claim_line_worker_id"), table_name="claim_line")
    op.drop_index(op.f("ix_claim_line_enrollment_id"), table_name="claim_line")
    op.drop_index(op.f("ix_claim_line_claim_id"), table_name="claim_line")
    op.drop_table("claim_line")
    op.drop_index(op.f("ix_payment_order_enterprise_id"), table_name="payment_order")
    op.drop_index(op.f("ix_payment_order_batch_id"), table_name="payment_order")
    op.drop_table("payment_order")
    op.drop_index("uq_lot_draw_transfer_id_lot_id", table_name="lot_draw")
    op.drop_index(op.f("ix_lot_draw_lot_id"), table_name="lot_draw")
    op.drop_table("lot_draw")
    op.drop_index(op.f("ix_enrollment_worker_id"), table_name="enrollment")
    op.drop_index(op.f("ix_enrollment_roster_entry_id"), table_name="enrollment")
    op.drop_index(op.f("ix_enrollment_class_id"), table_name="enrollment")
    op.drop_table("enrollment")
    op.drop_table("training_class")
    op.drop_index(
        "uq_subsidy_claim_live_plan",
        table_name="subsidy_claim",
        sqlite_where=sa.text("status IN ('submitted', 'reviewed', 'approved', 'paid')"),
        postgresql_where=sa.text("status IN ('submitted', 'reviewed', 'approved', 'paid')"),
    )
    op.drop_index(op.f("ix_subsidy_claim_status"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_second_reviewer_id"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_plan_id"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_first_reviewer_id"), table_name="subsidy_claim")
    op.drop_index(op.f("ix_subsidy_claim_enterprise_id"), table_name="subsidy_claim")
    op.drop_table("subsidy_claim")
    op.drop_index(op.f("ix_quiz_item_question_id"), table_name="quiz_item")
    op.drop_index(op.f("ix_quiz_item_attempt_id"), table_name="quiz_item")
    op.drop_table("quiz_item")
    op.drop_index(op.f("ix_plan_course_plan_id"), table_name="plan_course")
    op.drop_index(op.f("ix_plan_course_course_version_id"), table_name="plan_course")
    op.drop_index(op.f("ix_plan_course_course_public_id"), table_name="plan_course")
    op.drop_table("plan_course")
    op.drop_index("ix_lot_worker_id_context_ref", table_name="lot")
    op.drop_table("lot")
    op.drop_index(op.f("ix_course_lesson_lesson_version_id"), table_name="course_lesson")
    op.drop_index(op.f("ix_course_lesson_course_version_id"), table_name="course_lesson")
    op.drop_table("course_lesson")
    op.drop_index(op.f("ix_transfer_source_account_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_hold_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_evidence_record_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_destination_account_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_context_ref"), table_name="transfer")
    op.drop_table("transfer")
    op.drop_index(op.f("ix_training_plan_status"), table_name="training_plan")
    op.drop_index(op.f("ix_training_plan_enterprise_id"), table_name="training_plan")
    op.drop_table("training_plan")
    op.drop_index(op.f("ix_roster_entry_worker_id"), table_name="roster_entry")
    op.drop_index(op.f("ix_roster_entry_id_number_index"), table_name="roster_entry")
    op.drop_index("ix_roster_entry_enterprise_id_worker_id", table_name="roster_entry")
    op.drop_table("roster_entry")
    op.drop_index(op.f("ix_question_course_version_id"), table_name="question")
    op.drop_table("question")
    op.drop_index("ix_lesson_version_sha256", table_name="lesson_version")
    op.drop_index(op.f("ix_lesson_version_lesson_id"), table_name="lesson_version")
    op.drop_table("lesson_version")
    op.drop_index(op.f("ix_enterprise_agent_enterprise_id"), table_name="enterprise_agent")
    op.drop_table("enterprise_agent")
    op.drop_table("appeal_decision")
    op.drop_index(op.f("ix_wechat_account_worker_id"), table_name="wechat_account")
    op.drop_table("wechat_account")
    op.drop_index(
        "uq_review_claim_two_persons",
        table_name="review",
        sqlite_where=sa.text("subject_kind = 'claim' AND verdict = 'approve'"),
        postgresql_where=sa.text("subject_kind = 'claim' AND verdict = 'approve'"),
    )
    op.drop_index("ix_review_subject", table_name="review")
    op.drop_index(op.f("ix_review_staff_id"), table_name="review")
    op.drop_table("review")
    op.drop_index(
        "uq_quiz_attempt_one_open",
        table_name="quiz_attempt",
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index(op.f("ix_quiz_attempt_worker_id"), table_name="quiz_attempt")
    op.drop_index("ix_quiz_attempt_open_deadline", table_name="quiz_attempt")
    op.drop_table("quiz_attempt")
    op.drop_index(op.f("ix_payment_batch_status"), table_name="payment_batch")
    op.drop_index(op.f("ix_payment_batch_released_by_id"), table_name="payment_batch")
    op.drop_index(op.f("ix_payment_batch_created_by_id"), table_name="payment_batch")
    op.drop_table("payment_batch")
    op.drop_index(op.f("ix_outbox_message_worker_id"), table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_status"), table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_index(op.f("ix_lesson_course_id"), table_name="lesson")
    op.drop_table("lesson")
    op.drop_index(
        "uq_identity_claim_one_code_a_holder",
        table_name="identity_claim",
        sqlite_where=sa.text("status = 'shown'"),
        postgresql_where=sa.text("status = 'shown'"),
    )
    op.drop_index(op.f("ix_identity_claim_status"), table_name="identity_claim")
    op.drop_index(op.f("ix_identity_claim_requested_by_id"), table_name="identity_claim")
    op.drop_index(op.f("ix_identity_claim_holder_id"), table_name="identity_claim")
    op.drop_index(op.f("ix_identity_claim_decided_by_id"), table_name="identity_claim")
    op.drop_index(op.f("ix_identity_claim_claimant_id"), table_name="identity_claim")
    op.drop_table("identity_claim")
    op.drop_index(op.f("ix_enterprise_uscc_confirmed_by_id"), table_name="enterprise")
    op.drop_table("enterprise")
    op.drop_index(op.f("ix_desk_clerk_center_id"), table_name="desk_clerk")
    op.drop_table("desk_clerk")
    op.drop_index(op.f("ix_course_version_course_id"), table_name="course_version")
    op.drop_table("course_version")
    op.drop_index(op.f("ix_center_look_up_worker_id"), table_name="center_look_up")
    op.drop_index("ix_center_look_up_center_id_at", table_name="center_look_up")
    op.drop_table("center_look_up")
    op.drop_index(op.f("ix_center_code_worker_id"), table_name="center_code")
    op.drop_table("center_code")
    op.drop_index("uq_banked_evidence_source", table_name="banked_evidence")
    op.drop_index(op.f("ix_banked_evidence_worker_id"), table_name="banked_evidence")
    op.drop_table("banked_evidence")
    op.drop_index(op.f("ix_appeal_case_worker_id"), table_name="appeal_case")
    op.drop_table("appeal_case")
    op.drop_index("uq_account_worker_id_kind", table_name="account")
    op.drop_index(
        "uq_account_bank_kind",
        table_name="account",
        sqlite_where=sa.text("worker_id IS NULL"),
        postgresql_where=sa.text("worker_id IS NULL"),
    )
    op.drop_table("account")
    op.drop_index(op.f("ix_access_token_worker_id"), table_name="access_token")
    op.drop_index(op.f("ix_access_token_expires_at"), table_name="access_token")
    op.drop_table("access_token")
    op.drop_index(op.f("ix_worker_merged_into_id"), table_name="worker")
    op.drop_table("worker")
    op.drop_table("training_center")
    op.drop_index(op.f("ix_course_owner_enterprise_public_id"), table_name="course")
    op.drop_index(op.f("ix_course_author_id"), table_name="course")
    op.drop_table("course")
    op.drop_table("staff_account")
    op.drop_table("channel_token")
    op.drop_index(op.f("ix_audit_entry_subject"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_api_key_subject_id"), table_name="api_key")
    op.drop_table("api_key")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in guards("postgresql"):
            if statement.upper().startswith(("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")):
                name = statement.split("FUNCTION", 1)[1].split("(", 1)[0].strip()
                connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name} CASCADE")
