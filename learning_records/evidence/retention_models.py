"""Legal holds, destructions and archives. What may happen to the records themselves stands in ``record_guards``."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, guard


class LegalHold(Base):
    """Evidence of a person, of a context or of everything must stay, whatever its age, until the hold is lifted.

    Placing and lifting are sealed; who did it is written as in the audit trail (``staff:<public id>``).
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint(
            "(scope = 'person' AND person_ref IS NOT NULL AND context_ref IS NULL) OR "
            "(scope = 'context' AND context_ref IS NOT NULL AND person_ref IS NULL) OR "
            "(scope = 'all' AND person_ref IS NULL AND context_ref IS NULL)",
            name="scope",
        ),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(lifted_at IS NULL AND lifted_by IS NULL AND lift_reason IS NULL AND lifted_record_id IS NULL) OR "
            "(lifted_at IS NOT NULL AND lifted_by IS NOT NULL AND lift_reason <> '' AND lifted_record_id IS NOT NULL)",
            name="lifted",
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    scope: Mapped[str] = mapped_column(String(8))
    person_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    context_ref: Mapped[uuid.UUID | None] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(String(500))
    placed_by: Mapped[str] = mapped_column(String(100))
    placed_at: Mapped[Instant]
    evidence_record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(100))
    lift_reason: Mapped[str | None] = mapped_column(String(500))
    lifted_record_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_record.id"), unique=True)


class Destruction(Base):
    """Bodies that were erased together, and by whom. The sealed record holds the list of them: the certificate.

    ``files_removed_at``: when the files of its attachments and of archives with nothing left in them were removed.
    """

    __tablename__ = "destruction"
    __table_args__ = (
        CheckConstraint("proposed_by <> approved_by", name="two_persons"),
        CheckConstraint("reason <> '' AND clause <> ''", name="reason"),
        CheckConstraint("record_count > 0", name="record_count"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    clause: Mapped[str] = mapped_column(String(50))
    reason: Mapped[str] = mapped_column(String(500))
    proposed_by: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str] = mapped_column(String(100))
    destroyed_at: Mapped[Instant]
    record_count: Mapped[int]
    evidence_record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    files_removed_at: Mapped[datetime | None]


class EvidenceArchive(Base):
    """A file of bodies of one local month, kept under its SHA-256, which is sealed. Made under a signed checkpoint.

    ``first_index`` to ``last_index`` are the places of its records in the log; ``destroyed_at`` is when the last body in it
    had been erased, so that the file was of no use any more.
    """

    __tablename__ = "evidence_archive"
    __table_args__ = (
        CheckConstraint("length(month) = 7", name="month"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("record_count > 0 AND size_bytes > 0", name="amounts"),
        CheckConstraint("first_index <= last_index AND last_index < tree_size", name="places"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    month: Mapped[str] = mapped_column(String(7), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size_bytes: Mapped[int]
    record_count: Mapped[int]
    first_index: Mapped[int]
    last_index: Mapped[int]
    tree_size: Mapped[int]
    evidence_record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    made_at: Mapped[Instant]
    destroyed_at: Mapped[datetime | None]


_SEALED = "EXISTS (SELECT 1 FROM evidence_record r WHERE r.id = NEW.CITED AND r.kind = 'KIND')"


def _changes_once(
    model: type[Base], *, sealed_as: str, enters: str, fills: str, when: str, why: str, turn: str = ""
) -> None:
    """Rows enter with the sealed record that ``evidence_record_id`` names, of kind ``sealed_as``, and where ``enters`` holds;
    the columns ``fills`` (the first says whether) are filled once, where ``when`` holds. Nothing else changes, nothing is
    deleted. ``turn``: what PostgreSQL does first, so that inserts take turns."""
    table, name = model.__table__, model.__tablename__
    filled = fills.split()
    others = [column.name for column in table.columns if column.name not in filled]
    open_still = " AND ".join(f"NEW.{column} IS NULL" for column in filled)
    sealed = _SEALED.replace("CITED", "evidence_record_id").replace("KIND", sealed_as)
    entering = f"{open_still} AND {sealed} AND {enters}"

    def filling(is_same: str) -> str:
        same = " AND ".join(f"NEW.{column} {is_same} OLD.{column}" for column in others)
        return f"OLD.{filled[0]} IS NULL AND NEW.{filled[0]} IS NOT NULL AND {when} AND {same}"

    refusal = f"{name}: {why}"
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {name}_enters BEFORE INSERT ON {name} WHEN NOT COALESCE({entering}, 0) "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} WHEN NOT COALESCE({filling('IS')}, 0) "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        ],
        postgresql=[
            f"CREATE FUNCTION {name}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'INSERT' THEN {turn}IF COALESCE({entering}, FALSE) THEN RETURN NEW; END IF; "
            f"ELSIF TG_OP = 'UPDATE' THEN IF COALESCE({filling('IS NOT DISTINCT FROM')}, FALSE) THEN RETURN NEW; END IF; "
            f"END IF; RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$",
            f"CREATE TRIGGER {name}_no_change BEFORE INSERT OR UPDATE OR DELETE ON {name} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}_guard()",
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_guard()",
        ],
    )


# A hold and a destruction take turns, so that no destruction overlooks a hold that is being placed beside it.
_TURN = "PERFORM pg_advisory_xact_lock(20201001); "

_changes_once(
    LegalHold,
    sealed_as="legal_hold",
    enters="TRUE",
    fills="lifted_at lifted_by lift_reason lifted_record_id",
    when=_SEALED.replace("CITED", "lifted_record_id").replace("KIND", "legal_hold"),
    why="a hold is placed with its record, lifted once with another, and never changed",
    turn=_TURN,
)
_changes_once(
    Destruction,
    sealed_as="destruction",
    enters="EXISTS (SELECT 1 FROM evidence_record r WHERE r.id = NEW.evidence_record_id AND r.sealed_at = NEW.destroyed_at)",
    fills="files_removed_at",
    when="TRUE",
    why="a destruction enters with its certificate and stays as it is",
    turn=_TURN,
)
_changes_once(
    EvidenceArchive,
    sealed_as="archive",
    enters="EXISTS (SELECT 1 FROM log_checkpoint c WHERE c.tree_size = NEW.tree_size)",
    fills="destroyed_at",
    when="NOT EXISTS (SELECT 1 FROM evidence_record r WHERE r.archive_id = OLD.id AND r.destruction_id IS NULL)",
    why="an archive is made under a signed checkpoint and kept while a body in it is kept",
)
