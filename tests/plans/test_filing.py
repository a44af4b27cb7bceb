"""A plan on its way: drafted, signed, filed, sent back, approved; and what is refused on that way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.audit import services as audit
from backend.courses.services import CourseView, Owner
from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import PlanFields, PlanView
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotFound
from tests.cast import enterprises as companies
from tests.cast.plans import (
    AGENT,
    HOUR_SECONDS,
    Person,
    a_draft,
    a_long_course,
    a_person,
    a_staff,
    approved,
    complete_fields,
    on_roster,
    submitted,
)


@pytest.fixture
def enterprise(app: Flask) -> EnterpriseView:
    return companies.an_enterprise()


@pytest.fixture
def people_of(enterprise: EnterpriseView) -> list[Person]:
    persons = [a_person(serial) for serial in range(2)]
    on_roster(enterprise, persons)
    return persons


@pytest.fixture
def course(app: Flask) -> CourseView:
    return a_long_course()


@pytest.fixture
def reviewer(app: Flask) -> StaffView:
    return a_staff("reviewer", "reviewer")


@pytest.fixture
def draft(enterprise: EnterpriseView, people_of: list[Person], course: CourseView) -> PlanView:
    return a_draft(enterprise, course, head_count=2)


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> DomainError:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code
    return caught.value


def test_a_complete_plan_is_filed_and_approved_with_a_number(
    draft: PlanView, reviewer: StaffView, clock: FixedCalendar
) -> None:
    assert plans.check_plan(draft.plan_id) == []
    filed = submitted(draft)
    assert (filed.status, filed.filed_at, filed.approved_at) == ("submitted", clock(), None)
    assert not filed.training_class.filed
    clock.advance(86_400)
    plan = transaction(lambda: reviews.approve_plan(plan_id=filed.plan_id, staff=reviewer))
    assert plan.status == "approved"
    assert plan.training_class.filed
    assert plan.filing_number is not None
    assert plan.filing_number.startswith("锡线培备〔2020〕")
    assert plan.policy_version.startswith("wuxi-2020-10+")
    actions = [entry.action for entry in audit.entries(subject=f"plan:{plan.plan_id}")]
    assert actions == [
        "plan.approved", "plan.submitted", "plan.document_filed", "plan.document_filed", "plan.commitment_signed",
        "plan.people_enrolled", "plan.drafted"
    ]  # fmt: skip


def test_an_empty_draft_is_kept_and_its_blanks_are_named_when_it_is_filed(enterprise: EnterpriseView) -> None:
    plan = transaction(lambda: plans.draft_plan(enterprise_id=enterprise.id, fields=PlanFields(), actor=AGENT))
    error = refused(lambda: plans.submit_plan(plan_id=plan.plan_id, actor=AGENT), Invalid, "PLAN_NOT_READY")
    codes = {finding["code"] for finding in error.errors}
    assert {"HEAD_COUNT_MISSING", "COURSES_MISSING", "COMMITMENT_NOT_SIGNED", "NOBODY_ENROLLED"} <= codes
    assert plans.plan_view(plan.plan_id).status == "draft"


def test_24_lessons_of_44_minutes_50_cannot_be_filed(enterprise: EnterpriseView, people_of: list[Person]) -> None:
    short = a_long_course(lessons=24, lesson_seconds=44 * 60 + 50)
    plan = a_draft(enterprise, short, head_count=2)
    error = refused(lambda: plans.submit_plan(plan_id=plan.plan_id, actor=AGENT), Invalid, "PLAN_NOT_READY")
    assert [finding["code"] for finding in error.errors] == ["MEDIA_TOO_SHORT"]
    assert "合23课时" in str(error)


def test_a_dispatch_company_cannot_file(course: CourseView) -> None:
    company = companies.an_enterprise("无锡人力派遣有限公司", serial=9, kind="dispatch_company")
    on_roster(company, [a_person(9)])
    plan = a_draft(company, course, head_count=1)
    error = refused(lambda: plans.submit_plan(plan_id=plan.plan_id, actor=AGENT), Invalid, "PLAN_NOT_READY")
    assert [finding["code"] for finding in error.errors] == ["DISPATCH_COMPANY_EXCLUDED"]


def test_missing_topics_warn_and_do_not_stop(enterprise: EnterpriseView, people_of: list[Person]) -> None:
    plan = a_draft(enterprise, a_long_course(topics=["trade"]), head_count=2)
    assert {finding.severity for finding in plans.check_plan(plan.plan_id)} == {"warn"}
    assert submitted(plan).status == "submitted"


def test_a_plan_sent_back_is_corrected_and_filed_again_with_its_first_filing_day(
    draft: PlanView, reviewer: StaffView, clock: FixedCalendar
) -> None:
    first = submitted(draft).filed_at
    back = transaction(
        lambda: reviews.send_back_plan(
            plan_id=draft.plan_id, staff=reviewer, reason="请补充主营业务关系", clause="一(一)"
        )
    )
    assert (back.status, back.decision_reason, back.decision_clause) == ("sent_back", "请补充主营业务关系", "一(一)")
    clock.advance(3 * 86_400)
    fields = replace(back.fields, relevance="培训数控车工，本企业主营数控加工。")
    transaction(lambda: plans.revise_plan(plan_id=draft.plan_id, fields=fields, actor=AGENT))
    error = refused(lambda: plans.submit_plan(plan_id=draft.plan_id, actor=AGENT), Invalid, "PLAN_NOT_READY")
    assert [finding["code"] for finding in error.errors] == ["COMMITMENT_NOT_SIGNED"]
    transaction(
        lambda: plans.sign_commitment(
            plan_id=draft.plan_id, version=plans.CURRENT_VERSION, signer="李经办", actor=AGENT
        )
    )
    again = submitted(draft)
    assert (again.status, again.filed_at, again.submitted_at) == ("submitted", first, clock())


def test_a_rejected_plan_stays_rejected(draft: PlanView, reviewer: StaffView) -> None:
    submitted(draft)
    transaction(
        lambda: reviews.reject_plan(plan_id=draft.plan_id, staff=reviewer, reason="与主营业务无关", clause="一(一)")
    )
    refused(lambda: plans.submit_plan(plan_id=draft.plan_id, actor=AGENT), Conflict, "PLAN_MOVE_REFUSED")
    refused(lambda: reviews.approve_plan(plan_id=draft.plan_id, staff=reviewer), Conflict, "PLAN_MOVE_REFUSED")


def test_nothing_is_edited_while_it_is_reviewed_or_after(draft: PlanView, reviewer: StaffView) -> None:
    submitted(draft)

    def edit() -> object:
        return plans.revise_plan(plan_id=draft.plan_id, fields=draft.fields, actor=AGENT)

    refused(edit, Conflict, "PLAN_NOT_EDITABLE")
    transaction(lambda: reviews.approve_plan(plan_id=draft.plan_id, staff=reviewer))
    refused(edit, Conflict, "PLAN_NOT_EDITABLE")


def test_nobody_is_added_after_the_filing(draft: PlanView, enterprise: EnterpriseView, reviewer: StaffView) -> None:
    approved(draft, reviewer)
    on_roster(enterprise, [a_person(7, "赵新人")])
    error = refused(lambda: plans.enroll(plan_id=draft.plan_id, actor=AGENT), Conflict, "PLAN_ENROLLMENT_CLOSED")
    assert "备案变更" in str(error)


def test_the_class_list_is_kept_by_ticking(draft: PlanView, enterprise: EnterpriseView) -> None:
    members = plans.class_members(draft.training_class.class_id)
    gone = members[0].roster_entry_public_id
    assert transaction(lambda: plans.unenroll(plan_id=draft.plan_id, roster_entry_ids=[gone], actor=AGENT)) == 1
    assert plans.plan_view(draft.plan_id).enrolled == 1
    assert transaction(lambda: plans.enroll(plan_id=draft.plan_id, roster_entry_ids=[gone], actor=AGENT)) == 1
    assert transaction(lambda: plans.enroll(plan_id=draft.plan_id, actor=AGENT)) == 0


def test_somebody_elses_roster_entry_is_unknown(draft: PlanView) -> None:
    other = companies.an_enterprise("无锡滨湖电子有限公司", serial=2)
    on_roster(other, [a_person(8)])
    foreign = enterprises.roster(other.id)[0].public_id
    refused(
        lambda: plans.enroll(plan_id=draft.plan_id, roster_entry_ids=[foreign], actor=AGENT),
        NotFound,
        "ROSTER_ENTRY_NOT_FOUND",
    )


def test_another_enterprises_own_course_is_unknown(enterprise: EnterpriseView) -> None:
    other = companies.an_enterprise("无锡滨湖电子有限公司", serial=2)
    private = a_long_course(lessons=1, owner=Owner("enterprise", other.name, other.public_id))
    fields = complete_fields(private, head_count=1)
    refused(
        lambda: plans.draft_plan(enterprise_id=enterprise.id, fields=fields, actor=AGENT), NotFound, "COURSE_NOT_FOUND"
    )


def test_fields_that_can_never_be_right_are_refused_with_each_field_named(
    enterprise: EnterpriseView, course: CourseView
) -> None:
    fields = replace(
        complete_fields(course, head_count=0),
        kind="hobby",
        mode="magic",
        class_hours=10**9,
        ends_on=date(2020, 3, 1),
        relevance="长" * 1001,
    )
    error = refused(
        lambda: plans.draft_plan(enterprise_id=enterprise.id, fields=fields, actor=AGENT),
        Invalid,
        "PLAN_FIELDS_INVALID",
    )
    named = {item["field"] for item in error.errors}
    assert named == {"head_count", "kind", "mode", "class_hours", "ends_on", "relevance"}


def test_a_signature_belongs_to_its_plan_signer_and_time(draft: PlanView, clock: FixedCalendar) -> None:
    digest = draft.commitment_sha256
    assert (draft.commitment_signer, draft.commitment_signed_at) == ("李经办", clock())
    clock.advance(1)
    again = transaction(
        lambda: plans.sign_commitment(
            plan_id=draft.plan_id, version=plans.CURRENT_VERSION, signer="李经办", actor=AGENT
        )
    )
    assert again.commitment_sha256 != digest
    refused(
        lambda: plans.sign_commitment(plan_id=draft.plan_id, version="1999", signer="李经办", actor=AGENT),
        Invalid,
        "COMMITMENT_VERSION_UNKNOWN",
    )


@pytest.mark.parametrize(
    "jump",
    [
        "status = 'approved', filed_at = created_at, approved_at = created_at, filing_number = 'x'",
        "status = 'rejected', filed_at = created_at",
        "status = 'sent_back', filed_at = created_at",
    ],
)
def test_the_database_itself_refuses_a_move_that_is_not_in_the_table(draft: PlanView, jump: str) -> None:
    with pytest.raises(DBAPIError, match="not allowed"):
        transaction(lambda: db.session.execute(sa.text(f"UPDATE training_plan SET {jump}")))


def test_class_hours_of_the_course_are_measured(course: CourseView) -> None:
    assert course.media_ms == 24 * HOUR_SECONDS * 1000
