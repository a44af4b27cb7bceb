"""Tables of certificates. What stands on one never changes; it is revoked, or corrected by another one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.certificates.rules import MOVES, STATUS_WORDS
from config.database import Base, Instant, Json, PrimaryKey, PublicId, allowed_moves, decided, guard
from learning_records.evidence.guarding import needs_record, uuid_text

_VALID = text("status = 'valid'")


class CertificateSeries(Base):
    """The last number given in a year. Locked by whoever issues, so that numbers neither repeat nor leave gaps."""

    __tablename__ = "certificate_series"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_serial: Mapped[int]


class Certificate(Base):
    """One person's certificate of one class. ``facts`` is what it says, as sealed; the name is encrypted, ``name_index`` its
    keyed digest. ``code`` is the unguessable part of the address in the QR code."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUS_WORDS)})", name="status"),
        CheckConstraint("(status = 'valid') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("length(code) = 32", name="code"),
        Index("uq_certificate_one_valid", "enrollment_id", unique=True, sqlite_where=_VALID, postgresql_where=_VALID),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("training_class.id"), index=True)
    name_encrypted: Mapped[bytes | None]
    name_index: Mapped[str] = mapped_column(String(64))
    facts: Mapped[Json]
    issued_at: Mapped[Instant]
    issued_by: Mapped[str] = mapped_column(String(100))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10))
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(String(500))
    ended_clause: Mapped[str] = mapped_column(String(10))


allowed_moves(Certificate.__table__, first=["valid"], moves=MOVES)
decided(
    Certificate.__table__,
    columns=[
        "public_id", "number", "code", "worker_id", "enrollment_id", "class_id", "name_index", "facts", "issued_at",
        "issued_by", "replaces_id",
    ],
)  # fmt: skip
needs_record(
    Certificate.__table__,
    kind="certificate",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)
_NAME_REFUSAL = "certificate: a name is only ever erased"
_END_REFUSAL = "certificate: how it ended is not edited"
guard(
    Certificate.__table__,
    sqlite=[
        "CREATE TRIGGER certificate_name BEFORE UPDATE OF name_encrypted ON certificate WHEN NEW.name_encrypted IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{_NAME_REFUSAL}'); END",
        "CREATE TRIGGER certificate_end BEFORE UPDATE OF ended_at, ended_reason, ended_clause ON certificate "
        f"WHEN OLD.status <> 'valid' BEGIN SELECT RAISE(ABORT, '{_END_REFUSAL}'); END",
    ],
    postgresql=[
        "CREATE FUNCTION certificate_name() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NAME_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER certificate_name BEFORE UPDATE OF name_encrypted ON certificate "
        "FOR EACH ROW WHEN (NEW.name_encrypted IS NOT NULL) EXECUTE FUNCTION certificate_name()",
        "CREATE FUNCTION certificate_end() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_END_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER certificate_end BEFORE UPDATE OF ended_at, ended_reason, ended_clause ON certificate "
        "FOR EACH ROW WHEN (OLD.status <> 'valid') EXECUTE FUNCTION certificate_end()",
    ],
)
