"""How figures, times and states are written for people: Chinese words, Wuxi time, exact integers."""

from __future__ import annotations

from datetime import date, datetime

from config.clock import SHANGHAI

PLAN_STATUS = {
    "draft": ("待提交", "secondary"),
    "submitted": ("待审核", "azure"),
    "sent_back": ("退回补正", "orange"),
    "approved": ("审核通过", "green"),
    "rejected": ("已驳回", "red"),
}
CLAIM_STATUS = {
    "computed": ("待提交", "secondary"),
    "submitted": ("待审核", "azure"),
    "approved": ("待拨付", "green"),
    "rejected": ("已驳回", "red"),
    "withdrawn": ("已撤回", "secondary"),
    "paid": ("已拨付", "teal"),
}
VERDICT = {"ok": ("可导入", "green"), "flagged": ("需留意", "orange"), "refused": ("未导入", "red")}
PLAN_KIND = {"pre_job": "岗前培训", "safety": "安全技能培训", "skill_upgrade": "岗位技能提升培训"}
PLAN_MODE = {"own": "自主培训", "entrusted": "委托第三方平台"}
RELATION = {"contract": "劳动合同", "dispatched_in": "劳务派遣", "platform_worker": "平台从业"}
ENTERPRISE_KIND = {"ordinary": "一般企业", "dispatch_company": "劳务派遣企业", "platform_company": "平台企业"}
LESSON_KIND = {"video": "视频", "reading": "图文", "simulation": "模拟实操"}
TOPIC = {"infectious_disease": "传染病防控", "work_safety": "安全生产", "law": "法律法规", "trade": "专业技能"}
FINDING = {"block": ("不能提交", "red"), "warn": ("提醒", "orange")}


def yuan(fen: int) -> str:
    """``49950`` → ``499.50 元``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d} 元"


def duration(seconds: int) -> str:
    """``62100`` → ``17小时15分``; seconds are shown only below a minute, so nothing is rounded up."""
    if seconds < 60:
        return f"{seconds}秒"
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return (f"{hours}小时" if hours else "") + (f"{minutes}分" if minutes or not hours else "")


def exact_duration(seconds: int) -> str:
    """``62105`` → ``17:15:05``, for tables that must reconcile to the second."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def moment(value: datetime | None) -> str:
    """An instant in Wuxi time, to the minute; a dash when there is none."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def day(value: date | None) -> str:
    """A local date; a dash when there is none."""
    return value.isoformat() if value else "—"


def short(value: object) -> str:
    """The last eight characters of an identifier: enough to compare by eye, with the whole text in a title."""
    return str(value)[-8:]
