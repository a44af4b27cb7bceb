"""Submitting, withdrawing, approving and refusing applications. The decisions are made in ``reviews``; here rows move."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.new_hires import promise, rules
from backend.new_hires.drafting import papers_of
from backend.new_hires.gathering import decide_lines, policy_for
from backend.new_hires.models import NewHireApplication
from backend.new_hires.reading import application_view, load_application, load_line
from backend.new_hires.sealing import seal_application
from backend.new_hires.views import NewHireApplicationView
from backend.policies import services as policies
from config import clock
from config.database import db
from config.errors import Conflict, NotAllowed


def submit_application(*, application_id: UUID, promised: bool, actor: str) -> NewHireApplicationView:
    """Decide each person now, seal it and send it to the reviewers; submitted already, nothing changes.

    Raises ``NotFound`` NEW_HIRES_NOT_FOUND; ``Invalid`` PROMISE_REQUIRED, INSURANCE_PROOF_REQUIRED; ``Conflict``
    NEW_HIRES_MOVE_REFUSED, NEW_HIRES_EMPTY, NEW_HIRES_NOBODY_ELIGIBLE, NEW_HIRES_CHANGED_MEANWHILE.
    """
    application = load_application(application_id, lock=True)
    if application.status == "submitted":
        return application_view(application_id)
    after, policy = rules.next_status(application.status, "submit"), policy_for(application.enterprise_id)
    found = decide_lines(application, policy)
    rules.require_submittable(
        line_count=len(found),
        eligible_count=sum(decision.eligible for decision in found.values()),
        promised=promised,
        needs_proof=any(decision.proof_needed for decision in found.values()) and not papers_of(application_id),
    )
    version = policies.keep(policy)
    for line in application.lines:
        decision = found[line.public_id]
        line.amount_fen, line.decision = decision.amount_fen, decision.to_dict()
    application.policy_id, application.policy_version = policy.id, version
    application.submitted_at = clock.now()
    application.promise_version = promise.CURRENT_VERSION
    application.promise_sha256 = promise.digest_of(promise.CURRENT_VERSION)
    application.total_fen = sum(decision.amount_fen for decision in found.values())
    with db.session.no_autoflush:
        seal_application(application)
    application.status = after
    for line in application.lines:
        line.status = "held" if line.amount_fen else "refused"
    try:
        db.session.flush()
    except IntegrityError as error:  # another enterprise's application has one of these people since a moment
        raise Conflict(
            "NEW_HIRES_CHANGED_MEANWHILE", "同一时间另一份申请中已有名单上的人；请刷新页面查看后再提交。"
        ) from error
    _audit(application, actor, "new_hires.submitted", {"total_fen": application.total_fen})
    return application_view(application_id)


def withdraw_application(*, application_id: UUID, reason: str, actor: str) -> NewHireApplicationView:
    """The enterprise takes its application back. Raises ``NotFound`` NEW_HIRES_NOT_FOUND, ``Conflict``
    NEW_HIRES_MOVE_REFUSED."""
    application = load_application(application_id, lock=True)
    reason = reason.strip() or "企业撤回申请"
    _close(application, "withdraw", reason=reason, clause="二(一)", actor=actor, action="new_hires.withdrawn")
    return application_view(application_id)


def review_application(
    *, application_id: UUID, staff_id: int, reason: str, clause: str, actor: str
) -> NewHireApplicationView:
    """The first of two approvals; called by ``reviews``.

    Raises ``NotFound`` NEW_HIRES_NOT_FOUND, ``Conflict`` NEW_HIRES_MOVE_REFUSED, NEW_HIRES_NOBODY_LEFT.
    """
    application = load_application(application_id, lock=True)
    after = rules.next_status(application.status, "review")
    _require_somebody(application)
    application.status, application.first_reviewer_id = after, staff_id
    _decide(application, reason=reason, clause=clause, actor=actor, action="new_hires.reviewed")
    return application_view(application_id)


def approve_application(
    *, application_id: UUID, staff_id: int, reason: str, clause: str, actor: str, at: datetime
) -> NewHireApplicationView:
    """The second approval, by another person than the first: every held line is payable from that instant (预拨).

    Called by ``reviews``. Raises ``NotFound`` NEW_HIRES_NOT_FOUND; ``Conflict`` NEW_HIRES_MOVE_REFUSED; ``NotAllowed``
    SECOND_PERSON_REQUIRED.
    """
    application = load_application(application_id, lock=True)
    after = rules.next_status(application.status, "approve")
    if application.first_reviewer_id == staff_id:
        raise NotAllowed("SECOND_PERSON_REQUIRED", "初审和复核须由两个人分别办理，请由另一位审核人员复核。")
    held = [line for line in application.lines if line.status == "held"]
    application.granted_fen = sum(line.amount_fen for line in held)
    application.second_reviewer_id, application.approved_at, application.status = staff_id, at, after
    _decide(application, reason=reason, clause=clause, actor=actor, action="new_hires.approved")
    for line in held:
        line.status, line.payable_at = "payable", at
    db.session.flush()
    return application_view(application_id)


def send_back_application(*, application_id: UUID, reason: str, clause: str, actor: str) -> NewHireApplicationView:
    """Return it for correction; called by ``reviews``. Raises ``NotFound`` NEW_HIRES_NOT_FOUND, ``Conflict``
    NEW_HIRES_MOVE_REFUSED."""
    application = load_application(application_id, lock=True)
    _close(application, "send_back", reason=reason, clause=clause, actor=actor, action="new_hires.sent_back")
    return application_view(application_id)


def reject_application(*, application_id: UUID, reason: str, clause: str, actor: str) -> NewHireApplicationView:
    """Refuse it; called by ``reviews``. Raises ``NotFound`` NEW_HIRES_NOT_FOUND, ``Conflict`` NEW_HIRES_MOVE_REFUSED."""
    application = load_application(application_id, lock=True)
    _close(application, "reject", reason=reason, clause=clause, actor=actor, action="new_hires.rejected")
    return application_view(application_id)


def drop_line(*, line_id: UUID, reason: str, clause: str, actor: str) -> NewHireApplicationView:
    """Leave one person out of an application that waits for its first reviewer; called by ``reviews``.

    Raises ``NotFound`` NEW_HIRE_NOT_FOUND, ``Conflict`` NEW_HIRES_MOVE_REFUSED or NEW_HIRE_NOT_HELD.
    """
    line = load_line(line_id)
    application = load_application(line.application.public_id, lock=True)
    rules.next_status(application.status, "review")
    line = load_line(line_id, lock=True)
    if line.status != "held":
        raise Conflict("NEW_HIRE_NOT_HELD", "这个人已不在待审核的名单里，请刷新页面查看。")
    line.status = "released"
    db.session.flush()
    _audit(application, actor, "new_hire.dropped", {"line": str(line_id), "reason": reason, "clause": clause})
    return application_view(application.public_id)


def _require_somebody(application: NewHireApplication) -> None:
    if not any(line.status == "held" for line in application.lines):
        raise Conflict("NEW_HIRES_NOBODY_LEFT", "名单上的人都已剔除，不能通过；请退回补正或不予通过。")


def _close(application: NewHireApplication, move: str, *, reason: str, clause: str, actor: str, action: str) -> None:
    """End an application unpaid; its people are free to be applied for again."""
    application.status = rules.next_status(application.status, move)
    for line in application.lines:
        if line.status == "held":
            line.status = "released"
    _decide(application, reason=reason, clause=clause, actor=actor, action=action)


def _decide(application: NewHireApplication, *, reason: str, clause: str, actor: str, action: str) -> None:
    application.decision_reason, application.decision_clause = reason, clause
    db.session.flush()
    _audit(application, actor, action, {"reason": reason, "clause": clause})


def _audit(application: NewHireApplication, actor: str, action: str, detail: dict[str, str | int]) -> None:
    audit.write(actor=actor, action=action, subject=f"new_hire:{application.public_id}", detail=detail)
