"""What an honest counter makes of a phone's log.

The driver's own reading of how time is counted, worked out from what its phones did and when, never from figures the
server gave. One fact cannot be known from outside, because the server draws it by lot: when a presence check falls
due. It is taken from the answer that brought the check to the phone, and checked to lie in the announced range.

All times are integer milliseconds of the demonstration's calendar; positions are milliseconds of media.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from demo.coverage import Coverage, uncovered
from demo.earned import SECOND, CheckIns, Counted, Piece, local_day, start_of_day
from demo.log import Answered, CheckedIn, Closed, Event, Moved, Opened, Played, QuizTaken

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


@dataclass
class _Check:
    """A check that waits for its answer. `stopped`: its time is over, nothing counts until it is answered."""

    answer_by: int
    seen_since_due: bool = False
    stopped: bool = False


@dataclass
class _Session:
    opened: Opened
    arrived: int
    seen: int
    cursor: int
    kept: int = 0
    provisional: list[Piece] = field(default_factory=list)
    unconfirmed: list[Piece] = field(default_factory=list)


class Counter:
    """Replays one person's log in the order the server saw it."""

    def __init__(self, filed_classes: Iterable[str] = ()) -> None:
        self.filed = frozenset(filed_classes)
        self.pieces: list[Piece] = []
        self._coverage = Coverage()
        self.allowances: list[Piece] = []
        self.quizzes: list[Piece] = []
        self.oddities: list[str] = []
        self._session: _Session | None = None
        self._check: _Check | None = None
        self._since_confirmation = 0
        self._misses: dict[int, int] = defaultdict(int)
        self._check_ins = CheckIns()

    def see(self, event: Event) -> None:
        match event:
            case CheckedIn():
                if self._check_ins.add(event.class_id, event.at):
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
        if event.check_waits:
            self._check = _Check(answer_by=event.at, stopped=True)
        self._session = _Session(opened=event, arrived=event.at, seen=event.at, cursor=self._resume_at(event))

    def _resume_at(self, event: Opened) -> int:
        """Where coverage from the start of the lesson ends."""
        end = 0
        for start, stop in self._coverage.of(event.lesson):
            if start > end:
                break
            end = max(end, stop)
        return min(end, event.media)

    def _end_session(self, at: int) -> None:
        """Closes what is open at its last good beat: time that waits for an answer is lost with it."""
        session = self._session
        if session is None:
            return
        if self._check is not None:
            if not self._check.stopped and at > self._check.answer_by:
                self._miss(session, self._check)
            self._check.stopped = True
        self._void(session, session.provisional)
        self._session = None
        self._allow_the_rest(session.opened)

    def _move(self, event: Moved) -> None:
        session = self._session
        if session is None or session.opened.session != event.session:
            self.oddities.append(f"session {event.session} moved on though it was not the open one")
            return
        midnight = start_of_day(local_day(event.at))
        session.opened = replace(session.opened, session=event.successor, at=midnight)
        session.unconfirmed = [piece for piece in session.unconfirmed if piece.wall_from >= midnight]

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
        covered = sum(stop - start for start, stop in self._coverage.of(opened.lesson))
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
        silence = at - session.seen
        budget = session.kept + min(gap, GAP_LIMIT)
        provisional, counts = self._standing(session, at, silence)
        left = self._cover(session, at, budget, positions, provisional) if counts else self._seek(session, positions)
        session.kept = min(left, KEPT_LIMIT)
        session.arrived = session.seen = at
        if self._check is None and not closing:
            self._watch_for_check(at, silence, check_issued)

    def _standing(self, session: _Session, at: int, silence: int) -> tuple[bool, bool]:
        """(does new time wait for an answer, does new time count at all)"""
        check = self._check
        if check is None:
            return silence > OUTAGE, True
        if check.stopped:
            return False, False
        if at <= check.answer_by:
            check.seen_since_due = True
            return True, True
        if not check.seen_since_due and silence > OUTAGE:
            self._check = _Check(answer_by=at + TIME_TO_ANSWER)
            return True, True
        self._miss(session, check)
        return False, False

    def _seek(self, session: _Session, positions: Iterable[int]) -> int:
        """While nothing counts the phone can only go back; no budget is kept."""
        session.cursor = min(session.cursor, *positions)
        return 0

    def _cover(self, session: _Session, at: int, budget: int, positions: Iterable[int], provisional: bool) -> int:
        """Claims newly covered media from the earliest unused part of the budget; returns what is left of it."""
        for position in (min(position, session.opened.media) for position in positions):
            if position < session.cursor:
                session.cursor = position
                continue
            fresh = uncovered(session.cursor, position, self._coverage.of(session.opened.lesson))
            if sum(stop - start for start, stop in fresh) - budget > AHEAD_TOLERANCE:
                continue
            session.cursor = position
            for start, stop in fresh:
                length = min(stop - start, budget)
                self._earn(session, at - budget, start, length, provisional)
                budget -= length
                if length < stop - start:
                    session.cursor = start + length
                    break
        return budget

    def _earn(self, session: _Session, wall_from: int, media_from: int, length: int, provisional: bool) -> None:
        """Without a confirmation at most one presence interval counts at once; what is above waits for an answer."""
        room = 0 if provisional else max(0, CHECK_AFTER_AT_MOST - self._since_confirmation)
        at_once = min(length, room)
        opened = session.opened
        for start, part, kept in ((0, at_once, session.unconfirmed), (at_once, length - at_once, session.provisional)):
            for piece in self._check_ins.pieces(
                opened.lesson, opened.class_id, wall_from + start, media_from + start, part
            ):
                self.pieces.append(piece)
                self._coverage.add(piece.lesson, piece.media_from, piece.media_to)
                kept.append(piece)
        self._since_confirmation += length

    # ── presence ──

    def _watch_for_check(self, at: int, silence: int, check_issued: bool) -> None:
        if silence > OUTAGE and not check_issued:
            self.oddities.append(f"no presence check came after a silence of {silence // SECOND} s")
        elif check_issued and silence <= OUTAGE and self._since_confirmation < CHECK_AFTER_AT_LEAST:
            self.oddities.append(f"a presence check came after {self._since_confirmation // SECOND} s, before 5 min")
        elif not check_issued and self._since_confirmation > CHECK_AFTER_AT_MOST:
            self.oddities.append(f"no presence check came within 15 min, after {self._since_confirmation // SECOND} s")
        if check_issued or silence > OUTAGE:
            self._check = _Check(answer_by=at + TIME_TO_ANSWER)

    def _answer(self, at: int) -> None:
        check, session = self._check, self._session
        if check is not None and session is not None and not check.stopped and at > check.answer_by:
            self._miss(session, check)
        if session is not None:
            session.seen = at
            if check is not None and check.stopped:
                session.arrived, session.kept = at, 0
        self._confirm()

    def _confirm(self) -> None:
        self._check = None
        self._since_confirmation = 0
        if self._session is not None:
            self._session.provisional.clear()
            self._session.unconfirmed.clear()

    def _miss(self, session: _Session, check: _Check) -> None:
        """First miss of a local day: time since it was due. Later: back to the last confirmation."""
        check.stopped = True
        self._void(session, session.provisional)
        day = local_day(check.answer_by)
        if self._misses[day]:
            self._void(session, session.unconfirmed)
        self._misses[day] += 1

    def _void(self, session: _Session, pieces: list[Piece]) -> None:
        """No time and no coverage: counting stands again where these pieces began."""
        for piece in pieces:
            session.cursor = min(session.cursor, piece.media_from)
            self.pieces.remove(piece)
            self._coverage.remove(piece.lesson, piece.media_from, piece.media_to)
        pieces.clear()

    # ── the quiz, and the sum ──

    def _take_quiz(self, event: QuizTaken) -> None:
        self._confirm()
        length = min(event.submitted_at - event.opened_at, event.limit)
        if event.passed and length > 0:
            self.quizzes += self._check_ins.pieces("quiz", event.class_id, event.opened_at, 0, length)

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
