"""What an enterprise and an employment are. Pure: no database, no clock, no files."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from config.errors import Invalid

EnterpriseKind = Literal["ordinary", "dispatch_company", "platform_company"]
Relation = Literal["contract", "dispatched_in", "platform_worker"]
Region = Literal["wuxi", "jiangyin", "yixing", "elsewhere"]

KINDS: tuple[EnterpriseKind, ...] = get_args(EnterpriseKind)
RELATIONS: tuple[Relation, ...] = get_args(Relation)

NAME_LENGTH = 100
BUSINESS_SCOPE_LENGTH = 2_000

# How a roster may say it; the first of each is what our own template offers (domain reference section 11.2).
RELATION_WORDS: dict[Relation, tuple[str, ...]] = {
    "contract": (
        "劳动合同", "劳动合同工", "劳动合同制", "签订劳动合同", "合同制", "合同工", "正式", "正式工", "正式员工",
    ),
    "dispatched_in": ("劳务派遣", "劳务派遣工", "劳务派遣人员", "被派遣劳动者", "派遣", "派遣工", "派遣员工"),
    "platform_worker": (
        "平台从业", "平台从业人员", "平台从业者", "平台人员", "平台", "新业态", "新业态从业人员", "新就业形态",
    ),
}  # fmt: skip
_RELATION_OF = {word: relation for relation, words in RELATION_WORDS.items() for word in words}


@dataclass(frozen=True)
class AgeLimits:
    """Full years. Under ``youngest`` nobody may be employed (Labour Law, article 15); from the retirement age on a person is
    flagged, not refused (domain reference A42)."""

    youngest: int = 16
    retirement_men: int = 60
    retirement_women: int = 55


AGE_LIMITS = AgeLimits()


def age_on(born_on: date, day: date) -> int:
    """Full years on ``day``; someone born on 29 February turns older on 1 March of a common year."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def relation_of(text: str) -> Relation | None:
    """The relation a roster's word stands for, or None."""
    return _RELATION_OF.get(text)


def region_of(district_code: str) -> Region:
    """Where the registration digits point. Withdrawn district codes (320202, 320203 …) still mean Wuxi; Jiangyin and Yixing
    have policy variants of their own (domain reference A20). A hint, never a reason to refuse."""
    if district_code == "320281":
        return "jiangyin"
    if district_code == "320282":
        return "yixing"
    return "wuxi" if district_code.startswith("3202") else "elsewhere"


def needs_kind_review(kind: str, business_scope: str) -> bool:
    """Whether a reviewer should look at the kind: labour dispatch stands in the business scope of a company that did not say
    it is a dispatch company (二(二); domain reference A16: mixed companies are decided by a person)."""
    return kind != "dispatch_company" and "劳务派遣" in business_scope


def check_enterprise(*, name: str, kind: str, business_scope: str) -> tuple[str, EnterpriseKind, str]:
    """Trimmed name, kind and business scope. Raises Invalid ENTERPRISE_NAME_INVALID, ENTERPRISE_KIND_INVALID,
    BUSINESS_SCOPE_INVALID."""
    name, business_scope = " ".join(name.split()), business_scope.strip()
    if not 2 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise Invalid("ENTERPRISE_NAME_INVALID", f"请填写营业执照上的企业全称，2至{NAME_LENGTH}个字。")
    if len(business_scope) > BUSINESS_SCOPE_LENGTH:
        raise Invalid("BUSINESS_SCOPE_INVALID", f"经营范围最多{BUSINESS_SCOPE_LENGTH}个字，请照营业执照填写。")
    for known in KINDS:
        if kind == known:
            return name, known, business_scope
    raise Invalid("ENTERPRISE_KIND_INVALID", "企业类型只能是一般企业、劳务派遣企业或平台企业，请重新选择。")
