"""Attachments: what the log knows of a kept file. The bytes are in the file store, under their SHA-256."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, guard
from learning_records.evidence.guarding import uuid_text

KIND = "attachment"


class Attachment(Base):
    """A file somebody must keep. It enters with the sealed record that says the same and never changes.

    ``context_ref`` is what it belongs to (a class, an import), ``owner_ref`` whose it is, ``kind`` as what it was handed in.
    The name alone goes, once: when the body of its record has been erased, because names of files name people.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("uq_attachment_file", "context_ref", "owner_ref", "kind", "sha256", unique=True),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("size_bytes > 0", name="size_bytes"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    context_ref: Mapped[uuid.UUID]
    owner_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    uploaded_by: Mapped[str] = mapped_column(String(100))
    uploaded_at: Mapped[Instant]


_TABLE = Attachment.__table__
_SAME = " AND ".join(f"NEW.{column.name} = OLD.{column.name}" for column in _TABLE.columns if column.name != "name")
_REFUSAL = "attachment: it enters with its record and stays as it is"


_ENTERS = (
    "NEW.name <> '' AND EXISTS (SELECT 1 FROM evidence_record r WHERE r.id = NEW.record_id "
    "AND r.kind = 'attachment' AND r.context_ref = NEW.context_ref AND r.subject = 'attachment:' || PUBLIC_ID)"
)
_ERASED = (
    "EXISTS (SELECT 1 FROM evidence_record r WHERE r.id = OLD.record_id AND length(r.body) = 0 AND r.salt = NO_SALT)"
)
_FORGETS = f"OLD.name <> '' AND NEW.name = '' AND {_SAME} AND {_ERASED}"


def _enters(dialect: str) -> str:
    return _ENTERS.replace("PUBLIC_ID", uuid_text("NEW.public_id", dialect))


def _forgets(dialect: str) -> str:
    return _FORGETS.replace("NO_SALT", "zeroblob(32)" if dialect == "sqlite" else "decode(repeat('00', 32), 'hex')")


guard(
    _TABLE,
    sqlite=[
        f"CREATE TRIGGER attachment_enters BEFORE INSERT ON attachment WHEN NOT COALESCE({_enters('sqlite')}, 0) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
        "CREATE TRIGGER attachment_no_update BEFORE UPDATE ON attachment "
        f"WHEN NOT COALESCE({_forgets('sqlite')}, 0) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
        f"CREATE TRIGGER attachment_no_delete BEFORE DELETE ON attachment BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    ],
    postgresql=[
        "CREATE FUNCTION attachment_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN IF COALESCE({_enters('postgresql')}, FALSE) THEN RETURN NEW; END IF; "
        "ELSIF TG_OP = 'UPDATE' THEN "
        f"IF COALESCE({_forgets('postgresql')}, FALSE) THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER attachment_no_change BEFORE INSERT OR UPDATE OR DELETE ON attachment "
        "FOR EACH ROW EXECUTE FUNCTION attachment_guard()",
        "CREATE TRIGGER attachment_no_truncate BEFORE TRUNCATE ON attachment "
        "FOR EACH STATEMENT EXECUTE FUNCTION attachment_guard()",
    ],
)
