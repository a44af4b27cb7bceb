"""What other slices know of new hires: who they are, which classes they are in, what they learned. Reads across slices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from backend.courses.models import Lesson, LessonVersion
from backend.credit_bank.models import Account, Transfer
from backend.credit_bank.rules import DEPOSITS
from backend.enterprises.models import RosterEntry
from backend.new_hires.views import OnlineTime
from backend.people.models import Worker
from backend.plans.models import Enrollment
from config import clock
from config.database import db
from learning_records.sessions.models import LearningSession

_LESSON = "线上课程"


@dataclass(frozen=True)
class PersonAccount:
    """A person's account on the phone."""

    worker_id: int
    learner_ref: UUID


def person_indexes(entry_ids: Collection[int]) -> dict[int, str]:
    """The blind indexes of the ID numbers of roster rows, by the rows' inner ids."""
    query = select(RosterEntry.id, RosterEntry.id_number_index).where(RosterEntry.id.in_(entry_ids))
    return {row.id: row.id_number_index for row in db.session.execute(query)}


def in_classes(indexes: Collection[str]) -> set[str]:
    """Those of these people who are on the list of a class of on-job training, of any enterprise."""
    query = (
        select(RosterEntry.id_number_index)
        .join(Enrollment, Enrollment.roster_entry_id == RosterEntry.id)
        .where(RosterEntry.id_number_index.in_(indexes))
    )
    return set(db.session.scalars(query.distinct()))


def workers(indexes: Collection[str]) -> dict[str, PersonAccount]:
    """The accounts of those of these people who have one."""
    query = select(Worker.id_number_index, Worker.id, Worker.learner_ref).where(Worker.id_number_index.in_(indexes))
    return {row[0]: PersonAccount(row[1], row[2]) for row in db.session.execute(query) if row[0] is not None}


def online_time(*, worker_id: int, first_on: date, last_on: date) -> list[OnlineTime]:
    """Sessions between these local days (both included) that no subsidy claim can draw: nothing claimable came of them.

    So a second never brings both subsidies (domain reference A15); reversed time is left out.
    """
    claimable, of_claimable, reversal = aliased(Transfer), aliased(Account), aliased(Transfer)
    drawable = (
        select(claimable.id)
        .join(of_claimable, of_claimable.id == claimable.destination_account_id)
        .where(claimable.evidence_record_id == Transfer.evidence_record_id, of_claimable.kind == "claimable")
        .where(claimable.kind.in_(DEPOSITS))
    )
    query = (
        select(
            LearningSession.opened_at, LearningSession.lesson_ref, func.sum(Transfer.amount_seconds).label("seconds")
        )
        .select_from(Transfer)
        .join(Account, Account.id == Transfer.destination_account_id)
        .join(LearningSession, LearningSession.evidence_record_id == Transfer.evidence_record_id)
        .outerjoin(reversal, reversal.reversal_of_id == Transfer.id)
        .where(Account.worker_id == worker_id, Account.kind == "learned", Transfer.kind.in_(DEPOSITS))
        .where(reversal.id.is_(None), ~drawable.exists())
        .group_by(LearningSession.id, LearningSession.opened_at, LearningSession.lesson_ref)
        .order_by(LearningSession.opened_at)
    )
    rows = [row for row in db.session.execute(query) if first_on <= clock.local_date(row.opened_at) <= last_on]
    titles = _titles({row.lesson_ref for row in rows})
    return [OnlineTime(row.opened_at, titles.get(row.lesson_ref, _LESSON), row.seconds) for row in rows]


def _titles(lesson_refs: Collection[UUID]) -> dict[UUID, str]:
    query = (
        select(Lesson.public_id, LessonVersion.title)
        .join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
        .where(Lesson.public_id.in_(lesson_refs))
        .order_by(LessonVersion.version)
    )
    return {row.public_id: row.title for row in db.session.execute(query)}
