"""What a training plan may hold and become: its words, its moves, and who may change or join it when. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from config.errors import Conflict, Invalid

KINDS: Mapping[str, str] = {"pre_job": "岗前培训", "safety": "安全技能培训", "skill_upgrade": "岗位技能提升培训"}
"""Exactly the three kinds of clause 一(一)."""

MODES: Mapping[str, str] = {"own": "自主培训", "entrusted": "委托第三方培训"}
"""The two ways of clause 二(二)."""

STATUS_WORDS: Mapping[str, str] = {
    "draft": "待提交",
    "submitted": "待审核",
    "sent_back": "退回补正",
    "approved": "审核通过",
    "rejected": "未予备案",
}

MOVES: Mapping[tuple[str, str], str] = {
    ("draft", "submit"): "submitted",
    ("sent_back", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "send_back"): "sent_back",
    ("submitted", "reject"): "rejected",
}
"""Every move a plan can make: (status, move) -> status. The database holds the same table as a trigger."""

EDITABLE = frozenset({"draft", "sent_back"})

_MOVE_WORDS = {
    "submit": "提交",
    "approve": "审核通过",
    "send_back": "退回补正",
    "reject": "驳回",
    "withdraw": "撤回",
}


AMENDMENT_WORDS: Mapping[str, str] = {
    "submitted": "待审核",
    "approved": "审核通过",
    "sent_back": "退回补正",
    "rejected": "未予变更",
    "withdrawn": "已撤回",
}

AMENDMENT_MOVES: Mapping[tuple[str, str], str] = {
    ("submitted", "approve"): "approved",
    ("submitted", "send_back"): "sent_back",
    ("submitted", "reject"): "rejected",
    ("submitted", "withdraw"): "withdrawn",
}
"""Every move an amendment can make; what was sent back is corrected by another one."""


def next_status(status: str, move: str) -> str:
    """The status after ``move``. Raises ``Conflict`` PLAN_MOVE_REFUSED when the table has no such move."""
    try:
        return MOVES[status, move]
    except KeyError:
        word = _MOVE_WORDS.get(move, move)
        raise Conflict(
            "PLAN_MOVE_REFUSED", f"该培训计划目前是“{STATUS_WORDS[status]}”，不能{word}；请刷新页面查看最新状态。"
        ) from None


def require_editable(status: str) -> None:
    """Raises ``Conflict`` PLAN_NOT_EDITABLE unless the enterprise may still change the plan."""
    if status == "submitted":
        raise Conflict("PLAN_NOT_EDITABLE", "该培训计划正在审核，不能修改；如需修改，请联系审核人员退回补正。")
    if status not in EDITABLE:
        raise Conflict("PLAN_NOT_EDITABLE", f"该培训计划已是“{STATUS_WORDS[status]}”，不能再修改。")


def require_enrolling(status: str) -> None:
    """Clause 三, training by the plan as filed: nobody is added later. Raises ``Conflict`` PLAN_ENROLLMENT_CLOSED."""
    if status == "approved":
        raise Conflict("PLAN_ENROLLMENT_CLOSED", "备案已审核通过，不能直接增减人员；增加人员须先办理备案变更。")
    if status not in EDITABLE:
        raise Conflict("PLAN_ENROLLMENT_CLOSED", f"该培训计划目前是“{STATUS_WORDS[status]}”，不能增减人员。")


def require_keeping(status: str) -> None:
    """Clause 四.2: papers come before the training, pictures with it. Raises ``Conflict`` PLAN_REJECTED for a refused plan."""
    if status == "rejected":
        raise Conflict("PLAN_REJECTED", "该培训计划未予备案，没有要留存的台账资料；如重新申报，请在新的计划里上传。")


def normal_class_code(text: str) -> str:
    """A class code as typed on a phone: spaces and hyphens dropped, full-width and small letters made plain capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()


def require_joinable(status: str, ends_on: date | None, today: date) -> None:
    """Raises ``Conflict`` CLASS_CLOSED for a refused plan, CLASS_ENDED after the last day of the class."""
    if status == "rejected":
        raise Conflict("CLASS_CLOSED", "这个班级的培训计划未予备案，不能加入；请联系企业经办人。")
    if ends_on is not None and today > ends_on:
        raise Conflict("CLASS_ENDED", f"这个班级已于{day_in_words(ends_on)}结束，班级码已失效；请联系企业经办人。")


def filing_number(approved_on: date, plan_number: int) -> str:
    """The number under which a plan is on file."""
    return f"锡线培备〔{approved_on.year}〕{plan_number}号"


@dataclass(frozen=True)
class PlanFields:
    """What an enterprise fills in. Anything may be blank in a draft; ``course_ids`` are public ids in teaching order."""

    title: str = ""
    kind: str | None = None
    head_count: int | None = None
    class_hours: int | None = None
    mode: str | None = None
    platform: str = ""
    agreement: str = ""
    relevance: str = ""
    trade_code: str = ""
    affected: bool = False
    late_filing_reason: str = ""
    course_ids: tuple[UUID, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None


_TEXT_LIMITS = {
    "title": 100,
    "platform": 100,
    "agreement": 100,
    "relevance": 1000,
    "trade_code": 30,
    "late_filing_reason": 500,
}
_LARGEST = {"head_count": 100_000, "class_hours": 1_000}
_MOST_COURSES = 50


def clean_fields(fields: PlanFields) -> PlanFields:
    """The fields without spaces around their texts. What can never be right, blank or not, is refused.

    Raises ``Invalid`` PLAN_FIELDS_INVALID with one error for each field.
    """
    fields = replace(fields, **{name: getattr(fields, name).strip() for name in _TEXT_LIMITS})
    errors = [
        {"field": name, "message": f"最多{limit}个字"}
        for name, limit in _TEXT_LIMITS.items()
        if len(getattr(fields, name)) > limit
    ]
    for name, largest in _LARGEST.items():
        value = getattr(fields, name)
        if value is not None and not 1 <= value <= largest:
            errors.append({"field": name, "message": f"应为1到{largest}的整数"})
    if fields.kind is not None and fields.kind not in KINDS:
        errors.append({"field": "kind", "message": f"应为以下之一：{'、'.join(KINDS.values())}"})
    if fields.mode is not None and fields.mode not in MODES:
        errors.append({"field": "mode", "message": f"应为以下之一：{'、'.join(MODES.values())}"})
    if fields.starts_on and fields.ends_on and fields.ends_on < fields.starts_on:
        errors.append({"field": "ends_on", "message": "结束日期早于开班日期"})
    if len(set(fields.course_ids)) != len(fields.course_ids):
        errors.append({"field": "course_ids", "message": "同一课程选了两次"})
    if len(fields.course_ids) > _MOST_COURSES:
        errors.append({"field": "course_ids", "message": f"最多{_MOST_COURSES}门课程"})
    if errors:
        raise Invalid("PLAN_FIELDS_INVALID", "培训计划中有填写错误，请按提示改正后再保存。", errors=errors)
    return fields


@dataclass(frozen=True)
class AmendmentFields:
    """What an enterprise asks to change in a plan on file. People are public ids of roster rows: ``added`` ones are new,
    ``corrected`` ones take the relation and day of hiring that the roster has now. None leaves a figure as it is."""

    reason: str = ""
    added: tuple[UUID, ...] = ()
    corrected: tuple[UUID, ...] = ()
    course_ids: tuple[UUID, ...] = ()
    head_count: int | None = None
    class_hours: int | None = None


_MOST_AMENDED = 5_000


def clean_amendment(fields: AmendmentFields) -> AmendmentFields:
    """The fields with a trimmed reason. Raises ``Invalid`` AMENDMENT_FIELDS_INVALID with one error for each field."""
    fields = replace(fields, reason=fields.reason.strip())
    errors = []
    if not 2 <= len(fields.reason) <= 500:
        errors.append({"field": "reason", "message": "请写明变更原因（2至500个字）"})
    for name in ("head_count", "class_hours"):
        value = getattr(fields, name)
        if value is not None and not 1 <= value <= _LARGEST[name]:
            errors.append({"field": name, "message": f"应为1到{_LARGEST[name]}的整数"})
    if len(set(fields.added + fields.corrected)) < len(fields.added + fields.corrected):
        errors.append({"field": "added", "message": "同一个人选了两次"})
    if len(fields.added + fields.corrected) > _MOST_AMENDED:
        errors.append({"field": "added", "message": f"一次最多变更{_MOST_AMENDED}人，请分几次提交"})
    if len(set(fields.course_ids)) != len(fields.course_ids) or len(fields.course_ids) > _MOST_COURSES:
        errors.append({"field": "course_ids", "message": f"同一课程不能选两次，最多{_MOST_COURSES}门"})
    changes = (fields.added, fields.corrected, fields.course_ids, fields.head_count, fields.class_hours)
    if not any(changes):
        errors.append({"field": "reason", "message": "没有变更内容，请选择人员、课程，或填写新的人数、课时"})
    if errors:
        raise Invalid("AMENDMENT_FIELDS_INVALID", "变更申请中有填写错误，请按提示改正。", errors=errors)
    return fields


def next_amendment_status(status: str, move: str) -> str:
    """The status after ``move``. Raises ``Conflict`` AMENDMENT_MOVE_REFUSED when the table has no such move."""
    try:
        return AMENDMENT_MOVES[status, move]
    except KeyError:
        raise Conflict(
            "AMENDMENT_MOVE_REFUSED",
            f"这份变更申请目前是“{AMENDMENT_WORDS[status]}”，不能{_MOVE_WORDS[move]}；请刷新页面查看最新状态。",
        ) from None


def require_amendable(status: str, ends_on: date | None, today: date) -> None:
    """Only a plan on file is amended, and only while its class lasts. Raises ``Conflict`` PLAN_NOT_ON_FILE, CLASS_OVER."""
    if status != "approved":
        raise Conflict("PLAN_NOT_ON_FILE", f"该培训计划目前是“{STATUS_WORDS[status]}”，备案通过后才能办理变更。")
    if ends_on is not None and today > ends_on:
        raise Conflict("CLASS_OVER", f"这个班级已于{day_in_words(ends_on)}结束，不能再变更备案。")


def day_in_words(day: date) -> str:
    """``2020-03-02`` -> ``"2020年3月2日"``."""
    return f"{day.year}年{day.month}月{day.day}日"
