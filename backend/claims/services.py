"""Submitting and moving subsidy claims. ``claim_id`` and ``plan_id`` are public ids; ``worker_id`` and ``staff_id`` are inside.

A line's seconds live under three keys of the credit bank: ``claim:<claim>:<line>:hold``, ``…:settle`` and ``…:release``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.claims import rules
from backend.claims.computing import compute_claim, drawn_fen
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.reading import (
    approved_claims,
    claim_view,
    claim_view_by_id,
    claims_in_name_of,
    claims_of_enterprise,
    line_ids,
    load_claim,
    open_claims,
)
from backend.claims.rules import ClaimPreview, LinePreview
from backend.claims.sealing import (
    ClaimState,
    claim_states,
    count_sealed_rows,
    line_problems,
    seal_claim,
    sealed_rows,
)
from backend.claims.views import ClaimLineView, ClaimView, OwnClaim
from backend.credit_bank import services as credit_bank
from backend.credit_bank.services import Hold
from backend.plans import services as plans
from backend.policies import services as policies
from backend.policies.rules import Policy
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db, new_public_id
from config.errors import Conflict, Invalid, NotAllowed

__all__ = [
    "ClaimLineView",
    "ClaimPreview",
    "ClaimState",
    "ClaimView",
    "LinePreview",
    "OwnClaim",
    "approve_claim",
    "approved_claims",
    "claim_states",
    "claim_view",
    "claim_view_by_id",
    "claims_in_name_of",
    "claims_of_enterprise",
    "compute_claim",
    "count_sealed_rows",
    "drawn_fen",
    "key_of",
    "line_ids",
    "line_problems",
    "open_claims",
    "pay_claim",
    "reject_claim",
    "review_claim",
    "sealed_rows",
    "send_back_claim",
    "submit_claim",
    "withdraw_claim",
]


def submit_claim(*, plan_id: UUID, key: str, actor: str) -> ClaimView:
    """Store the plan's claim as computed now and hold the seconds of everybody eligible. The same key again: the same claim.

    Raises ``NotFound`` PLAN_NOT_FOUND; ``Invalid`` CLAIM_KEY_INVALID; ``Conflict`` CLAIM_KEY_REUSED, PLAN_NOT_FILED,
    CLAIM_ALREADY_SUBMITTED, CLAIM_TOO_LATE, CLAIM_NOBODY_ELIGIBLE or CLAIM_CHANGED_MEANWHILE.
    """
    if not 8 <= len(key) <= 100:
        raise Invalid("CLAIM_KEY_INVALID", "提交编号应为8至100个字符，请刷新页面后重新提交。")
    plan = plans.locked_plan_view(plan_id)
    fingerprint = sha256_hex(canonical_json({"plan": str(plan_id)}))
    earlier = db.session.scalar(
        select(SubsidyClaim).where(
            SubsidyClaim.enterprise_id == plan.enterprise_id, SubsidyClaim.idempotency_key == key
        )
    )
    if earlier is not None:
        if earlier.fingerprint != fingerprint:
            raise Conflict("CLAIM_KEY_REUSED", "这个提交编号已用于另一份申领，请刷新页面后重新提交。")
        return claim_view(earlier.public_id)
    if plan.status != "approved":
        raise Conflict("PLAN_NOT_FILED", "培训计划尚未审核备案，不能申领补贴；请先完成备案。")
    _refuse_second_claim(plan.id)
    policy = policies.get(plan.policy_id)
    preview = compute_claim(plan_id=plan_id)
    rules.require_in_time(preview.claimed_at, policy)
    rules.require_somebody_eligible(preview.lines)
    claim_id = new_public_id()
    claim = SubsidyClaim(
        public_id=claim_id,
        plan_id=plan.id,
        enterprise_id=plan.enterprise_id,
        status="submitted",
        policy_id=policy.id,
        policy_version=policy.version,
        idempotency_key=key,
        fingerprint=fingerprint,
        claimed_on=clock.local_date(preview.claimed_at),
        total_fen=preview.total_fen,
        submitted_at=clock.now(),
        decision_reason="",
        decision_clause="",
        lines=list(_lines(claim_id, preview, policy)),
    )
    seal_claim(claim, plan, policy)
    db.session.add(claim)
    try:
        db.session.flush()
    except IntegrityError as error:  # another plan's claim came first and used a person's cap
        raise Conflict(
            "CLAIM_CHANGED_MEANWHILE", "同一时间有另一份申领提交，金额已变化；请重新测算后再提交。"
        ) from error
    credit_bank.hold_all(
        [Hold(line.worker_id, line.seconds, line.hold_key) for line in claim.lines if line.hold_key is not None],
        context_ref=plan.training_class.class_id,
        reason=f"补贴申领冻结：{plan.enterprise_name}",
    )
    _audit(claim, actor, "claim.submitted", {"total_fen": claim.total_fen, "policy_version": policy.version})
    return claim_view(claim.public_id)


def withdraw_claim(*, claim_id: UUID, reason: str, actor: str) -> ClaimView:
    """The enterprise takes its claim back; what was held is released.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    _close(
        claim, "withdraw", reason=reason.strip() or "企业撤回申领", clause="三", actor=actor, action="claim.withdrawn"
    )
    return claim_view(claim_id)


def review_claim(*, claim_id: UUID, staff_id: int, reason: str, clause: str, actor: str) -> ClaimView:
    """The first of two approvals; called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    claim.status = rules.next_status(claim.status, "review")
    claim.first_reviewer_id = staff_id
    _decide(claim, reason=reason, clause=clause, actor=actor, action="claim.reviewed")
    return claim_view(claim_id)


def approve_claim(*, claim_id: UUID, staff_id: int, reason: str, clause: str, actor: str, at: datetime) -> ClaimView:
    """The second approval, by another person than the first, at the instant of its review; called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED, ``NotAllowed`` SECOND_PERSON_REQUIRED.
    """
    claim = load_claim(claim_id, lock=True)
    after = rules.next_status(claim.status, "approve")
    if claim.first_reviewer_id == staff_id:
        raise NotAllowed("SECOND_PERSON_REQUIRED", "初审和复核须由两个人分别办理，请由另一位审核人员复核。")
    claim.second_reviewer_id, claim.approved_at = staff_id, at
    claim.status = after
    _decide(claim, reason=reason, clause=clause, actor=actor, action="claim.approved")
    return claim_view(claim_id)


def send_back_claim(*, claim_id: UUID, reason: str, clause: str, actor: str) -> ClaimView:
    """Return the claim for correction: its holds are released and the plan may be claimed again, in time as of this one.

    Called by ``reviews``. Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    _close(claim, "send_back", reason=reason, clause=clause, actor=actor, action="claim.sent_back")
    return claim_view(claim_id)


def reject_claim(*, claim_id: UUID, reason: str, clause: str, actor: str) -> ClaimView:
    """Refuse the claim; what was held is released. Called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    _close(claim, "reject", reason=reason, clause=clause, actor=actor, action="claim.rejected")
    return claim_view(claim_id)


def pay_claim(*, claim_id: UUID, actor: str, at: datetime) -> ClaimView:
    """Settle every hold of an approved claim, which is paid at that instant; called by ``payments`` inside the transaction
    that writes the fund entries.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    after = rules.next_status(claim.status, "pay")
    credit_bank.settle_all(_resolve_lines(claim, "settle", "settled"))
    claim.status, claim.paid_at = after, at
    db.session.flush()
    _audit(claim, actor, "claim.paid", {"total_fen": claim.total_fen})
    return claim_view(claim_id)


def _refuse_second_claim(plan_row_id: int) -> None:
    live = db.session.scalar(
        select(SubsidyClaim.status).where(
            SubsidyClaim.plan_id == plan_row_id, SubsidyClaim.status.in_(rules.LIVE_STATUSES)
        )
    )
    if live is not None:
        words = rules.STATUS_WORDS[live]
        raise Conflict("CLAIM_ALREADY_SUBMITTED", f"该培训计划已有一份“{words}”的申领，一个计划只能申领一次。")


def _lines(claim_id: UUID, preview: ClaimPreview, policy: Policy) -> Iterable[ClaimLine]:
    """One row for each person who joined, in the order of their ids, so that two claims lock people in the same order."""
    joined = [(line.person.worker_id, line) for line in preview.lines if line.person.worker_id is not None]
    for worker_id, line in sorted(joined, key=lambda pair: pair[0]):
        public_id = new_public_id()
        held = line.amount_fen > 0
        yield ClaimLine(
            public_id=public_id,
            worker_id=worker_id,
            enrollment_id=line.person.enrollment_id,
            status="held" if held else "refused",
            policy_id=policy.id,
            cap_fen=policy.subsidy.cap_fen,
            cap_ref=preview.cap_ref,
            class_hours=line.decision.class_hours,
            seconds=line.seconds_held,
            amount_fen=line.amount_fen,
            eligible=line.decision.eligible,
            decision=rules.stored_decision(line),
            hold_key=key_of(claim_id, public_id, "hold") if held else None,
            granted_class_hours=line.decision.class_hours if held else 0,
            granted_seconds=line.seconds_held,
            granted_fen=line.amount_fen,
            granted_hold_key=key_of(claim_id, public_id, "hold") if held else None,
        )


def key_of(claim: UUID, line: UUID, verb: str) -> str:
    """The key under which the credit bank holds, settles or releases a line."""
    return f"claim:{claim}:{line}:{verb}"


def _close(claim: SubsidyClaim, move: str, *, reason: str, clause: str, actor: str, action: str) -> None:
    """End a claim unpaid and give the people their seconds and their cap back."""
    claim.status = rules.next_status(claim.status, move)
    credit_bank.release_all(_resolve_lines(claim, "release", "released"), reason=reason)
    _decide(claim, reason=reason, clause=clause, actor=actor, action=action)


def _resolve_lines(claim: SubsidyClaim, verb: str, status: str) -> dict[str, str]:
    """Move the held lines to ``status``; the new keys of their seconds by the keys of the holds."""
    held = [line for line in claim.lines if line.hold_key is not None]
    for line in held:
        line.status = status
    return {line.hold_key: key_of(claim.public_id, line.public_id, verb) for line in held if line.hold_key}


def _decide(claim: SubsidyClaim, *, reason: str, clause: str, actor: str, action: str) -> None:
    claim.decision_reason, claim.decision_clause = reason, clause
    db.session.flush()
    _audit(claim, actor, action, {"reason": reason, "clause": clause})


def _audit(claim: SubsidyClaim, actor: str, action: str, detail: dict[str, str | int]) -> None:
    audit.write(actor=actor, action=action, subject=f"claim:{claim.public_id}", detail=dict(detail))
