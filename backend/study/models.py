"""Tables of the study desk. All are append-only: what was banked and decided is never edited."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, append_only, decided, guard
from learning_records.evidence.guarding import needs_record, uuid_text


class BankedEvidence(Base):
    """One session, quiz attempt or decided appeal that was sealed and banked, once. Seconds are those deposited.

    ``filed``: the plan of the class was approved before the session opened (or the quiz began), so it is claimable (三).
    """

    __tablename__ = "banked_evidence"
    __table_args__ = (
        CheckConstraint("source_kind IN ('session', 'quiz', 'appeal')", name="source_kind"),
        CheckConstraint("learned_seconds >= 0 AND claimable_seconds >= 0", name="seconds"),
        CheckConstraint("filed OR claimable_seconds = 0", name="filed_before_training"),
        Index("uq_banked_evidence_source", "source_kind", "source_ref", unique=True),
    )

    id: Mapped[PrimaryKey]
    source_kind: Mapped[str] = mapped_column(String(8))
    source_ref: Mapped[uuid.UUID]
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    context_ref: Mapped[uuid.UUID | None]
    filed: Mapped[bool]
    evidence_record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    learned_seconds: Mapped[int]
    claimable_seconds: Mapped[int]
    banked_at: Mapped[Instant]


append_only(BankedEvidence.__table__)


class BankedImport(Base):
    """One record of another platform that was sealed and banked, once by the platform's own id. Seconds are those deposited.

    ``content_digest`` is keyed: it tells the same row from another under the same id, and nobody who is meant.
    ``happened_at`` is when it began; of a day without intervals, its local midnight.
    """

    __tablename__ = "banked_import"
    __table_args__ = (
        CheckConstraint("grade IN ('imported', 'attested')", name="grade"),
        CheckConstraint("learned_seconds > 0", name="learned_seconds"),
        # Remainders are carried apart, so one record may round up under its check-in where it rounds down in all.
        CheckConstraint("claimable_seconds BETWEEN 0 AND learned_seconds + 1", name="claimable_seconds"),
        UniqueConstraint("platform_id", "external_id"),
        Index("ix_banked_import_context_ref_happened_at", "context_ref", "happened_at"),
    )

    id: Mapped[PrimaryKey]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    external_id: Mapped[str] = mapped_column(String(100))
    grade: Mapped[str] = mapped_column(String(8))
    content_digest: Mapped[str] = mapped_column(String(64))
    batch_ref: Mapped[uuid.UUID] = mapped_column(index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    context_ref: Mapped[uuid.UUID]
    course: Mapped[str] = mapped_column(String(200))
    lesson: Mapped[str] = mapped_column(String(200))
    happened_at: Mapped[Instant]
    evidence_record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    learned_seconds: Mapped[int]
    claimable_seconds: Mapped[int]
    banked_at: Mapped[Instant]


append_only(BankedImport.__table__)
_SEALED = (
    "EXISTS (SELECT 1 FROM evidence_record r JOIN platform p ON p.id = NEW.platform_id WHERE r.id = NEW.evidence_record_id "
    "AND r.kind = CASE NEW.grade WHEN 'imported' THEN 'import' ELSE 'attested' END "
    "AND r.subject = 'import:' || p.code || ':' || NEW.external_id)"
)
guard(
    BankedImport.__table__,
    sqlite=[
        f"CREATE TRIGGER banked_import_sealed BEFORE INSERT ON banked_import WHEN NOT {_SEALED} "
        "BEGIN SELECT RAISE(ABORT, 'banked_import: it cites the record that was sealed of it'); END"
    ],
    postgresql=[
        "CREATE FUNCTION banked_import_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT {_SEALED} THEN RAISE EXCEPTION 'banked_import: it cites the record that was sealed of it' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER banked_import_sealed BEFORE INSERT ON banked_import "
        "FOR EACH ROW EXECUTE FUNCTION banked_import_sealed()",
    ],
)


class AppealCase(Base):
    """An appeal at the desk, with the local day by which it is answered."""

    __tablename__ = "appeal_case"

    id: Mapped[PrimaryKey]
    appeal_ref: Mapped[uuid.UUID] = mapped_column(unique=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    session_ref: Mapped[uuid.UUID]
    answer_due_on: Mapped[date]
    opened_at: Mapped[Instant]


append_only(AppealCase.__table__)


class AppealDecision(Base):
    """The answer to an appeal, with the evidence record that holds it."""

    __tablename__ = "appeal_decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('upheld', 'refused')", name="outcome"),
        CheckConstraint("granted_seconds >= 0 AND (outcome = 'upheld' OR granted_seconds = 0)", name="granted"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[PrimaryKey]
    case_id: Mapped[int] = mapped_column(ForeignKey("appeal_case.id"), unique=True)
    outcome: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(500))
    decided_by: Mapped[uuid.UUID]
    granted_seconds: Mapped[int]
    evidence_record_id: Mapped[int] = mapped_column(ForeignKey("evidence_record.id"), unique=True)
    decided_at: Mapped[Instant]


append_only(AppealDecision.__table__)


class ReportIssue(Base):
    """An hour report that was given out: its number, the code in its QR, what it adds up to, the SHA-256 of its
    rows, and of each of its files, under which they are kept as they were given out. A withdrawn report stays, and says so."""

    __tablename__ = "report_issue"
    __table_args__ = (
        CheckConstraint("length(code) = 32", name="code"),
        CheckConstraint("row_count > 0 AND people > 0", name="counts"),
        CheckConstraint("claimable_seconds >= 0 AND learned_seconds >= 0", name="seconds"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    enterprise_name: Mapped[str] = mapped_column(String(100))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    row_count: Mapped[int]
    people: Mapped[int]
    claimable_seconds: Mapped[int]
    learned_seconds: Mapped[int]
    rows_sha256: Mapped[str] = mapped_column(String(64))
    pdf_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    xlsx_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    csv_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    json_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[Instant]
    issued_by: Mapped[str] = mapped_column(String(100))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(500))


decided(
    ReportIssue.__table__,
    columns=[
        "public_id", "number", "code", "enterprise_id", "enterprise_name", "starts_on", "ends_on", "row_count", "people",
        "claimable_seconds", "learned_seconds", "rows_sha256", "pdf_sha256", "xlsx_sha256", "csv_sha256", "json_sha256",
        "issued_at", "issued_by",
    ],
)  # fmt: skip
needs_record(
    ReportIssue.__table__,
    kind="report",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)
guard(
    ReportIssue.__table__,
    sqlite=[
        "CREATE TRIGGER report_issue_withdrawn BEFORE UPDATE OF withdrawn_at, withdrawn_reason ON report_issue "
        "WHEN OLD.withdrawn_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'report_issue: withdrawn is withdrawn'); END",
    ],
    postgresql=[
        "CREATE FUNCTION report_issue_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'report_issue: withdrawn is withdrawn' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER report_issue_withdrawn BEFORE UPDATE OF withdrawn_at, withdrawn_reason ON report_issue "
        "FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION report_issue_withdrawn()",
    ],
)
