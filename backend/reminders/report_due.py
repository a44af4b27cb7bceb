"""What falls due for workers today: classes that end, quizzes that are open, priority that ends. Selects across slices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.certificates import report_due as certificates_report
from backend.credit_bank.models import Account
from backend.plans.models import TrainingClass, TrainingPlan
from backend.policies import services as policies
from backend.policies.rules import priority, seconds_needed
from backend.reminders import rules
from backend.reminders.rules import Told
from config import clock
from config.database import db

PAGE = 500


def of_classes(today: date, *, after_id: int, limit: int) -> tuple[list[Told], int | None]:
    """For the next classes of approved plans: who lacks time three days before the end, who may take the final quiz."""
    query = (
        select(
            TrainingClass.id,
            TrainingClass.public_id,
            TrainingClass.title,
            TrainingClass.ends_on,
            TrainingPlan.class_hours,
            TrainingPlan.policy_id,
            TrainingPlan.policy_version,
        )
        .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
        .where(
            TrainingPlan.status == "approved",
            TrainingClass.id > after_id,
            TrainingClass.starts_on <= today,
            TrainingClass.ends_on >= today - timedelta(days=rules.QUIZ_AFTER_DAYS),
        )
    )
    rows = list(db.session.execute(query.order_by(TrainingClass.id).limit(limit)))
    told: list[Told] = []
    for row in rows:
        needed = seconds_needed(row.class_hours, policies.of_version(row.policy_id, row.policy_version))
        told += _of_class(row.public_id, row.title, row.ends_on, needed, today)
    return told, (rows[-1].id if len(rows) == limit else None)


def of_priority(today: date, *, after_id: int, limit: int = PAGE) -> tuple[list[Told], int | None]:
    """For the next workers with learned time: that their priority ends soon (二(三))."""
    policy = policies.current()
    until_on = priority(0, policy, today).priority_until
    if until_on is None or not 0 <= (until_on - today).days <= max(rules.PRIORITY_DAYS):
        return [], None
    query = select(Account.id, Account.worker_id, Account.balance_seconds).where(
        Account.kind == "learned", Account.balance_seconds > 0, Account.id > after_id
    )
    rows = list(db.session.execute(query.order_by(Account.id).limit(limit)))
    until = clock.start_of_day(until_on + timedelta(days=1))
    told = [
        rules.priority_expires(row.worker_id, until_on, today=today, until=until)
        for row in rows
        if priority(row.balance_seconds, policy, today).has_priority
    ]
    return [item for item in told if item is not None], (rows[-1].id if len(rows) == limit else None)


def _of_class(class_id: UUID, title: str, ends_on: date, needed: int, today: date) -> Iterator[Told]:
    quiz_until = clock.start_of_day(ends_on + timedelta(days=rules.QUIZ_AFTER_DAYS + 1))
    ends_soon = 0 <= (ends_on - today).days <= rules.CLASS_ENDS_DAYS
    for learned in certificates_report.learned_in(class_id, without_certificate=False):
        if learned.seconds < needed and ends_soon:
            yield rules.class_ends(
                learned.worker_id,
                class_id,
                title,
                ends_on=ends_on,
                missing_seconds=needed - learned.seconds,
                until=clock.start_of_day(ends_on + timedelta(days=1)),
            )
        elif learned.seconds >= needed and learned.score is None:
            yield rules.quiz_open(learned.worker_id, class_id, title, until=quiz_until)
