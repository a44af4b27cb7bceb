"""Tables of what came in from other platforms: batches with their progress, a verdict for each row, keys platforms sign with.

What a row brought stands in ``banked_import`` (study); here is what was said of every row, refused ones too.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.imports.rules import VERDICT_WORDS
from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class SigningKey(Base):
    """An Ed25519 public key with which a platform signs its statements. Ended, never edited."""

    __tablename__ = "platform_signing_key"
    __table_args__ = (CheckConstraint("length(public_key) = 32", name="public_key"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    registered_by: Mapped[str] = mapped_column(String(100))
    registered_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]


decided(SigningKey.__table__, columns=["public_id", "platform_id", "public_key", "registered_by", "registered_at"])


class ImportBatch(Base):
    """Rows that came in together, by a platform's call or as an agent's table, for one class.

    ``layout`` is where the table stands in its file (None for a call). ``last_number`` is the number of the last row judged:
    after a crash reading goes on behind it. Finished, one way or the other, it is sealed.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(_one_of("source", ("call", "table")), name="source"),
        CheckConstraint("(source = 'table') = (layout IS NOT NULL)", name="layout"),
        CheckConstraint(_one_of("status", ("waiting", "done", "failed")), name="status"),
        CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name="finished"),
        CheckConstraint("(status = 'waiting') = (evidence_record_id IS NULL)", name="sealed"),
        CheckConstraint("(status = 'failed') = (failure <> '')", name="failure"),
        CheckConstraint("rows_taken >= 0 AND rows_same >= 0 AND rows_refused >= 0", name="rows"),
        CheckConstraint("learned_seconds >= 0 AND claimable_seconds >= 0", name="seconds"),
        CheckConstraint("(signing_key_id IS NULL) = (signature IS NULL)", name="signed"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    class_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str] = mapped_column(String(100))
    file_sha256: Mapped[str] = mapped_column(String(64))
    layout: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    signing_key_id: Mapped[int | None] = mapped_column(ForeignKey("platform_signing_key.id"), index=True)
    signature: Mapped[bytes | None]
    received_by: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[Instant]
    status: Mapped[str] = mapped_column(String(8), index=True)
    failure: Mapped[str] = mapped_column(String(500), default="")
    finished_at: Mapped[datetime | None]
    rows_expected: Mapped[int]
    last_number: Mapped[int] = mapped_column(default=0)
    rows_taken: Mapped[int] = mapped_column(default=0)
    rows_same: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    learned_seconds: Mapped[int] = mapped_column(default=0)
    claimable_seconds: Mapped[int] = mapped_column(default=0)
    evidence_record_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_record.id"), unique=True)

    @property
    def rows_read(self) -> int:
        """How many rows have a verdict."""
        return self.rows_taken + self.rows_same + self.rows_refused


allowed_moves(ImportBatch.__table__, first=["waiting"], moves=[("waiting", "done"), ("waiting", "failed")])
_GIVEN = ("public_id", "platform_id", "enterprise_id", "class_ref", "source", "file_name", "file_sha256", "layout")
_RECEIVED = ("signing_key_id", "signature", "received_by", "received_at")
decided(ImportBatch.__table__, columns=[*_GIVEN, *_RECEIVED])
guard(
    ImportBatch.__table__,
    sqlite=[
        "CREATE TRIGGER import_batch_finished BEFORE UPDATE ON import_batch "
        "WHEN OLD.status <> 'waiting' OR NEW.last_number < OLD.last_number "
        "BEGIN SELECT RAISE(ABORT, 'import_batch: what is finished stays, what is judged is not judged again'); END"
    ],
    postgresql=[
        "CREATE FUNCTION import_batch_finished() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.status <> 'waiting' OR NEW.last_number < OLD.last_number THEN RAISE EXCEPTION "
        "'import_batch: what is finished stays, what is judged is not judged again' "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER import_batch_finished BEFORE UPDATE ON import_batch "
        "FOR EACH ROW EXECUTE FUNCTION import_batch_finished()",
    ],
)


class ImportVerdict(Base):
    """What became of one row of a batch, by its number in the file (or in the call, from 1). Holds no name, no ID number."""

    __tablename__ = "import_verdict"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        CheckConstraint(_one_of("verdict", tuple(VERDICT_WORDS)), name="verdict"),
        CheckConstraint("(verdict = 'refused') = (banked_import_id IS NULL)", name="taken_is_banked"),
        CheckConstraint("counted_seconds >= 0 AND claimable_seconds >= 0 AND overlap_seconds >= 0", name="seconds"),
        CheckConstraint("verdict = 'taken' OR (counted_seconds = 0 AND claimable_seconds = 0)", name="counted"),
    )

    id: Mapped[PrimaryKey]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    number: Mapped[int]
    external_id: Mapped[str] = mapped_column(String(100))
    verdict: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(1000))
    counted_seconds: Mapped[int]
    claimable_seconds: Mapped[int]
    overlap_seconds: Mapped[int]
    banked_import_id: Mapped[int | None] = mapped_column(ForeignKey("banked_import.id"), index=True)


append_only(ImportVerdict.__table__)
