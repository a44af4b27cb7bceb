"""What goes from the tables of sessions when their records are archived or erased. The database refuses it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update

from config import clock
from config.database import db
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import OutsideTime, SessionAppeal
from learning_records.sessions.store import BEATS, CHECK_INS, LEARNERS, SESSIONS


def unsealed_before(at: datetime) -> int:
    """How many sessions opened before that instant are still open or not sealed yet."""
    query = select(func.count()).select_from(SESSIONS)
    return db.session.scalar(query.where(SESSIONS.c.opened_at < at, SESSIONS.c.evidence_record_id.is_(None))) or 0


def drop_beats(*, evidence_record_ids: Sequence[int]) -> None:
    """Delete the beats of the sessions sealed as these records (at most some hundred): their records hold them."""
    of_records = select(SESSIONS.c.id).where(SESSIONS.c.evidence_record_id.in_(evidence_record_ids))
    db.session.execute(delete(BEATS).where(BEATS.c.session_id.in_(of_records)))


def forget_session_devices(*, evidence_record_ids: Sequence[int]) -> None:
    """Forget on which devices the sessions of these records (at most some hundred, erased just now) were studied."""
    sessions = db.session.execute(
        select(SESSIONS.c.id, SESSIONS.c.outcome).where(SESSIONS.c.evidence_record_id.in_(evidence_record_ids))
    ).all()
    if sessions:
        db.session.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == bindparam("session"))
            .values(device_ref="", outcome=bindparam("without_device")),
            [{"session": row.id, "without_device": _without_device(row.outcome)} for row in sessions],
        )


def forget_learning(*, person_ref: UUID, context_ref: UUID | None, last_day: date) -> None:
    """Nothing of what the person learned in that context is left: forget the devices of their check-ins, their words of
    appeals and what imported records said, as far as it is from ``last_day`` or before."""
    ends_at = clock.start_of_day(last_day + timedelta(days=1))
    learner = select(LEARNERS.c.id).where(LEARNERS.c.person_ref == person_ref).scalar_subquery()
    silently = {"synchronize_session": False}
    db.session.execute(
        update(CHECK_INS)
        .where(CHECK_INS.c.learner_id == learner, CHECK_INS.c.context_ref == context_ref, CHECK_INS.c.device_ref != "")
        .where(CHECK_INS.c.checked_in_at < ends_at)
        .values(device_ref="")
    )
    sessions = select(SESSIONS.c.id).where(SESSIONS.c.learner_id == learner, SESSIONS.c.context_ref == context_ref)
    db.session.execute(
        update(SessionAppeal)
        .where(SessionAppeal.session_id.in_(sessions), SessionAppeal.reason != "", SessionAppeal.filed_at < ends_at)
        .values(reason="")
        .execution_options(**silently)
    )
    db.session.execute(
        update(OutsideTime)
        .where(
            OutsideTime.learner_id == learner, OutsideTime.context_ref == context_ref, OutsideTime.facts.is_not(None)
        )
        .where(OutsideTime.ended_at < ends_at)
        .values(facts=None)
        .execution_options(**silently)
    )
    db.session.execute(
        update(AttestedDay)
        .where(AttestedDay.person_ref == person_ref, AttestedDay.context_ref == context_ref)
        .where(AttestedDay.recorded_at < ends_at)
        .values(facts={})
        .execution_options(**silently)
    )


def _without_device(outcome: Mapping[str, Any]) -> dict[str, Any]:
    check_in = outcome.get("check_in")
    return {**outcome, "check_in": check_in and {**check_in, "device": ""}}
