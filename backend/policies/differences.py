"""What differs between two policies: the values, and what they come to in worked figures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from backend.policies.facts import PersonFacts
from backend.policies.limits import class_hours_of, last_claim_on, last_class_start_on
from backend.policies.rules import decide
from backend.policies.sentences import day, duration, yuan
from backend.policies.values import Policy
from backend.policies.working_days import notice_window

_MINUTES = (960, 1035, 1080, 1125, 1170, 1215, 1260, 1440)  # 24 class hours of 40 and 60 minutes; 23 to 28 and 32 of 45
_LESSONS = (44 * 60 + 50,) * 24
_POSTED = (date(2020, 4, 1), date(2020, 4, 28), date(2020, 6, 22), date(2020, 9, 28))
_CAP_SHARED_BY = {
    "person": "每人全部计划合计",
    "plan": "每人每个计划",
    "person_and_enterprise": "每人每家企业",
    "person_and_year": "每人每年",
}


@dataclass(frozen=True)
class Difference:
    """One value that differs. ``before`` and ``after`` are as in the file, "none" where not set; the note is that of after."""

    key: str
    clause: str
    before: str
    after: str
    note: str


@dataclass(frozen=True)
class Effect:
    """One worked figure that comes out otherwise, in words."""

    figure: str
    before: str
    after: str


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Every value that differs, in the order of the file."""
    return tuple(
        Difference(key, entry.clause, shown(before.entries[key].value), shown(entry.value), entry.note)
        for key, entry in after.entries.items()
        if entry.value != before.entries[key].value
    )


def effects(before: Policy, after: Policy) -> tuple[Effect, ...]:
    """Every worked figure of the notice that differs under the two; without the calendar's corrections of an office."""
    pairs = ((figure, work(before), work(after)) for figure, work in _figures())
    return tuple(Effect(figure, old, new) for figure, old, new in pairs if old != new)


def shown(value: object) -> str:
    """A policy's value in a line of text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _figures() -> Iterator[tuple[str, Callable[[Policy], str]]]:
    yield "最低课时合多少时间", lambda policy: duration(policy.subsidy.minimum_class_hours * policy.class_hour.seconds)
    yield "满多少课时到最高金额", _hours_to_the_cap
    for minutes in _MINUTES:
        yield f"学习{minutes}分钟的人", partial(_paid, (minutes * 60,))
    yield "24节各44分50秒的课都学完的人", partial(_paid, _LESSONS)
    yield "同一人在两家企业各学一个24课时的计划", _two_plans
    yield "最高金额的适用范围", lambda policy: _CAP_SHARED_BY[policy.subsidy.cap_scope]
    yield "最迟开班日", lambda policy: day(last_class_start_on(policy))
    yield "最后申领日", lambda policy: day(last_claim_on(policy))
    for posted_on in _POSTED:
        yield f"{day(posted_on)}公示的届满日", partial(_closes, posted_on)


def _closes(posted_on: date, policy: Policy) -> str:
    return day(notice_window(posted_on, policy, {}).closes_on)


def _paid(lessons: tuple[int, ...], policy: Policy) -> str:
    facts = PersonFacts(seconds=sum(lessons), lesson_seconds=lessons)
    return f"{class_hours_of(lessons, policy)}课时，{yuan(decide(facts, policy).amount_fen)}"


def _hours_to_the_cap(policy: Policy) -> str:
    rate = policy.subsidy.rate_fen_per_class_hour
    return f"{-(-policy.subsidy.cap_fen // rate)}课时" if rate else "不会达到"


def _two_plans(policy: Policy) -> str:
    seconds = 24 * policy.class_hour.seconds
    first = decide(PersonFacts(seconds=seconds), policy).amount_fen
    shared = policy.subsidy.cap_scope in ("person", "person_and_year")
    second = decide(PersonFacts(seconds=seconds, drawn_fen=first if shared else 0), policy).amount_fen
    return yuan(first + second)
