"""What counting comes to: pieces of counted time, and whole seconds by class."""

from collections.abc import Iterator
from dataclasses import dataclass

SECOND = 1_000
SHANGHAI_OFFSET = 8 * 3_600 * SECOND
DAY = 24 * 3_600 * SECOND


def local_day(at: int) -> int:
    """The number of the calendar day in Shanghai, for comparing days only."""
    return (at + SHANGHAI_OFFSET) // DAY


@dataclass(frozen=True)
class Piece:
    """Counted time: where it lies on the person's clock and in the media."""

    lesson: str
    class_id: str | None
    wall_from: int
    wall_to: int
    media_from: int
    media_to: int
    under_check_in: bool

    @property
    def length(self) -> int:
        return self.media_to - self.media_from


@dataclass(frozen=True)
class Counted:
    """Whole seconds a person earned, also by class (the empty text: without a class)."""

    learned: int
    learned_in: dict[str, int]
    claimable: dict[str, int]
    pieces: tuple[Piece, ...]
    oddities: tuple[str, ...]

    @property
    def claimable_total(self) -> int:
        return sum(self.claimable.values())


def start_of_day(day: int) -> int:
    """The instant at which a local day begins."""
    return day * DAY - SHANGHAI_OFFSET


class CheckIns:
    """The first check-in of every class and local day. Time of that day from then on stands under it."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, int], int] = {}

    def add(self, class_id: str, at: int) -> bool:
        """Whether it is the first of its day; a later one changes nothing."""
        return self._first.setdefault((class_id, local_day(at)), at) == at

    def pieces(
        self, lesson: str, class_id: str | None, wall_from: int, media_from: int, length: int
    ) -> Iterator[Piece]:
        """Counted media as pieces that never cross a local midnight."""
        media_to = media_from + length
        while media_from < media_to:
            day = local_day(wall_from)
            part = min(media_to - media_from, start_of_day(day + 1) - wall_from)
            checked_in = self._first.get((class_id or "", day))
            under = checked_in is not None and checked_in <= wall_from
            yield Piece(lesson, class_id, wall_from, wall_from + part, media_from, media_from + part, under)
            wall_from += part
            media_from += part
