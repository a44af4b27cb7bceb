"""What a claim may become and what one person of it is worth (clauses 二(二) and 三). Pure: facts and policy are arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.policies.rules import (
    Decision,
    ListFinding,
    PersonFacts,
    Policy,
    claim_closes_at,
    decide,
    last_claim_on,
)
from config.errors import Conflict, Invalid

STATUS_WORDS: Mapping[str, str] = {
    "submitted": "待审核",
    "reviewed": "待复核",
    "approved": "待公示",
    "on_notice": "公示中",
    "payable": "待拨付",
    "paid": "已拨付",
    "sent_back": "退回补正",
    "rejected": "未通过",
    "withdrawn": "已撤回",
}

MOVES: Mapping[tuple[str, str], str] = {
    ("submitted", "review"): "reviewed",
    ("reviewed", "return"): "submitted",
    ("reviewed", "approve"): "approved",
    ("approved", "post"): "on_notice",
    ("on_notice", "close"): "payable",
    ("payable", "pay"): "paid",
    ("submitted", "send_back"): "sent_back",
    ("reviewed", "send_back"): "sent_back",
    ("submitted", "reject"): "rejected",
    ("reviewed", "reject"): "rejected",
    ("submitted", "strike"): "rejected",
    ("reviewed", "strike"): "rejected",
    ("approved", "strike"): "rejected",
    ("on_notice", "strike"): "rejected",
    ("payable", "strike"): "rejected",
    ("submitted", "withdraw"): "withdrawn",
    ("reviewed", "withdraw"): "withdrawn",
}
"""Every move a claim can make: (status, move) -> status. The database holds the same table as a trigger.

``return``: the second reviewer asks the first to look again. ``strike``: objections or disputes left nobody in the claim.
"""

LIVE_STATUSES = ["submitted", "reviewed", "approved", "on_notice", "payable", "paid"]
"""A plan has at most one claim in these; their lines use up the cap of their people."""

APPROVED_STATUSES = ["approved", "on_notice", "payable", "paid"]
"""What two persons approved."""

STRIKABLE_STATUSES = ["submitted", "reviewed", "approved", "on_notice", "payable"]
"""Where a person can be taken out of a claim; what was paid is recovered instead."""

LINE_STATUSES = ["refused", "held", "released", "settled"]
LINE_MOVES = [("held", "released"), ("held", "settled")]

_MOVE_WORDS = {
    "review": "初审通过",
    "return": "退回初审",
    "approve": "复核通过",
    "post": "公示",
    "close": "结束公示",
    "strike": "因异议撤销",
    "send_back": "退回补正",
    "reject": "驳回",
    "withdraw": "撤回",
    "pay": "拨付",
}


def next_status(status: str, move: str) -> str:
    """The status after ``move``. Raises ``Conflict`` CLAIM_MOVE_REFUSED when the table has no such move."""
    try:
        return MOVES[status, move]
    except KeyError:
        word = _MOVE_WORDS.get(move, move)
        raise Conflict(
            "CLAIM_MOVE_REFUSED", f"该补贴申领目前是“{STATUS_WORDS[status]}”，不能{word}；请刷新页面查看最新状态。"
        ) from None


@dataclass(frozen=True)
class PlanInClaim:
    """What the whole claim shares. ``claimed_at`` is the first complete submission (domain.md A10), ``class_hours`` are the
    planned ones, ``starts_on`` is the day of the first session if ``starts_with_session``, else the planned day (A3)."""

    filed: bool
    enterprise_kind: str
    starts_on: date | None
    starts_with_session: bool
    class_hours: int | None
    media_seconds: int
    claimed_at: datetime
    cap_ref: str


@dataclass(frozen=True)
class PersonInClass:
    """One person of the class list. ``worker_id`` is None for somebody who never joined; ``seconds`` are claimable here;
    ``certificate_number`` is that of the valid certificate of this class."""

    enrollment_id: int
    worker_id: int | None
    masked_name: str
    relation: str
    hired_on: date
    seconds: int
    checked_in: bool
    quiz_passed: bool
    drawn_fen: int
    lesson_seconds: tuple[int, ...] = ()
    relation_proven: bool = True
    certificate_number: str | None = None
    list_findings: tuple[ListFinding, ...] = ()


@dataclass(frozen=True)
class LinePreview:
    """One person's line as it would be submitted now. ``missing`` says what stands in the way, each with its clause."""

    person: PersonInClass
    facts: PersonFacts
    decision: Decision
    missing: tuple[str, ...]

    @property
    def amount_fen(self) -> int:
        """What this person brings; 0 when not eligible."""
        return self.decision.amount_fen

    @property
    def seconds_held(self) -> int:
        """Claimable seconds that submitting holds: whole class hours, the remainder stays claimable."""
        return self.decision.seconds_drawn


@dataclass(frozen=True)
class ClaimPreview:
    """A plan's claim computed and not stored. ``people_eligible`` of ``len(lines)`` people bring ``total_fen``."""

    plan_id: UUID
    enterprise_name: str
    policy_version: str
    claimed_at: datetime
    last_day_on: date
    cap_ref: str
    lines: tuple[LinePreview, ...]
    total_fen: int
    people_eligible: int


CAP_OF_PERSON = "person"


def cap_ref(policy: Policy, *, plan: UUID, enterprise_id: int, on: date) -> str:
    """Which amounts share one cap of clause 二(二) (domain.md A4): lines of a person with the same reference."""
    refs = {
        "person": CAP_OF_PERSON,
        "plan": f"plan:{plan}",
        "person_and_enterprise": f"enterprise:{enterprise_id}",
        "person_and_year": f"year:{on.year}",
    }
    return refs[policy.subsidy.cap_scope]


def listed_on(policy: Policy, starts_on: date | None, claimed_on: date) -> date:
    """The day on which lists of other offices are asked: that on which the person must be employed (domain.md A21)."""
    return starts_on if starts_on is not None and policy.relation.employed_on == "class_start" else claimed_on


_EARNS_CERTIFICATE = ("hours", "attendance", "quiz")
"""Who lacks one of these is told that, and not that the certificate which follows from them is missing."""

NOT_JOINED = "还没有用班级码加入班级；加入并签到后再学习。"


def compute_line(person: PersonInClass, plan: PlanInClaim, policy: Policy) -> LinePreview:
    """Decide one person by the policy (二(二), 三, 四.2)."""
    facts = PersonFacts(
        seconds=person.seconds,
        drawn_fen=person.drawn_fen,
        class_starts_on=plan.starts_on,
        starts_with_session=plan.starts_with_session,
        claimed_at=plan.claimed_at,
        enterprise_kind=plan.enterprise_kind,
        relation=person.relation,
        relation_proven=person.relation_proven,
        hired_on=person.hired_on,
        filed=plan.filed,
        checked_in=person.checked_in,
        quiz_passed=person.quiz_passed,
        certified=person.certificate_number is not None,
        planned_class_hours=plan.class_hours,
        plan_media_seconds=(plan.media_seconds,),
        lesson_seconds=person.lesson_seconds,
        list_findings=person.list_findings,
    )
    decision = decide(facts, policy)
    failed = decision.failed()
    unearned = any(step.rule in _EARNS_CERTIFICATE for step in failed)
    missing = tuple(
        f"{step.sentence}（{step.clause}）" for step in failed if not (unearned and step.rule == "certificate")
    )
    return LinePreview(person, facts, decision, missing if person.worker_id is not None else (NOT_JOINED, *missing))


@dataclass(frozen=True)
class Cut:
    """What is left of a person's line after a reviewer cut it; all 0 below the minimum of 二(二)."""

    class_hours: int
    seconds: int
    amount_fen: int


def require_adjustable(status: str) -> None:
    """Only before the first approval. Raises ``Conflict`` CLAIM_MOVE_REFUSED."""
    if status != "submitted":
        raise Conflict(
            "CLAIM_MOVE_REFUSED",
            f"该补贴申领目前是“{STATUS_WORDS[status]}”，只有待审核的申领可以核减；已通过初审的请先由复核人员退回初审。",
        )


def cut(class_hours: int, from_class_hours: int, from_fen: int, left_fen: int, policy: Policy) -> Cut:
    """What ``class_hours`` bring under the policy when ``left_fen`` of the cap was free at submission (二(二)).

    Raises ``Invalid`` ADJUSTMENT_INVALID below 0, ADJUSTMENT_NOT_LOWER when hours or money would not fall.
    """
    if class_hours < 0:
        raise Invalid("ADJUSTMENT_INVALID", "核减后的课时不能小于0。")
    if class_hours < policy.subsidy.minimum_class_hours:
        return Cut(0, 0, 0)
    amount_fen = min(class_hours * policy.subsidy.rate_fen_per_class_hour, left_fen)
    if class_hours >= from_class_hours or amount_fen >= from_fen:
        raise Invalid(
            "ADJUSTMENT_NOT_LOWER",
            f"目前核给{from_class_hours}课时、{yuan(from_fen)}元，审核只能核减；"
            f"{class_hours}课时为{yuan(amount_fen)}元，没有减少。",
        )
    return Cut(class_hours, class_hours * policy.class_hour.seconds, amount_fen)


def cut_sentence(from_fen: int, class_hours: int, amount_fen: int, reason: str, clause: str) -> str:
    """What a cut did, for the enterprise and the person."""
    left = f"减为{class_hours}课时、{yuan(amount_fen)}元" if amount_fen else "减为0元，不予补贴"
    return f"审核核减：由{yuan(from_fen)}元{left}；理由：{reason}（{clause}）"


def require_in_time(claimed_at: datetime, policy: Policy) -> None:
    """三: before the end of the last day. Raises ``Conflict`` CLAIM_TOO_LATE."""
    if claimed_at >= claim_closes_at(policy):
        last = last_claim_on(policy)
        raise Conflict("CLAIM_TOO_LATE", f"补贴申领已于{last.year}年{last.month}月{last.day}日24时截止，不能再提交。")


def require_account(named: bool, policy: Policy) -> None:
    """三: the claim names the enterprise's bank account. Raises ``Conflict`` BANK_ACCOUNT_MISSING."""
    if not named and "bank_account" in policy.claim.required_documents:
        raise Conflict("BANK_ACCOUNT_MISSING", "还没有填报企业开户银行账户；请先在“银行账户”页面填报，再提交申领。")


def require_somebody_eligible(lines: Sequence[LinePreview]) -> None:
    """Raises ``Conflict`` CLAIM_NOBODY_ELIGIBLE with what each person lacks."""
    if any(line.amount_fen for line in lines):
        return
    raise Conflict(
        "CLAIM_NOBODY_ELIGIBLE",
        "班级里还没有符合申领条件的人员，请看每个人还差什么，补齐后再提交。",
        errors=[{"name": line.person.masked_name, "missing": list(line.missing)} for line in lines],
    )


def yuan(fen: int) -> str:
    """``44400`` -> ``"444.00"``."""
    return f"{fen // 100}.{fen % 100:02d}"


def stored_decision(line: LinePreview) -> dict[str, object]:
    """The decision as it is kept on the line, with all facts, so that it can be made again; canonical JSON values only."""
    number = line.person.certificate_number
    return {"facts": line.facts.to_dict(), "certificate_number": number, **line.decision.to_dict()}
