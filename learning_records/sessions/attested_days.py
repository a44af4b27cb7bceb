"""A record of class hours of a local day that a platform states without saying when: checked, and counted where its person
stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from config import clock
from config.errors import Invalid
from learning_records.sessions import progress_store
from learning_records.sessions.imported import MOST_CLASS_HOURS, AttestedLimits
from learning_records.sessions.reasons import DAY_FULL, TOO_MUCH_A_DAY
from learning_records.sessions.rules import Interval, day_start_ms, local_day
from learning_records.sessions.standing import Standing, Wanted, Written
from learning_records.sessions.views import UncountedReason, reasons_of

ATTESTED_KIND = "attested"
GRADE = "attested"


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


@dataclass(frozen=True)
class AttestedRecord:
    """Class hours of a local day that a platform attests without intervals."""

    person_ref: UUID
    context_ref: UUID | None
    source_ref: UUID
    local_on: date
    class_hours: int


@dataclass(frozen=True)
class Checked:
    """A record that can have happened, with the number of its local day."""

    record: AttestedRecord
    day: int

    @property
    def wanted(self) -> Wanted:
        """What must be known of its person."""
        span = Interval(day_start_ms(self.day), day_start_ms(self.day + 1))
        return Wanted(self.record.person_ref, self.record.source_ref, None, span, whole_days=True)


def check(record: AttestedRecord, now_ms: int) -> Checked:
    """Raises ``Invalid`` FUTURE for a day to come, CLASS_HOURS_INVALID under 1 or over 24."""
    if not 1 <= record.class_hours <= MOST_CLASS_HOURS:
        raise Invalid("CLASS_HOURS_INVALID", f"课时应为1至{MOST_CLASS_HOURS}的整数，请核对后重新提交。")
    day = local_day(clock.epoch_ms(clock.start_of_day(record.local_on)))
    if day > local_day(now_ms):
        raise Invalid("FUTURE", "学习的日期还没有到，请核对日期。")
    return Checked(record, day)


@dataclass(frozen=True)
class Counted:
    """What a record brings, not yet kept."""

    item: Checked
    facts: dict[str, Any]
    stated_seconds: int
    limit_seconds: int
    now_ms: int

    def keep(self, standing: Standing, written: Written) -> None:
        """Move the person on by it, and note what is to be written."""
        record, day, seconds = self.item.record, self.item.day, self.facts["learned_seconds"]
        standing.attested[day] = standing.attested.get(day, 0) + seconds
        standing.made[record.source_ref] = self.facts
        written.attested.append(
            {
                "person_ref": record.person_ref,
                "source_ref": record.source_ref,
                "context_ref": record.context_ref,
                "local_day": day,
                "stated_seconds": self.stated_seconds,
                "counted_seconds": seconds,
                "limit_seconds": self.limit_seconds,
                "facts": self.facts,
                "recorded_at": clock.from_epoch_ms(self.now_ms),
            }
        )


def count(item: Checked, standing: Standing, limits: AttestedLimits, now_ms: int) -> Counted:
    """Count a record where its person stands: at most the policy's class hours a day over all platforms, and with the time
    of that day that counted otherwise never more than had passed of it."""
    record = item.record
    earlier = standing.attested.get(item.day, 0)
    room_seconds = standing.room(item.day, now_ms) // 1000
    stated = record.class_hours * limits.class_hour_seconds
    allowed = min(stated, max(0, limits.seconds_a_day - earlier))
    counted = min(allowed, room_seconds)
    facts = {
        "source": str(record.source_ref),
        "person": str(record.person_ref),
        "context": str(record.context_ref) if record.context_ref else None,
        "grade": GRADE,
        "local_day": item.day,
        "class_hours": record.class_hours,
        "class_hour_seconds": limits.class_hour_seconds,
        "limit_seconds": limits.seconds_a_day,
        "before": {"attested_seconds": earlier, "room_seconds": room_seconds},
        "uncounted_seconds": {TOO_MUCH_A_DAY: stated - allowed, DAY_FULL: allowed - counted},
        "learned_seconds": counted,
    }
    return Counted(item, facts, stated, limits.seconds_a_day, now_ms)


def view_of(facts: dict[str, Any], *, already: bool) -> AttestedView:
    """What a record brought, from the facts that were kept of it."""
    lost_ms = {code: seconds * 1000 for code, seconds in facts["uncounted_seconds"].items() if seconds}
    return AttestedView(
        source_ref=UUID(facts["source"]),
        local_on=progress_store.day_of(facts["local_day"]),
        counted_seconds=facts["learned_seconds"],
        reasons=reasons_of(lost_ms, "import"),
        already=already,
        facts=facts,
    )
