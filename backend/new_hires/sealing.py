"""Applications, log entries, answers and checks in the words in which they are sealed, and as the tables have them now.

Kinds ``new_hire``, ``new_hire_log``, ``new_hire_answer``, ``new_hire_check``; each subject is the kind and the public id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.enterprises import services as enterprises
from backend.new_hires.models import LogAnswer, NewHireApplication, NewHireLine, TrainingCheck, TrainingLog
from backend.new_hires.views import ApplicationState
from backend.people import services as people
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import BEFORE_ALL, SealedRow

APPLICATION, LOG, ANSWER, CHECK = "new_hire", "new_hire_log", "new_hire_answer", "new_hire_check"
_AT_ONCE = 20


def seal_application(application: NewHireApplication) -> None:
    """Seal an application with its lines before it leaves the draft."""
    evidence.seal(
        kind=APPLICATION,
        body=_application(application),
        subject=f"{APPLICATION}:{application.public_id}",
        context_ref=application.public_id,
    )


def seal_log(log: TrainingLog, line: UUID, application: UUID, person: UUID | None) -> None:
    """Seal an entry of a training log before it is inserted."""
    evidence.seal(
        kind=LOG, body=_log(log, line), subject=f"{LOG}:{log.public_id}", person_ref=person, context_ref=application
    )


def seal_answer(answer: LogAnswer, log: UUID, application: UUID, person: UUID | None) -> None:
    """Seal what became of an entry before it is inserted."""
    evidence.seal(
        kind=ANSWER,
        body=_answer(answer, log),
        subject=f"{ANSWER}:{answer.public_id}",
        person_ref=person,
        context_ref=application,
    )


def seal_check(check: TrainingCheck, line: UUID, application: UUID, person: UUID | None) -> None:
    """Seal the result of a check before it is inserted."""
    evidence.seal(
        kind=CHECK,
        body=_check(check, line),
        subject=f"{CHECK}:{check.public_id}",
        person_ref=person,
        context_ref=application,
    )


def count_sealed_rows() -> int:
    """How many applications were submitted."""
    query = select(func.count()).select_from(NewHireApplication).where(NewHireApplication.submitted_at.is_not(None))
    return db.session.scalar(query) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next submitted applications after that id, with their lines."""
    query = (
        select(NewHireApplication)
        .where(NewHireApplication.id > after_id, NewHireApplication.submitted_at.is_not(None))
        .order_by(NewHireApplication.id)
        .limit(min(limit, _AT_ONCE))
        .options(selectinload(NewHireApplication.lines))
        .execution_options(populate_existing=True)
    )
    rows = [
        SealedRow(
            id=row.id,
            name=f"{APPLICATION} {row.public_id}",
            subject=f"{APPLICATION}:{row.public_id}",
            body=_application(row),
        )
        for row in db.session.scalars(query)
    ]
    db.session.expunge_all()
    return rows


def count_sealed_logs() -> int:
    """How many log entries there are."""
    return db.session.scalar(select(func.count()).select_from(TrainingLog)) or 0


def sealed_logs(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next log entries after that id."""
    query = select(TrainingLog, NewHireLine.public_id).join(NewHireLine, NewHireLine.id == TrainingLog.line_id)
    query = query.where(TrainingLog.id > after_id).order_by(TrainingLog.id).limit(limit)
    return [
        SealedRow(row.id, f"{LOG} {row.public_id}", _log(row, line), f"{LOG}:{row.public_id}")
        for row, line in db.session.execute(query.execution_options(populate_existing=True))
    ]


def count_sealed_answers() -> int:
    """How many log entries were answered."""
    return db.session.scalar(select(func.count()).select_from(LogAnswer)) or 0


def sealed_answers(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next answers after that id."""
    query = select(LogAnswer, TrainingLog.public_id).join(TrainingLog, TrainingLog.id == LogAnswer.log_id)
    query = query.where(LogAnswer.id > after_id).order_by(LogAnswer.id).limit(limit)
    return [
        SealedRow(row.id, f"{ANSWER} {row.public_id}", _answer(row, log), f"{ANSWER}:{row.public_id}")
        for row, log in db.session.execute(query.execution_options(populate_existing=True))
    ]


def count_sealed_checks() -> int:
    """How many lines were checked."""
    return db.session.scalar(select(func.count()).select_from(TrainingCheck)) or 0


def sealed_checks(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next checks after that id."""
    query = select(TrainingCheck, NewHireLine.public_id).join(NewHireLine, NewHireLine.id == TrainingCheck.line_id)
    query = query.where(TrainingCheck.id > after_id).order_by(TrainingCheck.id).limit(limit)
    return [
        SealedRow(row.id, f"{CHECK} {row.public_id}", _check(row, line), f"{CHECK}:{row.public_id}")
        for row, line in db.session.execute(query.execution_options(populate_existing=True))
    ]


def application_states(after_id: int, limit: int) -> list[ApplicationState]:
    """What was decided of the next applications after that inner id."""
    query = select(NewHireApplication).where(NewHireApplication.id > after_id).order_by(NewHireApplication.id)
    rows = db.session.scalars(query.limit(limit).execution_options(populate_existing=True))
    return [
        ApplicationState(
            row.id,
            row.public_id,
            row.status,
            row.first_reviewer_id,
            row.second_reviewer_id,
            row.decision_reason,
            row.decision_clause,
        )
        for row in rows
    ]


def count_applications() -> int:
    """How many applications there are, drafts too."""
    return db.session.scalar(select(func.count()).select_from(NewHireApplication)) or 0


def line_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Lines whose status is not what their application, their payment and their check came to: which, and how."""
    after = BEFORE_ALL
    while rows := _states(after):
        for line, status, outcome in rows:
            name = f"new_hire_line {line.public_id}"
            if (said := _contradiction(line, status, outcome)) is not None:
                yield name, said
        advance(len(rows))
        after = rows[-1][0].id
        db.session.expunge_all()


def count_lines() -> int:
    """How many lines there are to look at."""
    return db.session.scalar(select(func.count()).select_from(NewHireLine)) or 0


def _states(after_id: int) -> list[tuple[NewHireLine, str, str | None]]:
    query = (
        select(NewHireLine, NewHireApplication.status, TrainingCheck.outcome)
        .join(NewHireApplication, NewHireApplication.id == NewHireLine.application_id)
        .outerjoin(TrainingCheck, TrainingCheck.line_id == NewHireLine.id)
        .where(NewHireLine.id > after_id)
        .order_by(NewHireLine.id)
        .limit(200)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]


def _contradiction(line: NewHireLine, status: str, outcome: str | None) -> str | None:
    if outcome is not None and line.status != outcome and not (outcome == "untrained" and line.status == "recovered"):
        return f"status {line.status} in the table, {outcome} by its check"
    if outcome is None and line.status in ("trained", "untrained", "recovered"):
        return f"status {line.status} in the table, never checked"
    if line.status in ("payable", "paid", "trained", "untrained", "recovered") and status != "approved":
        return f"status {line.status} in the table, its application is {status}"
    if line.status == "held" and status not in ("submitted", "reviewed"):
        return f"status held in the table, its application is {status}"
    return None


def _application(row: NewHireApplication) -> dict[str, Any]:
    entries = {line.roster_entry_id for line in row.lines} | {
        line.mentor_entry_id for line in row.lines if line.mentor_entry_id is not None
    }
    refs = {key: str(entry.public_id) for key, entry in enterprises.roster_entries(entries).items()}
    return {
        "application": str(row.public_id),
        "enterprise": str(enterprises.enterprise_by_id(row.enterprise_id).public_id),
        "policy_id": row.policy_id,
        "policy_version": row.policy_version,
        "promise_version": row.promise_version,
        "promise_sha256": row.promise_sha256,
        "at_ms": None if row.submitted_at is None else clock.epoch_ms(row.submitted_at),
        "total_fen": row.total_fen,
        "lines": [_line(line, refs) for line in row.lines],
    }


def _line(line: NewHireLine, refs: dict[int, str]) -> dict[str, Any]:
    return {
        "line": str(line.public_id),
        "roster_entry": refs[line.roster_entry_id],
        "mentor_entry": None if line.mentor_entry_id is None else refs[line.mentor_entry_id],
        "hired_on": line.hired_on.isoformat(),
        "contract_on": _iso(line.contract_on),
        "contract_renewed": line.contract_renewed,
        "hire_registered": line.hire_registered,
        "insured_on": _iso(line.insured_on),
        "left_on": _iso(line.left_on),
        "other_subsidy_fen": line.other_subsidy_fen,
        "form": line.form,
        "contents": line.contents.split(),
        "amount_fen": line.amount_fen,
        "decision_sha256": None if line.decision is None else sha256_hex(canonical_json(line.decision)),
    }


def _log(log: TrainingLog, line: UUID) -> dict[str, Any]:
    return {
        "log": str(log.public_id),
        "line": str(line),
        "form": log.form,
        "trained_on": log.trained_on.isoformat(),
        "minutes": log.minutes,
        "content": log.content,
        "words_sha256": sha256_hex(log.words.encode()),
        "photo": None if log.photo_ref is None else str(log.photo_ref),
        "written_by": log.written_by,
        "at_ms": clock.epoch_ms(log.written_at),
    }


def _answer(answer: LogAnswer, log: UUID) -> dict[str, Any]:
    return {
        "log": str(log),
        "answer": answer.answer,
        "words_sha256": sha256_hex(answer.words.encode()),
        "answered_by": answer.answered_by,
        "at_ms": clock.epoch_ms(answer.answered_at),
    }


def _check(check: TrainingCheck, line: UUID) -> dict[str, Any]:
    staff = None if check.decided_by_id is None else str(people.staff_of_id(check.decided_by_id).public_id)
    return {
        "line": str(line),
        "outcome": check.outcome,
        "counted_seconds": check.counted_seconds,
        "needed_seconds": check.needed_seconds,
        "reason": check.reason,
        "clause": check.clause,
        "staff": staff,
        "at_ms": clock.epoch_ms(check.at),
    }


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
