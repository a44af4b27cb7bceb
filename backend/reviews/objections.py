"""Deciding objections (三, domain.md A35): upheld, the persons leave the claim; dismissed or withdrawn, they are free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from backend.claims import services as claims
from backend.disputes import services as disputes
from backend.notices import services as notices
from backend.notices.services import FiledObjection, NoticeView, ObjectionView
from backend.people.services import StaffView
from backend.reviews.noticing import free_lines
from backend.reviews.recording import actor_of, checked, record
from backend.reviews.rules import Stage, Verdict
from config import clock
from config.errors import Invalid, NotFound

_ON_PHONE = "本人，请在小程序里答复"


def decide_objection(
    *,
    objection_id: UUID,
    staff: StaffView,
    uphold: bool,
    answer: str,
    clause: str = "三",
    line_ids: Collection[UUID] | None = None,
) -> ObjectionView:
    """Answer an objection; the answer is public. Upheld, the person it is about leaves the claim and the seconds are
    released: of a whole claim ``line_ids``, or everybody left. Dismissed, what it held can be paid.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED (overdue, a second reviewer decides); ``Invalid`` REASON_REQUIRED,
    REASON_TOO_LONG, CLAUSE_UNKNOWN, ANSWER_LEAKS, OBJECTION_OTHER_PERSON; ``NotFound`` OBJECTION_NOT_FOUND; ``Conflict``
    OBJECTION_ENDED, CLAIM_MOVE_REFUSED, LINE_NOT_HELD.
    """
    verdict: Verdict = "approve" if uphold else "reject"
    stage = stage_of_objection(objection_id)
    checked("objection", stage, "reject", staff, answer, clause)  # an answer is owed either way
    answer, clause = checked("objection", stage, verdict, staff, answer, clause)
    view = notices.answer_objection(
        objection_id=objection_id,
        upheld=uphold,
        answer=answer,
        clause=clause,
        staff_id=staff.id,
        actor=actor_of(staff),
        decide=partial(record, "objection", objection_id, stage, verdict, staff, answer, clause),
    )
    if uphold:
        struck = _struck(view, line_ids)
        reason = f"{view.number}成立：{answer}"[:500]
        claims.strike_lines(
            claim_id=view.claim_id, line_ids=struck, reason=reason, clause=clause, actor=actor_of(staff)
        )
    free_lines(view.claim_id, actor=actor_of(staff))
    return view


@dataclass(frozen=True)
class OwnNotice:
    """A worker's own line on a notice. ``open_now``: it can be objected to; ``objections`` are the worker's own about it."""

    notice: NoticeView
    line_id: UUID
    claim_id: UUID
    enterprise_name: str
    class_hours: int
    amount_fen: int
    open_now: bool
    objections: tuple[ObjectionView, ...]


def notices_in_name_of(worker_id: int) -> list[OwnNotice]:
    """The notices that show this worker, the newest claim first."""
    mine = {own.line_id: own for own in claims.claims_in_name_of(worker_id)}
    shown = notices.notices_of_lines(mine)
    raised = notices.objections_by(worker_id)
    now = clock.now()
    found = []
    for line_id, own in mine.items():
        notice = shown.get(line_id)
        if notice is None or notice.closes_at is None:
            continue
        line = claims.line_view(line_id)
        found.append(
            OwnNotice(
                notice=notice,
                line_id=line_id,
                claim_id=own.claim_id,
                enterprise_name=own.enterprise_name,
                class_hours=line.granted_class_hours,
                amount_fen=line.granted_fen,
                open_now=notice.status == "posted" and now < notice.closes_at,
                objections=tuple(each for each in raised if each.line_id == line_id),
            )
        )
    return found


def object_to_own_line(*, worker_id: int, line_id: UUID, text: str, contact: str = "") -> FiledObjection:
    """ "I did not take part": a worker objects to the line in their own name. Without a contact they are told on the phone.

    Raises ``NotFound`` NOTICE_ENTRY_NOT_FOUND (also for somebody else's), and as ``notices.raise_objection``.
    """
    own = next((each for each in notices_in_name_of(worker_id) if each.line_id == line_id), None)
    if own is None:
        raise NotFound("NOTICE_ENTRY_NOT_FOUND", "没有找到以您的名义公示的这笔补贴，请刷新后重新选择。")
    return notices.raise_objection(
        notice_id=own.notice.notice_id,
        claim_id=own.claim_id,
        line_id=line_id,
        text=text,
        contact=contact.strip() or _ON_PHONE,
        worker_id=worker_id,
    )


def withdraw_objection(*, number: str, code: str) -> ObjectionView:
    """The objector takes it back; what it held can be paid.

    Raises ``NotFound`` OBJECTION_NOT_FOUND (also for a wrong code), ``Conflict`` OBJECTION_ENDED.
    """
    view = notices.withdraw_objection(number=number, code=code)
    free_lines(view.claim_id, actor="public")
    return view


def stage_of_objection(objection_id: UUID) -> Stage:
    """Who decides it: anybody of the desk, or once overdue a second reviewer."""
    return "second" if disputes.is_escalated("objection", objection_id) else "only"


def _struck(view: ObjectionView, line_ids: Collection[UUID] | None) -> set[UUID]:
    held = {line.line_id for line in claims.claim_view(view.claim_id).lines if line.status == "held"}
    about = held if view.line_id is None else {view.line_id}
    chosen = about if line_ids is None else set(line_ids)
    if not chosen or not chosen <= about:
        raise Invalid("OBJECTION_OTHER_PERSON", "请在异议所涉及的人员中选择要核减的人员。")
    return chosen
