"""What an honest counter makes of a phone's log.

The driver's own reading of how time is counted, worked out from what its phones did and when, never from figures the
server gave. One fact cannot be known from outside, because the server draws it by lot: when a presence check falls
due. It is taken from the answer that brought the check to the phone, and checked to lie in the announced range.

All times are integer milliseconds of the demonstration's calendar; positions are milliseconds of media.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

SECOND = 1_000
SHANGHAI_OFFSET = 8 * 3_600 * SECOND
DAY = 24 * 3_600 * SECOND

GAP_LIMIT = 600 * SECOND
KEPT_LIMIT = 32 * SECOND
AHEAD_TOLERANCE = 5 * SECOND
OUTAGE = 60 * SECOND
TIME_TO_ANSWER = 60 * SECOND
CHECK_AFTER_AT_LEAST = 300 * SECOND
CHECK_AFTER_AT_MOST = 900 * SECOND
IDLE_LIMIT = 900 * SECOND
SESSION_LIMIT = 4 * 3_600 * SECOND
COMPLETE_PER_MILLE = 980


def local_day(at: int) -> int:
    """The number of the calendar day in Shanghai, for comparing days only."""
    return (at + SHANGHAI_OFFSET) // DAY


# ── what a phone's log holds ──


@dataclass(frozen=True)
class CheckedIn:
    at: int
    class_id: str


@dataclass(frozen=True)
class Opened:
    at: int
    session: str
    lesson: str
    media: int
    class_id: str | None


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


# ── what comes out ──


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


@dataclass
class _Check:
    answer_by: int
    seen_since_due: bool = False
    missed: bool = False


@dataclass
class _Session:
    opened: Opened
    arrived: int
    cursor: int
    kept: int = 0
    provisional: list[Piece] = field(default_factory=list)
    unconfirmed: list[Piece] = field(default_factory=list)


class Counter:
    """Replays one person's log in the order the server saw it."""

    def __init__(self, filed_classes: Iterable[str] = ()) -> None:
        self.filed = frozenset(filed_classes)
        self.pieces: list[Piece] = []
        self._coverage: dict[str, list[tuple[int, int]]] = {}
        self.allowances: list[Piece] = []
        self.quizzes: list[Piece] = []
        self.oddities: list[str] = []
        self._session: _Session | None = None
        self._check: _Check | None = None
        self._since_confirmation = 0
        self._misses: dict[int, int] = defaultdict(int)
        self._check_ins: dict[tuple[str, int], int] = {}

    def see(self, event: Event) -> None:
        match event:
            case CheckedIn():
                self._check_ins.setdefault((event.class_id, local_day(event.at)), event.at)
                self._confirm()
            case Opened():
                self._open(event)
            case Played():
                self._play(event.at, event.session, event.positions, event.check_issued)
            case Moved():
                self._move(event)
            case Answered():
                self._answer(event.at)
            case Closed():
                self._close(event)
            case QuizTaken():
                self._take_quiz(event)

    # ── the session ──

    def _open(self, event: Opened) -> None:
        self._end_session(event.at)
        self._session = _Session(opened=event, arrived=event.at, cursor=self._resume_at(event))

    def _resume_at(self, event: Opened) -> int:
        """Where coverage from the start of the lesson ends."""
        end = 0
        for start, stop in self._covered(event.lesson):
            if start > end:
                break
            end = max(end, stop)
        return min(end, event.media)

    def _end_session(self, at: int) -> None:
        """Closes what is open at its last good beat: time that waits for an answer is lost with it."""
        session = self._session
        if session is None:
            return
        if self._check is not None and not self._check.missed and at > self._check.answer_by:
            self._miss(session, self._check)
        self._void(session.provisional)
        self._session = None
        self._allow_the_rest(session.opened)

    def _move(self, event: Moved) -> None:
        session = self._session
        if session is None or session.opened.session != event.session:
            self.oddities.append(f"session {event.session} moved on though it was not the open one")
            return
        session.opened = replace(
            session.opened, session=event.successor, at=local_day(event.at) * DAY - SHANGHAI_OFFSET
        )
        session.unconfirmed.clear()

    def _close(self, event: Closed) -> None:
        if event.positions:
            self._play(event.at, event.session, event.positions, check_issued=False, closing=True)
        if self._session is None or self._session.opened.session != event.session:
            self.oddities.append(f"session {event.session} was closed though it was not the open one")
            return
        self._end_session(event.at)

    def _allow_the_rest(self, opened: Opened) -> None:
        """A lesson seen to 98 % counts whole: the missing rest once, by its own name."""
        if any(piece.lesson == opened.lesson for piece in self.allowances):
            return
        covered = sum(stop - start for start, stop in self._covered(opened.lesson))
        if covered * 1_000 >= opened.media * COMPLETE_PER_MILLE and covered < opened.media:
            under = any(piece.lesson == opened.lesson and piece.under_check_in for piece in self.pieces)
            self.allowances.append(Piece(opened.lesson, opened.class_id, 0, 0, covered, opened.media, under))

    # ── beats ──

    def _play(
        self, at: int, session_id: str, positions: Iterable[int], check_issued: bool, closing: bool = False
    ) -> None:
        session = self._session
        if session is None or session.opened.session != session_id:
            self.oddities.append(f"beats of session {session_id} were accepted though it was not the open one")
            return
        gap = at - session.arrived
        if gap > IDLE_LIMIT or at - session.opened.at > SESSION_LIMIT:
            self.oddities.append(f"beats of session {session_id} were accepted though it had closed itself")
            return
        budget = session.kept + min(gap, GAP_LIMIT)
        provisional, counts = self._standing(session, at, gap)
        left = self._cover(session, at, budget, positions, provisional, counts)
        session.kept = min(left, KEPT_LIMIT) if counts else 0
        session.arrived = at
        if self._check is None and not closing:
            self._watch_for_check(at, gap, check_issued)

    def _standing(self, session: _Session, at: int, gap: int) -> tuple[bool, bool]:
        """(does new time wait for an answer, does new time count at all)"""
        check = self._check
        if check is None:
            return gap > OUTAGE, True
        if check.missed:
            return False, False
        if at <= check.answer_by:
            check.seen_since_due = True
            return True, True
        if not check.seen_since_due and gap > OUTAGE:
            self._check = _Check(answer_by=at + TIME_TO_ANSWER)
            return True, True
        self._miss(session, check)
        return False, False

    def _cover(
        self, session: _Session, at: int, budget: int, positions: Iterable[int], provisional: bool, counts: bool
    ) -> int:
        """Claims newly covered media from the earliest unused part of the budget; returns what is left of it."""
        opened = session.opened
        for position in positions:
            if position < session.cursor:
                session.cursor = position
                continue
            fresh = _uncovered(session.cursor, position, self._covered(opened.lesson))
            if sum(stop - start for start, stop in fresh) - budget > AHEAD_TOLERANCE:
                continue
            if not counts:
                continue
            session.cursor = position
            for start, stop in fresh:
                length = min(stop - start, budget)
                if length:
                    for piece in self._pieces(opened, at - budget, start, start + length):
                        self.pieces.append(piece)
                        self._note_covered(piece)
                        (session.provisional if provisional else session.unconfirmed).append(piece)
                    budget -= length
                    self._since_confirmation += length
                if length < stop - start:
                    session.cursor = start + length
                    break
        return budget

    def _pieces(self, opened: Opened, wall_from: int, media_from: int, media_to: int) -> Iterator[Piece]:
        """Counted media as pieces that never cross a local midnight."""
        while media_from < media_to:
            midnight = (local_day(wall_from) + 1) * DAY - SHANGHAI_OFFSET
            length = min(media_to - media_from, midnight - wall_from)
            checked_in = self._check_ins.get((opened.class_id or "", local_day(wall_from)))
            under = checked_in is not None and checked_in <= wall_from
            yield Piece(
                opened.lesson, opened.class_id, wall_from, wall_from + length, media_from, media_from + length, under
            )
            wall_from += length
            media_from += length

    def _covered(self, lesson: str) -> list[tuple[int, int]]:
        """Merged intervals of a lesson's counted media, in order; worked out anew only after a piece went void."""
        if lesson not in self._coverage:
            self._coverage[lesson] = _merged(
                (piece.media_from, piece.media_to) for piece in self.pieces if piece.lesson == lesson
            )
        return self._coverage[lesson]

    def _note_covered(self, piece: Piece) -> None:
        covered = self._covered(piece.lesson)
        if covered and covered[-1][1] == piece.media_from:
            covered[-1] = (covered[-1][0], piece.media_to)
        else:
            self._coverage[piece.lesson] = _merged([*covered, (piece.media_from, piece.media_to)])

    # ── presence ──

    def _watch_for_check(self, at: int, gap: int, check_issued: bool) -> None:
        if gap > OUTAGE and not check_issued:
            self.oddities.append(f"no presence check came after a silence of {gap // SECOND} s")
        elif check_issued and gap <= OUTAGE and self._since_confirmation < CHECK_AFTER_AT_LEAST:
            self.oddities.append(f"a presence check came after {self._since_confirmation // SECOND} s, before 5 min")
        elif not check_issued and self._since_confirmation > CHECK_AFTER_AT_MOST:
            self.oddities.append(f"no presence check came within 15 min, after {self._since_confirmation // SECOND} s")
        if check_issued or gap > OUTAGE:
            self._check = _Check(answer_by=at + TIME_TO_ANSWER)

    def _answer(self, at: int) -> None:
        check, session = self._check, self._session
        if check is not None and session is not None and not check.missed and at > check.answer_by:
            self._miss(session, check)
        self._confirm()

    def _confirm(self) -> None:
        self._check = None
        self._since_confirmation = 0
        if self._session is not None:
            self._session.provisional.clear()
            self._session.unconfirmed.clear()

    def _miss(self, session: _Session, check: _Check) -> None:
        """First miss of a local day: time since it was due. Later: back to the last confirmation."""
        check.missed = True
        self._void(session.provisional)
        day = local_day(check.answer_by)
        if self._misses[day]:
            self._void(session.unconfirmed)
        self._misses[day] += 1

    def _void(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            self.pieces.remove(piece)
            self._coverage.pop(piece.lesson, None)
        pieces.clear()

    # ── the quiz, and the sum ──

    def _take_quiz(self, event: QuizTaken) -> None:
        self._confirm()
        length = min(event.submitted_at - event.opened_at, event.limit)
        if event.passed and length > 0:
            checked_in = self._check_ins.get((event.class_id or "", local_day(event.opened_at)))
            under = checked_in is not None and checked_in <= event.opened_at
            end = event.opened_at + length
            self.quizzes.append(Piece("quiz", event.class_id, event.opened_at, end, 0, length, under))

    def result(self) -> Counted:
        """Whole seconds: what is left below a second stays with its lesson."""
        learned: dict[tuple[str, str], int] = defaultdict(int)
        claimable: dict[tuple[str, str], int] = defaultdict(int)
        for kind, pieces in (("counted", self.pieces), ("allowance", self.allowances), ("quiz", self.quizzes)):
            for piece in pieces:
                place = piece.class_id or "", f"{kind}/{piece.lesson}"
                learned[place] += piece.length
                if piece.under_check_in and piece.class_id in self.filed:
                    claimable[place] += piece.length
        learned_in, claimable_in = _seconds_by_class(learned), _seconds_by_class(claimable)
        return Counted(sum(learned_in.values()), learned_in, claimable_in, tuple(self.pieces), tuple(self.oddities))


def _seconds_by_class(lengths: dict[tuple[str, str], int]) -> dict[str, int]:
    by_class: dict[str, int] = defaultdict(int)
    for (class_id, _), length in lengths.items():
        by_class[class_id] += length // SECOND
    return dict(by_class)


def count(log: Iterable[Event], *, filed_classes: Iterable[str] = ()) -> Counted:
    """Replays a log. `filed_classes` are those whose plan was approved before the learning began."""
    counter = Counter(filed_classes)
    for event in log:
        counter.see(event)
    return counter.result()


def _merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _uncovered(start: int, stop: int, covered: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of (start, stop] that no covered interval holds; `covered` sorted by start."""
    fresh: list[tuple[int, int]] = []
    for seen_from, seen_to in covered:
        if seen_to <= start:
            continue
        if seen_from >= stop:
            break
        if seen_from > start:
            fresh.append((start, seen_from))
        start = max(start, seen_to)
    if start < stop:
        fresh.append((start, stop))
    return fresh
