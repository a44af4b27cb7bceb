"""Two enterprises whose people studied, a training center, and keys for all three."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.courses.services import CourseView, LessonView
from backend.credit_bank import services as credit_bank
from backend.enterprises.services import EnterpriseView
from backend.people import services as people
from backend.policies import services as policies
from backend.training_centers import services as training_centers
from config.clock import FixedCalendar
from config.database import transaction
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from learning_records.sessions.services import BeatIn, LessonFacts
from tests.cast.enterprises import an_enterprise
from tests.cast.plans import Person, a_draft, a_long_course, a_person, join, on_roster, submitted

PARTNER = "/api/v1/partner"
BEAT_SECONDS = 10


@dataclass(frozen=True)
class School:
    """An enterprise with a class that its people joined, and its key."""

    enterprise: EnterpriseView
    class_id: UUID
    class_title: str
    persons: tuple[Person, ...]
    key: str


def a_key(subject_kind: str, subject_id: UUID) -> str:
    """The secret of a new key."""
    _, secret = transaction(
        lambda: people.create_api_key(subject_kind=subject_kind, subject_id=subject_id, name="人事系统")
    )
    return secret


def a_school(serial: int, name: str, course: CourseView, persons: tuple[Person, ...], **plan: Any) -> School:
    enterprise = an_enterprise(name, serial=serial)
    on_roster(enterprise, persons)
    filed = submitted(a_draft(enterprise, course, head_count=len(persons), **plan))
    class_id = join(filed, persons)
    key = a_key("enterprise", enterprise.public_id)
    return School(enterprise, class_id, filed.training_class.title, persons, key)


def studies(clock: FixedCalendar, person: Person, class_id: UUID, lesson: LessonView, *, beats: int = 3) -> int:
    """Check in, watch for so many beats, close, seal and deposit; gives the seconds that counted."""
    ref = people.learner_ref(person.worker_id)
    facts = LessonFacts(lesson.public_id, lesson.version, lesson.sha256, lesson.kind, lesson.media_ms)
    rules = policies.counting_rules(policies.current())

    def begin() -> tuple[UUID, str]:
        sessions.check_in(person_ref=ref, context_ref=class_id, device_ref="phone", method="tap", rules=rules)
        opened = sessions.open_session(
            person_ref=ref, lesson=facts, context_ref=class_id, device_ref="phone", rules=rules
        )
        return opened.session_id, opened.prev

    session_id, prev = transaction(begin)

    def send(beat: BeatIn) -> str:
        return transaction(lambda: sessions.record_beats(person_ref=ref, session_id=session_id, beats=[beat])).prev

    for seq in range(1, beats + 1):
        clock.advance(BEAT_SECONDS)
        prev = send(BeatIn(seq, seq * BEAT_SECONDS * 1000, prev))

    def bank() -> int:
        sessions.close_session(person_ref=ref, session_id=session_id)
        (closed,) = sessions.closed_unsealed(person_ref=ref)
        record = evidence.seal(kind=sessions.EVIDENCE_KIND, body=closed.facts)
        sessions.mark_sealed(session_id=session_id, evidence_record_id=record.record_id)
        for use, seconds in (("claimable", closed.checked_in_seconds), ("learned", closed.learned_seconds)):
            deposit(person.worker_id, use, seconds, class_id, record.record_id, f"session:{session_id}:{use}")
        return closed.learned_seconds

    return transaction(bank)


def deposit(worker_id: int, use: Any, seconds: int, class_id: UUID | None, record_id: int, key: str) -> None:
    credit_bank.deposit(
        worker_id=worker_id,
        use=use,
        amount_seconds=seconds,
        context_ref=class_id,
        evidence_record_id=record_id,
        key=key,
    )


def passes_quiz(person: Person, class_id: UUID, seconds: int) -> None:
    """The time of a passed quiz, sealed and deposited."""

    def bank() -> None:
        record = evidence.seal(kind="quiz", body={"attempt": str(uuid4()), "counted_seconds": seconds})
        deposit(person.worker_id, "claimable", seconds, class_id, record.record_id, f"quiz:{uuid4()}:claimable")

    transaction(bank)


@pytest.fixture
def course(app: Flask) -> CourseView:
    """24 lessons of 45 minutes."""
    return a_long_course()


@pytest.fixture
def ours(course: CourseView, clock: FixedCalendar) -> School:
    """Two workers of enterprise A."""
    persons = (a_person(1, "王小明"), a_person(2, "赵䶮"))
    return a_school(1, "无锡甲机械有限公司", course, persons)


@pytest.fixture
def theirs(course: CourseView, clock: FixedCalendar) -> School:
    """One worker of enterprise B."""
    return a_school(2, "无锡乙纺织有限公司", course, (a_person(3, "孙丽"),))


@pytest.fixture
def center_key(app: Flask) -> str:
    """The key of a training center."""
    center = transaction(
        lambda: training_centers.register_center(name="无锡市公共实训基地", address="无锡市滨湖区某路1号")
    )
    return a_key("training_center", center.public_id)


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """``ask(key, method, path, **options)`` under the door's prefix."""

    def call(key: str | None, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return client.open(PARTNER + path, method=method, headers=headers, **options)

    return call
