"""备案变更: who may be added or corrected until when, what the decision does, and what the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.audit import services as audit
from backend.courses import services as courses
from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import AmendmentView, DocumentFacts, PlanView
from backend.registers.remaining_caps import remaining_caps
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast import enterprises as companies
from tests.cast.amendments import an_amendment, somebody_more
from tests.cast.plans import (
    AGENT,
    Person,
    a_document,
    a_draft,
    a_long_course,
    a_person,
    a_staff,
    approved,
    join,
    on_roster,
)
from tests.study.phones import a_learner


@pytest.fixture
def enterprise(app: Flask) -> EnterpriseView:
    return companies.an_enterprise()


@pytest.fixture
def reviewer(app: Flask) -> StaffView:
    return a_staff("reviewer", "reviewer")


@pytest.fixture
def first(enterprise: EnterpriseView) -> Person:
    person = a_person(1)
    on_roster(enterprise, [person])
    return person


@pytest.fixture
def plan(enterprise: EnterpriseView, first: Person, reviewer: StaffView) -> PlanView:
    return approved(a_draft(enterprise, a_long_course(), head_count=1), reviewer)


def agreed(amendment: AmendmentView, reviewer: StaffView) -> AmendmentView:
    return transaction(lambda: reviews.approve_amendment(amendment_id=amendment.amendment_id, staff=reviewer))


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> DomainError:
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.code == code
    return caught.value


def test_an_added_person_joins_and_is_on_file_from_the_approval_on(
    enterprise: EnterpriseView, plan: PlanView, first: Person, reviewer: StaffView, clock: FixedCalendar
) -> None:
    second = a_person(2, "赵新人")
    asked = somebody_more(enterprise, plan, second)
    assert (asked.status, asked.number, asked.head_count) == ("submitted", 1, 2)
    refused(lambda: join(plan, [second]), NotAllowed, "NOT_IN_CLASS_LIST")
    at = clock.advance(86_400)
    decided = agreed(asked, reviewer)
    assert (decided.status, decided.decided_at) == ("approved", at)
    join(plan, [first, second])
    assert plans.filed_from(
        context_ref=plan.training_class.class_id, worker_ids=[first.worker_id, second.worker_id]
    ) == {first.worker_id: plan.approved_at, second.worker_id: at}
    now = plans.plan_view(plan.plan_id)
    assert (now.enrolled, now.fields.head_count) == (2, 2)
    phone = a_learner(clock, second.worker_id, plan.training_class.class_id)
    phone.sign_in_for_the_day()
    lesson = courses.course_view(plan.fields.course_ids[0]).lessons[0]
    assert phone.watch(lesson, 600).claimable_seconds == 600


def test_what_was_asked_is_sealed_and_every_move_is_on_the_trail(
    enterprise: EnterpriseView, plan: PlanView, reviewer: StaffView
) -> None:
    asked = somebody_more(enterprise, plan, a_person(2))
    [row] = plans.sealed_rows(-1, 10)
    assert row.body["people"][0]["action"] == "add"
    assert "赵" not in str(row.body), "no names"
    agreed(asked, reviewer)
    [after] = plans.sealed_rows(-1, 10)
    assert after.body == row.body
    actions = [line.action for line in audit.entries(subject=f"plan:{plan.plan_id}")]
    assert actions[:2] == ["plan.amendment_approved", "plan.amendment_submitted"]
    [review] = reviews.history(subject="amendment", subject_id=asked.amendment_id)
    assert (review.verdict, review.staff_name) == ("approve", "reviewer")
    assert list(reviews.amendment_problems(lambda _: None)) == []


def test_more_people_than_the_plan_says_need_more_heads(
    enterprise: EnterpriseView, plan: PlanView, reviewer: StaffView
) -> None:
    error = refused(
        lambda: somebody_more(enterprise, plan, a_person(2), head_count=None), Invalid, "AMENDMENT_NOT_READY"
    )
    assert [finding["code"] for finding in error.errors] == ["ENROLLED_ABOVE_HEAD_COUNT"]


def test_a_dispatched_person_is_added_only_with_the_agreement(enterprise: EnterpriseView, plan: PlanView) -> None:
    from_agency = a_person(2)
    on_roster(enterprise, [from_agency], relation="劳务派遣")
    entry = enterprises.roster(enterprise.id)[-1].public_id
    error = refused(lambda: an_amendment(plan, added=(entry,), head_count=2), Invalid, "AMENDMENT_NOT_READY")
    assert [finding["code"] for finding in error.errors] == ["DISPATCH_AGREEMENT_MISSING"]


def test_courses_and_hours_come_on_top(plan: PlanView, reviewer: StaffView) -> None:
    more = a_long_course(lessons=2)
    agreed(an_amendment(plan, course_ids=(more.public_id,), class_hours=30), reviewer)
    now = plans.plan_view(plan.plan_id)
    assert now.fields.class_hours == 30
    assert [course.title for course in now.training_class.courses][-1] == more.title
    refused(lambda: an_amendment(plan, class_hours=24), Invalid, "AMENDMENT_FIELDS_INVALID")
    refused(lambda: an_amendment(plan, course_ids=(more.public_id,)), Conflict, "COURSE_IN_PLAN")
    refused(lambda: an_amendment(plan, class_hours=200), Invalid, "AMENDMENT_NOT_READY")


def test_a_person_who_has_not_begun_is_corrected(
    enterprise: EnterpriseView, plan: PlanView, first: Person, reviewer: StaffView
) -> None:
    [member] = plans.class_members(plan.training_class.class_id)
    refused(lambda: an_amendment(plan, corrected=(member.roster_entry_public_id,)), Invalid, "AMENDMENT_FIELDS_INVALID")
    companies.a_roster(
        enterprise, [companies.roster_row(first.name, first.id_number, hired_on=member.hired_on - timedelta(days=30))]
    )
    agreed(an_amendment(plan, corrected=(member.roster_entry_public_id,)), reviewer)
    [after] = plans.class_members(plan.training_class.class_id)
    assert after.hired_on == member.hired_on - timedelta(days=30)


def test_who_has_begun_is_not_corrected_any_more(
    enterprise: EnterpriseView, plan: PlanView, first: Person, reviewer: StaffView, clock: FixedCalendar
) -> None:
    class_id = join(plan, [first])
    on_roster(enterprise, [first], relation="劳务派遣")
    a_document(plan, DocumentFacts("dispatch_agreement", party="某派遣公司"))
    [member] = plans.class_members(class_id)
    waiting = an_amendment(plan, corrected=(member.roster_entry_public_id,))
    lesson = courses.course_view(plan.fields.course_ids[0]).lessons[0]
    a_learner(clock, first.worker_id, class_id).watch(lesson, 60)
    refused(lambda: agreed(waiting, reviewer), Conflict, "PERSON_HAS_BEGUN")
    transaction(lambda: plans.withdraw_amendment(amendment_id=waiting.amendment_id, actor=AGENT))
    refused(lambda: an_amendment(plan, corrected=(member.roster_entry_public_id,)), Conflict, "PERSON_HAS_BEGUN")
    [after] = plans.class_members(class_id)
    assert after.relation == "contract", "the list stays as it was approved"


def test_before_training_each_person_s_remaining_cap_is_shown(plan: PlanView) -> None:
    [cap] = remaining_caps(plan.plan_id)
    assert (cap.masked_name, cap.drawn_fen, cap.left_fen) == ("王*明", 0, 50_000)


def test_one_at_a_time_and_taken_back_by_the_enterprise(plan: PlanView, reviewer: StaffView) -> None:
    waiting = an_amendment(plan, class_hours=25)
    refused(lambda: an_amendment(plan, class_hours=26), Conflict, "AMENDMENT_WAITING")
    assert [item.subject for item in reviews.queue(role="reviewer")] == ["amendment"]
    transaction(lambda: plans.withdraw_amendment(amendment_id=waiting.amendment_id, actor=AGENT))
    refused(lambda: agreed(waiting, reviewer), Conflict, "AMENDMENT_MOVE_REFUSED")
    again = an_amendment(plan, class_hours=26)
    assert again.number == 2
    transaction(
        lambda: reviews.send_back_amendment(
            amendment_id=again.amendment_id, staff=reviewer, reason="请说明为什么增加课时", clause="三"
        )
    )
    third = an_amendment(plan, class_hours=26)
    transaction(
        lambda: reviews.reject_amendment(
            amendment_id=third.amendment_id, staff=reviewer, reason="与主营业务无关", clause="一(一)"
        )
    )
    assert [item.status for item in plans.amendments_of(plan.plan_id)] == ["rejected", "sent_back", "withdrawn"]
    assert plans.plan_view(plan.plan_id).fields.class_hours == 24
    assert list(reviews.amendment_problems(lambda _: None)) == []


def test_only_a_plan_on_file_is_amended_and_only_while_its_class_lasts(
    enterprise: EnterpriseView, plan: PlanView, reviewer: StaffView, clock: FixedCalendar
) -> None:
    draft = a_draft(enterprise, a_long_course(), head_count=1)
    refused(lambda: an_amendment(draft, class_hours=25), Conflict, "PLAN_NOT_ON_FILE")
    waiting = an_amendment(plan, class_hours=25)
    clock.advance(200 * 86_400)
    refused(lambda: agreed(waiting, reviewer), Conflict, "CLASS_OVER")
    transaction(lambda: plans.withdraw_amendment(amendment_id=waiting.amendment_id, actor=AGENT))
    refused(lambda: an_amendment(plan, class_hours=25), Conflict, "CLASS_OVER")


def test_a_stranger_to_the_roster_and_somebody_present_are_refused(enterprise: EnterpriseView, plan: PlanView) -> None:
    [member] = plans.class_members(plan.training_class.class_id)
    refused(lambda: an_amendment(plan, added=(member.roster_entry_public_id,)), Conflict, "PERSON_ENROLLED")
    other = companies.an_enterprise("无锡滨湖电子有限公司", serial=2)
    on_roster(other, [a_person(8)])
    theirs = a_draft(other, a_long_course(), head_count=1)
    [foreign] = plans.class_members(theirs.training_class.class_id)
    refused(lambda: an_amendment(plan, added=(foreign.roster_entry_public_id,)), NotFound, "ROSTER_ENTRY_NOT_FOUND")
    refused(lambda: an_amendment(plan), Invalid, "AMENDMENT_FIELDS_INVALID")


def test_only_reviewers_decide(plan: PlanView) -> None:
    waiting = an_amendment(plan, class_hours=25)
    refused(lambda: agreed(waiting, a_staff("cashier", "cashier")), DomainError, "REVIEWER_ROLE_REQUIRED")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE plan_amendment SET class_hours = 40",
        "DELETE FROM plan_amendment",
        "UPDATE amended_person SET relation = 'contract'",
        "DELETE FROM amended_person",
    ],
)
def test_the_database_keeps_what_was_asked(enterprise: EnterpriseView, plan: PlanView, change: str) -> None:
    somebody_more(enterprise, plan, a_person(2))
    with pytest.raises(DBAPIError, match=r"append-only|what was decided"):
        transaction(lambda: db.session.execute(sa.text(change)))


def test_the_database_adds_nobody_whom_no_approved_amendment_names(enterprise: EnterpriseView, plan: PlanView) -> None:
    somebody_more(enterprise, plan, a_person(2))
    slip_in = (
        "INSERT INTO enrollment (class_id, roster_entry_id, enrolled_at, filed_relation, filed_hired_on, filed_from) "
        "SELECT c.id, ap.roster_entry_id, a.submitted_at, ap.relation, ap.hired_on, a.submitted_at "
        "FROM amended_person ap JOIN plan_amendment a ON a.id = ap.amendment_id "
        "JOIN training_class c ON c.plan_id = a.plan_id"
    )
    with pytest.raises(DBAPIError, match="what was approved is not edited"):
        transaction(lambda: db.session.execute(sa.text(slip_in)))
    unsealed = (
        "INSERT INTO plan_amendment (public_id, plan_id, number, status, reason, submitted_by, submitted_at, "
        "decision_reason, decision_clause) SELECT public_id, id, 9, 'submitted', 'x', 'x', created_at, '', '' "
        "FROM training_plan"
    )
    with pytest.raises(DBAPIError, match="no evidence record was sealed"):
        transaction(lambda: db.session.execute(sa.text(unsealed)))
