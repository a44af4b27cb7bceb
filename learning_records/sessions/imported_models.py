"""Days attested without intervals, and the guard that no local day of a person holds more than 24 hours."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, Json, PrimaryKey, guard
from learning_records.sessions.guards import forgets
from learning_records.sessions.models import CountedInterval


class AttestedDay(Base):
    """Class hours of one local day that a platform attests without saying when: what it stated, and how much counted.

    ``local_day`` is the number of days since 1970-01-01 in Wuxi; ``limit_seconds`` the most that policy lets be attested
    a day, over all platforms.
    """

    __tablename__ = "attested_day"
    __table_args__ = (
        UniqueConstraint("person_ref", "source_ref"),
        CheckConstraint("counted_seconds BETWEEN 0 AND stated_seconds", name="counted_seconds"),
        CheckConstraint("limit_seconds BETWEEN 1 AND 86400", name="limit_seconds"),
        Index("ix_attested_day_person_ref_local_day", "person_ref", "local_day"),
    )

    id: Mapped[PrimaryKey]
    person_ref: Mapped[uuid.UUID] = mapped_column(ForeignKey("learner.person_ref"))
    source_ref: Mapped[uuid.UUID]
    context_ref: Mapped[uuid.UUID | None]
    local_day: Mapped[int]
    stated_seconds: Mapped[int]
    counted_seconds: Mapped[int]
    limit_seconds: Mapped[int]
    facts: Mapped[Json]
    recorded_at: Mapped[Instant]


forgets(
    AttestedDay.__table__,
    column="facts",
    gone="CAST(NEW.facts AS text) = '{}'",
    since="OLD.recorded_at",
    person="OLD.person_ref",
)

# Whether a local day holds more than 24 h: what is attested of it, and what counted. Local midnight comes eight hours
# before that of UTC. DAYS, SMALLER and LARGER are filled in below.
_OVER_A_DAY = (
    "EXISTS (SELECT 1 FROM attested_day a WHERE a.person_ref = NEW.person_ref AND DAYS GROUP BY a.local_day "
    "HAVING SUM(a.counted_seconds) * 1000 + (SELECT COALESCE(SUM("
    "SMALLER(c.ended_ms, a.local_day * 86400000 + 57600000) - LARGER(c.started_ms, a.local_day * 86400000 - 28800000)"
    "), 0) FROM counted_interval c WHERE c.person_ref = NEW.person_ref "
    "AND c.started_ms < a.local_day * 86400000 + 57600000 AND c.ended_ms > a.local_day * 86400000 - 28800000"
    ") > 86400000)"
)
_ON_SQLITE = _OVER_A_DAY.replace("SMALLER", "MIN").replace("LARGER", "MAX")
_ON_POSTGRESQL = _OVER_A_DAY.replace("SMALLER", "LEAST").replace("LARGER", "GREATEST")
_OF_INTERVAL = "a.local_day BETWEEN (NEW.started_ms + 28800000) / 86400000 AND (NEW.ended_ms - 1 + 28800000) / 86400000"
_OF_DAY = "a.local_day = NEW.local_day"
_OVER_LIMIT = (
    "NEW.counted_seconds > 0 AND (SELECT SUM(counted_seconds) FROM attested_day "
    "WHERE person_ref = NEW.person_ref AND local_day = NEW.local_day) "
    "> NEW.limit_seconds"
)
_FULL = "this day of this person holds no more time"
_TOO_MUCH = "more of this day is attested than policy allows"
_LOCK = "PERFORM 1 FROM learner WHERE person_ref = NEW.person_ref FOR UPDATE; "

guard(
    AttestedDay.__table__,
    sqlite=[
        f"CREATE TRIGGER attested_day_within_limit AFTER INSERT ON attested_day WHEN {_OVER_LIMIT} "
        f"BEGIN SELECT RAISE(ABORT, '{_TOO_MUCH}'); END",
        f"CREATE TRIGGER attested_day_within_a_day AFTER INSERT ON attested_day WHEN {_ON_SQLITE.replace('DAYS', _OF_DAY)} "
        f"BEGIN SELECT RAISE(ABORT, '{_FULL}'); END",
    ],
    postgresql=[
        # The lock makes two writers of one person take turns; READ COMMITTED then shows the second what the first wrote.
        f"CREATE FUNCTION attested_day_within_a_day() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_LOCK}"
        f"IF {_OVER_LIMIT} THEN RAISE EXCEPTION '{_TOO_MUCH}' USING ERRCODE = 'check_violation'; END IF; "
        f"IF {_ON_POSTGRESQL.replace('DAYS', _OF_DAY)} THEN RAISE EXCEPTION '{_FULL}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER attested_day_within_a_day AFTER INSERT ON attested_day "
        "FOR EACH ROW EXECUTE FUNCTION attested_day_within_a_day()",
    ],
)

guard(
    CountedInterval.__table__,
    sqlite=[
        "CREATE TRIGGER counted_interval_within_a_day AFTER INSERT ON counted_interval "
        f"WHEN {_ON_SQLITE.replace('DAYS', _OF_INTERVAL)} BEGIN SELECT RAISE(ABORT, '{_FULL}'); END"
    ],
    postgresql=[
        f"CREATE FUNCTION counted_interval_within_a_day() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_LOCK}"
        f"IF {_ON_POSTGRESQL.replace('DAYS', _OF_INTERVAL)} THEN RAISE EXCEPTION '{_FULL}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER counted_interval_within_a_day AFTER INSERT ON counted_interval "
        "FOR EACH ROW EXECUTE FUNCTION counted_interval_within_a_day()",
    ],
)
