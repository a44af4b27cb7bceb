"""A worker's phone that opens and closes through the study desk; its beats go straight to the records."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.courses.services import LessonView
from backend.people import services as people
from backend.study import services as study
from backend.study.services import StudyClosed
from config.clock import FixedCalendar
from config.database import transaction
from learning_records.sessions.services import LessonFacts, SessionOpened
from tests.learning_records.phones import Phone


@dataclass
class Learner(Phone):
    """A phone of a worker, in a class or alone."""

    worker_id: int = 0
    class_id: UUID | None = None

    def sign_in_for_the_day(self) -> None:
        """Tap 签到."""
        class_id = self.class_id
        assert class_id is not None
        transaction(
            lambda: study.check_in(worker_id=self.worker_id, class_id=class_id, device="phone", chance=self.chance)
        )

    def begin(self, lesson: LessonView) -> SessionOpened:
        """Open a lesson for the class."""
        self.facts = LessonFacts(lesson.public_id, lesson.version, lesson.sha256, lesson.kind, lesson.media_ms)
        opened = transaction(
            lambda: study.open_session(
                worker_id=self.worker_id,
                lesson_id=lesson.public_id,
                class_id=self.class_id,
                device="phone",
                chance=self.chance,
            )
        )
        self._take(opened.session_id, opened.next_seq, opened.prev)
        self.position_ms, self.kept = opened.resume_at_ms, []
        if opened.presence_check and self.answers_checks:
            self.answer(opened.presence_check.check_id)
        return opened

    def finish(self) -> StudyClosed:
        """End the session with what is kept."""
        beats, self.kept = self.kept, []
        return transaction(
            lambda: study.close_session(worker_id=self.worker_id, session_id=self.session_id, beats=beats)
        )

    def watch(self, lesson: LessonView, seconds: int) -> StudyClosed:
        """Open, play, close."""
        self.begin(lesson)
        self.play(seconds)
        return self.finish()


def a_learner(clock: FixedCalendar, worker_id: int, class_id: UUID | None = None) -> Learner:
    """The phone of that worker."""
    return Learner(clock, person=people.learner_ref(worker_id), batch=5, worker_id=worker_id, class_id=class_id)
