"""Tables of enterprises. Personal fields of a roster are AES-GCM ciphertexts; the ID number has a keyed blind index."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.enterprises.rules import KINDS, RELATIONS
from config.database import Base, Instant, Json, PrimaryKey, PublicId, guard


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Enterprise(Base):
    """A company that may train its people. ``uscc_confirmed_by_id`` is the person who stood in for a failed check digit;
    ``affected_declared_at`` is when the agent declared that the epidemic hit it (domain reference A19)."""

    __tablename__ = "enterprise"
    __table_args__ = (CheckConstraint(_one_of("kind", KINDS), name="kind"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(100))
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    uscc_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    business_scope: Mapped[str] = mapped_column(String(2000))
    district_code: Mapped[str] = mapped_column(String(6))
    affected_declared_at: Mapped[datetime | None]
    created_at: Mapped[Instant]


class EnterpriseAgent(Base):
    """A staff account that acts for an enterprise."""

    __tablename__ = "enterprise_agent"
    __table_args__ = (UniqueConstraint("staff_account_id", "enterprise_id"),)

    id: Mapped[PrimaryKey]
    staff_account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    created_at: Mapped[Instant]


class RosterEntry(Base):
    """A person an enterprise says works for it. ``worker_id`` stays empty until that person joins from a phone.

    A personal field whose time is over is an empty ciphertext; ``erased_at`` says that none is kept any more.
    """

    __tablename__ = "roster_entry"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "id_number_index"),
        CheckConstraint(_one_of("relation", RELATIONS), name="relation"),
        Index("ix_roster_entry_enterprise_id_worker_id", "enterprise_id", "worker_id", unique=True),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    id_number_index: Mapped[str] = mapped_column(String(64), index=True)
    name_encrypted: Mapped[bytes]
    id_number_encrypted: Mapped[bytes]
    phone_encrypted: Mapped[bytes]
    relation: Mapped[str] = mapped_column(String(20))
    hired_on: Mapped[date]
    position: Mapped[str] = mapped_column(String(50))
    flags: Mapped[Json]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    erased_at: Mapped[datetime | None]


_NAME_GOES = "length(OLD.id_number_encrypted) > 0 AND length(NEW.id_number_encrypted) = 0"
_NAME_NEEDED = "EXISTS (SELECT 1 FROM worker w WHERE w.id = OLD.worker_id AND w.id_number_index IS NOT NULL)"
_NAME_STAYS = "roster_entry: the account of this person still has the identity"
guard(
    RosterEntry.__table__,
    sqlite=[
        "CREATE TRIGGER roster_entry_identity_needed BEFORE UPDATE OF id_number_encrypted ON roster_entry "
        f"WHEN {_NAME_GOES} AND {_NAME_NEEDED} BEGIN SELECT RAISE(ABORT, '{_NAME_STAYS}'); END"
    ],
    postgresql=[
        "CREATE FUNCTION roster_entry_identity_needed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_NAME_GOES} AND {_NAME_NEEDED} THEN RAISE EXCEPTION '{_NAME_STAYS}' "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER roster_entry_identity_needed BEFORE UPDATE OF id_number_encrypted ON roster_entry "
        "FOR EACH ROW EXECUTE FUNCTION roster_entry_identity_needed()",
    ],
)
