"""Simulated phones against the real services, on the settable clock. Each call is one request with its own commit."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID, uuid4

from config.clock import FixedCalendar
from config.database import transaction
from learning_records.sessions import services
from learning_records.sessions.chain import beat_hash
from learning_records.sessions.services import (
    BeatIn,
    BeatsAnswer,
    CountingRules,
    LessonFacts,
    PresenceAnswer,
    PresenceCheckView,
    SessionClosed,
    SessionOpened,
)

T = TypeVar("T")
MINUTE = 60_000
RULES = CountingRules(version="test")


def lesson(minutes: float = 45, kind: str = "video", media_ms: int | None = None) -> LessonFacts:
    """A new lesson of that nominal length."""
    return LessonFacts(uuid4(), 1, "ab" * 32, kind, media_ms or int(minutes * MINUTE))


def call(work: Callable[[], T]) -> T:
    """One request: a transaction around one service call."""
    return transaction(work)


@dataclass
class Phone:
    """A phone of one person. It plays at ``speed`` and sends what it kept every ``batch`` beats, or never, when offline."""

    clock: FixedCalendar
    person: UUID = field(default_factory=uuid4)
    context: UUID | None = None
    answers_checks: bool = True
    obeys: bool = True
    speed: float = 1.0
    batch: int = 1
    rules: CountingRules = RULES
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    position_ms: int = 0
    kept: list[BeatIn] = field(default_factory=list)
    answers: list[BeatsAnswer] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    checks: list[PresenceCheckView] = field(default_factory=list)

    def check_in(self) -> None:
        """Tap 签到 for the class."""
        context = self.context
        assert context is not None
        call(
            lambda: services.check_in(
                person_ref=self.person, context_ref=context, device_ref="phone", method="tap", chance=self.chance
            )
        )

    def open(self, facts: LessonFacts) -> SessionOpened:
        """Open a lesson and play from where the server says."""
        self.facts = facts
        opened = call(
            lambda: services.open_session(
                person_ref=self.person,
                lesson=facts,
                context_ref=self.context,
                device_ref="phone",
                rules=self.rules,
                chance=self.chance,
            )
        )
        self._take(opened.session_id, opened.next_seq, opened.prev)
        self.position_ms = opened.resume_at_ms
        self.kept = []
        if opened.presence_check and self.answers_checks:
            self.answer(opened.presence_check.check_id)
        return opened

    def _take(self, session_id: UUID, seq: int, prev: str) -> None:
        self.session_id, self.seq, self.prev = session_id, seq, prev

    def mark(self) -> BeatIn:
        """Make a beat of the present position and keep it."""
        beat = BeatIn(self.seq, self.position_ms, self.prev)
        self.prev = beat_hash(str(self.session_id), beat.seq, beat.position_ms, beat.prev)
        self.seq += 1
        self.kept.append(beat)
        return beat

    def post(self, beats: Sequence[BeatIn]) -> BeatsAnswer:
        """Send these beats as they are."""
        return call(
            lambda: services.record_beats(
                person_ref=self.person, session_id=self.session_id, beats=beats, chance=self.chance
            )
        )

    def send(self) -> BeatsAnswer:
        """Send what is kept and do as the answer says."""
        answer = self.post(self.kept)
        self.kept = []
        self.answers.append(answer)
        self.codes |= {reason.code for reason in answer.uncounted}
        if answer.presence_check:
            self.checks.append(answer.presence_check)
        if answer.moved_to:
            moved = answer.moved_to
            self._take(moved.session_id, moved.next_seq, moved.prev)
        if self.obeys and answer.resume_at_ms is not None:
            self.position_ms = answer.resume_at_ms
        if answer.presence_check and self.answers_checks:
            self.answer(answer.presence_check.check_id)
        return answer

    def answer(self, check_id: UUID, text: str | None = None) -> PresenceAnswer:
        """Answer a presence check."""
        said = call(
            lambda: services.answer_presence_check(
                person_ref=self.person,
                session_id=self.session_id,
                check_id=check_id,
                answer=text,
                chance=self.chance,
            )
        )
        if self.obeys and said.resume_at_ms is not None:
            self.position_ms = said.resume_at_ms
        return said

    def play(self, seconds: int, *, offline: bool = False) -> None:
        """Play for ``seconds`` of real time, a beat every ten, sent in batches unless offline."""
        for _ in range(seconds // 10):
            self.clock.advance(10)
            self.position_ms = min(self.position_ms + int(10_000 * self.speed), self.facts.media_ms)
            self.mark()
            if not offline and len(self.kept) >= self.batch:
                self.send()

    def close(self) -> SessionClosed:
        """End the session with what is kept."""
        beats, self.kept = self.kept, []
        return call(
            lambda: services.close_session(
                person_ref=self.person, session_id=self.session_id, beats=beats, chance=self.chance
            )
        )

    def counted(self) -> int:
        """Whole seconds the session counts, asked of the server."""
        explained = services.explain(person_ref=self.person, session_id=self.session_id)
        return explained.counted_seconds
