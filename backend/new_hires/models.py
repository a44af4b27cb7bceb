"""Tables of the advance for new hires: applications and their lines, training logs, and the checks afterwards."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.new_hires import guards
from backend.new_hires.rules import ANSWERS, COUNTED_STATUSES, FORMS, LINE_WORDS, OUTCOMES, PAID_STATUSES, STATUS_WORDS
from config.database import Base, Instant, PrimaryKey, PublicId


def _one_of(column: str, values: object) -> str:
    assert isinstance(values, (tuple, dict))
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


_COUNTED = text(_one_of("status", COUNTED_STATUSES))


class NewHireApplication(Base):
    """An enterprise's application for some of its new hires. A draft may be changed; afterwards only the status moves.

    ``total_fen`` is what was asked for, ``granted_fen`` what the lines left at the second approval come to.
    """

    __tablename__ = "new_hire_application"
    __table_args__ = (
        CheckConstraint(_one_of("status", STATUS_WORDS), name="status"),
        CheckConstraint("total_fen >= 0", name="total_fen"),
        CheckConstraint("first_reviewer_id <> second_reviewer_id", name="two_persons"),
        CheckConstraint(
            "status <> 'approved' OR (first_reviewer_id IS NOT NULL AND second_reviewer_id IS NOT NULL "
            "AND approved_at IS NOT NULL)",
            name="approved_by_two",
        ),
        CheckConstraint("(status = 'approved') = (granted_fen IS NOT NULL)", name="granted"),
        CheckConstraint(
            "(status IN ('draft', 'withdrawn')) OR (submitted_at IS NOT NULL AND promise_sha256 IS NOT NULL)",
            name="submitted",
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    status: Mapped[str] = mapped_column(String(10), index=True)
    policy_id: Mapped[str] = mapped_column(String(50))
    policy_version: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None]
    promise_version: Mapped[str | None] = mapped_column(String(20))
    promise_sha256: Mapped[str | None] = mapped_column(String(64))
    total_fen: Mapped[int]
    granted_fen: Mapped[int | None]
    first_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    second_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    approved_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(String(500))
    decision_clause: Mapped[str] = mapped_column(String(10))

    lines: Mapped[list[NewHireLine]] = relationship(back_populates="application", order_by="NewHireLine.id")


class NewHireLine(Base):
    """One new hire. ``person_index`` is the blind index of the ID number, so that nobody is counted twice anywhere.

    What the enterprise says stands beside what was decided of it; ``contents`` are tags with a space between them.
    """

    __tablename__ = "new_hire_line"
    __table_args__ = (
        UniqueConstraint("application_id", "roster_entry_id"),
        Index("uq_new_hire_line_person", "person_index", unique=True, sqlite_where=_COUNTED, postgresql_where=_COUNTED),
        CheckConstraint(_one_of("status", LINE_WORDS), name="status"),
        CheckConstraint(_one_of("form", FORMS), name="form"),
        CheckConstraint("(form = 'mentor') = (mentor_entry_id IS NOT NULL)", name="mentor"),
        CheckConstraint("mentor_entry_id <> roster_entry_id", name="mentor_is_another"),
        CheckConstraint("amount_fen >= 0 AND other_subsidy_fen >= 0", name="amount_fen"),
        CheckConstraint("(status IN ('draft', 'refused')) = (amount_fen = 0)", name="granted"),
        CheckConstraint("(status = 'draft') = (decision IS NULL)", name="decided"),
        CheckConstraint(
            f"({_one_of('status', PAID_STATUSES)}) = (paid_at IS NOT NULL AND training_due_on IS NOT NULL)", name="paid"
        ),
        CheckConstraint("paid_at IS NULL OR payable_at IS NOT NULL", name="payable_first"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    application_id: Mapped[int] = mapped_column(ForeignKey("new_hire_application.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    roster_entry_id: Mapped[int] = mapped_column(ForeignKey("roster_entry.id"), index=True)
    mentor_entry_id: Mapped[int | None] = mapped_column(ForeignKey("roster_entry.id"), index=True)
    person_index: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(10), index=True)
    hired_on: Mapped[date]
    contract_on: Mapped[date | None]
    contract_renewed: Mapped[bool]
    hire_registered: Mapped[bool]
    insured_on: Mapped[date | None]
    left_on: Mapped[date | None]
    other_subsidy_fen: Mapped[int]
    form: Mapped[str] = mapped_column(String(20))
    contents: Mapped[str] = mapped_column(String(200))
    amount_fen: Mapped[int]
    decision: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    payable_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    training_due_on: Mapped[date | None]
    recovered_at: Mapped[datetime | None]

    application: Mapped[NewHireApplication] = relationship(back_populates="lines")


class TrainingLog(Base):
    """One entry of a training log: by the worker of their own study, or by the mentor (or the agent for the mentor).

    ``key`` comes from the phone: the same entry sent again is the same entry. ``photo_ref`` names an attachment.
    """

    __tablename__ = "new_hire_log"
    __table_args__ = (
        UniqueConstraint("line_id", "key"),
        CheckConstraint("form IN ('self_study', 'mentor')", name="form"),
        CheckConstraint("minutes > 0 AND minutes <= 1440", name="minutes"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    line_id: Mapped[int] = mapped_column(ForeignKey("new_hire_line.id"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(20))
    trained_on: Mapped[date]
    minutes: Mapped[int]
    content: Mapped[str] = mapped_column(String(30))
    words: Mapped[str] = mapped_column(String(500))
    photo_ref: Mapped[uuid.UUID | None]
    written_by: Mapped[str] = mapped_column(String(60))
    written_at: Mapped[Instant]


class LogAnswer(Base):
    """What became of an entry: the trainee confirmed or refused it, or its writer took it back. Once."""

    __tablename__ = "new_hire_log_answer"
    __table_args__ = (CheckConstraint(_one_of("answer", ANSWERS), name="answer"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    log_id: Mapped[int] = mapped_column(ForeignKey("new_hire_log.id"), unique=True)
    answer: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(200))
    answered_by: Mapped[str] = mapped_column(String(60))
    answered_at: Mapped[Instant]


class TrainingCheck(Base):
    """Whether a paid line's person was trained: found by the rule (no ``decided_by_id``) or decided by a person. Once."""

    __tablename__ = "new_hire_check"
    __table_args__ = (
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("counted_seconds >= 0 AND needed_seconds > 0", name="seconds"),
        CheckConstraint(
            "decided_by_id IS NOT NULL OR (outcome = 'trained' AND counted_seconds >= needed_seconds)", name="by_rule"
        ),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    line_id: Mapped[int] = mapped_column(ForeignKey("new_hire_line.id"), unique=True)
    outcome: Mapped[str] = mapped_column(String(10))
    counted_seconds: Mapped[int]
    needed_seconds: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    clause: Mapped[str] = mapped_column(String(10))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    at: Mapped[Instant]


guards.attach(
    NewHireApplication.__table__,
    NewHireLine.__table__,
    TrainingLog.__table__,
    LogAnswer.__table__,
    TrainingCheck.__table__,
)
