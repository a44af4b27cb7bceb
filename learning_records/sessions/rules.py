"""The numbers of counting, and the shapes the counting rules work on.

Instants are integer milliseconds since 1970 (UTC), positions and durations integer milliseconds. The numbers are policy
parameters: the desk fills a ``CountingRules`` from its policy and it is frozen into a session when the session opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from config.errors import Invalid

DAY_MS = 86_400_000
LOCAL_OFFSET_MS = (
    8 * 3_600_000
)  # Asia/Shanghai: UTC+8 the whole year since 1991, so plain arithmetic gives the local day
KINDS = ("video", "reading", "simulation", "live")


class Chance(Protocol):
    """Where chance comes from: ``random.SystemRandom()`` in service, a seeded ``random.Random`` in tests."""

    def randint(self, a: int, b: int, /) -> int: ...

    def getrandbits(self, k: int, /) -> int: ...


@dataclass(frozen=True)
class CountingRules:
    """Every number of how time is counted, with its default. ``version`` names the policy the numbers came from.

    ``presence_question`` 1 asks a small sum at each presence check, 0 a plain tap.
    """

    version: str = "default"
    beat_interval_seconds: int = 10
    gap_budget_ms: int = 600_000
    kept_budget_ms: int = 32_000
    ahead_tolerance_ms: int = 5_000
    outage_ms: int = 60_000
    presence_after_min_ms: int = 300_000
    presence_after_max_ms: int = 900_000
    presence_answer_ms: int = 60_000
    presence_question: int = 0
    idle_ms: int = 900_000
    session_limit_ms: int = 14_400_000
    complete_per_mille: int = 980
    batch_limit_beats: int = 200
    session_limit_beats: int = 5_000
    session_limit_spans: int = 1_000
    end_tolerance_ms: int = 1_000
    appeal_ms: int = 86_400_000

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name == "version":
                wrong = not isinstance(value, str) or not value
            else:
                wrong = not isinstance(value, int) or isinstance(value, bool) or value < 0
            if wrong:
                raise Invalid("COUNTING_RULES_INVALID", f"计时规则中 {name} 的值不正确，请检查政策文件。")
        if not 0 < self.presence_after_min_ms <= self.presence_after_max_ms:
            raise Invalid("COUNTING_RULES_INVALID", "在线确认的最短间隔必须大于零且不超过最长间隔，请检查政策文件。")

    def to_dict(self) -> dict[str, Any]:
        """A flat dict of ints and one string."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CountingRules:
        """The rules of ``to_dict``. Raises ``Invalid`` COUNTING_RULES_INVALID for unknown names or wrong values."""
        unknown = set(data) - {item.name for item in fields(cls)}
        if unknown:
            raise Invalid("COUNTING_RULES_INVALID", f"计时规则里有不认识的项目：{'、'.join(sorted(unknown))}。")
        return cls(**data)


@dataclass(frozen=True)
class LessonFacts:
    """What the records need to know of a lesson. ``media_ms``: the measured length of a video, or the nominal length.

    A reading's nominal length comes from its characters, a simulation's is the sum of its steps' minimum dwell; their
    phones report a position that grows while the page is visible and never beyond what was scrolled through or done.
    So one law serves all kinds: no position is believed before its real time has passed.
    """

    lesson_ref: UUID
    version: int
    sha256: str
    kind: str
    media_ms: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.media_ms <= 0 or self.version < 1 or len(self.sha256) != 64:
            raise Invalid("LESSON_FACTS_INVALID", "课程内容的信息不完整，暂时不能学习，请联系课程提供单位。")

    def to_dict(self) -> dict[str, Any]:
        """Canonical: strings and ints."""
        return {
            "ref": str(self.lesson_ref),
            "version": self.version,
            "sha256": self.sha256,
            "kind": self.kind,
            "media_ms": self.media_ms,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LessonFacts:
        """The facts of ``to_dict``."""
        return cls(UUID(data["ref"]), data["version"], data["sha256"], data["kind"], data["media_ms"])


class BeatIn(NamedTuple):
    """心跳 as the phone sends it: consecutive number, position in the media, hash of the beat before."""

    seq: int
    position_ms: int
    prev: str


class Interval(NamedTuple):
    """Half open: from ``start`` up to, not including, ``end``; milliseconds of media or of wall time."""

    start: int
    end: int


class Stretch(NamedTuple):
    """Media that counted, and the wall time it used. Both sides are equally long."""

    started_ms: int
    ended_ms: int
    media_from_ms: int
    media_to_ms: int


class Span(NamedTuple):
    """Wall time of a session that did not count, and the code of the reason."""

    code: str
    started_ms: int
    ended_ms: int


class Verdict(NamedTuple):
    """What one beat earned: ``counted_ms`` of wall time from ``counted_from_ms`` on, or nothing and perhaps a code."""

    counted_from_ms: int
    counted_ms: int
    code: str


class Piece(NamedTuple):
    """A counted stretch as it is sealed: wall milliseconds, media milliseconds, and whether a check-in covered it."""

    started_ms: int
    ended_ms: int
    media_from_ms: int
    media_to_ms: int
    under_check_in: bool

    @property
    def counted_ms(self) -> int:
        """Its length."""
        return self.ended_ms - self.started_ms


def local_day(at_ms: int) -> int:
    """The number of the local day (days since 1970-01-01 in Wuxi)."""
    return (at_ms + LOCAL_OFFSET_MS) // DAY_MS


def day_start_ms(day: int) -> int:
    """The instant at which that local day begins."""
    return day * DAY_MS - LOCAL_OFFSET_MS


def split_at(stretch: Stretch, at_ms: int) -> tuple[Stretch | None, Stretch | None]:
    """The parts of a stretch before and from a wall instant; a part without length is None."""
    if at_ms <= stretch.started_ms:
        return None, stretch
    if at_ms >= stretch.ended_ms:
        return stretch, None
    media = stretch.media_from_ms + at_ms - stretch.started_ms
    return (
        Stretch(stretch.started_ms, at_ms, stretch.media_from_ms, media),
        Stretch(at_ms, stretch.ended_ms, media, stretch.media_to_ms),
    )


def appeal_deadline_ms(uncounted_ended_ms: int, rules: CountingRules) -> int:
    """Until when the uncounted minute that ended then can be appealed (24 h)."""
    return uncounted_ended_ms + rules.appeal_ms
