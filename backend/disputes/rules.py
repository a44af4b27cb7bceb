"""Disputes: what they are about, what they may become and when one goes to a second person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from backend.notices.rules import objected
from config.errors import Conflict, Invalid

Kind = Literal["identity_misuse", "not_taken_part"]
KINDS: tuple[Kind, ...] = ("identity_misuse", "not_taken_part")
KIND_WORDS: Mapping[str, str] = {
    "identity_misuse": "身份证号被他人登记",
    "not_taken_part": "本人没有参加培训",
}

STATUSES = ("open", "upheld", "dismissed", "withdrawn")
MOVES = (("open", "upheld"), ("open", "dismissed"), ("open", "withdrawn"))
STATUS_WORDS: Mapping[str, str] = {
    "open": "核实中",
    "upheld": "情况属实",
    "dismissed": "情况不属实",
    "withdrawn": "已撤回",
}

OUTCOMES = ("struck", "recovery")
"""What became of a claim line of an upheld dispute: not paid any more, or paid already and to be recovered."""

ESCALATED = ("appeal", "objection", "dispute")
"""What goes to a second person when it was not answered in time."""

TEXT_LENGTHS = (5, 1_000)
LONGEST_CONTACT = 100


def dispute_number(year: int, sequence: int) -> str:
    """The number as it is printed."""
    return f"培训争议〔{year}〕{sequence}号"


def check_words(text: str, contact: str, *, contact_needed: bool) -> tuple[str, str | None]:
    """Text and contact of a report, trimmed. Raises ``Invalid`` DISPUTE_TEXT or DISPUTE_CONTACT."""
    text, contact = text.strip(), contact.strip()
    if not TEXT_LENGTHS[0] <= len(text) <= TEXT_LENGTHS[1]:
        raise Invalid("DISPUTE_TEXT", f"请用{TEXT_LENGTHS[0]}到{TEXT_LENGTHS[1]}个字写明情况。")
    if len(contact) > LONGEST_CONTACT or (contact_needed and len(contact) < 5):
        raise Invalid("DISPUTE_CONTACT", "请留下电话或其他联系方式，工作人员核实情况时要和您联系；联系方式不会公开。")
    return text, contact or None


def require_open(status: str) -> None:
    """Raises ``Conflict`` DISPUTE_ENDED when it was decided or withdrawn before."""
    if status != "open":
        raise Conflict("DISPUTE_ENDED", f"这件争议已经办结（{STATUS_WORDS[status]}），不能再次办理；请刷新页面。")


def overdue(due_on: date, today: date) -> bool:
    """Whether the answer should have been given: the day itself is still in time."""
    return today > due_on


# What stands in the way of paying a claim line, as SQL for the triggers of those who pay.
_DISPUTED = (
    "EXISTS (SELECT 1 FROM dispute d JOIN claim_line dl ON dl.worker_id = d.worker_id "
    "WHERE d.status = 'open' AND dl.public_id = <line> "
    "AND (d.enrollment_id IS NULL OR d.enrollment_id = dl.enrollment_id))"
)


def disputed(line_ref: str) -> str:
    """SQL: an open dispute of the line's own person stands against it; ``line_ref`` is SQL for the line's public id."""
    return _DISPUTED.replace("<line>", line_ref)


def blocked(line_ref: str, claim_ref: str) -> str:
    """SQL: an open objection or dispute stands against the line, both given by SQL for their public ids."""
    return f"({objected(line_ref, claim_ref)} OR {disputed(line_ref)})"
