"""Deciding disputes (四.5): upheld, nothing more is learned, claimed or paid of it; what was paid is to be recovered.

Only compensating entries: seconds go back by reversals that cite the dispute, lines are struck, nothing learned is edited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from backend.claims import services as claims
from backend.claims.services import ClaimLineView
from backend.credit_bank import services as credit_bank
from backend.credit_bank.rules import DEPOSITS
from backend.disputes import services as disputes
from backend.disputes.services import DisputeView, LineOutcome
from backend.people import services as people
from backend.people.services import StaffView
from backend.reviews.noticing import free_lines
from backend.reviews.recording import actor_of, checked, record
from backend.reviews.rules import Stage, Verdict
from config.errors import Conflict


def decide_dispute(
    *, dispute_id: UUID, staff: StaffView, uphold: bool, answer: str, clause: str = "四.5"
) -> DisputeView:
    """Answer a dispute; ``reminders`` tells its reporter.

    Upheld: the held lines leave their claims, the seconds that nobody used are taken back, and each paid line is marked for
    recovery (``disputes.recoveries_due``). An account under somebody else's ID number loses its WeChat sign-in, so that the
    owner can take the number over at the desk. Dismissed: what it held can be paid.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED (overdue, a second reviewer decides); ``Invalid`` REASON_REQUIRED,
    REASON_TOO_LONG, CLAUSE_UNKNOWN, ANSWER_LEAKS; ``NotFound`` DISPUTE_NOT_FOUND; ``Conflict`` DISPUTE_ENDED.
    """
    verdict: Verdict = "approve" if uphold else "reject"
    stage = stage_of_dispute(dispute_id)
    checked("dispute", stage, "reject", staff, answer, clause)  # an answer is owed either way
    answer, clause = checked("dispute", stage, verdict, staff, answer, clause)
    before = disputes.dispute_view(dispute_id)
    view = disputes.end_dispute(
        dispute_id=dispute_id,
        upheld=uphold,
        answer=answer,
        clause=clause,
        staff_id=staff.id,
        actor=actor_of(staff),
        decide=partial(
            record,
            "dispute",
            dispute_id,
            stage,
            verdict,
            staff,
            answer,
            clause,
            person_ref=people.learner_ref(before.worker_id),
            context_ref=before.class_id,
        ),
    )
    lines = _lines(view)
    if uphold:
        view = _uphold(view, lines, answer, clause, actor_of(staff))
    _free(lines, actor_of(staff))
    return view


def withdraw_dispute(*, dispute_id: UUID, worker_id: int) -> DisputeView:
    """The reporter takes it back; what it held can be paid.

    Raises ``NotFound`` DISPUTE_NOT_FOUND, ``Conflict`` DISPUTE_ENDED.
    """
    view = disputes.withdraw_dispute(dispute_id=dispute_id, worker_id=worker_id)
    _free(_lines(view), "worker")
    return view


def stage_of_dispute(dispute_id: UUID) -> Stage:
    """Who decides it: anybody of the desk, or once overdue a second reviewer."""
    return "second" if disputes.is_escalated("dispute", dispute_id) else "only"


def _uphold(view: DisputeView, lines: Iterable[ClaimLineView], answer: str, clause: str, actor: str) -> DisputeView:
    held: dict[UUID, list[ClaimLineView]] = defaultdict(list)
    outcomes = []
    for line in lines:
        if line.status == "held":
            held[line.claim_id].append(line)
        if line.status in ("held", "settled"):
            outcome = "struck" if line.status == "held" else "recovery"
            outcomes.append(LineOutcome(line.claim_id, line.line_id, outcome, line.granted_fen))
    reason = f"{view.number}属实：{answer}"[:500]
    for claim_id, struck in held.items():
        ids = [line.line_id for line in struck]
        claims.strike_lines(claim_id=claim_id, line_ids=ids, reason=reason, clause=clause, actor=actor)
    _take_back(view, reason)
    if view.kind == "identity_misuse":
        people.erase_wechat(worker_id=view.worker_id)
    return disputes.add_outcomes(dispute_id=view.dispute_id, lines=outcomes)


def _take_back(view: DisputeView, reason: str) -> None:
    """Reverse the deposits of the place, or of the whole account, that no claim used."""
    for line in credit_bank.statement(worker_id=view.worker_id):
        if line.kind not in DEPOSITS or view.class_id not in (None, line.context_ref):
            continue
        if credit_bank.reversal_of(transfer_key=line.key) is not None:
            continue
        try:
            credit_bank.reverse(
                transfer_key=line.key,
                key=f"dispute:{view.dispute_id}:{line.id}:reverse",
                reason=reason,
                source=f"dispute:{view.dispute_id}",
            )
        except Conflict as refusal:
            if refusal.code != "DEPOSIT_IN_USE":  # what was paid is recovered in money first
                raise


def _lines(view: DisputeView) -> list[ClaimLineView]:
    """The claim lines that the dispute is about, of every claim in the name."""
    mine = [claims.line_view(own.line_id) for own in claims.claims_in_name_of(view.worker_id)]
    return [line for line in mine if view.enrollment_id in (None, line.enrollment_id)]


def _free(lines: Iterable[ClaimLineView], actor: str) -> None:
    for claim_id in sorted({line.claim_id for line in lines if line.status == "held"}):
        free_lines(claim_id, actor=actor)
