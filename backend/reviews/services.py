"""Deciding and looking back. ``staff`` is who signed in; subjects are named by their public ids."""

from __future__ import annotations

from uuid import UUID

from backend.audit import services as audit
from backend.disputes import services as disputes
from backend.people import services as people
from backend.people.services import IdentityClaimView, StaffView
from backend.reviews.answers_recount import answer_problems, count_answered
from backend.reviews.bank_accounts import ACCOUNT_REASONS, confirm_bank_account, refuse_bank_account
from backend.reviews.certificates import certificate_problems, correct_certificate, revoke_certificate
from backend.reviews.claiming import adjust_line, approve_claim, reject_claim, return_claim, send_back_claim
from backend.reviews.disputes import decide_dispute, withdraw_dispute
from backend.reviews.filing import (
    approve_amendment,
    approve_plan,
    reject_amendment,
    reject_plan,
    send_back_amendment,
    send_back_plan,
)
from backend.reviews.filing_recount import amendment_problems
from backend.reviews.new_hires import (
    NEW_HIRE_CHECK_REASONS,
    NEW_HIRE_REASONS,
    approve_new_hires,
    count_new_hires,
    decide_new_hire_check,
    drop_new_hire,
    new_hire_problems,
    reject_new_hires,
    send_back_new_hires,
)
from backend.reviews.noticing import (
    blocked_lines,
    close_due_notices,
    discard_notice,
    make_notice,
    post_notice,
    waiting_claims,
)
from backend.reviews.objections import (
    OwnNotice,
    decide_objection,
    notices_in_name_of,
    object_to_own_line,
    withdraw_objection,
)
from backend.reviews.reading import QueueItem, ReviewView, history, queue
from backend.reviews.recording import actor_of, checked, record
from backend.reviews.recounting import adjustment_problems, count_decided, decision_problems
from backend.reviews.rules import (
    AMENDMENT_REASONS,
    CLAIM_REASONS,
    CLAUSES,
    DISPUTE_REASONS,
    OBJECTION_REASONS,
    PLAN_REASONS,
    OfferedReason,
    Relevance,
    Stage,
    Verdict,
)
from backend.reviews.sealing import count_sealed_rows, sealed_rows
from backend.study import services as study
from backend.study.services import AppealCaseView

__all__ = [
    "ACCOUNT_REASONS",
    "AMENDMENT_REASONS",
    "CLAIM_REASONS",
    "CLAUSES",
    "DISPUTE_REASONS",
    "NEW_HIRE_CHECK_REASONS",
    "NEW_HIRE_REASONS",
    "OBJECTION_REASONS",
    "PLAN_REASONS",
    "OfferedReason",
    "OwnNotice",
    "QueueItem",
    "Relevance",
    "ReviewView",
    "Verdict",
    "adjust_line",
    "adjustment_problems",
    "amendment_problems",
    "answer_problems",
    "approve_amendment",
    "approve_claim",
    "approve_new_hires",
    "approve_plan",
    "blocked_lines",
    "certificate_problems",
    "checked",
    "close_due_notices",
    "confirm_bank_account",
    "correct_certificate",
    "count_answered",
    "count_decided",
    "count_new_hires",
    "count_sealed_rows",
    "decide_appeal",
    "decide_dispute",
    "decide_identity_claim",
    "decide_new_hire_check",
    "decide_objection",
    "decision_problems",
    "discard_notice",
    "drop_new_hire",
    "history",
    "make_notice",
    "new_hire_problems",
    "notices_in_name_of",
    "object_to_own_line",
    "post_notice",
    "queue",
    "record",
    "refuse_bank_account",
    "reject_amendment",
    "reject_claim",
    "reject_new_hires",
    "reject_plan",
    "return_claim",
    "revoke_certificate",
    "sealed_rows",
    "send_back_amendment",
    "send_back_claim",
    "send_back_new_hires",
    "send_back_plan",
    "waiting_claims",
    "withdraw_dispute",
    "withdraw_objection",
]


def decide_identity_claim(*, claim_id: UUID, staff: StaffView, approve: bool, reason: str) -> IdentityClaimView:
    """Let a person's account move to a new phone, or not.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED; ``NotFound`` IDENTITY_CLAIM_UNKNOWN;
    ``Conflict`` IDENTITY_CLAIM_DECIDED, IDENTITY_ALREADY_SET.
    """
    verdict: Verdict = "approve" if approve else "reject"
    reason, clause = checked("identity_claim", "only", verdict, staff, reason, "四.2")
    view = people.decide_identity_claim(claim_id=claim_id, staff_id=staff.id, approve=approve, reason=reason)
    person_ref = people.learner_ref(view.holder_worker_id)
    record("identity_claim", claim_id, "only", verdict, staff, reason, clause, person_ref=person_ref)
    audit.write(
        actor=actor_of(staff),
        action="identity_claim.approved" if approve else "identity_claim.rejected",
        subject=f"identity_claim:{claim_id}",
        detail={},
    )
    return view


def decide_appeal(
    *, appeal_id: UUID, staff: StaffView, approve: bool, reason: str, clause: str = "四.2"
) -> AppealCaseView:
    """Answer an appeal against time that did not count. Upheld, study deposits it citing this decision; nothing is edited.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG, SESSION_STILL_OPEN;
    ``NotFound`` APPEAL_NOT_FOUND; ``Conflict`` APPEAL_ALREADY_DECIDED.
    """
    verdict: Verdict = "approve" if approve else "reject"
    stage: Stage = "second" if disputes.is_escalated("appeal", appeal_id) else "only"
    reason, clause = checked("appeal", stage, verdict, staff, reason, clause)
    view = study.decide_appeal(appeal_id=appeal_id, upheld=approve, reason=reason, staff_public_id=staff.public_id)
    person_ref = people.learner_ref(view.worker_id)
    record(
        "appeal",
        appeal_id,
        stage,
        verdict,
        staff,
        reason,
        clause,
        person_ref=person_ref,
        context_ref=view.context_ref,
    )
    audit.write(
        actor=actor_of(staff),
        action="appeal.upheld" if approve else "appeal.refused",
        subject=f"appeal:{appeal_id}",
        detail={"granted_seconds": view.granted_seconds},
    )
    return view
