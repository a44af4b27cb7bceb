"""Who receives a certificate and what stands on it (三, 四.2). Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from backend.policies.rules import Policy, attendance_seconds, class_hours_of
from config.errors import Conflict, Invalid

STATUS_WORDS = {"valid": "有效", "revoked": "已撤销", "corrected": "已更正"}
MOVES = (("valid", "revoked"), ("valid", "corrected"))
_NAME_LIMIT, _TRADE_LIMIT = 50, 30


@dataclass(frozen=True)
class Standing:
    """Where somebody stands in a class. ``attendance_percent`` of the planned hours, rounded down, at most 100; ``lacking``
    says in sentences what a certificate still needs, and is empty when it is earned."""

    class_hours: int
    attendance_percent: int
    score: int | None
    lacking: tuple[str, ...]

    @property
    def earned(self) -> bool:
        """Attendance and score both pass."""
        return not self.lacking


def standing(*, seconds: int, score: int | None, planned_class_hours: int | None, policy: Policy) -> Standing:
    """Attendance (四.2 严格出勤考核) and score (成绩考评) of somebody: ``seconds`` of claimable time that the class gave,
    ``score`` of the passed final quiz or None."""
    hours = class_hours_of([seconds], policy)
    planned = (planned_class_hours or 0) * policy.class_hour.seconds
    percent = min(100, seconds * 100 // planned) if planned else 0
    lacking = []
    if hours < policy.certificate.minimum_class_hours:
        lacking.append(f"核定{hours}课时，不足{policy.certificate.minimum_class_hours}课时。")
    if not planned or seconds < attendance_seconds(planned_class_hours, policy):
        lacking.append(f"出勤率{percent}%，不足{policy.certificate.attendance_percent}%。")
    if score is None:
        lacking.append(f"结业测试还没有通过（{policy.quiz.pass_mark}分及格）。")
    return Standing(hours, percent, score, tuple(lacking))


def issued_by_itself(found: Standing, *, ends_on: date | None, today: date) -> bool:
    """Whether the office issues without being asked: the hours are complete or the class is over, so none are missing on it."""
    return found.attendance_percent == 100 or (ends_on is not None and ends_on < today)


def issuer(policy: Policy, *, mode: str | None, enterprise_name: str, platform: str) -> str:
    """Who issues (domain.md A22): the enterprise for its own training, the institution it entrusted; or the bureau."""
    if policy.certificate.issued_by == "human_resources_bureau":
        return f"{policy.jurisdiction}人力资源和社会保障局"
    return platform if mode == "entrusted" and platform else enterprise_name


def number(prefix: str, year: int, serial: int) -> str:
    """``锡线培证〔2020〕000001``."""
    return f"{prefix}〔{year}〕{serial:06d}"


def normal_number(text: str) -> str:
    """A number as somebody typed it: brackets of any kind, spaces and full-width digits become the printed form."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for opening in "([【{":
        plain = plain.replace(opening, "〔")
    for closing in ")]】}":
        plain = plain.replace(closing, "〕")
    return plain


def normal_name(text: str) -> str:
    """A name as it is compared: NFKC, without spaces, all dots between the parts of a name alike."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for dot in ".•・‧∙":
        plain = plain.replace(dot, "·")
    return plain


def corrected_words(name: str, trade_code: str, *, old_name: str, old_trade_code: str) -> tuple[str, str]:
    """Name and trade of a corrected certificate, trimmed. Raises ``Invalid`` NAME_INVALID, TRADE_CODE_INVALID; ``Conflict``
    NOTHING_TO_CORRECT."""
    name, trade_code = name.strip(), trade_code.strip()
    if not 1 <= len(name) <= _NAME_LIMIT or any(unicodedata.category(sign).startswith("C") for sign in name):
        raise Invalid("NAME_INVALID", f"请填写姓名，最多{_NAME_LIMIT}个字。")
    if not 1 <= len(trade_code) <= _TRADE_LIMIT or any(
        unicodedata.category(sign).startswith("C") for sign in trade_code
    ):
        raise Invalid("TRADE_CODE_INVALID", f"请填写职业（工种）代码，最多{_TRADE_LIMIT}个字符。")
    if (name, trade_code) == (old_name, old_trade_code):
        raise Conflict("NOTHING_TO_CORRECT", "姓名和职业（工种）都没有变化，不需要更正。")
    return name, trade_code


def require_valid(status: str, shown_number: str) -> None:
    """Raises ``Conflict`` CERTIFICATE_NOT_VALID when the certificate was revoked or corrected already."""
    if status != "valid":
        raise Conflict("CERTIFICATE_NOT_VALID", f"证书{shown_number}{STATUS_WORDS[status]}，不能再次办理。")
