"""What a phone's log holds: everything that touched counted time, in the order the server saw it.

All times are integer milliseconds of the demonstration's calendar; positions are milliseconds of media.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckedIn:
    at: int
    class_id: str


@dataclass(frozen=True)
class Opened:
    """A session began. `check_waits`: a presence check of before still waits for its answer."""

    at: int
    session: str
    lesson: str
    media: int
    class_id: str | None
    check_waits: bool = False


@dataclass(frozen=True)
class Played:
    """One accepted batch: the positions in order, and whether its answer brought a new presence check."""

    at: int
    session: str
    positions: tuple[int, ...]
    check_issued: bool = False


@dataclass(frozen=True)
class Moved:
    """At local midnight the session ended and another took over where it stood."""

    at: int
    session: str
    successor: str


@dataclass(frozen=True)
class Answered:
    at: int


@dataclass(frozen=True)
class Closed:
    """The phone ended the session; `positions` is the last slice it carried."""

    at: int
    session: str
    positions: tuple[int, ...] = ()


@dataclass(frozen=True)
class QuizTaken:
    opened_at: int
    submitted_at: int
    limit: int
    passed: bool
    class_id: str | None


Event = CheckedIn | Opened | Played | Moved | Answered | Closed | QuizTaken
