"""Joining a class by its code, and what the study desk is told about it."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask

from backend.enterprises.services import EnterpriseView
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, NotAllowed, NotFound
from tests.cast import enterprises as companies
from tests.cast.credit_bank import a_worker
from tests.cast.plans import Person, a_draft, a_long_course, a_person, a_staff, approved, on_roster, submitted


@pytest.fixture
def enterprise(app: Flask) -> EnterpriseView:
    return companies.an_enterprise()


@pytest.fixture
def worker(enterprise: EnterpriseView) -> Person:
    person = a_person(1)
    on_roster(enterprise, [person])
    return person


@pytest.fixture
def plan(enterprise: EnterpriseView, worker: Person) -> PlanView:
    return a_draft(enterprise, a_long_course(), head_count=1)


@pytest.fixture
def reviewer(app: Flask) -> StaffView:
    return a_staff("reviewer", "reviewer")


def test_a_worker_on_the_list_joins_by_code_before_the_plan_is_approved(plan: PlanView, worker: Person) -> None:
    code = plan.training_class.class_code
    typed = f" {code[:4].lower()}-{code[4:].lower()} "
    joined = transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code=typed))
    assert joined.class_id == plan.training_class.class_id
    assert not joined.filed
    assert [course.title for course in joined.courses] == [course.title for course in plan.training_class.courses]
    assert plans.classes_of(worker.worker_id) == [joined]
    place = plans.enrollment(worker.worker_id, joined.class_id)
    assert place is not None
    assert place.worker_id == worker.worker_id
    assert plans.plan_view(plan.plan_id).joined == 1


def test_joining_twice_changes_nothing(plan: PlanView, worker: Person, clock: FixedCalendar) -> None:
    code = plan.training_class.class_code
    transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code=code))
    before = plans.enrollment(worker.worker_id, plan.training_class.class_id)
    clock.advance(60)
    transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code=code))
    assert plans.enrollment(worker.worker_id, plan.training_class.class_id) == before


def test_an_unknown_code_is_not_found(worker: Person) -> None:
    with pytest.raises(NotFound) as caught:
        transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code="NOSUCH00"))
    assert caught.value.code == "CLASS_CODE_UNKNOWN"


def test_somebody_without_identity_is_told_to_register_first(plan: PlanView) -> None:
    nobody = a_worker()
    with pytest.raises(NotAllowed) as caught:
        transaction(lambda: plans.join_class(worker_id=nobody, class_code=plan.training_class.class_code))
    assert caught.value.code in ("CONSENT_REQUIRED", "IDENTITY_REQUIRED")


def test_somebody_who_is_not_on_the_roster_is_refused_and_told_whom_to_ask(plan: PlanView) -> None:
    stranger = a_person(44, "钱外人")
    with pytest.raises(NotAllowed) as caught:
        transaction(lambda: plans.join_class(worker_id=stranger.worker_id, class_code=plan.training_class.class_code))
    assert caught.value.code == "NOT_ON_ROSTER"
    assert "企业经办人" in caught.value.detail


def test_a_colleague_who_is_not_on_the_class_list_is_refused(plan: PlanView, enterprise: EnterpriseView) -> None:
    colleague = a_person(45, "孙同事")
    on_roster(enterprise, [colleague])
    with pytest.raises(NotAllowed) as caught:
        transaction(lambda: plans.join_class(worker_id=colleague.worker_id, class_code=plan.training_class.class_code))
    assert caught.value.code == "NOT_IN_CLASS_LIST"


def test_a_class_code_ends_with_the_class(plan: PlanView, worker: Person, clock: FixedCalendar) -> None:
    clock.set("2020-06-30T23:59:59+08:00")
    transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code=plan.training_class.class_code))
    clock.set("2020-07-01T00:00:00+08:00")
    late = a_person(46, "周迟到")
    with pytest.raises(Conflict) as caught:
        transaction(lambda: plans.join_class(worker_id=late.worker_id, class_code=plan.training_class.class_code))
    assert caught.value.code == "CLASS_ENDED"


def test_a_rejected_plans_class_cannot_be_joined(plan: PlanView, worker: Person, reviewer: StaffView) -> None:
    submitted(plan)
    transaction(lambda: reviews.reject_plan(plan_id=plan.plan_id, staff=reviewer, reason="不符合", clause="二(二)"))
    with pytest.raises(Conflict) as caught:
        transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code=plan.training_class.class_code))
    assert caught.value.code == "CLASS_CLOSED"


def test_a_person_is_on_file_from_the_moment_of_approval_on(
    plan: PlanView, worker: Person, reviewer: StaffView, clock: FixedCalendar
) -> None:
    class_id, approved_at = plan.training_class.class_id, clock.advance(3600)
    transaction(lambda: plans.join_class(worker_id=worker.worker_id, class_code=plan.training_class.class_code))
    stranger = a_person(46).worker_id
    assert plans.filed_from(context_ref=class_id, worker_ids=[worker.worker_id]) == {}
    approved(plan, reviewer)
    asked = [worker.worker_id, stranger]
    assert plans.filed_from(context_ref=class_id, worker_ids=asked) == {worker.worker_id: approved_at}
    assert plans.filed_from(context_ref=uuid4(), worker_ids=asked) == {}
    assert plans.class_view(class_id).starts_on == date(2020, 3, 9)


def test_another_person_cannot_be_found_in_the_class(plan: PlanView) -> None:
    stranger = a_person(47)
    assert plans.enrollment(stranger.worker_id, plan.training_class.class_id) is None
    assert plans.classes_of(stranger.worker_id) == []
    with pytest.raises(NotFound):
        plans.class_view(uuid4())


def test_the_class_list_shows_masked_names_only(plan: PlanView, worker: Person) -> None:
    member = plans.class_members(plan.training_class.class_id)[0]
    assert (member.masked_name, member.relation) == ("王*明", "contract")
    assert people.worker_view(worker.worker_id).masked_name == member.masked_name
