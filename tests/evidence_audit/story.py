"""A small house in which something of everything was decided, told once; every test then has its own copy of it."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

from backend.claims import services as claims
from backend.courses.services import LessonView
from backend.people import services as people
from backend.plans import services as plans
from backend.platforms import services as platforms
from backend.reviews import services as reviews
from backend.study import services as study
from backend.study.services import ImportedTime
from config import clock
from config.clock import FixedCalendar
from config.database import transaction
from learning_records.evidence import attachments, log, receiving
from tests.cast.claims import Class, Office, a_class, an_office, hours, submitted_claim
from tests.cast.files import a_png
from tests.cast.payments import pay_after_notice
from tests.cast.plans import a_person
from tests.learning_records.sealed import seal_notes
from tests.study.phones import Learner, a_learner


def tell(calendar: FixedCalendar) -> None:
    """Sessions, a quiz, an appeal, an attachment, a claim that was paid in the month after and one that was withdrawn, and a
    log of two tiles."""
    office = an_office()
    first = a_class([a_person(1), a_person(2, "李小红")], office)
    second = a_class([a_person(3, "张小刚")], office, serial=2)
    _study_and_appeal(first, office, calendar)
    log.sequence()
    for group in (first, second):
        for person in group.persons:
            if group is second or person is not first.persons[0]:
                phone = a_learner(calendar, person.worker_id, group.class_id)
                phone.sign_in_for_the_day()
            hours_elsewhere(person.worker_id, group.class_id)
            take_quiz(person.worker_id, group.class_id)
    _attach(first)
    pay_after_notice(submitted_claim(first.plan), office, calendar)
    _claim_and_withdraw(second, office)
    log.sequence()
    seal_notes(300)
    log.sequence()
    seal_notes(3)  # they wait for the sequencer


def _study_and_appeal(group: Class, office: Office, calendar: FixedCalendar) -> None:
    worker_id, lessons = group.persons[0].worker_id, group_lessons(group)
    phone: Learner = a_learner(calendar, worker_id, group.class_id)
    phone.sign_in_for_the_day()
    phone.watch(lessons[0], 1200)
    phone.answers_checks = False
    phone.watch(lessons[1], 1800)
    case = transaction(
        lambda: study.appeal(worker_id=worker_id, session_id=phone.session_id, reason="当时在看，手机卡住了")
    )
    transaction(
        lambda: reviews.decide_appeal(
            appeal_id=case.appeal.appeal_id, staff=office.reviewer, approve=True, reason="设备日志属实"
        )
    )


def group_lessons(group: Class) -> tuple[LessonView, ...]:
    """The lessons of the class's one course."""
    (course,) = plans.class_view(group.class_id).courses
    return study.open_course(worker_id=group.persons[0].worker_id, course_id=course.course_id).lessons


def hours_elsewhere(worker_id: int, class_id: UUID) -> None:
    """24 claimable class hours that another platform attests."""
    platform = platforms.find_platform("kjcxchina")
    record = ImportedTime(
        platform_id=platform.id,
        platform_code=platform.code,
        external_id=str(uuid4()),
        grade="attested",
        content_digest="ab" * 32,
        batch_ref=uuid4(),
        worker_id=worker_id,
        person_ref=people.learner_ref(worker_id),
        context_ref=class_id,
        course="数控加工",
        lesson="",
        happened_at=clock.now(),
        learned_seconds=hours(24),
        claimable_seconds=hours(24),
        body={"person": str(people.learner_ref(worker_id)), "context": str(class_id)},
    )
    transaction(lambda: study.bank_imports([record]))


def take_quiz(worker_id: int, class_id: UUID) -> None:
    attempt = transaction(lambda: study.open_quiz(worker_id=worker_id, class_id=class_id))
    answers = {
        question.question_id: [option.key for option in question.options if option.text.startswith("正确")][
            : None if question.kind == "multiple" else 1
        ]
        for question in attempt.questions
    }
    transaction(lambda: study.finish_quiz(worker_id=worker_id, attempt_id=attempt.attempt_id, answers=answers))


def _attach(group: Class) -> None:
    file = receiving.receive(kind="photo", name="课堂.png", stream=io.BytesIO(a_png()))
    transaction(
        lambda: attachments.add(
            context_ref=group.class_id, owner_ref=group.enterprise.public_id, file=file, uploaded_by="staff:agent"
        )
    )


def _claim_and_withdraw(group: Class, office: Office) -> None:
    claim = submitted_claim(group.plan)
    transaction(lambda: claims.withdraw_claim(claim_id=claim.claim_id, reason="填错了", actor="staff:agent"))
    again = submitted_claim(group.plan)
    transaction(
        lambda: reviews.send_back_claim(claim_id=again.claim_id, staff=office.reviewer, reason="请补材料", clause="三")
    )
    submitted_claim(group.plan)
