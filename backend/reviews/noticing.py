"""Public notices (公示, 三): which claims go on one, when its clock starts, and what its end makes payable."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from uuid import UUID

from backend.claims import services as claims
from backend.claims.services import ClaimLineView, ClaimView
from backend.disputes import services as disputes
from backend.notices import services as notices
from backend.notices.services import Granted, NoticeView
from backend.people import services as people
from backend.people.services import StaffView
from backend.reviews.recording import actor_of
from config import clock
from config.database import apart
from config.errors import Conflict, NotAllowed

_OFFICE = ("reviewer", "second_reviewer")
_SYSTEM = "system"


def make_notice(*, staff: StaffView, claim_ids: Collection[UUID] | None = None) -> NoticeView:
    """A draft of a notice: of these claims, or of all that were approved and are on no notice yet, oldest first.

    A notice is of one version of a policy, because its days are: without ``claim_ids`` that of the oldest claim; what is
    left goes on the next. Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``NotFound`` CLAIM_NOT_FOUND; ``Conflict``
    NOTICE_NOBODY, NOTICE_CLAIM_NOT_WAITING, NOTICE_TWO_POLICIES, NOTICE_LEAKS.
    """
    _require_office(staff)
    found = _waiting() if claim_ids is None else _chosen(claim_ids)
    policies = [(claim.policy_id, claim.policy_version) for claim in found]
    if claim_ids is not None and len(set(policies)) > 1:
        raise Conflict("NOTICE_TWO_POLICIES", "所选申领适用的政策或版本不同，公示天数可能不同；请分开公示。")
    policy_id, version = policies[0] if policies else ("", "")
    granted = [
        each
        for claim, policy in zip(found, policies, strict=True)
        if policy == (policy_id, version)
        for each in _granted(claims.claim_view(claim.claim_id))
    ]
    return notices.make_notice(
        granted=granted, policy_id=policy_id, policy_version=version, staff_id=staff.id, actor=actor_of(staff)
    )


def post_notice(*, notice_id: UUID, posted_on: date, url: str, staff: StaffView) -> NoticeView:
    """Record that the notice stands on the bureau's website: the clock runs, its claims are on notice.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``NotFound`` NOTICE_NOT_FOUND; ``Conflict`` NOTICE_MOVE_REFUSED,
    NOTICE_OUT_OF_DATE, NOTICE_LEAKS; ``Invalid`` NOTICE_POSTED_IN_FUTURE, NOTICE_POSTED_TOO_EARLY, NOTICE_POSTED_TOO_LATE,
    NOTICE_URL.
    """
    _require_office(staff)
    before = notices.notice_view(notice_id)
    if before.status == "draft":
        _require_up_to_date(before)
    view = notices.post_notice(
        notice_id=notice_id, posted_on=posted_on, url=url, staff_id=staff.id, actor=actor_of(staff)
    )
    for claim_id in view.claim_ids:
        claims.put_on_notice(claim_id=claim_id, actor=actor_of(staff))
    return view


def discard_notice(*, notice_id: UUID, staff: StaffView) -> NoticeView:
    """Throw a draft away; its claims wait again.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``NotFound`` NOTICE_NOT_FOUND; ``Conflict`` NOTICE_MOVE_REFUSED.
    """
    _require_office(staff)
    return notices.discard_notice(notice_id=notice_id, actor=actor_of(staff))


def close_due_notices(*, limit: int) -> int:
    """Job: end the notices whose stored deadline is over; what nobody objects to is payable from the deadline on.

    Before that, deadlines move later where an office corrected a day. A missed run catches up. Returns how many ended.
    """
    for notice_id in notices.posted_notice_ids():
        apart(partial(notices.redate_notice, notice_id=notice_id, actor=_SYSTEM), what="re-date a notice")
    due = notices.due_notice_ids(clock.now(), limit)
    return sum(apart(partial(_close, notice_id), what="close a notice") is not None for notice_id in due)


def waiting_claims() -> list[ClaimView]:
    """Approved claims that are on no notice yet, without their lines, the oldest submission first."""
    return _waiting()


def blocked_lines(claim: ClaimView) -> set[UUID]:
    """The held lines of a claim that an open objection or dispute stands against."""
    held = [line for line in claim.lines if line.status == "held"]
    whole, some = notices.objected_lines(claim.claim_id)
    disputed = disputes.disputed_people([line.worker_id for line in held])
    return {line.line_id for line in held if whole or line.line_id in some or _disputed(line, disputed)}


def free_lines(claim_id: UUID, *, actor: str) -> None:
    """After an objection or a dispute ended: what nothing stands against any more, in a claim whose notice is over, is
    payable from now on."""
    claim = claims.claim_view(claim_id)
    blocked = blocked_lines(claim)
    for line in claim.lines:
        if line.status == "held" and line.payable_at is None and line.line_id not in blocked:
            claims.free_line(line_id=line.line_id, actor=actor, at=clock.now())


def _close(notice_id: UUID) -> NoticeView:
    view = notices.close_notice(notice_id=notice_id, actor=_SYSTEM)
    assert view.closes_at is not None
    for claim_id in view.claim_ids:
        claim = claims.claim_view(claim_id)
        if claim.status == "on_notice":
            claims.close_notice(claim_id=claim_id, blocked=blocked_lines(claim), actor=_SYSTEM, at=view.closes_at)
    return view


def _disputed(line: ClaimLineView, disputed: Collection[tuple[int, int | None]]) -> bool:
    return (line.worker_id, None) in disputed or (line.worker_id, line.enrollment_id) in disputed


def _waiting() -> list[ClaimView]:
    approved = claims.approved_claims()
    shown = notices.noticed_claims([claim.claim_id for claim in approved])
    return [claim for claim in approved if claim.claim_id not in shown]


def _chosen(claim_ids: Collection[UUID]) -> list[ClaimView]:
    waiting = {claim.claim_id: claim for claim in _waiting()}
    for claim_id in claim_ids:
        if claim_id not in waiting:
            claims.claim_view(claim_id)
            raise Conflict(
                "NOTICE_CLAIM_NOT_WAITING", "所选申领不在待公示状态，或已在另一份公示里；请刷新页面重新选择。"
            )
    return [claim for claim_id, claim in waiting.items() if claim_id in set(claim_ids)]


def _granted(claim: ClaimView) -> Iterator[Granted]:
    held = [line for line in claim.lines if line.status == "held"]
    names = people.names_of(line.worker_id for line in held)
    for line in held:
        yield Granted(
            claim_id=claim.claim_id,
            line_id=line.line_id,
            enterprise_name=claim.enterprise_name,
            masked_name=line.masked_name,
            name=names[line.worker_id],
            class_hours=line.granted_class_hours,
            amount_fen=line.granted_fen,
        )


def _require_up_to_date(notice: NoticeView) -> None:
    """What was struck, or sent elsewhere, since the draft was made must not be shown."""
    shown = {entry.line_id: entry.amount_fen for entry in notice.entries}
    now: dict[UUID, int] = {}
    for claim_id in notice.claim_ids:
        claim = claims.claim_view(claim_id)
        if claim.status == "approved":
            now |= {line.line_id: line.granted_fen for line in claim.lines if line.status == "held"}
    if shown != now:
        raise Conflict(
            "NOTICE_OUT_OF_DATE", "公示生成后，名单中有人员已核减或申领状态有变化；请作废这份公示并重新生成。"
        )


def _require_office(staff: StaffView) -> None:
    if staff.role not in _OFFICE:
        raise NotAllowed("REVIEWER_ROLE_REQUIRED", "只有审核人员可以办理公示，请使用审核人员账号登录。")
