"""The training afterwards: self-study, mentor's entries and online time; what counts, what is refused, what the check says."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.new_hires import services as new_hires
from backend.new_hires.services import LogView, NewHireApplicationView, TrainingView
from backend.people.services import StaffView
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import DomainError
from tests.cast.enterprises import an_enterprise
from tests.cast.files import a_jpeg
from tests.cast.new_hires import ACTOR, a_draft, an_entry, approved, entry_ids, hired, paid
from tests.cast.plans import Person, a_long_course, a_person, a_staff, join, on_roster
from tests.cast.plans import a_draft as a_plan
from tests.cast.plans import approved as plan_approved
from tests.evidence_audit.asking import audit, change, first
from tests.study.phones import a_learner


@dataclass(frozen=True)
class Case:
    """One paid new hire with their mentor and the two reviewers."""

    trainee: Person
    mentor: Person
    reviewer: StaffView
    application: NewHireApplicationView
    line_id: UUID

    def training(self) -> TrainingView:
        return new_hires.training_of(self.line_id)


@pytest.fixture
def case(app: Flask, clock: FixedCalendar, request: pytest.FixtureRequest) -> Case:
    """Paid on 10 April; the form is the fixture's parameter."""
    form = getattr(request, "param", "self_study")
    clock.set("2020-04-10T09:00:00+08:00")
    mentor, trainee = a_person(1, "张师傅"), a_person(2, "李小红")
    enterprise = an_enterprise()
    hired(enterprise, [mentor], on=date(2019, 6, 1))
    hired(enterprise, [trainee])
    first = entry_ids(enterprise)[0]
    draft = a_draft(enterprise, form=form, mentor_id=first if form == "mentor" else None)
    if form != "mentor":
        gone = next(line.line_id for line in draft.lines if line.roster_entry_id == first)
        draft = transaction(partial(new_hires.remove_person, application_id=draft.application_id, line_id=gone))
    reviewer = a_staff("reviewer", "reviewer")
    application = approved(draft, reviewer, a_staff("second", "second_reviewer"))
    (line,) = paid(application)
    return Case(trainee, mentor, reviewer, application, line.line_id)


def refused(code: str, work: Callable[[], object]) -> None:
    with pytest.raises(DomainError) as found:
        transaction(work)
    assert found.value.code == code


def study(case: Case, minutes: int = 180, **changes: Any) -> LogView:
    entry = an_entry(minutes, **changes)
    return transaction(
        lambda: new_hires.write_self_study(worker_id=case.trainee.worker_id, line_id=case.line_id, entry=entry)
    )


def check() -> int:
    return transaction(new_hires.check_due)


def test_a_self_study_log_of_eight_class_hours_passes_the_check(case: Case, clock: FixedCalendar) -> None:
    study(case)
    assert case.training().sentences == (
        "自主学已记录180分钟，要求360分钟，还差180分钟。",
        "还没有记录的培训内容：疫情防护。",
    )
    assert check() == 0
    clock.set("2020-04-11T20:00:00+08:00")
    study(case, content="epidemic_protection")
    assert (case.training().enough, case.training().sentences) == (True, ("自主学已记录360分钟，要求360分钟。",))
    assert check() == 1
    assert check() == 0
    done = case.training()
    assert (done.outcome, done.checked_by_person) == ("trained", False)
    assert new_hires.line_view(case.line_id).status_words == "已核查，培训完成"
    refused("TRAINING_CLOSED", lambda: study_again(case))


def study_again(case: Case) -> object:
    return new_hires.write_self_study(worker_id=case.trainee.worker_id, line_id=case.line_id, entry=an_entry())


def test_the_same_entry_again_is_one_entry(case: Case) -> None:
    entry = an_entry(90)
    write = partial(new_hires.write_self_study, worker_id=case.trainee.worker_id, line_id=case.line_id)
    assert transaction(partial(write, entry=entry)) == transaction(partial(write, entry=entry))
    assert case.training().counted_seconds == 90 * 60
    other = an_entry(91, key=entry.key)
    refused("LOG_KEY_REUSED", partial(write, entry=other))
    refused("LOG_KEY_INVALID", partial(write, entry=an_entry(key="short")))
    refused("LOG_DAY_FULL", partial(write, entry=an_entry(271)))


def test_taken_back_it_counts_no_more(case: Case) -> None:
    log = study(case)
    taking = partial(new_hires.take_back, log_id=log.log_id)
    refused("LOG_NOT_FOUND", partial(taking, worker_id=case.mentor.worker_id))
    refused("LOG_NOT_FOUND", partial(taking, actor=ACTOR))
    assert transaction(partial(taking, worker_id=case.trainee.worker_id)).answer == "withdrawn"
    transaction(partial(taking, worker_id=case.trainee.worker_id))
    assert case.training().counted_seconds == 0
    study(case, 360)


def test_nobody_else_writes_in_the_log(case: Case) -> None:
    write = partial(new_hires.write_self_study, line_id=case.line_id, entry=an_entry())
    refused("NEW_HIRE_NOT_FOUND", partial(write, worker_id=case.mentor.worker_id))
    refused(
        "NEW_HIRE_NOT_FOUND",
        lambda: new_hires.write_as_mentor(worker_id=case.mentor.worker_id, line_id=case.line_id, entry=an_entry()),
    )
    refused("LOG_FORM_OTHER", lambda: new_hires.write_for_mentor(line_id=case.line_id, entry=an_entry(), actor=ACTOR))


def test_a_photo_belongs_to_the_application(case: Case) -> None:
    file = new_hires.receive(kind="photo", name="学习.jpg", stream=io.BytesIO(a_jpeg()))
    adding = partial(new_hires.add_photo, line_id=case.line_id, file=file)
    refused("NEW_HIRE_NOT_FOUND", partial(adding, worker_id=case.mentor.worker_id))
    photo = transaction(partial(adding, worker_id=case.trainee.worker_id))
    assert study(case, photo_ref=photo.attachment_id).photo_ref == photo.attachment_id
    refused("PHOTO_NOT_FOUND", lambda: _with_photo(case))
    _, path = new_hires.open_file(application_id=case.application.application_id, attachment_id=photo.attachment_id)
    assert path.read_bytes() == a_jpeg()
    assert [paper.name for paper in new_hires.papers_of(case.application.application_id)] == ["参保证明.pdf"]


def _with_photo(case: Case) -> object:
    entry = an_entry(photo_ref=case.line_id)
    return new_hires.write_self_study(worker_id=case.trainee.worker_id, line_id=case.line_id, entry=entry)


@pytest.mark.parametrize("case", ["mentor"], indirect=True)
def test_a_mentors_entry_counts_once_the_trainee_confirms_it(case: Case, clock: FixedCalendar) -> None:
    write = partial(new_hires.write_as_mentor, worker_id=case.mentor.worker_id, line_id=case.line_id)
    one = transaction(partial(write, entry=an_entry()))
    second = transaction(lambda: new_hires.write_for_mentor(line_id=case.line_id, entry=an_entry(), actor=ACTOR))
    assert case.training().counted_seconds == 0
    (mine,) = new_hires.own_trainings(worker_id=case.trainee.worker_id)
    (theirs,) = new_hires.trainees_of(worker_id=case.mentor.worker_id)
    assert (mine.line_id, theirs.trainee_name, mine.amount_fen) == (case.line_id, "李*红", 30_000)
    assert new_hires.trainees_of(worker_id=case.trainee.worker_id) == []
    answer = partial(new_hires.answer_entry, worker_id=case.trainee.worker_id)
    refused(
        "LOG_NOT_FOUND",
        lambda: new_hires.answer_entry(worker_id=case.mentor.worker_id, log_id=one.log_id, confirmed=True),
    )
    transaction(partial(answer, log_id=one.log_id, confirmed=True))
    transaction(partial(answer, log_id=one.log_id, confirmed=True))
    refused("LOG_ANSWERED", partial(answer, log_id=one.log_id, confirmed=False, words="没有这次"))
    refused("LOG_WORDS_INVALID", partial(answer, log_id=second.log_id, confirmed=False))
    transaction(partial(answer, log_id=second.log_id, confirmed=False, words="那天我休息"))
    assert case.training().counted_seconds == 180 * 60
    assert [log.counts for log in case.training().logs] == [True, False]
    third = transaction(partial(write, entry=an_entry()))
    transaction(partial(answer, log_id=third.log_id, confirmed=True))
    assert check() == 1


@pytest.mark.parametrize("case", ["online"], indirect=True)
def test_online_time_counts_unless_a_claim_can_draw_it(case: Case, clock: FixedCalendar) -> None:
    """A course watched alone counts; the same in a class of a filed plan belongs to that plan's claim."""
    course = a_long_course()
    alone = a_learner(clock, case.trainee.worker_id)
    alone.watch(course.lessons[0], 600)
    (seen,) = case.training().online
    assert (seen.title, seen.seconds, case.training().counted_seconds) == ("第1课", 600, 600)
    enterprise = an_enterprise("无锡锡山电子有限公司", serial=2)
    on_roster(enterprise, [case.trainee])
    today = clock().date()
    plan = plan_approved(a_plan(enterprise, course, head_count=1, starts_on=today), case.reviewer)
    in_class = a_learner(clock, case.trainee.worker_id, join(plan, [case.trainee]))
    in_class.sign_in_for_the_day()
    in_class.watch(course.lessons[1], 600)
    assert case.training().counted_seconds == 600
    assert check() == 0


def test_without_training_a_person_decides_after_the_last_day(case: Case, clock: FixedCalendar) -> None:
    deciding = partial(
        reviews.decide_new_hire_check, line_id=case.line_id, staff=case.reviewer, reason="电话核实，没有组织培训。"
    )
    refused("CHECK_NOT_DUE", partial(deciding, trained=False))
    clock.set("2020-07-09T23:59:59+08:00")
    refused("CHECK_NOT_DUE", partial(deciding, trained=False))
    assert reviews.queue() == []
    clock.set("2020-07-10T00:00:01+08:00")
    (item,) = reviews.queue(role="reviewer")
    assert (item.stage, item.title) == ("only", "岗前培训核查：1人到期未完成")
    refused("LOG_DAY_INVALID", lambda: study_again(case))
    refused(
        "REASON_REQUIRED",
        partial(reviews.decide_new_hire_check, line_id=case.line_id, staff=case.reviewer, trained=True, reason=""),
    )
    transaction(partial(deciding, trained=False))
    (due,) = new_hires.recoveries_due()
    assert (due.amount_fen, due.reason) == (30_000, "电话核实，没有组织培训。")
    assert reviews.queue() == []
    refused("CHECK_NOT_PAID", partial(deciding, trained=True))
    recovering = partial(new_hires.mark_recovered, line_ids=[case.line_id], at=due.decided_at, actor=ACTOR)
    transaction(recovering)
    assert new_hires.recoveries_due() == []
    refused("NEW_HIRE_NOT_DUE", recovering)
    (row,) = new_hires.register_rows()
    assert (row.status_words, row.outcome) == ("已追回", "untrained")


def test_with_papers_a_person_may_find_it_took_place(case: Case) -> None:
    transaction(
        lambda: reviews.decide_new_hire_check(
            line_id=case.line_id, staff=case.reviewer, trained=True, reason="企业补交签到表和现场照片。"
        )
    )
    assert (case.training().outcome, case.training().checked_by_person) == ("trained", True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE new_hire_log SET minutes = 360",
        "DELETE FROM new_hire_log",
        "UPDATE new_hire_line SET status = 'trained'",
        "UPDATE new_hire_line SET paid_at = NULL",
        "UPDATE new_hire_line SET training_due_on = '2021-01-01'",
        "INSERT INTO new_hire_log_answer (public_id, log_id, answer, words, answered_by, answered_at) "
        "SELECT public_id, id, 'confirmed', '', written_by, written_at FROM new_hire_log",
    ],
)
def test_the_database_refuses_to_bend_the_training(case: Case, statement: str) -> None:
    study(case)
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(text(statement)))


def test_the_audit_names_what_was_changed_by_hand(case: Case, clock: FixedCalendar, app: Flask) -> None:
    log = study(case)
    transaction(partial(new_hires.take_back, log_id=log.log_id, worker_id=case.trainee.worker_id))
    study(case)
    clock.advance(86_400)
    study(case)
    assert check() == 1
    status, report = audit(app)
    assert (status, report["agrees"]) == (0, True), report
    change("new_hire_log", "UPDATE new_hire_log SET minutes = minutes + 1 WHERE id = 1")
    assert f"new_hire_log {log.log_id}" in str(first(app))
    change("new_hire_log", "UPDATE new_hire_log SET minutes = minutes - 1 WHERE id = 1")
    change("new_hire_line", "UPDATE new_hire_line SET amount_fen = 90000")
    assert f"new_hire {case.application.application_id}" in str(first(app))
    change("new_hire_line", "UPDATE new_hire_line SET amount_fen = 30000, status = 'paid'")
    assert f"new_hire_line {case.line_id}" in str(first(app))


def test_erased_with_the_roster_row_the_line_names_nobody(case: Case) -> None:
    before = new_hires.line_view(case.line_id)
    transaction(lambda: new_hires.erase_people(entry_ids=_entries()))
    assert new_hires.line_view(case.line_id).amount_fen == before.amount_fen
    assert new_hires.own_trainings(worker_id=case.trainee.worker_id) == []


def _entries() -> list[int]:
    return list(db.session.scalars(text("SELECT roster_entry_id FROM new_hire_line")))
