"""How long evidence and personal fields are kept (四.2; domain.md A24). Pure: days are those of Wuxi, today is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from config.errors import Conflict, Invalid, NotAllowed
from learning_records.evidence.keeping_rules import months_later, over

UnitKind = Literal["class", "person", "other"]
UNIT_WORDS: Mapping[str, str] = {"class": "班级", "person": "个人自学", "other": "其他"}
PROPOSERS = ("reviewer", "second_reviewer", "bureau")
HOLDERS = PROPOSERS
_LONGEST_REASON = 500


@dataclass(frozen=True)
class UnitFacts:
    """What the clock of one class (or of one person's learning on their own) goes by. Days are local; ``waits`` counts what
    keeps everything, by its words: an open claim, a payment in flight, an appeal, a session that is not sealed."""

    last_session_on: date | None
    last_payment_on: date | None
    last_sealed_on: date
    waits: Mapping[str, int] = field(default_factory=dict)


def kept_until(facts: UnitFacts, *, years: int, kept_from: str) -> date:
    """The last day on which the unit's evidence is kept: so many years from the later of last payment and last session (A24),
    and from the sealing of its last record, which the database asks for as well."""
    starts = [facts.last_sealed_on, facts.last_session_on]
    if kept_from == "later_of_last_payment_and_last_session":
        starts.append(facts.last_payment_on)
    return months_later(max(day for day in starts if day is not None), 12 * years)


def reasons_to_wait(facts: UnitFacts) -> tuple[str, ...]:
    """What keeps everything of the unit, however old it is; empty when nothing does."""
    return tuple(f"{words}{count}件" for words, count in facts.waits.items() if count)


@dataclass(frozen=True)
class PersonalFacts:
    """What the clocks of a person's fields go by. ``active_on`` is the last day of anything they did or that was decided of
    them; ``busy``: an open claim or appeal, a legal hold, a class that still runs."""

    active_on: date
    has_phone: bool
    has_wechat: bool
    has_identity: bool
    signed_in: bool
    evidence: bool
    busy: bool


@dataclass(frozen=True)
class Clocks:
    """Months of the policy, and the last day on which a subsidy could be claimed: until then an office may have to call."""

    claims_end_on: date
    phone_months: int
    wechat_months: int
    unjoined_months: int
    identity_months: int


def fields_due(facts: PersonalFacts, clocks: Clocks, *, today: date) -> tuple[str, ...]:
    """Which of phone, wechat, identity is to be erased today; an identity takes the others with it."""
    if facts.busy:
        return ()
    since = max(facts.active_on, clocks.claims_end_on)
    if facts.has_identity and not facts.evidence and over(since, clocks.identity_months, today=today):
        return ("identity",)
    due = []
    if facts.has_phone and over(since, clocks.phone_months, today=today):
        due.append("phone")
    if facts.has_wechat and not facts.signed_in and over(since, clocks.wechat_months, today=today):
        due.append("wechat")
    return tuple(due)


def unjoined_due(touched_on: date, class_ends: Iterable[date], clocks: Clocks, *, today: date) -> bool:
    """Whether a roster row whose person joined no class is to be erased today."""
    since = max([touched_on, clocks.claims_end_on, *class_ends])
    return over(since, clocks.unjoined_months, today=today)


def require_role(role: str) -> None:
    """Raises ``NotAllowed`` RETENTION_ROLE_REQUIRED."""
    if role not in PROPOSERS:
        raise NotAllowed("RETENTION_ROLE_REQUIRED", "只有审核人员或市人社局的账号可以办理保留和销毁。")


def require_other_person(*, proposer_id: int, approver_id: int) -> None:
    """四.2: nobody destroys alone. Raises ``NotAllowed`` SECOND_PERSON_REQUIRED."""
    if proposer_id == approver_id:
        raise NotAllowed("SECOND_PERSON_REQUIRED", "销毁须由另一人批准，请换一个账号。")


def checked_reason(reason: str) -> str:
    """Raises ``Invalid`` REASON_REQUIRED."""
    said = reason.strip()
    if not 1 < len(said) <= _LONGEST_REASON:
        raise Invalid("REASON_REQUIRED", f"请用2到{_LONGEST_REASON}个字写明理由。")
    return said


def require_unchanged(*, proposed: str, found: str) -> None:
    """Raises ``Conflict`` DESTRUCTION_CHANGED when other records are due than were proposed."""
    if proposed != found:
        raise Conflict(
            "DESTRUCTION_CHANGED", "提出以后情况有变（有新的申领、申诉、保留或记录），没有销毁任何内容，请重新提出。"
        )
