"""The service of attested days: class hours of a local day that a platform states without saying when. Once a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from config import clock
from config.database import db
from config.errors import Invalid
from learning_records.sessions import closing, progress_store, store, wall_time
from learning_records.sessions.imported import MOST_CLASS_HOURS, AttestedLimits
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.reasons import DAY_FULL, TOO_MUCH_A_DAY
from learning_records.sessions.rules import Chance, CountingRules, local_day
from learning_records.sessions.store import SYSTEM_CHANCE
from learning_records.sessions.views import UncountedReason, reasons_of

ATTESTED_KIND = "attested"
GRADE = "attested"
_DEFAULTS = CountingRules()
_LIMITS = AttestedLimits()


@dataclass(frozen=True)
class AttestedView:
    """What an attested day brought: ``counted_seconds`` are learned. ``facts`` is the body to seal under ``ATTESTED_KIND``.

    ``already``: this source was counted before, nothing was written.
    """

    source_ref: UUID
    local_on: date
    counted_seconds: int
    reasons: tuple[UncountedReason, ...]
    already: bool
    facts: dict[str, Any]


def record_attested_day(
    *,
    person_ref: UUID,
    context_ref: UUID | None,
    source_ref: UUID,
    local_on: date,
    class_hours: int,
    limits: AttestedLimits = _LIMITS,
    chance: Chance = SYSTEM_CHANCE,
) -> AttestedView:
    """Count class hours of a local day that a platform attests without intervals; once for each ``source_ref``.

    At most the policy's class hours a day over all platforms, and with the time of that day that counted otherwise never
    more than had passed of it. Raises ``Invalid`` FUTURE for a day to come, CLASS_HOURS_INVALID under 1 or over 24.
    """
    now_ms = clock.epoch_ms(clock.now())
    if not 1 <= class_hours <= MOST_CLASS_HOURS:
        raise Invalid("CLASS_HOURS_INVALID", f"课时应为1至{MOST_CLASS_HOURS}的整数，请核对后重新提交。")
    day = local_day(clock.epoch_ms(clock.start_of_day(local_on)))
    if day > local_day(now_ms):
        raise Invalid("FUTURE", "学习的日期还没有到，请核对日期。")
    learner_id, _ = store.lock_learner(person_ref, _DEFAULTS, chance)
    made = db.session.execute(
        select(AttestedDay.facts).where(AttestedDay.person_ref == person_ref, AttestedDay.source_ref == source_ref)
    ).scalar_one_or_none()
    if made is not None:
        return _attested_view(made, already=True)
    session = closing.open_after_idle(learner_id, now_ms)
    earlier = wall_time.attested_seconds(person_ref, day, day).get(day, 0)
    room_seconds = wall_time.room(person_ref, session, day, earlier, now_ms) // 1000
    stated = class_hours * limits.class_hour_seconds
    allowed = min(stated, max(0, limits.seconds_a_day - earlier))
    counted = min(allowed, room_seconds)
    facts = {
        "source": str(source_ref),
        "person": str(person_ref),
        "context": str(context_ref) if context_ref else None,
        "grade": GRADE,
        "local_day": day,
        "class_hours": class_hours,
        "class_hour_seconds": limits.class_hour_seconds,
        "limit_seconds": limits.seconds_a_day,
        "before": {"attested_seconds": earlier, "room_seconds": room_seconds},
        "uncounted_seconds": {TOO_MUCH_A_DAY: stated - allowed, DAY_FULL: allowed - counted},
        "learned_seconds": counted,
    }
    db.session.execute(
        insert(AttestedDay).values(
            person_ref=person_ref,
            source_ref=source_ref,
            context_ref=context_ref,
            local_day=day,
            stated_seconds=stated,
            counted_seconds=counted,
            limit_seconds=limits.seconds_a_day,
            facts=facts,
            recorded_at=clock.from_epoch_ms(now_ms),
        )
    )
    return _attested_view(facts, already=False)


def _attested_view(facts: dict[str, Any], *, already: bool) -> AttestedView:
    lost_ms = {code: seconds * 1000 for code, seconds in facts["uncounted_seconds"].items() if seconds}
    return AttestedView(
        source_ref=UUID(facts["source"]),
        local_on=progress_store.day_of(facts["local_day"]),
        counted_seconds=facts["learned_seconds"],
        reasons=reasons_of(lost_ms, "import"),
        already=already,
        facts=facts,
    )
