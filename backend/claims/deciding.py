"""Moving a claim before its notice: withdrawing it, and the decisions of the two reviewers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.claims import rules
from backend.claims.moving import close, decide
from backend.claims.reading import claim_view, load_claim
from backend.claims.views import ClaimView
from config.errors import Conflict, NotAllowed


def withdraw_claim(*, claim_id: UUID, reason: str, actor: str) -> ClaimView:
    """The enterprise takes its claim back; what was held is released.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    reason = reason.strip() or "企业撤回申领"
    close(claim, "withdraw", reason=reason, clause="三", actor=actor, action="claim.withdrawn")
    return claim_view(claim_id)


def review_claim(*, claim_id: UUID, staff_id: int, reason: str, clause: str, actor: str) -> ClaimView:
    """The first of two approvals; called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED, CLAIM_NOTHING_GRANTED.
    """
    claim = load_claim(claim_id, lock=True)
    claim.status = rules.next_status(claim.status, "review")
    if not any(line.status == "held" for line in claim.lines):
        raise Conflict("CLAIM_NOTHING_GRANTED", "这份申领已没有核给金额的人员，不能通过；请退回补正或驳回。")
    claim.first_reviewer_id = staff_id
    decide(claim, reason=reason, clause=clause, actor=actor, action="claim.reviewed")
    return claim_view(claim_id)


def return_claim(*, claim_id: UUID, reason: str, clause: str, actor: str) -> ClaimView:
    """The second reviewer asks the first to look again; nothing is released. Called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    claim.status = rules.next_status(claim.status, "return")
    claim.first_reviewer_id = None
    decide(claim, reason=reason, clause=clause, actor=actor, action="claim.returned")
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
    decide(claim, reason=reason, clause=clause, actor=actor, action="claim.approved")
    return claim_view(claim_id)


def send_back_claim(*, claim_id: UUID, reason: str, clause: str, actor: str) -> ClaimView:
    """Return the claim for correction: its holds are released and the plan may be claimed again, in time as of this one.

    Called by ``reviews``. Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    close(claim, "send_back", reason=reason, clause=clause, actor=actor, action="claim.sent_back")
    return claim_view(claim_id)


def reject_claim(*, claim_id: UUID, reason: str, clause: str, actor: str) -> ClaimView:
    """Refuse the claim; what was held is released. Called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    close(claim, "reject", reason=reason, clause=clause, actor=actor, action="claim.rejected")
    return claim_view(claim_id)
