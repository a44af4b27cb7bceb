"""Performance figures (绩效评价, 四.1): people, hours, money, pass rate by district, trade, platform, enterprise or month.

Each figure is counted from the book that knows it: joining from the class lists, hours from the credit bank, results from
the quizzes, money from the fund entries. Read-only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import aliased

from backend.certificates.models import Certificate
from backend.claims.models import ClaimLine
from backend.credit_bank.models import Account, Transfer
from backend.credit_bank.rules import DEPOSITS
from backend.enterprises.models import Enterprise
from backend.papers.services import Column
from backend.payments.models import FundEntry
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.policies import services as policies
from backend.quizzes.models import QuizAttempt
from backend.registers.tables import Register, make
from config import clock
from config.database import db
from config.errors import Invalid

By = Literal["district", "trade", "platform", "enterprise", "month"]
BY: Mapping[By, str] = {
    "district": "区划代码",
    "trade": "工种",
    "platform": "平台",
    "enterprise": "企业",
    "month": "月份",
}
_COLUMNS: Mapping[By, Any] = {
    "district": Enterprise.district_code,
    "trade": TrainingPlan.trade_code,
    "platform": TrainingPlan.platform,
    "enterprise": TrainingPlan.enterprise_name,
    "month": literal(""),
}
_UNSAID = "（未填）"
_LONGEST_MONTHS = 120


@dataclass
class Figures:
    """The figures of one row. People are counted once however many classes they joined."""

    joined: int = 0
    learners: int = 0
    learned_seconds: int = 0
    tested: int = 0
    passed: int = 0
    certificates: int = 0
    people_paid: int = 0
    paid_fen: int = 0

    @property
    def pass_percent(self) -> int | None:
        """Of those who were tested, how many passed, rounded down; None when nobody was."""
        return self.passed * 100 // self.tested if self.tested else None


def performance(*, by: By, starts_on: date, ends_on: date) -> dict[str, Figures]:
    """The figures between two local days (both included), by what ``by`` says, in its order.

    Raises ``Invalid`` PERIOD_INVALID for days in the wrong order or more than ten years.
    """
    if not starts_on <= ends_on <= starts_on + timedelta(days=31 * _LONGEST_MONTHS):
        raise Invalid("PERIOD_INVALID", "请填写先后正确、不超过十年的起止日期。")
    if by != "month":
        return dict(sorted(_figures(by, starts_on, ends_on).items()))
    return {
        f"{first:%Y-%m}": _figures(by, first, last).get(_UNSAID, Figures())
        for first, last in _months(starts_on, ends_on)
    }


def performance_register(*, by: By, starts_on: date, ends_on: date) -> Register:
    """The same as a table that can be exported, with the sums in its foot."""
    found = performance(by=by, starts_on=starts_on, ends_on=ends_on)
    unit = policies.current().class_hour.seconds
    columns = (
        Column(BY[by], 24),
        Column("参训人数", 9, "int"),
        Column("有学习记录人数", 9, "int"),
        Column("学习课时", 9, "int"),
        Column("参加考核人数", 9, "int"),
        Column("合格人数", 9, "int"),
        Column("合格率（%）", 9, "int"),
        Column("核发证书", 9, "int"),
        Column("拨付人数", 9, "int"),
        Column("拨付金额（元）", 14, "fen"),
    )
    rows = tuple(
        (
            name,
            row.joined,
            row.learners,
            row.learned_seconds // unit,
            row.tested,
            row.passed,
            row.pass_percent,
            row.certificates,
            row.people_paid,
            row.paid_fen,
        )
        for name, row in found.items()
    )
    notes = (
        f"统计期间：{starts_on.isoformat()}至{ends_on.isoformat()}（按业务发生日）。",
        "同一人在同一行内只计一次；学习课时按本行累计秒数折算后取整。",
    )
    return make(f"performance-{by}", f"线上培训绩效统计表（按{BY[by]}）", columns, rows, notes)


def _months(starts_on: date, ends_on: date) -> Iterator[tuple[date, date]]:
    first = starts_on
    while first <= ends_on:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, min(following - timedelta(days=1), ends_on)
        first = following


def _figures(by: By, starts_on: date, ends_on: date) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for names, query in _queries(_COLUMNS[by].label("grouped"), starts_on, ends_on):
        for row in db.session.execute(query):
            figures = found.setdefault(row.grouped or _UNSAID, Figures())
            for name in names:
                setattr(figures, name, int(getattr(row, name) or 0))
    return found


def _queries(name: Any, starts_on: date, ends_on: date) -> Iterator[tuple[tuple[str, ...], Select[*tuple[Any, ...]]]]:
    """Figures and the query that counts them, one row a name."""
    since, until = clock.start_of_day(starts_on), clock.start_of_day(ends_on + timedelta(days=1))

    def within(column: Any) -> Any:
        return (column >= since) & (column < until)

    def people(of: Any, label: str) -> Any:
        return func.count(of.distinct()).label(label)

    def of_class(query: Select[*tuple[Any, ...]], class_is: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return (
            query.join(TrainingClass, class_is)
            .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
            .join(Enterprise, Enterprise.id == TrainingPlan.enterprise_id)
            .group_by("grouped")
        )

    joined = select(name, people(Enrollment.worker_id, "joined")).select_from(Enrollment)
    yield ("joined",), of_class(joined, TrainingClass.id == Enrollment.class_id).where(within(Enrollment.joined_at))

    reversal = aliased(Transfer)
    learned = (
        select(name, people(Account.worker_id, "learners"), func.sum(Transfer.amount_seconds).label("learned_seconds"))
        .select_from(Transfer)
        .join(Account, Account.id == Transfer.destination_account_id)
        .outerjoin(reversal, reversal.reversal_of_id == Transfer.id)
        .where(Account.kind == "learned", Transfer.kind.in_(DEPOSITS), reversal.id.is_(None), within(Transfer.at))
    )
    yield ("learners", "learned_seconds"), of_class(learned, TrainingClass.public_id == Transfer.context_ref)

    attempt = QuizAttempt
    passed = func.count(attempt.worker_id.distinct()).filter(attempt.passed.is_(True)).label("passed")
    tested = select(name, people(attempt.worker_id, "tested"), passed).select_from(attempt)
    yield (
        ("tested", "passed"),
        of_class(tested, TrainingClass.public_id == attempt.subject_ref).where(within(attempt.closed_at)),
    )

    issued = select(name, func.count().label("certificates")).select_from(Certificate)
    issued = issued.where(Certificate.status == "valid", within(Certificate.issued_at))
    yield ("certificates",), of_class(issued, TrainingClass.id == Certificate.class_id)

    paid = (
        select(name, people(ClaimLine.worker_id, "people_paid"), func.sum(FundEntry.amount_fen).label("paid_fen"))
        .select_from(FundEntry)
        .join(ClaimLine, ClaimLine.id == FundEntry.claim_line_id)
        .join(Enrollment, Enrollment.id == ClaimLine.enrollment_id)
        .where(within(FundEntry.at))
    )
    yield ("people_paid", "paid_fen"), of_class(paid, TrainingClass.id == Enrollment.class_id)
