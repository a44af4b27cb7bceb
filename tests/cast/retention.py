"""Classes that people learned in, so that their evidence can grow old, and the desk that keeps and destroys it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

from backend.claims.services import ClaimView
from backend.courses.services import LessonView
from backend.credit_bank import services as credit_bank
from backend.credit_bank.services import Deposit
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.retention import services as retention
from backend.retention.services import CertificateView, DueUnit
from backend.study import services as study
from config.clock import FixedCalendar
from config.database import transaction
from learning_records import keeping
from learning_records.evidence import attachments, log
from learning_records.evidence import services as evidence
from learning_records.evidence.attachments import AttachmentView
from tests.cast.claims import Class, Office, a_class, hours, submitted_claim
from tests.cast.files import a_jpeg
from tests.cast.plans import Person, a_person, a_staff
from tests.study.phones import Learner, a_learner

REASON = "保存期满，按规定销毁"


@dataclass(frozen=True)
class Desk:
    """Two people who may destroy together."""

    proposer: StaffView
    approver: StaffView


def a_desk(office: Office) -> Desk:
    """The office's reviewer proposes, somebody of the bureau approves."""
    return Desk(office.reviewer, a_staff("bureau", "bureau"))


def a_studied_class(
    clock: FixedCalendar, office: Office, *, serial: int = 1, count: int = 2, name: str = "王小明"
) -> Class:
    """A class whose people checked in and learned ten minutes each."""
    group = a_class([a_person(serial * 10 + number, name) for number in range(count)], office, serial=serial)
    for person in group.persons:
        studying(clock, group, person)
    log.sequence()
    return group


def studying(clock: FixedCalendar, group: Class, person: Person, *, seconds: int = 600, lesson: int = 0) -> Learner:
    """That person checks in and learns for the class."""
    phone = a_learner(clock, person.worker_id, group.class_id)
    phone.sign_in_for_the_day()
    phone.watch(lessons_of(group)[lesson], seconds)
    return phone


def lessons_of(group: Class) -> tuple[LessonView, ...]:
    """The lessons of the class's one course."""
    (course,) = plans.class_view(group.class_id).courses
    return study.open_course(worker_id=group.persons[0].worker_id, course_id=course.course_id).lessons


def a_claim(group: Class) -> ClaimView:
    """The class's claim, submitted: everybody has 24 hours, of which no session of ours knows, and passed."""
    for person in group.persons:
        _hours_on_paper(person, group)
        passing(person, group)
    return submitted_claim(group.plan)


def _hours_on_paper(person: Person, group: Class) -> None:
    record = transaction(lambda: evidence.seal(kind="paper", body={"hours": 24})).record_id
    name = uuid4()
    transaction(
        lambda: credit_bank.deposit_all(
            [
                Deposit(person.worker_id, use, hours(24), group.class_id, record, f"paper:{name}:{use}")
                for use in ("learned", "claimable")
            ]
        )
    )


def passing(person: Person, group: Class) -> None:
    """That person passes the final quiz."""
    attempt = transaction(lambda: study.open_quiz(worker_id=person.worker_id, class_id=group.class_id))
    answers = {
        question.question_id: [option.key for option in question.options if option.text.startswith("正确")][
            : None if question.kind == "multiple" else 1
        ]
        for question in attempt.questions
    }
    transaction(lambda: study.finish_quiz(worker_id=person.worker_id, attempt_id=attempt.attempt_id, answers=answers))


def a_photo(group: Class, shade: int = 1) -> AttachmentView:
    """A picture kept with the class."""
    file = attachments.receive(kind="photo", name="李四签到.jpg", stream=io.BytesIO(a_jpeg(shade)))
    owner = group.enterprise.public_id
    return transaction(
        lambda: attachments.add(context_ref=group.class_id, owner_ref=owner, file=file, uploaded_by="staff:agent")
    )


def unit_of(ref: UUID) -> DueUnit:
    """How the clock of that class or person stands."""
    return next(unit for unit in retention.due() if unit.ref == ref)


def destroy_due(desk: Desk, *only: UUID) -> CertificateView:
    """Everything due, proposed and approved; the files removed."""
    log.sequence()
    proposal = transaction(partial(retention.propose, staff=desk.proposer, reason=REASON, only=only))
    approved = transaction(lambda: retention.approve(staff=desk.approver, proposal_id=proposal.proposal_id))
    keeping.remove_files()
    assert approved.certificate_id is not None
    return retention.certificate(certificate_id=approved.certificate_id)


def learner_ref(person: Person) -> UUID:
    """Under what the records know the person."""
    return people.learner_ref(person.worker_id)
