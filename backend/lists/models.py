"""Tables of the lists. A row keeps a digest or an enterprise's code, never an ID number or a person's name."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.lists.rules import KINDS
from config.database import Base, Instant, PrimaryKey, PublicId, decided, guard


class OfficeList(Base):
    """One list as an office gave it. ``as_of_on`` is the day it describes. A list taken in by mistake is withdrawn; the rows of
    one that a newer replaced are forgotten in time, while the file's digest stays."""

    __tablename__ = "office_list"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        CheckConstraint("row_count > 0", name="row_count"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_why IS NULL)",
            name="withdrawn",
        ),
        Index("ix_office_list_kind_office", "kind", "office"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(20))
    office: Mapped[str] = mapped_column(String(50))
    as_of_on: Mapped[date]
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    taken_at: Mapped[Instant]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str | None] = mapped_column(String(500))
    forgotten_at: Mapped[datetime | None]


class ListEntry(Base):
    """One row. ``subject`` is a person's blind index or an enterprise's USCC; ``shown`` a masked ID number or a name of an
    enterprise; ``uscc`` the employer or payee that a row about a person names."""

    __tablename__ = "list_entry"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint("until_on >= from_on", name="period"),
        Index("ix_list_entry_list_id_subject", "list_id", "subject"),
    )

    id: Mapped[PrimaryKey]
    list_id: Mapped[int] = mapped_column(ForeignKey("office_list.id"))
    excel_row: Mapped[int]
    subject: Mapped[str] = mapped_column(String(64))
    shown: Mapped[str] = mapped_column(String(100))
    uscc: Mapped[str | None] = mapped_column(String(18))
    note: Mapped[str] = mapped_column(String(200))
    amount_fen: Mapped[int | None]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


decided(
    OfficeList.__table__,
    columns=("kind", "office", "as_of_on", "file_name", "sha256", "row_count", "taken_by_id", "taken_at"),
)
_AGAIN = (
    "(OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at)) OR "
    "(OLD.forgotten_at IS NOT NULL AND NEW.forgotten_at IS NULL)"
)
_STAYS = "office_list: what was withdrawn or forgotten stays so"
_EDITED = "list_entry: a row of a list is not edited"
_KEPT = "list_entry: rows go only with a list that was forgotten"
_IS_KEPT = "EXISTS (SELECT 1 FROM office_list l WHERE l.id = OLD.list_id AND l.forgotten_at IS NULL)"
guard(
    OfficeList.__table__,
    sqlite=[
        f"CREATE TRIGGER office_list_stays BEFORE UPDATE ON office_list WHEN {_AGAIN} "
        f"BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END"
    ],
    postgresql=[
        "CREATE FUNCTION office_list_stays_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_STAYS}' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER office_list_stays BEFORE UPDATE ON office_list "
        f"FOR EACH ROW WHEN ({_AGAIN}) EXECUTE FUNCTION office_list_stays_refuse()",
    ],
)
guard(
    ListEntry.__table__,
    sqlite=[
        f"CREATE TRIGGER list_entry_no_update BEFORE UPDATE ON list_entry BEGIN SELECT RAISE(ABORT, '{_EDITED}'); END",
        f"CREATE TRIGGER list_entry_kept BEFORE DELETE ON list_entry WHEN {_IS_KEPT} "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    ],
    postgresql=[
        "CREATE FUNCTION list_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN RAISE EXCEPTION '{_EDITED}' USING ERRCODE = 'restrict_violation'; END IF; "
        f"IF {_IS_KEPT} THEN RAISE EXCEPTION '{_KEPT}' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN OLD; END $$",
        "CREATE TRIGGER list_entry_kept BEFORE UPDATE OR DELETE ON list_entry "
        "FOR EACH ROW EXECUTE FUNCTION list_entry_guard()",
    ],
)
