"""Tables of quiz attempts. A closed attempt never changes; what was asked never changes at all."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, append_only, guard


class QuizAttempt(Base):
    """One attempt of a worker at a subject (a class or a course). ``answers`` holds the letters chosen, by question."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("worker_id", "subject_ref", "number"),
        CheckConstraint("status IN ('open', 'submitted', 'expired')", name="status"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("(status = 'open') = (score IS NULL) AND (status = 'open') = (passed IS NULL)", name="graded"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("deadline_at > opened_at AND number >= 1", name="sane"),
        CheckConstraint("pass_mark BETWEEN 1 AND 100", name="pass_mark"),
        CheckConstraint("status <> 'submitted' OR closed_at <= deadline_at", name="in_time"),
        CheckConstraint("NOT passed OR (status = 'submitted' AND score >= pass_mark)", name="passed"),
        Index(
            "uq_quiz_attempt_one_open",
            "worker_id",
            "subject_ref",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_quiz_attempt_open_deadline", "status", "deadline_at"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    subject_ref: Mapped[uuid.UUID]
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[Instant]
    deadline_at: Mapped[Instant]
    closed_at: Mapped[datetime | None]
    question_count: Mapped[int]
    time_limit_seconds: Mapped[int]
    pass_mark: Mapped[int]
    resits: Mapped[int]
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    score: Mapped[int | None]
    passed: Mapped[bool | None]


class QuizItem(Base):
    """A question asked in an attempt, with the order in which its options were shown."""

    __tablename__ = "quiz_item"
    __table_args__ = (UniqueConstraint("attempt_id", "position"), UniqueConstraint("attempt_id", "question_id"))

    id: Mapped[PrimaryKey]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), index=True)
    position: Mapped[int]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    option_order: Mapped[list[Any]]


append_only(QuizItem.__table__)
guard(
    QuizAttempt.__table__,
    sqlite=[
        "CREATE TRIGGER quiz_attempt_closed BEFORE UPDATE ON quiz_attempt WHEN OLD.status <> 'open' "
        "BEGIN SELECT RAISE(ABORT, 'a closed quiz_attempt is append-only'); END",
        "CREATE TRIGGER quiz_attempt_no_delete BEFORE DELETE ON quiz_attempt "
        "BEGIN SELECT RAISE(ABORT, 'quiz_attempt is append-only'); END",
    ],
    postgresql=[
        "CREATE FUNCTION quiz_attempt_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' AND OLD.status = 'open' THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'quiz_attempt is append-only' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER quiz_attempt_closed BEFORE UPDATE OR DELETE ON quiz_attempt "
        "FOR EACH ROW EXECUTE FUNCTION quiz_attempt_closed()",
        "CREATE FUNCTION quiz_attempt_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'quiz_attempt is append-only' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER quiz_attempt_no_truncate BEFORE TRUNCATE ON quiz_attempt "
        "FOR EACH STATEMENT EXECUTE FUNCTION quiz_attempt_no_truncate()",
    ],
)
