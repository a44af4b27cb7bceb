"""The table of decisions. What was decided stays; a later decision is another row."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.reviews.rules import STAGES, SUBJECTS, VERDICTS
from config.database import Base, Instant, PrimaryKey, PublicId, append_only, guard
from learning_records.evidence.guarding import needs_record, uuid_text


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


_BOTH_APPROVALS = (
    "NEW.subject_kind = 'claim' AND NEW.verdict = 'approve' AND EXISTS (SELECT 1 FROM review r "
    "WHERE r.subject_kind = 'claim' AND r.verdict = 'approve' AND r.subject_id = NEW.subject_id "
    "AND r.staff_id = NEW.staff_id AND r.stage <> NEW.stage)"
)
_ONE_PERSON = "review: the second approval is somebody else"


class Review(Base):
    """One decision by one person. Nobody approves the same claim twice: the second approval is somebody else's.

    ``relevant`` and ``relevance_why`` are of plans: whether the training belongs to the main business (一(一)).
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(_one_of("subject_kind", SUBJECTS), name="subject_kind"),
        CheckConstraint(_one_of("verdict", VERDICTS), name="verdict"),
        CheckConstraint(_one_of("stage", STAGES), name="stage"),
        Index("ix_review_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[uuid.UUID]
    stage: Mapped[str] = mapped_column(String(10))
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500))
    clause: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    at: Mapped[Instant]
    relevant: Mapped[bool | None]
    relevance_why: Mapped[str | None] = mapped_column(String(500))


append_only(Review.__table__)
guard(
    Review.__table__,
    sqlite=[
        f"CREATE TRIGGER review_two_persons BEFORE INSERT ON review WHEN {_BOTH_APPROVALS} "
        f"BEGIN SELECT RAISE(ABORT, '{_ONE_PERSON}'); END"
    ],
    postgresql=[
        "CREATE FUNCTION review_two_persons_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_BOTH_APPROVALS} THEN RAISE EXCEPTION '{_ONE_PERSON}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER review_two_persons BEFORE INSERT ON review "
        "FOR EACH ROW EXECUTE FUNCTION review_two_persons_refuse()",
    ],
)
needs_record(
    Review.__table__,
    kind="review",
    sqlite_key=uuid_text("NEW.public_id", "sqlite"),
    postgresql_key=uuid_text("NEW.public_id", "postgresql"),
)
