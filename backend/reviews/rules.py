"""Who may decide what, and what a decision must say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from config.errors import Invalid, NotAllowed

Subject = Literal[
    "plan",
    "amendment",
    "claim",
    "adjustment",
    "bank_account",
    "certificate",
    "new_hire",
    "objection",
    "dispute",
    "recovery",
    "identity_claim",
    "appeal",
]
Verdict = Literal["approve", "return", "send_back", "reject"]
Stage = Literal["only", "first", "second"]

SUBJECTS: tuple[Subject, ...] = get_args(Subject)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""``return``: the second reviewer asks the first to look again; ``send_back``: the enterprise is asked to correct."""
STAGES = ("only", "first", "second")

CLAUSES = ("序", "一(一)", "一(二)", "二(一)", "二(二)", "二(三)", "三", "四.1", "四.2", "四.3", "四.4", "四.5", "尾")
"""The clauses of 锡人社办〔2020〕10号 that a decision can rest on."""

APPROVED_REASON = "材料齐全，符合要求。"


@dataclass(frozen=True)
class OfferedReason:
    """A reason that the reviewer's page offers, with the clause it rests on."""

    clause: str
    text: str


@dataclass(frozen=True)
class Relevance:
    """一(一): whether the training belongs to the enterprise's main business, and why the reviewer says so."""

    relevant: bool
    why: str


RELEVANT = Relevance(True, "培训内容与企业主营业务相关。")

AMENDMENT_REASONS = (
    OfferedReason("三", "变更内容说明不清，请补充后重新提交。"),
    OfferedReason("三", "新增人员已经开始学习，不能再办理变更。"),
    OfferedReason("二(二)", "用工关系的证明材料不全，请补充后重新提交。"),
)

PLAN_REASONS = (
    OfferedReason("三", "培训计划要素不全，请补充企业名称、培训人数、培训课程、培训时长、培训方式及平台。"),
    OfferedReason("一(一)", "培训项目与企业主营业务的关系说明不清，请补充说明。"),
    OfferedReason("二(二)", "线上培训学时不足24个课时，请增加课程。"),
    OfferedReason("二(二)", "劳务派遣企业不在补贴范围内。"),
    OfferedReason("二(二)", "开班日期不在政策期内。"),
    OfferedReason("三", "委托培训协议缺失或与计划不一致，请补正。"),
)
CLAIM_REASONS = (
    OfferedReason("三", "申领材料与备案的培训计划不一致，请核对后重新提交。"),
    OfferedReason("四.2", "出勤或成绩记录存疑，请补充说明。"),
    OfferedReason("四.5", "抽查中发现与实际不符的情况。"),
)

OBJECTION_REASONS = (
    OfferedReason("四.2", "经核对学习记录和考核成绩，异议所反映的情况属实，核减该人员。"),
    OfferedReason("四.2", "经核对签到、学习记录和考核成绩，未发现异议所反映的情况。"),
    OfferedReason("三", "所反映的事实与本次公示的补贴无关，请向有关部门反映。"),
)
DISPUTE_REASONS = (
    OfferedReason("四.5", "经核对本人身份证件，该身份证号系被他人登记。"),
    OfferedReason("四.2", "经核对签到、学习记录和设备，本人没有参加该班学习。"),
    OfferedReason("四.2", "经核对签到、学习记录和考核成绩，记录与本人相符。"),
)

_ROLES: dict[tuple[Subject, Stage], tuple[str, ...]] = {
    ("plan", "only"): ("reviewer", "second_reviewer"),
    ("amendment", "only"): ("reviewer", "second_reviewer"),
    ("claim", "first"): ("reviewer",),
    ("claim", "second"): ("second_reviewer",),
    ("adjustment", "first"): ("reviewer",),
    ("bank_account", "only"): ("reviewer", "second_reviewer"),
    ("certificate", "only"): ("reviewer", "second_reviewer"),
    ("new_hire", "first"): ("reviewer",),
    ("new_hire", "second"): ("second_reviewer",),
    ("new_hire", "only"): ("reviewer", "second_reviewer"),
    ("recovery", "first"): ("cashier", "reviewer"),
    ("recovery", "second"): ("cashier", "second_reviewer", "bureau"),
    ("identity_claim", "only"): ("reviewer", "second_reviewer"),
    ("appeal", "only"): ("reviewer", "second_reviewer"),
    ("appeal", "second"): ("second_reviewer",),
    ("objection", "only"): ("reviewer", "second_reviewer"),
    ("objection", "second"): ("second_reviewer",),
    ("dispute", "only"): ("reviewer", "second_reviewer"),
    ("dispute", "second"): ("second_reviewer",),
}
_REFUSALS = {
    "only": "只有审核人员可以办理，请使用审核人员账号登录。",
    "first": "这份申领等待初审，请由初审人员办理。",
    "second": "这份申领已通过初审，请由另一位复核人员办理。",
}
_OVERDUE = "这件事已超过答复期限，改由复核人员办理，请使用复核人员账号登录。"


def require_role(role: str, subject: Subject, stage: Stage) -> None:
    """Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED when this role does not decide this subject at this stage."""
    if role not in _ROLES[subject, stage]:
        overdue = stage == "second" and subject in ("appeal", "objection", "dispute")
        raise NotAllowed("REVIEWER_ROLE_REQUIRED", _OVERDUE if overdue else _REFUSALS[stage])


def can_decide(role: str, subject: Subject, stage: Stage) -> bool:
    """Whether this role decides this subject at this stage."""
    return role in _ROLES[subject, stage]


def clean_relevance(relevance: Relevance | None) -> Relevance | None:
    """The reviewer's answer with a trimmed why. Raises ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG."""
    if relevance is None:
        return None
    why = relevance.why.strip() or (RELEVANT.why if relevance.relevant else "")
    if len(why) < 2:
        raise Invalid("REASON_REQUIRED", "请写明为什么与企业主营业务无关。")
    if len(why) > 500:
        raise Invalid("REASON_TOO_LONG", "主营业务相关性的说明最多500个字，请精简。")
    return Relevance(relevance.relevant, why)


def require_relevant(relevance: Relevance | None) -> Relevance:
    """一(一): only training that belongs to the main business is put on file. Raises ``Invalid`` NOT_RELEVANT."""
    cleaned = clean_relevance(relevance) or RELEVANT
    if not cleaned.relevant:
        raise Invalid("NOT_RELEVANT", "培训项目与企业主营业务无关的，不能通过备案；请退回补正或不予备案。")
    return cleaned


def require_own_words(reason: str, *, late: bool) -> None:
    """三, domain.md A3: a late filing is granted with a written reason. Raises ``Invalid`` REASON_REQUIRED."""
    if late and len(reason.strip()) < 2:
        raise Invalid("REASON_REQUIRED", "这份计划是开班后补备案的，请写明同意补备案的理由。")


def check_words(verdict: Verdict, reason: str, clause: str) -> tuple[str, str]:
    """Reason and clause of a decision, trimmed. An approval may leave the reason out; nothing else may.

    Raises ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG or CLAUSE_UNKNOWN.
    """
    reason, clause = reason.strip(), clause.strip()
    if not reason and verdict == "approve":
        reason = APPROVED_REASON
    if len(reason) < 2:
        raise Invalid("REASON_REQUIRED", "请写明理由，让对方知道该补什么、改什么。")
    if len(reason) > 500:
        raise Invalid("REASON_TOO_LONG", "理由最多500个字，请精简。")
    if clause not in CLAUSES:
        raise Invalid("CLAUSE_UNKNOWN", f"请选择所依据的条款：{'、'.join(CLAUSES)}。")
    return reason, clause
