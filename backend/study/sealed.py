"""Quizzes, appeals and what was banked, as their tables have them now, beside what was sealed of them: for the audit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import func, select

from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.quizzes import services as quizzes
from backend.study.banking import APPEAL, QUIZ
from backend.study.models import AppealCase, AppealDecision, BankedEvidence, BankedImport
from config import clock
from config.database import db
from learning_records.evidence.audit_bodies import unchecked_bodies
from learning_records.sealed_rows import BEFORE_ALL, SealedRow
from learning_records.sessions import services as sessions

_AT_ONCE = 500


def count_sealed_quizzes() -> int:
    """How many quiz attempts are sealed."""
    query = select(func.count()).select_from(BankedEvidence).where(BankedEvidence.source_kind == QUIZ)
    return db.session.scalar(query) or 0


def sealed_quizzes(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next sealed attempts: the row that banked each and the attempt itself, without the single answers."""
    query = select(BankedEvidence).where(BankedEvidence.source_kind == QUIZ, BankedEvidence.id > after_id)
    rows = db.session.scalars(
        query.order_by(BankedEvidence.id).limit(limit).execution_options(populate_existing=True)
    ).all()
    attempts = quizzes.closed_attempts([row.source_ref for row in rows])
    refs = people.learner_refs({attempt.worker_id for attempt in attempts.values()})
    sealed = []
    for row in rows:
        attempt = attempts.get(row.source_ref)
        body: dict[str, Any] = {"attempt": None}
        if attempt is not None:
            body = {
                "attempt": str(attempt.attempt_id),
                "person": str(refs[attempt.worker_id]),
                "context": str(row.context_ref) if row.context_ref else None,
                "subject": str(attempt.subject_ref),
                "number": attempt.number,
                "status": attempt.status,
                "score": attempt.score,
                "passed": attempt.passed,
                "opened_ms": clock.epoch_ms(attempt.opened_at),
                "closed_ms": clock.epoch_ms(attempt.closed_at),
                "time_limit_seconds": attempt.time_limit_seconds,
                "learned_seconds": row.learned_seconds,
            }
        name = f"{QUIZ}:{row.source_ref}"
        sealed.append(SealedRow(row.id, f"{QUIZ} {row.source_ref}", body, name, row.evidence_record_id))
    return sealed


def count_sealed_appeals() -> int:
    """How many appeals are decided."""
    return db.session.scalar(select(func.count()).select_from(AppealDecision)) or 0


def sealed_appeals(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next decided appeals: what was filed and what was answered."""
    rows = db.session.execute(
        select(AppealDecision, AppealCase)
        .join(AppealCase, AppealCase.id == AppealDecision.case_id)
        .where(AppealDecision.id > after_id)
        .order_by(AppealDecision.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()
    sealed = []
    for decision, case in rows:
        filed = sessions.get_appeal(appeal_id=case.appeal_ref)
        body = {
            "appeal": str(case.appeal_ref),
            "person": str(people.learner_ref(case.worker_id)),
            "session": str(case.session_ref),
            "started_ms": clock.epoch_ms(filed.started_at),
            "ended_ms": clock.epoch_ms(filed.ended_at),
            "codes": list(filed.codes),
            "uncounted_seconds": filed.uncounted_seconds,
            "appeal_reason": filed.reason,
            "filed_ms": clock.epoch_ms(filed.filed_at),
            "upheld": decision.outcome == "upheld",
            "decision_reason": decision.reason,
            "decided_by": str(decision.decided_by),
            "learned_seconds": decision.granted_seconds,
        }
        name = f"{APPEAL}:{case.appeal_ref}"
        sealed.append(SealedRow(decision.id, f"{APPEAL} {case.appeal_ref}", body, name, decision.evidence_record_id))
    return sealed


def count_banked() -> int:
    """How many sessions, quizzes and appeals were banked."""
    return db.session.scalar(select(func.count()).select_from(BankedEvidence)) or 0


def banking_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Rows of what was banked that say otherwise than their record, or than what was deposited: which, and how."""
    after, query = BEFORE_ALL, select(*BankedEvidence.__table__.columns).order_by(BankedEvidence.id).limit(_AT_ONCE)
    while rows := db.session.execute(query.where(BankedEvidence.id > after)).all():
        ids = [row.evidence_record_id for row in rows]
        bodies, deposited = unchecked_bodies(ids), credit_bank.deposited(evidence_record_ids=ids)
        for row in rows:
            body = bodies.get(row.evidence_record_id) or b"{}"
            for field, said in _said(row, orjson.loads(body)).items():
                if getattr(row, field) != said:
                    yield _named(row), f"{field} {getattr(row, field)} in the table, {said} by its sealed record"
            for use, seconds in (("learned", row.learned_seconds), ("claimable", row.claimable_seconds)):
                found = deposited.get((row.evidence_record_id, use), 0)
                if found != seconds:
                    yield _named(row), f"{use}_seconds {seconds} in the table, {found} deposited"
        advance(len(rows))
        after = rows[-1].id


def deposit_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Deposits on records that were never banked, or of other seconds than a platform's record brought; and quizzes that
    were passed and never sealed: which, and how."""
    after = BEFORE_ALL
    while found := credit_bank.deposits(after, _AT_ONCE):
        ids = {record_id for _, _, record_id, _, _ in found}
        banked = select(BankedEvidence.evidence_record_id).where(BankedEvidence.evidence_record_id.in_(ids))
        known = set(db.session.scalars(banked))
        imported = {(record_id, use): seconds for record_id, use, seconds in _imported(ids - known)}
        for _, key, record_id, use, seconds in found:
            if record_id not in known and imported.get((record_id, use)) != seconds:
                brought = imported.get((record_id, use), "nothing")
                yield f"transfer {key}", f"{seconds} {use} seconds in the table, its record brought {brought}"
        advance(len(found))
        after = found[-1][0]
    after = BEFORE_ALL
    while passed := quizzes.passed_attempts(after, _AT_ONCE):
        refs = [public_id for _, public_id in passed]
        query = select(BankedEvidence.source_ref).where(
            BankedEvidence.source_kind == QUIZ, BankedEvidence.source_ref.in_(refs)
        )
        sealed = set(db.session.scalars(query))
        for public_id in refs:
            if public_id not in sealed:
                yield f"{QUIZ} {public_id}", "passed in the table, nothing was ever sealed of it"
        after = passed[-1][0]


def _imported(ids: Collection[int]) -> Iterator[tuple[int, str, int]]:
    """(record, use, seconds) that records of platforms brought."""
    row = BankedImport
    query = select(row.evidence_record_id, row.learned_seconds, row.claimable_seconds)
    for record_id, learned, claimable in (
        db.session.execute(query.where(row.evidence_record_id.in_(ids))) if ids else ()
    ):
        yield record_id, "learned", learned
        yield record_id, "claimable", claimable


def _named(row: Any) -> str:
    return f"banked_evidence of {row.source_kind} {row.source_ref}"


def _said(row: Any, body: Mapping[str, Any]) -> dict[str, int]:
    """The seconds the body says were banked; an appeal's body leaves open what of an allowance was under a check-in."""
    if not body:
        return {}
    said = {"learned_seconds": body["learned_seconds"] + body.get("allowance_seconds", 0)}
    if row.source_kind != APPEAL:
        claimable = body["checked_in_seconds"] + body.get("allowance_checked_in_seconds", 0)
        said["claimable_seconds"] = claimable if row.filed else 0
    return said
