"""Tables of platforms and their directory. Batches are dated and append-only: what stood in it on a day stays known."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.platforms.rules import KINDS
from config.database import Base, Instant, PrimaryKey, PublicId, append_only, guard

_KINDS = ", ".join(repr(kind) for kind in KINDS)


class Platform(Base):
    """A system that records arrive from. Being in the directory is another matter: that is only a reference (一(二))."""

    __tablename__ = "platform"
    __table_args__ = (CheckConstraint(f"kind IN ({_KINDS})", name="kind"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    registered_at: Mapped[Instant]


append_only(Platform.__table__)


class DirectoryBatch(Base):
    """A batch of the directory (分批发布). The first has no day of its own where nobody knows it: policy says from when."""

    __tablename__ = "directory_batch"
    __table_args__ = (
        CheckConstraint("number > 0 AND entry_count > 0", name="amounts"),
        CheckConstraint("number = 1 OR published_on IS NOT NULL", name="dated"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    number: Mapped[int] = mapped_column(unique=True)
    published_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(500))
    entry_count: Mapped[int]
    published_by: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[Instant]

    entries: Mapped[list[DirectoryEntry]] = relationship(order_by="DirectoryEntry.position")


class DirectoryEntry(Base):
    """How one platform stands in the directory from its batch on."""

    __tablename__ = "directory_entry"
    __table_args__ = (
        UniqueConstraint("batch_id", "platform_id"),
        UniqueConstraint("batch_id", "position"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    )

    id: Mapped[PrimaryKey]
    batch_id: Mapped[int] = mapped_column(ForeignKey("directory_batch.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    other_names: Mapped[list[Any]]
    address: Mapped[str | None] = mapped_column(String(200))
    mobile_address: Mapped[str | None] = mapped_column(String(200))
    withdrawn: Mapped[bool]

    platform: Mapped[Platform] = relationship(lazy="joined", innerjoin=True)


append_only(DirectoryBatch.__table__)
append_only(DirectoryEntry.__table__)

# A published batch is whole: nothing is slipped into it later.
_WHOLE = (
    "(SELECT COUNT(*) FROM directory_entry WHERE batch_id = NEW.batch_id) > "
    "(SELECT entry_count FROM directory_batch WHERE id = NEW.batch_id)"
)
guard(
    DirectoryEntry.__table__,
    sqlite=[
        f"CREATE TRIGGER directory_entry_of_whole_batch AFTER INSERT ON directory_entry WHEN {_WHOLE} "
        "BEGIN SELECT RAISE(ABORT, 'this batch of the directory is whole'); END"
    ],
    postgresql=[
        "CREATE FUNCTION directory_entry_of_whole_batch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_WHOLE} THEN RAISE EXCEPTION 'this batch of the directory is whole' "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER directory_entry_of_whole_batch AFTER INSERT ON directory_entry "
        "FOR EACH ROW EXECUTE FUNCTION directory_entry_of_whole_batch()",
    ],
)
