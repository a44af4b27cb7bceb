"""What a worker is told, in the fields of the message templates, and how pressing an enterprise's task is. Pure.

Every message has a key: what happened, its id and the worker's inner id. A key is told once, whenever the job runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backend.messages.rules import thing

CLASS_ENDS_DAYS = 3
QUIZ_AFTER_DAYS = 30
PRIORITY_DAYS = (30, 7)
"""Before the priority ends, a worker is told once in the last 30 days and once in the last 7."""
LOOK_BACK_DAYS = 30
"""What happened longer before the job first ran is no news."""
FIRST_HOUR, LAST_HOUR = 8, 21
"""Local hours between which a worker is reminded of what falls due; what happened is told at once."""
SOON_DAYS, CLASS_SHOWN_DAYS = 7, 14

Urgency = Literal["late", "soon", "later", "open"]


@dataclass(frozen=True)
class Told:
    """One message to one worker; ``useful_until``: after that it is not sent any more."""

    worker_id: int
    template: str
    data: dict[str, str]
    key: str
    useful_until: datetime | None = None


def yuan(fen: int) -> str:
    """46250 → 462.50元."""
    return f"{fen // 100}.{fen % 100:02d}元"


def day(on: date) -> str:
    """2020年3月31日, as WeChat writes a date."""
    return f"{on.year}年{on.month}月{on.day}日"


def class_ends(
    worker_id: int, class_id: UUID, title: str, *, ends_on: date, missing_seconds: int, until: datetime
) -> Told:
    """Somebody lacks time in a class that ends in three days."""
    minutes = -(-missing_seconds // 60)
    hours, rest = divmod(minutes, 60)
    lacking = f"还差{hours}小时{rest}分钟" if hours else f"还差{rest}分钟"
    data = {"thing1": _title(title), "date2": day(ends_on), "thing3": lacking}
    return Told(worker_id, "class-ends", data, f"class-ends:{class_id}:{worker_id}", until)


def quiz_open(worker_id: int, class_id: UUID, title: str, *, until: datetime) -> Told:
    """The hours are complete and the final quiz is not passed."""
    data = {"thing1": _title(title), "thing2": "学时已够，请完成测试"}
    return Told(worker_id, "quiz-open", data, f"quiz-open:{class_id}:{worker_id}", until)


def claim_in_name(worker_id: int, line_id: UUID, enterprise: str, amount_fen: int) -> Told:
    """Somebody claims a subsidy in the worker's name."""
    data = {"thing1": thing(enterprise), "amount2": yuan(amount_fen), "thing3": "如未参加培训，请提出异议"}
    return Told(worker_id, "claim-in-name", data, f"claim-in-name:{line_id}:{worker_id}")


def certificate_issued(worker_id: int, certificate_id: UUID, title: str, number: str, on: date) -> Told:
    """A certificate is there."""
    data = {"thing1": _title(title), "thing2": thing(number), "date3": day(on)}
    return Told(worker_id, "certificate-issued", data, f"certificate-issued:{certificate_id}:{worker_id}")


def appeal_answered(worker_id: int, appeal_id: UUID, *, upheld: bool, granted_seconds: int) -> Told:
    """An appeal about uncounted minutes was decided."""
    said = f"补计{-(-granted_seconds // 60)}分钟" if granted_seconds else "请打开小程序查看理由"
    data = {"thing1": "学习时间申诉", "phrase2": "成立" if upheld else "不成立", "thing3": said}
    return Told(worker_id, "appeal-answered", data, f"appeal-answered:{appeal_id}:{worker_id}")


def dispute_answered(worker_id: int, dispute_id: UUID, kind_words: str, *, upheld: bool) -> Told:
    """A dispute the worker opened was decided."""
    data = {"thing1": thing(kind_words), "phrase2": "属实" if upheld else "不属实", "thing3": "请打开小程序查看答复"}
    return Told(worker_id, "appeal-answered", data, f"dispute-answered:{dispute_id}:{worker_id}")


def payment_made(worker_id: int, line_id: UUID, enterprise: str, amount_fen: int, on: date) -> Told:
    """Money claimed in the worker's name was paid."""
    data = {"thing1": thing(enterprise), "amount2": yuan(amount_fen), "date3": day(on)}
    return Told(worker_id, "payment-made", data, f"payment-made:{line_id}:{worker_id}")


def priority_expires(worker_id: int, until_on: date, *, today: date, until: datetime) -> Told | None:
    """二(三): the priority at training bases ends soon; None when that is not yet or no more worth saying."""
    left = (until_on - today).days
    stage = next((days for days in sorted(PRIORITY_DAYS) if 0 <= left <= days), None)
    if stage is None:
        return None
    data = {"thing1": "实训基地优先资格", "date2": day(until_on)}
    return Told(worker_id, "priority-expires", data, f"priority-expires:{until_on}-{stage}:{worker_id}", until)


def _title(title: str) -> str:
    return thing(title) if title.strip() else "培训班"


@dataclass(frozen=True)
class Task:
    """Something an enterprise has to do, or waits for. ``due_on`` None: as soon as possible. ``subject`` names what page it is
    done on: plan, claim, new_hires or account."""

    kind: str
    sentence: str
    due_on: date | None
    days_left: int | None
    urgency: Urgency
    subject: str
    subject_id: UUID | None


def task(kind: str, sentence: str, due_on: date | None, *, today: date, subject: str, subject_id: UUID | None) -> Task:
    """A task with its days counted: ``late`` after its day, ``soon`` within a week, ``open`` without a day."""
    left = None if due_on is None else (due_on - today).days
    urgency: Urgency = "open"
    if left is not None:
        urgency = "late" if left < 0 else "soon" if left <= SOON_DAYS else "later"
    return Task(kind, sentence, due_on, left, urgency, subject, subject_id)


def in_order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Late ones first, then what has no day, then by day."""
    rank = {"late": 0, "open": 1, "soon": 2, "later": 2}
    return tuple(sorted(tasks, key=lambda item: (rank[item.urgency], item.due_on or date.min, item.kind)))
