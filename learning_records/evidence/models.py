"""Sealed records and their entries. Both tables are append-only in the database itself."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, append_only


class EvidenceRecord(Base):
    """The body of a sealed record, canonical, with the salt of its commitment."""

    __tablename__ = "evidence_record"
    __table_args__ = (CheckConstraint("length(salt) = 32", name="salt"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    suite: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32), index=True)
    salt: Mapped[bytes]
    body: Mapped[bytes]
    sealed_at: Mapped[Instant]


append_only(EvidenceRecord.__table__)


class EvidenceEntry(Base):
    """The log entry of a record: the bytes that go into the log, and their leaf hash.

    The id orders entries but is not the index in the log; the sequencer gives that.
    """

    __tablename__ = "evidence_entry"
    __table_args__ = (
        CheckConstraint("length(entry) BETWEEN 1 AND 65535", name="size"),
        CheckConstraint("length(leaf_hash) = 64", name="leaf_hash"),
    )

    id: Mapped[PrimaryKey]
    record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    entry: Mapped[bytes]
    leaf_hash: Mapped[str] = mapped_column(String(64), unique=True)


append_only(EvidenceEntry.__table__)
