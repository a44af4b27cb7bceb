"""Submitting and moving subsidy claims. ``claim_id``, ``plan_id`` are public ids; ``worker_id``, ``staff_id`` inner ones."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.claims import rules
from backend.claims.adjusting import AdjustmentView, adjust_line, adjustments_of
from backend.claims.computing import compute_claim, drawn_fen
from backend.claims.deciding import (
    approve_claim,
    reject_claim,
    return_claim,
    review_claim,
    send_back_claim,
    withdraw_claim,
)
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.moving import key_of, write
from backend.claims.paying import (
    PayableLine,
    close_notice,
    free_line,
    payable_lines,
    put_on_notice,
    settle_lines,
    strike_lines,
)
from backend.claims.reading import (
    approved_claims,
    claim_view,
    claim_view_by_id,
    claims_in_name_of,
    claims_of_enterprise,
    line_ids,
    line_view,
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
from backend.claims.sealing_adjustments import adjustment_states, count_sealed_adjustments, sealed_adjustments
from backend.claims.views import ClaimLineView, ClaimView, OwnClaim
from backend.credit_bank import services as credit_bank
from backend.credit_bank.services import Hold
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from backend.policies import services as policies
from backend.policies.rules import Policy
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db, new_public_id
from config.errors import Conflict, Invalid

__all__ = [
    "AdjustmentView",
    "ClaimLineView",
    "ClaimPreview",
    "ClaimState",
    "ClaimView",
    "LinePreview",
    "OwnClaim",
    "PayableLine",
    "adjust_line",
    "adjustment_states",
    "adjustments_of",
    "approve_claim",
    "approved_claims",
    "claim_states",
    "claim_view",
    "claim_view_by_id",
    "claims_in_name_of",
    "claims_of_enterprise",
    "close_notice",
    "compute_claim",
    "count_sealed_adjustments",
    "count_sealed_rows",
    "drawn_fen",
    "free_line",
    "key_of",
    "line_ids",
    "line_problems",
    "line_view",
    "open_claims",
    "payable_lines",
    "put_on_notice",
    "reject_claim",
    "return_claim",
    "review_claim",
    "sealed_adjustments",
    "sealed_rows",
    "send_back_claim",
    "settle_lines",
    "strike_lines",
    "submit_claim",
    "withdraw_claim",
]


def submit_claim(*, plan_id: UUID, key: str, actor: str) -> ClaimView:
    """Store the plan's claim as computed now and hold the seconds of everybody eligible. The same key again: the same claim.

    Raises ``NotFound`` PLAN_NOT_FOUND; ``Invalid`` CLAIM_KEY_INVALID; ``Conflict`` CLAIM_KEY_REUSED, PLAN_NOT_FILED,
    CLAIM_ALREADY_SUBMITTED, BANK_ACCOUNT_MISSING, CLAIM_TOO_LATE, CLAIM_NOBODY_ELIGIBLE or CLAIM_CHANGED_MEANWHILE.
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
    policy = policies.of_version(plan.policy_id, plan.policy_version)
    account = enterprises.named_account_of(plan.enterprise_id)
    rules.require_account(account is not None, policy)
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
    write(claim, actor, "claim.submitted", {"total_fen": claim.total_fen, "policy_version": policy.version})
    return claim_view(claim.public_id)


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
            certificate_number=line.person.certificate_number,
        )
