"""Tables of people. Personal fields are AES-GCM ciphertexts; what must be found again has a keyed blind index beside it."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.database import Base, Instant, PrimaryKey, PublicId, guard
from learning_records.retention_sql import anything_left, on_hold

ROLES = ("agent", "reviewer", "second_reviewer", "cashier", "desk_clerk", "author", "bureau")


class Worker(Base):
    """One person who learns. Empty of personal data until they agreed to the privacy notice (the CHECK sees to it)."""

    __tablename__ = "worker"
    __table_args__ = (
        CheckConstraint(
            "consented_at IS NOT NULL OR (name_encrypted IS NULL AND id_number_encrypted IS NULL AND "
            "id_number_index IS NULL AND phone_encrypted IS NULL AND born_on IS NULL AND sex IS NULL)",
            name="consent_first",
        ),
        CheckConstraint("(consented_at IS NULL) = (consent_version IS NULL)", name="consent_whole"),
        CheckConstraint(
            "(id_number_index IS NULL) = (id_number_encrypted IS NULL) AND (id_number_index IS NULL) = "
            "(name_encrypted IS NULL) AND (id_number_index IS NULL) = (identity_checked_at IS NULL) AND "
            "(id_number_index IS NULL) = (born_on IS NULL) AND (id_number_index IS NULL) = (sex IS NULL)",
            name="identity_whole",
        ),
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
        CheckConstraint("merged_into_id IS NULL OR id_number_index IS NULL", name="merged_without_identity"),
        CheckConstraint("identity_tries >= 0", name="identity_tries"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    learner_ref: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)  # the records floor's pseudonym
    name_encrypted: Mapped[bytes | None]
    id_number_encrypted: Mapped[bytes | None]
    id_number_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    sex: Mapped[str | None] = mapped_column(String(6))
    born_on: Mapped[date | None]
    phone_encrypted: Mapped[bytes | None]
    consent_version: Mapped[str | None] = mapped_column(String(20))
    consented_at: Mapped[datetime | None]
    identity_checked_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    identity_tries: Mapped[int] = mapped_column(default=0)
    identity_tries_since: Mapped[datetime | None]  # real time
    created_at: Mapped[Instant]
    erased_at: Mapped[datetime | None]  # since when nothing personal is kept of them


_IDENTITY_GOES = "OLD.id_number_index IS NOT NULL AND NEW.id_number_index IS NULL"
_IDENTITY_NEEDED = f"({anything_left(person='OLD.learner_ref')} OR {on_hold(person='OLD.learner_ref')})"
_IDENTITY_STAYS = "worker: evidence or a legal hold still needs this identity"
guard(
    Worker.__table__,
    sqlite=[
        "CREATE TRIGGER worker_identity_needed BEFORE UPDATE OF id_number_index ON worker "
        f"WHEN {_IDENTITY_GOES} AND {_IDENTITY_NEEDED} BEGIN SELECT RAISE(ABORT, '{_IDENTITY_STAYS}'); END"
    ],
    postgresql=[
        "CREATE FUNCTION worker_identity_needed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_IDENTITY_GOES} AND {_IDENTITY_NEEDED} THEN RAISE EXCEPTION '{_IDENTITY_STAYS}' "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER worker_identity_needed BEFORE UPDATE OF id_number_index ON worker "
        "FOR EACH ROW EXECUTE FUNCTION worker_identity_needed()",
    ],
)


class WechatAccount(Base):
    """A WeChat account (openid) that signs in as a worker."""

    __tablename__ = "wechat_account"

    id: Mapped[PrimaryKey]
    openid_index: Mapped[str] = mapped_column(String(64), unique=True)
    openid_encrypted: Mapped[bytes]
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    created_at: Mapped[Instant]
    worker: Mapped[Worker] = relationship(lazy="joined", innerjoin=True)


class AccessToken(Base):
    """A phone's bearer token: only its keyed digest is kept. Times are real, never the calendar's."""

    __tablename__ = "access_token"

    id: Mapped[PrimaryKey]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    device: Mapped[str] = mapped_column(String(100))
    issued_at: Mapped[Instant]
    expires_at: Mapped[Instant] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class StaffAccount(Base):
    """Somebody who signs in to the consoles with a password (argon2id)."""

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint(f"role IN ({', '.join(repr(role) for role in ROLES)})", name="role"),
        CheckConstraint("failed_passwords >= 0", name="failed_passwords"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(50))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    failed_passwords: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[Instant]


class ApiKey(Base):
    """Another system's key, scoped to one enterprise, training center or platform: only its keyed digest is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('enterprise', 'training_center', 'platform')", name="subject_kind"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None]


class IdentityClaim(Base):
    """An ID number already bound, asked for by another WeChat account: by the old phone's code, or by agent and reviewer.

    `holder` has the ID number; `claimant` is the account on the new phone. Kept for good: it is the record of the move.
    """

    __tablename__ = "identity_claim"
    __table_args__ = (
        CheckConstraint(
            "(way = 'old_phone' AND status IN ('shown', 'used', 'replaced')) OR "
            "(way = 'desk' AND status IN ('asked', 'requested', 'approved', 'rejected', 'replaced'))",
            name="status",
        ),
        CheckConstraint("holder_id <> claimant_id", name="two_workers"),
        CheckConstraint("requested_by_id <> decided_by_id", name="four_eyes"),
        CheckConstraint(
            "status NOT IN ('requested', 'approved', 'rejected') OR "
            "(requested_by_id IS NOT NULL AND request_reason IS NOT NULL)",
            name="requested_by_staff",
        ),
        CheckConstraint(
            "status NOT IN ('approved', 'rejected') OR (decided_by_id IS NOT NULL AND decision_reason IS NOT NULL)",
            name="decided_by_staff",
        ),
        Index(
            "uq_identity_claim_one_code_a_holder",
            "holder_id",
            unique=True,
            sqlite_where=text("status = 'shown'"),
            postgresql_where=text("status = 'shown'"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    way: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), index=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    claimant_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    name_matches: Mapped[bool | None]
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[Instant]
    expires_at: Mapped[Instant]  # real time
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    request_reason: Mapped[str | None] = mapped_column(String(500))
    requested_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    decision_reason: Mapped[str | None] = mapped_column(String(500))
    decided_at: Mapped[datetime | None]
    holder: Mapped[Worker] = relationship(foreign_keys=[holder_id])
    claimant: Mapped[Worker | None] = relationship(foreign_keys=[claimant_id])
