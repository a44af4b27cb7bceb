"""From the notice to the bank: what is on notice, what became payable, what was struck, what is settled (clause 三).

Called by ``reviews`` (notices, objections, disputes) and ``payments`` inside their transactions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.claims import rules
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.moving import decide, key_of, release, write
from backend.claims.reading import claim_view, load_claim, load_line
from backend.claims.views import ClaimView
from backend.credit_bank import services as credit_bank
from backend.plans import services as plans
from config import clock
from config.database import db
from config.errors import Conflict, NotFound


@dataclass(frozen=True)
class PayableLine:
    """One person's money that nothing stands in the way of. ``id`` and ``claim_row_id`` are inner ids."""

    line_id: UUID
    id: int
    claim_id: UUID
    claim_row_id: int
    plan_id: UUID
    enterprise_id: int
    policy_id: str
    policy_version: str
    worker_id: int
    amount_fen: int
    submitted_at: datetime
    payable_at: datetime


def put_on_notice(*, claim_id: UUID, actor: str) -> ClaimView:
    """The claim's notice was posted. Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED."""
    claim = load_claim(claim_id, lock=True)
    claim.status = rules.next_status(claim.status, "post")
    db.session.flush()
    write(claim, actor, "claim.on_notice", {})
    return claim_view(claim_id)


def close_notice(*, claim_id: UUID, blocked: Collection[UUID], actor: str, at: datetime) -> ClaimView:
    """The claim's notice is over: every held line is payable from ``at``, except those whose ids are ``blocked``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, ``Conflict`` CLAIM_MOVE_REFUSED.
    """
    claim = load_claim(claim_id, lock=True)
    claim.status = rules.next_status(claim.status, "close")
    db.session.flush()  # a line is payable only in a claim that is
    free = [line for line in claim.lines if line.status == "held" and line.public_id not in blocked]
    for line in free:
        line.payable_at = at
    db.session.flush()
    write(claim, actor, "claim.payable", {"lines": len(free), "blocked": len(blocked)})
    return claim_view(claim_id)


def free_line(*, line_id: UUID, actor: str, at: datetime) -> None:
    """An objection against the line was dismissed after its notice had closed: it is payable from ``at``. Again: no change.

    While the notice runs there is nothing to free: closing does it. Raises ``NotFound`` LINE_NOT_FOUND.
    """
    line = load_line(line_id)
    claim = load_claim(line.claim.public_id, lock=True)
    if claim.status != "payable" or line.status != "held" or line.payable_at is not None:
        return
    line.payable_at = at
    db.session.flush()
    write(claim, actor, "claim.line_freed", {"line": str(line_id)})


def strike_lines(*, claim_id: UUID, line_ids: Collection[UUID], reason: str, clause: str, actor: str) -> ClaimView:
    """Take people out of a claim for good: their seconds are released. Nobody left: the claim is rejected, or paid when
    others of it were paid.

    Raises ``NotFound`` CLAIM_NOT_FOUND, LINE_NOT_FOUND; ``Conflict`` CLAIM_MOVE_REFUSED, LINE_NOT_HELD, LINE_AT_BANK.
    """
    claim = load_claim(claim_id, lock=True)
    if claim.status not in rules.STRIKABLE_STATUSES:
        rules.next_status(claim.status, "strike")
    try:
        release(_held(claim, line_ids), reason=reason)
        db.session.flush()
    except IntegrityError as error:  # those who pay guard what the bank has in hand
        raise Conflict(
            "LINE_AT_BANK", "有人员的补贴已交银行付款，暂不能撤销；请等银行回单登记后再办理，已付款的转为追回。"
        ) from error
    write(claim, actor, "claim.lines_struck", {"lines": len(line_ids), "reason": reason, "clause": clause})
    if not any(line.status == "held" for line in claim.lines):
        if any(line.status == "settled" for line in claim.lines):
            _paid(claim, actor, clock.now())
        else:
            claim.status = rules.next_status(claim.status, "strike")
            decide(claim, reason=reason, clause=clause, actor=actor, action="claim.rejected")
    return claim_view(claim_id)


def payable_lines() -> list[PayableLine]:
    """Every line that waits for its payment, the oldest submission first (domain.md A38)."""
    rows = db.session.execute(
        select(ClaimLine, SubsidyClaim)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .where(ClaimLine.status == "held", ClaimLine.payable_at.is_not(None))
        .order_by(SubsidyClaim.submitted_at, SubsidyClaim.id, ClaimLine.id)
    ).all()
    plan_ids = {row: plans.plan_view_by_id(row).plan_id for row in {claim.plan_id for _, claim in rows}}
    return [
        PayableLine(
            line_id=line.public_id,
            id=line.id,
            claim_id=claim.public_id,
            claim_row_id=claim.id,
            plan_id=plan_ids[claim.plan_id],
            enterprise_id=claim.enterprise_id,
            policy_id=claim.policy_id,
            policy_version=claim.policy_version,
            worker_id=line.worker_id,
            amount_fen=line.granted_fen,
            submitted_at=claim.submitted_at,
            payable_at=line.payable_at,
        )
        for line, claim in rows
        if line.payable_at is not None
    ]


def settle_lines(*, claim_id: UUID, line_ids: Collection[UUID], actor: str, at: datetime) -> ClaimView:
    """Use up the seconds of these people for good: the bank has paid them. The claim is paid when no held line is left.

    Raises ``NotFound`` CLAIM_NOT_FOUND, LINE_NOT_FOUND; ``Conflict`` LINE_NOT_HELD, LINE_NOT_PAYABLE.
    """
    claim = load_claim(claim_id, lock=True)
    lines = _held(claim, line_ids)
    if any(line.payable_at is None for line in lines):
        raise Conflict("LINE_NOT_PAYABLE", "有人员的公示或异议尚未结束，不能拨付；请刷新页面后重新办理。")
    holds = {
        line.granted_hold_key: key_of(claim.public_id, line.public_id, "settle")
        for line in lines
        if line.granted_hold_key
    }
    for line in lines:
        line.status = "settled"
    credit_bank.settle_all(holds)
    db.session.flush()
    settled_fen = sum(line.granted_fen for line in lines)
    write(claim, actor, "claim.lines_settled", {"lines": len(lines), "amount_fen": settled_fen})
    if not any(line.status == "held" for line in claim.lines):
        _paid(claim, actor, at)
    return claim_view(claim_id)


def _held(claim: SubsidyClaim, line_ids: Collection[UUID]) -> Sequence[ClaimLine]:
    found = [line for line in claim.lines if line.public_id in line_ids]
    if len(found) != len(set(line_ids)):
        raise NotFound("LINE_NOT_FOUND", "申领里没有这名人员，请从申领重新打开。")
    if any(line.status != "held" for line in found):
        raise Conflict("LINE_NOT_HELD", "有人员已不在待办状态（已拨付、已核减或未通过），请刷新页面后重新办理。")
    return found


def _paid(claim: SubsidyClaim, actor: str, at: datetime) -> None:
    claim.status, claim.paid_at = rules.next_status(claim.status, "pay"), at
    db.session.flush()
    write(claim, actor, "claim.paid", {"claimed_fen": claim.total_fen})
