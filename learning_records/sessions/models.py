"""Tables of learning sessions. A person is a row of ``learner``, which is also the lock for all of that person's time."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, Json, PrimaryKey, PublicId, append_only, guard
from learning_records.sessions.guards import forgets, goes_with_record


class Learner(Base):
    """A pseudonymous person. ``presence`` holds the state of presence checks while no session is open."""

    __tablename__ = "learner"

    id: Mapped[PrimaryKey]
    person_ref: Mapped[uuid.UUID] = mapped_column(unique=True)
    presence: Mapped[list[Any]]


class CheckIn(Base):
    """签到: once a person, context and local day."""

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("learner_id", "context_ref", "local_on"),)

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    context_ref: Mapped[uuid.UUID]
    local_on: Mapped[date]
    device_ref: Mapped[str] = mapped_column(String(128))
    method: Mapped[str] = mapped_column(String(32))
    checked_in_at: Mapped[Instant]


forgets(
    CheckIn.__table__,
    column="device_ref",
    gone="NEW.device_ref = ''",
    since="OLD.checked_in_at",
    person="(SELECT l.person_ref FROM learner l WHERE l.id = OLD.learner_id)",
)


class LearningSession(Base):
    """A session. ``state`` is the counting state while it is open; ``outcome`` what came of it when it closed.

    ``continues_id`` names the session that local midnight split this one from. At most one session a person is open.
    """

    __tablename__ = "learning_session"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name="closed_with_reason"),
        CheckConstraint("evidence_record_id IS NULL OR closed_at IS NOT NULL", name="sealed_when_closed"),
        # Remainders are carried apart, so one session may round up under its check-in where it rounds down in all.
        CheckConstraint(
            "checked_in_seconds BETWEEN 0 AND learned_seconds + 1 AND learned_seconds >= 0", name="seconds"
        ),
        Index(
            "uq_learning_session_open",
            "learner_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_learning_session_unsealed",
            "id",
            sqlite_where=text("closed_at IS NOT NULL AND evidence_record_id IS NULL"),
            postgresql_where=text("closed_at IS NOT NULL AND evidence_record_id IS NULL"),
        ),
        Index("ix_learning_session_learner_id_lesson_ref", "learner_id", "lesson_ref"),
        Index("ix_learning_session_context_ref_opened_at", "context_ref", "opened_at"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    lesson_ref: Mapped[uuid.UUID]
    lesson: Mapped[Json]
    context_ref: Mapped[uuid.UUID | None]
    device_ref: Mapped[str] = mapped_column(String(128))
    rules: Mapped[Json]
    opened_at: Mapped[Instant]
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("learning_session.id"), index=True)
    chain_start: Mapped[str] = mapped_column(String(64))
    chain_head: Mapped[str] = mapped_column(String(64))
    next_seq: Mapped[int] = mapped_column(default=1)
    idle_at_ms: Mapped[int]
    state: Mapped[Json]
    closed_at: Mapped[Instant | None]
    close_reason: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    learned_seconds: Mapped[int] = mapped_column(default=0)
    checked_in_seconds: Mapped[int] = mapped_column(default=0)
    evidence_record_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_record.id"), index=True)


class Beat(Base):
    """心跳: one beat as it arrived and what it earned. The last beat of a batch keeps the answer the phone was given."""

    __tablename__ = "beat"
    __table_args__ = (CheckConstraint("counted_ms >= 0 AND position_ms >= 0 AND seq > 0", name="amounts"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("learning_session.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position_ms: Mapped[int]
    arrived_ms: Mapped[int]
    counted_from_ms: Mapped[int]
    counted_ms: Mapped[int]
    code: Mapped[str] = mapped_column(String(24))
    hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


goes_with_record(Beat.__table__)


class CountedInterval(Base):
    """Wall time of a person that counted: a closed session, a quiz, another platform, an upheld appeal. Never overlapping."""

    __tablename__ = "counted_interval"
    __table_args__ = (
        CheckConstraint("started_ms < ended_ms", name="order"),
        CheckConstraint("kind IN ('session', 'quiz', 'import', 'appeal')", name="kind"),
        CheckConstraint("(kind = 'session') = (session_id IS NOT NULL)", name="session"),
        CheckConstraint("(kind = 'session') = (source_ref IS NULL)", name="source"),
        Index("ix_counted_interval_person_ref_started_ms", "person_ref", "started_ms"),
    )

    id: Mapped[PrimaryKey]
    person_ref: Mapped[uuid.UUID] = mapped_column(ForeignKey("learner.person_ref"))
    kind: Mapped[str] = mapped_column(String(8))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("learning_session.id"), index=True)
    source_ref: Mapped[uuid.UUID | None]
    started_ms: Mapped[int]
    ended_ms: Mapped[int]


append_only(CountedInterval.__table__)

_OVERLAP = (
    "EXISTS (SELECT 1 FROM counted_interval WHERE person_ref = NEW.person_ref "
    "AND started_ms < NEW.ended_ms AND ended_ms > NEW.started_ms)"
)
guard(
    CountedInterval.__table__,
    sqlite=[
        "CREATE TRIGGER counted_interval_no_overlap BEFORE INSERT ON counted_interval "
        f"WHEN {_OVERLAP} BEGIN SELECT RAISE(ABORT, 'this time of this person already counted'); END"
    ],
    postgresql=[
        "CREATE FUNCTION counted_interval_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        # The lock makes two writers of one person take turns; READ COMMITTED then shows the second what the first wrote.
        "PERFORM 1 FROM learner WHERE person_ref = NEW.person_ref FOR UPDATE; "
        f"IF {_OVERLAP} THEN RAISE EXCEPTION 'this time of this person already counted' "
        "USING ERRCODE = 'exclusion_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER counted_interval_no_overlap BEFORE INSERT ON counted_interval "
        "FOR EACH ROW EXECUTE FUNCTION counted_interval_no_overlap()",
    ],
)


class OutsideTime(Base):
    """A quiz, imported record or upheld appeal that was counted once; its intervals stand in ``counted_interval``.

    ``facts`` is the body of an imported record, as it is sealed; it goes when that is erased.
    """

    __tablename__ = "outside_time"
    __table_args__ = (
        UniqueConstraint("learner_id", "kind", "source_ref"),
        CheckConstraint("kind IN ('quiz', 'import', 'appeal')", name="kind"),
    )

    id: Mapped[PrimaryKey]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    kind: Mapped[str] = mapped_column(String(8))
    source_ref: Mapped[uuid.UUID]
    context_ref: Mapped[uuid.UUID | None]
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant]
    pieces: Mapped[list[Any]]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


forgets(
    OutsideTime.__table__,
    column="facts",
    gone="NEW.facts IS NULL",
    since="OLD.ended_at",
    person="(SELECT l.person_ref FROM learner l WHERE l.id = OLD.learner_id)",
)


class LessonProgress(Base):
    """What a person has of one lesson over all closed sessions. ``coverage``: sorted [from_ms, to_ms] of its media."""

    __tablename__ = "lesson_progress"
    __table_args__ = (
        UniqueConstraint("learner_id", "lesson_ref"),
        CheckConstraint(
            "learned_rest_ms BETWEEN 0 AND 999 AND checked_in_rest_ms BETWEEN 0 AND 999", name="rest_below_a_second"
        ),
        CheckConstraint("counted_ms >= checked_in_ms AND allowance_ms >= 0", name="amounts"),
    )

    id: Mapped[PrimaryKey]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    lesson_ref: Mapped[uuid.UUID]
    coverage: Mapped[list[Any]]
    counted_ms: Mapped[int]
    checked_in_ms: Mapped[int]
    learned_rest_ms: Mapped[int]
    checked_in_rest_ms: Mapped[int]
    allowance_ms: Mapped[int]
    completed_at: Mapped[Instant | None]


class SessionAppeal(Base):
    """申诉: the worker says that an uncounted stretch was learning. Answered by the desk; stored here and
    never edited. The worker's words go together with the evidence."""

    __tablename__ = "session_appeal"
    __table_args__ = (
        UniqueConstraint("session_id", "from_ms", "to_ms"),
        CheckConstraint("from_ms < to_ms", name="order"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("learning_session.id"))
    seq: Mapped[int | None]
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    codes: Mapped[list[Any]]
    uncounted_seconds: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    filed_at: Mapped[Instant]
    appeal_by: Mapped[Instant]


forgets(
    SessionAppeal.__table__,
    column="reason",
    gone="NEW.reason = ''",
    since="OLD.filed_at",
    person="(SELECT l.person_ref FROM learner l WHERE l.id = OLD.learner_id)",
    context="(SELECT s.context_ref FROM learning_session s WHERE s.id = OLD.session_id)",
)
