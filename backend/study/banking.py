"""From a closed session to the credit bank: seal it, deposit what it counted, remember that it was done. Once a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.credit_bank import services as credit_bank
from backend.credit_bank.rules import DepositKind, Use
from backend.credit_bank.services import Deposit
from backend.people import services as people
from backend.plans import services as plans
from backend.study.models import BankedEvidence
from config import clock
from config.database import apart, db
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from learning_records.sessions.services import ClosedSession

SESSION, QUIZ, APPEAL = "session", "quiz", "appeal"
USES: tuple[Use, ...] = ("learned", "claimable")


def banked(source_kind: str, source_ref: UUID) -> BankedEvidence | None:
    """What was banked of that session, attempt or appeal."""
    return db.session.scalar(
        select(BankedEvidence).where(BankedEvidence.source_kind == source_kind, BankedEvidence.source_ref == source_ref)
    )


def filed_before(context_ref: UUID | None, worker_id: int, at: datetime) -> bool:
    """Whether time of this person that began at ``at`` may be claimed: in a class on file before, with the person on its list
    as filed or as amended (三)."""
    if context_ref is None:
        return False
    if plans.policy_of_class(context_ref).window.hours_before_filing_claimable:
        return True
    since = plans.filed_from(context_ref=context_ref, worker_ids=[worker_id]).get(worker_id)
    return since is not None and since <= at


def bank_closed_sessions(*, worker_id: int | None = None, limit: int = 100) -> int:
    """Close sessions that went idle, then seal and bank every closed one that is not yet; how many were banked.

    For one worker before a balance is shown or a session opened, for all as a job. Doing it again changes nothing. Of all,
    each is banked apart: one that cannot be banked is logged and left, the others are banked.
    """
    person_ref = None if worker_id is None else people.learner_ref(worker_id)
    sessions.close_idle_sessions(limit=limit, person_ref=person_ref)
    closed = sessions.closed_unsealed(person_ref=person_ref, limit=limit)
    if worker_id is not None:
        return len([bank_session(session) for session in closed])
    rows = [apart(partial(bank_session, session), what=f"bank session {session.session_id}") for session in closed]
    return sum(row is not None for row in rows)


def bank_session(session: ClosedSession) -> BankedEvidence:
    """Seal one closed session and deposit what it counted: learned always; claimable under a check-in in a filed class.

    The missing rest of a complete lesson is a transfer of its own, named as an allowance.
    """
    worker_id = people.find_by_learner_ref(session.person_ref)
    assert worker_id is not None, "sessions are opened only for workers"
    row = bank_evidence(
        source_kind=SESSION,
        source_ref=session.session_id,
        worker_id=worker_id,
        person_ref=session.person_ref,
        context_ref=session.context_ref,
        filed=filed_before(session.context_ref, worker_id, session.opened_at),
        body=session.facts,
        learned_seconds=session.learned_seconds,
        checked_in_seconds=session.checked_in_seconds,
        allowance=(session.allowance_seconds, session.allowance_checked_in_seconds),
    )
    sessions.mark_sealed(session_id=session.session_id, evidence_record_id=row.evidence_record_id)
    return row


def _allowance_reason(seconds: int, context_ref: UUID | None) -> str:
    policy = plans.policy_of_class(context_ref)
    clause = policy.clause("counting.complete_percent")
    return f"本课已学满{policy.counting.complete_percent}%，其余{seconds}秒按学完补足（{clause}）。"


def bank_evidence(
    *,
    source_kind: str,
    source_ref: UUID,
    worker_id: int,
    person_ref: UUID,
    context_ref: UUID | None,
    filed: bool,
    body: Mapping[str, Any],
    learned_seconds: int,
    checked_in_seconds: int,
    allowance: tuple[int, int] = (0, 0),
    kind: DepositKind = "deposit",
    reason: str = "",
) -> BankedEvidence:
    """Seal a session, a quiz or a decided appeal (subject ``<kind>:<source>``) and deposit what it brought, if anything.

    ``allowance`` is the missing rest of a lesson it completed, learned and under check-ins: a transfer of its own.
    """
    sealed = evidence.seal(
        kind=source_kind,
        body=body,
        subject=f"{source_kind}:{source_ref}",
        person_ref=person_ref,
        context_ref=context_ref,
    )
    row = BankedEvidence(
        source_kind=source_kind,
        source_ref=source_ref,
        worker_id=worker_id,
        context_ref=context_ref,
        filed=filed,
        evidence_record_id=sealed.record_id,
        learned_seconds=learned_seconds + allowance[0],
        claimable_seconds=checked_in_seconds + allowance[1] if filed else 0,
        banked_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    uses = {"learned": learned_seconds, "claimable": checked_in_seconds}
    rest = {"learned": allowance[0], "claimable": allowance[1]}
    completed = _allowance_reason(allowance[0], context_ref) if any(allowance) else ""
    credit_bank.deposit_all(
        [
            *deposits(row, f"{source_kind}:{source_ref}", uses, kind=kind, reason=reason),
            *deposits(row, f"allowance:{source_ref}", rest, kind="allowance", reason=completed),
        ]
    )
    return row


def deposits(
    row: BankedEvidence, key: str, uses: Mapping[str, int], *, kind: DepositKind, reason: str
) -> Iterator[Deposit]:
    """The learned seconds, and the claimable ones when the class was filed."""
    for use in USES:
        if uses[use] and (use == "learned" or row.filed):
            yield Deposit(
                worker_id=row.worker_id,
                use=use,
                amount_seconds=uses[use],
                context_ref=row.context_ref,
                evidence_record_id=row.evidence_record_id,
                key=f"{key}:{use}",
                kind=kind,
                reason=reason,
            )
