"""The numbers of counting, the reasons a second did not count, and the shapes the counting rules work on.

Instants are integer milliseconds since 1970 (UTC), positions and durations integer milliseconds. The numbers are policy
parameters: the desk fills a ``CountingRules`` from its policy and it is frozen into a session when the session opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
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


@dataclass(frozen=True)
class Piece:
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


@dataclass(frozen=True)
class Reason:
    """Why time did not count: a stable code, a plain sentence for the worker, and what to do next."""

    code: str
    sentence: str
    next_step: str
    by_kind: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def said_for(self, kind: str) -> tuple[str, str]:
        """Sentence and next step in the words of that kind of lesson."""
        return self.by_kind.get(kind, (self.sentence, self.next_step))


AHEAD_OF_TIME = "AHEAD_OF_TIME"
ALREADY_COUNTED = "ALREADY_COUNTED"
NOT_PLAYING = "NOT_PLAYING"
GAP_TOO_LONG = "GAP_TOO_LONG"
CHECK_WAITING = "CHECK_WAITING"
CHECK_MISSED = "CHECK_MISSED"
CHECK_MISSED_AGAIN = "CHECK_MISSED_AGAIN"
CHECK_UNANSWERED = "CHECK_UNANSWERED"
CHECK_LEFT_OPEN = "CHECK_LEFT_OPEN"
COUNTED_ELSEWHERE = "COUNTED_ELSEWHERE"
SESSION_ENDED = "SESSION_ENDED"
NOT_CHECKED_IN = "NOT_CHECKED_IN"

REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason(
            AHEAD_OF_TIME,
            "播放位置比实际经过的时间快，快进或倍速的部分不计入学时。",
            "请回到提示的位置，用正常速度继续看，从那里起照常计时。",
            {
                "reading": (
                    "阅读位置比实际经过的时间快，翻得过快的部分不计入学时。",
                    "请回到提示的位置慢慢读，从那里起照常计时。",
                ),
                "simulation": (
                    "操作步骤比规定的最短用时快，做得过快的部分不计入学时。",
                    "请回到提示的步骤，按要求的时间做完再进入下一步。",
                ),
            },
        ),
        Reason(
            ALREADY_COUNTED,
            "这一段内容以前已经计过学时，同一分钟只计一次。",
            "可以随意复习；想增加学时，请接着看还没看过的部分。",
        ),
        Reason(
            NOT_PLAYING,
            "这段时间里课程没有往前播放，可能是暂停了，或者切到了别的应用。",
            "请点“继续学习”，播放时会重新计时。",
            {
                "reading": ("这段时间里没有往下阅读，或者页面不在前台。", "请回到课文继续往下读，会重新计时。"),
                "simulation": ("这段时间里操作没有进展，或者页面不在前台。", "请回到当前步骤继续操作，会重新计时。"),
            },
        ),
        Reason(
            GAP_TOO_LONG,
            "手机超过10分钟没有传来学习记录，断开后最多补计10分钟。",
            "请检查网络后继续学习；如果当时确实在学，可以在24小时内申诉。",
        ),
        Reason(
            CHECK_WAITING,
            "正在等您点在线确认，这段时间先不计入。",
            "请在倒计时结束前点“我在学习”，点了就计入。",
        ),
        Reason(
            CHECK_MISSED,
            "在线确认没有按时回答，从弹出确认起的这段时间作废。",
            "请点“我在学习”恢复计时，作废的部分重新看一遍仍可计入；有特殊情况可在24小时内申诉。",
        ),
        Reason(
            CHECK_MISSED_AGAIN,
            "今天不止一次没有按时回答在线确认，从上一次确认起的时间作废。",
            "请点“我在学习”恢复计时，作废的部分重新看一遍仍可计入；有特殊情况可在24小时内申诉。",
        ),
        Reason(
            CHECK_UNANSWERED,
            "在线确认还没有回答，回答之前不计时。",
            "请先点“我在学习”，回答后马上恢复计时。",
        ),
        Reason(
            CHECK_LEFT_OPEN,
            "学习结束时在线确认还没有回答，等待确认的这段时间没有计入。",
            "下次学习请先回答确认再退出；没计入的部分重新看一遍仍可计入。",
        ),
        Reason(
            COUNTED_ELSEWHERE,
            "这段时间已经计在测验或其他平台的学习里，同一段时间只计一次。",
            "不需要处理，可以在学时明细里看到另一处的记录。",
        ),
        Reason(
            SESSION_ENDED,
            "学习结束前的最后片刻没有新的播放进度。",
            "不需要处理，下次从上次看到的地方接着看就行。",
        ),
        Reason(
            NOT_CHECKED_IN,
            "这段时间没有签到，计入个人学习时间，但不能用于申领补贴。",
            "请在当天开始学习前先点“签到”。",
        ),
    )
}

FINISHED = "FINISHED"
REPLACED = "REPLACED"
IDLE = "IDLE"
LIMIT = "LIMIT"
MIDNIGHT = "MIDNIGHT"

CLOSE_REASONS: dict[str, str] = {
    FINISHED: "本次学习已结束。",
    REPLACED: "另一台设备或另一门课程已开始学习，这里的学习已自动结束，之前的时间都已保留。请在新打开的课程里继续。",
    IDLE: "超过15分钟没有收到学习记录，本次学习已自动结束，之前的时间都已保留。请重新打开课程继续学习。",
    LIMIT: "单次学习已达到上限，已自动结束，之前的时间都已保留。请休息一下，再重新打开课程。",
    MIDNIGHT: "已过零点，前一天的学习已结束并保留。新的一天请先签到，学习会接着进行。",
}


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
