"""Sealed records, their entries, and the log made of them. The database itself refuses what must never happen to them."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, BigInt, Instant, PrimaryKey, PublicId, append_only, guard
from learning_records.evidence import record_guards


class EvidenceRecord(Base):
    """The body of a sealed record, canonical, with the salt of its commitment. Read it through ``bodies``.

    ``subject`` names what the record is about, in the words of whoever sealed it (``transfer:<key>``), once a kind;
    ``person_ref`` and ``context_ref`` are the pseudonymous references by which evidence is gathered. The body is empty once
    an archive holds it (``archive_id``), body and salt (32 zeros) once they are erased (``destruction_id``); neither is a
    foreign key, because the guards of this table see to what they name.
    """

    __tablename__ = "evidence_record"
    __table_args__ = (
        CheckConstraint("length(salt) = 32", name="salt"),
        Index("uq_evidence_record_kind_subject", "kind", "subject", unique=True),
        Index(
            "ix_evidence_record_archive_id",
            "archive_id",
            sqlite_where=text("archive_id IS NOT NULL"),
            postgresql_where=text("archive_id IS NOT NULL"),
        ),
        Index(
            "ix_evidence_record_destruction_id",
            "destruction_id",
            sqlite_where=text("destruction_id IS NOT NULL"),
            postgresql_where=text("destruction_id IS NOT NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    suite: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32), index=True)
    salt: Mapped[bytes]
    body: Mapped[bytes]
    sealed_at: Mapped[Instant]
    subject: Mapped[str | None] = mapped_column(String(250))
    person_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    context_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    archive_id: Mapped[int | None]
    destruction_id: Mapped[int | None]


guard(EvidenceRecord.__table__, sqlite=record_guards.SQLITE, postgresql=record_guards.POSTGRESQL)


class EvidenceEntry(Base):
    """The log entry of a record: the bytes that go into the log, their leaf hash, and where it stands in the log.

    The id orders entries as they were written, with gaps; ``log_index`` is given once, without gaps, by the sequencer.
    """

    __tablename__ = "evidence_entry"
    __table_args__ = (
        CheckConstraint("length(entry) BETWEEN 1 AND 65535", name="size"),
        CheckConstraint("length(leaf_hash) = 64", name="leaf_hash"),
        Index("uq_evidence_entry_log_index", "log_index", unique=True),
        Index(
            "ix_evidence_entry_waiting",
            "id",
            sqlite_where=text("log_index IS NULL"),
            postgresql_where=text("log_index IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    entry: Mapped[bytes]
    leaf_hash: Mapped[str] = mapped_column(String(64), unique=True)
    log_index: Mapped[int | None]


_NEXT_INDEX = "(SELECT COALESCE(MAX(log_index), -1) + 1 FROM evidence_entry)"
_SAME_ENTRY = " AND ".join(f"NEW.{name} = OLD.{name}" for name in ("id", "record_id", "entry", "leaf_hash"))
_INDEXING = f"(OLD.log_index IS NULL AND NEW.log_index = {_NEXT_INDEX} AND {_SAME_ENTRY})"
guard(
    EvidenceEntry.__table__,
    sqlite=[
        "CREATE TRIGGER evidence_entry_enters_without_index BEFORE INSERT ON evidence_entry "
        "WHEN NEW.log_index IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'evidence_entry: only the sequencer gives an index'); END",
        f"CREATE TRIGGER evidence_entry_no_update BEFORE UPDATE ON evidence_entry WHEN NOT COALESCE({_INDEXING}, 0) "
        "BEGIN SELECT RAISE(ABORT, 'evidence_entry is append-only; it takes the next index of the log once'); END",
        "CREATE TRIGGER evidence_entry_no_delete BEFORE DELETE ON evidence_entry "
        "BEGIN SELECT RAISE(ABORT, 'evidence_entry is append-only'); END",
    ],
    postgresql=[
        "CREATE FUNCTION evidence_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'INSERT' THEN IF NEW.log_index IS NULL THEN RETURN NEW; END IF; "
        f"ELSIF TG_OP = 'UPDATE' THEN IF COALESCE({_INDEXING}, FALSE) THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'evidence_entry is append-only; it takes the next index of the log once' "
        "USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER evidence_entry_no_change BEFORE INSERT OR UPDATE OR DELETE ON evidence_entry "
        "FOR EACH ROW EXECUTE FUNCTION evidence_entry_guard()",
        "CREATE TRIGGER evidence_entry_no_truncate BEFORE TRUNCATE ON evidence_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION evidence_entry_guard()",
    ],
)


class LogTile(Base):
    """One tile of the tree (C2SP tlog-tiles): up to 256 hashes of 32 bytes, concatenated. A partial one only grows."""

    __tablename__ = "log_tile"
    __table_args__ = (
        CheckConstraint(
            "length(hashes) BETWEEN 32 AND 8192 AND (length(hashes) / 32) * 32 = length(hashes)", name="hashes"
        ),
        CheckConstraint("level BETWEEN 0 AND 7 AND number >= 0", name="place"),
    )

    level: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]


_SAME_PLACE = "NEW.level = OLD.level AND NEW.number = OLD.number AND length(NEW.hashes) > length(OLD.hashes)"
guard(
    LogTile.__table__,
    sqlite=[
        "CREATE TRIGGER log_tile_only_grows BEFORE UPDATE ON log_tile "
        f"WHEN NOT ({_SAME_PLACE} AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes) "
        "BEGIN SELECT RAISE(ABORT, 'log_tile only grows'); END",
        "CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile "
        "BEGIN SELECT RAISE(ABORT, 'log_tile only grows'); END",
    ],
    postgresql=[
        "CREATE FUNCTION log_tile_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {_SAME_PLACE} AND substring(NEW.hashes FOR length(OLD.hashes)) = OLD.hashes "
        "THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'log_tile only grows' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER log_tile_only_grows BEFORE UPDATE OR DELETE ON log_tile "
        "FOR EACH ROW EXECUTE FUNCTION log_tile_guard()",
        "CREATE TRIGGER log_tile_no_truncate BEFORE TRUNCATE ON log_tile "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_tile_guard()",
    ],
)


class LogCheckpoint(Base):
    """A signed checkpoint of the log (C2SP tlog-checkpoint), as it was published."""

    __tablename__ = "log_checkpoint"
    __table_args__ = (
        UniqueConstraint("origin", "tree_size"),
        CheckConstraint("tree_size > 0", name="tree_size"),
        CheckConstraint("length(root) = 32", name="root"),
    )

    id: Mapped[PrimaryKey]
    origin: Mapped[str] = mapped_column(String(250))
    tree_size: Mapped[int]
    root: Mapped[bytes]
    note: Mapped[str]
    signed_at: Mapped[Instant]


append_only(LogCheckpoint.__table__)

_BELOW = "EXISTS (SELECT 1 FROM log_checkpoint WHERE origin = NEW.origin AND tree_size >= NEW.tree_size)"
guard(
    LogCheckpoint.__table__,
    sqlite=[
        f"CREATE TRIGGER log_checkpoint_grows BEFORE INSERT ON log_checkpoint WHEN {_BELOW} "
        "BEGIN SELECT RAISE(ABORT, 'log_checkpoint: a later checkpoint was signed already'); END",
    ],
    postgresql=[
        "CREATE FUNCTION log_checkpoint_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_BELOW} THEN RAISE EXCEPTION 'log_checkpoint: a later checkpoint was signed already' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER log_checkpoint_grows BEFORE INSERT ON log_checkpoint "
        "FOR EACH ROW EXECUTE FUNCTION log_checkpoint_grows()",
    ],
)


class LogSequencer(Base):
    """One row. Who holds its lock integrates entries and signs; when that process dies, the next one takes the lock."""

    __tablename__ = "log_sequencer"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[PrimaryKey]
