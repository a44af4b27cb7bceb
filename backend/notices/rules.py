"""What a notice may become, when it may be posted and closed, and who may object to what until when (clause 三). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from config.errors import Conflict, Invalid

STATUSES = ("draft", "posted", "closed", "discarded")
MOVES = (("draft", "posted"), ("posted", "closed"), ("draft", "discarded"))
STATUS_WORDS: Mapping[str, str] = {
    "draft": "待发布",
    "posted": "公示中",
    "closed": "公示期满",
    "discarded": "已作废",
}

OBJECTION_STATUSES = ("open", "upheld", "dismissed", "withdrawn")
OBJECTION_MOVES = (("open", "upheld"), ("open", "dismissed"), ("open", "withdrawn"))
OBJECTION_WORDS: Mapping[str, str] = {
    "open": "核实中",
    "upheld": "异议成立",
    "dismissed": "异议不成立",
    "withdrawn": "已撤回",
}

Scope = Literal["person", "claim"]

LONGEST_URL = 500
TEXT_LENGTHS = (5, 1_000)
LONGEST_CONTACT = 100
LONGEST_NAME = 50


def notice_number(year: int, sequence: int) -> str:
    """The number as it is printed."""
    return f"锡线培公示〔{year}〕{sequence}号"


def objection_number(year: int, sequence: int) -> str:
    """The number as it is printed."""
    return f"公示异议〔{year}〕{sequence}号"


def require_status(status: str, needed: str, doing: str) -> None:
    """Raises ``Conflict`` NOTICE_MOVE_REFUSED when the notice is in another status than ``needed``."""
    if status != needed:
        raise Conflict(
            "NOTICE_MOVE_REFUSED", f"这份公示目前是“{STATUS_WORDS[status]}”，不能{doing}；请刷新页面查看最新状态。"
        )


def check_posting(posted_on: date, url: str, *, made_on: date, today: date) -> str:
    """The address of a posting, trimmed. Raises ``Invalid`` NOTICE_POSTED_IN_FUTURE, NOTICE_POSTED_TOO_EARLY, NOTICE_URL."""
    if posted_on > today:
        raise Invalid("NOTICE_POSTED_IN_FUTURE", "发布日期还没有到；请在网站发布之后再登记实际发布的日期。")
    if posted_on < made_on:
        raise Invalid(
            "NOTICE_POSTED_TOO_EARLY", f"发布日期早于公示生成的日期（{made_on.isoformat()}），请核对后重新填写。"
        )
    url = url.strip()
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_URL or any(map(str.isspace, url)):
        raise Invalid("NOTICE_URL", "请填写公示在网站上的完整网址，以 http:// 或 https:// 开头。")
    return url


def require_running(now: datetime, closes_at: datetime) -> None:
    """Raises ``Invalid`` NOTICE_POSTED_TOO_LATE when the window was over before the posting was recorded."""
    if now >= closes_at:
        raise Invalid(
            "NOTICE_POSTED_TOO_LATE", "按这个发布日期公示期已经届满，期间本系统没有收取异议；请重新发布后再登记。"
        )


def require_in_window(now: datetime, closes_at: datetime | None) -> None:
    """三: objections are raised while the notice is shown. Raises ``Conflict`` OBJECTION_TOO_LATE."""
    if closes_at is None or now >= closes_at:
        raise Conflict(
            "OBJECTION_TOO_LATE", "公示期已满，不能再提出异议；如发现骗取、套取补贴，请直接向市高训中心举报。"
        )


def check_words(text: str, contact: str, name: str) -> tuple[str, str, str | None]:
    """Text, contact and name of an objection, trimmed. Raises ``Invalid`` OBJECTION_TEXT, OBJECTION_CONTACT, OBJECTION_NAME."""
    text, contact, name = text.strip(), contact.strip(), name.strip()
    if not TEXT_LENGTHS[0] <= len(text) <= TEXT_LENGTHS[1]:
        raise Invalid("OBJECTION_TEXT", f"请用{TEXT_LENGTHS[0]}到{TEXT_LENGTHS[1]}个字写明异议的事实和理由。")
    if not 5 <= len(contact) <= LONGEST_CONTACT:
        raise Invalid(
            "OBJECTION_CONTACT", "请留下电话、电子邮箱或地址，工作人员核实情况时要和您联系；联系方式不会公开。"
        )
    if len(name) > LONGEST_NAME:
        raise Invalid("OBJECTION_NAME", f"称呼最多{LONGEST_NAME}个字，也可以不填。")
    return text, contact, name or None


def require_open(status: str) -> None:
    """Raises ``Conflict`` OBJECTION_ENDED when it was answered or withdrawn before."""
    if status != "open":
        raise Conflict("OBJECTION_ENDED", f"这份异议{OBJECTION_WORDS[status]}，不能再办理；请刷新页面查看结果。")


# What other tables' triggers ask of objections and of the decisions about them, as SQL.
_NOT_REVIEWED = (
    "NEW.status IN ('upheld', 'dismissed') AND OLD.status <> NEW.status AND NOT EXISTS "
    "(SELECT 1 FROM review r WHERE r.subject_kind = '<subject>' AND r.subject_id = NEW.public_id "
    "AND r.verdict = CASE NEW.status WHEN 'upheld' THEN 'approve' ELSE 'reject' END)"
)
_OBJECTED = (
    "EXISTS (SELECT 1 FROM objection o WHERE o.status = 'open' "
    "AND (o.line_ref = <line> OR (o.line_ref IS NULL AND o.claim_ref = <claim>)))"
)


def not_reviewed(subject: str) -> str:
    """SQL: the row moves to upheld or dismissed and no review of ``subject`` says so."""
    return _NOT_REVIEWED.replace("<subject>", subject)


def objected(line_ref: str, claim_ref: str) -> str:
    """SQL: an open objection stands against a claim line, given by SQL for its public id and its claim's."""
    return _OBJECTED.replace("<line>", line_ref).replace("<claim>", claim_ref)
