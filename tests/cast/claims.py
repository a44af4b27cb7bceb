"""People who learned, checked in and passed, and claims at every stage: built through the services."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.certificates import services as certificates
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.courses.services import CourseView
from backend.enterprises import services as enterprises
from backend.enterprises.services import BankAccountView, EnterpriseView
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.policies import services as policies
from backend.quizzes import services as quizzes
from backend.reviews import services as reviews
from backend.study import services as study
from config.database import transaction
from tests.cast import enterprises as companies
from tests.cast.credit_bank import bank
from tests.cast.plans import (
    HOUR_SECONDS,
    Person,
    a_draft,
    a_long_course,
    a_staff,
    approved,
    join,
    on_roster,
)

ENTERPRISE_ACTOR = "staff:agent"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Office:
    """The desk: who reviews first, who second, and the two who pay."""

    reviewer: StaffView
    second: StaffView
    cashier: StaffView
    releaser: StaffView


@dataclass(frozen=True)
class Class:
    """An approved plan whose people have all joined."""

    enterprise: EnterpriseView
    plan: PlanView
    class_id: UUID
    persons: tuple[Person, ...]


def an_office() -> Office:
    """Four people at the desk."""
    return Office(
        reviewer=a_staff("reviewer", "reviewer"),
        second=a_staff("second", "second_reviewer"),
        cashier=a_staff("cashier", "cashier"),
        releaser=a_staff("releaser", "cashier"),
    )


def a_class(
    persons: Sequence[Person],
    office: Office,
    *,
    serial: int = 1,
    kind: str = "ordinary",
    relation: str = "劳动合同",
    course: CourseView | None = None,
) -> Class:
    """An enterprise with an approved plan for these people, who have all joined."""
    agent = companies.an_agent(f"agent.{serial}")
    enterprise = companies.an_enterprise(f"无锡第{serial}机械有限公司", serial=serial, kind=kind, agent=agent)
    a_named_account(enterprise, agent)
    on_roster(enterprise, persons, relation=relation)
    plan = approved(a_draft(enterprise, course or a_long_course(), head_count=len(persons)), office.reviewer)
    return Class(enterprise, plan, join(plan, persons), tuple(persons))


def a_named_account(enterprise: EnterpriseView, agent: StaffView) -> BankAccountView:
    """The account that the enterprise's agent named, not confirmed by anybody yet."""
    return transaction(
        lambda: enterprises.propose_account(
            enterprise_id=enterprise.id,
            holder_name=enterprise.name,
            bank_name="江苏银行无锡惠山支行",
            number="3205016163360000" + f"{enterprise.id:04d}",
            staff=agent,
        )
    )


def confirm_account(enterprise: EnterpriseView, office: Office) -> BankAccountView:
    """The account that the enterprise named, confirmed by the reviewer."""
    named = enterprises.named_account_of(enterprise.id)
    assert named is not None
    return transaction(lambda: reviews.confirm_bank_account(account_id=named.account_id, staff=office.reviewer))


def learn(person: Person, class_id: UUID, seconds: int, *, checked_in: bool = True, passed: bool = True) -> None:
    """Claimable seconds in the class from a sealed record, a check-in and a passed quiz; each can be left out."""
    if checked_in:
        transaction(lambda: study.check_in(worker_id=person.worker_id, class_id=class_id, device="phone"))
        bank(person.worker_id, seconds, class_id)
    if passed:
        pass_quiz(person, class_id)


def pass_quiz(person: Person, class_id: UUID, *, right: bool = True) -> None:
    """Take the final quiz of the class, all right or all wrong."""
    transaction(lambda: take_quiz(person, class_id, right=right))


def take_quiz(person: Person, class_id: UUID, *, right: bool = True) -> None:
    """The same in a transaction that is open."""
    opened = quizzes.open_attempt(
        worker_id=person.worker_id,
        subject_ref=class_id,
        course_public_ids=study_course_ids(class_id),
        rules=policies.quiz_rules(policies.current()),
    )
    answers = {
        question.question_id: [option.key for option in question.options if option.text.startswith("正确") == right][
            : None if question.kind == "multiple" else 1
        ]
        for question in opened.questions
    }
    quizzes.submit_attempt(worker_id=person.worker_id, attempt_id=opened.attempt_id, answers=answers)


def study_course_ids(class_id: UUID) -> list[UUID]:
    """The courses of a class."""
    return [course.course_id for course in plans.class_view(class_id).courses]


def certify(class_id: UUID) -> None:
    """Certificates for everybody in the class who has earned one."""
    transaction(lambda: certificates.issue_due(class_id=class_id, actor=ENTERPRISE_ACTOR))


def submitted_claim(plan: PlanView, key: str | None = None) -> ClaimView:
    """The plan's claim, submitted once whoever earned a certificate has it."""
    certify(plan.training_class.class_id)
    if enterprises.named_account_of(plan.enterprise_id) is None:
        enterprise = enterprises.enterprise_by_id(plan.enterprise_id)
        agent = companies.an_agent(f"treasurer.{enterprise.id}")
        transaction(lambda: enterprises.add_agent(enterprise_id=enterprise.id, staff_id=agent.id))
        a_named_account(enterprise, agent)
    chosen = key or f"claim-key-{next(_numbers):04d}"
    return transaction(lambda: claims.submit_claim(plan_id=plan.plan_id, key=chosen, actor=ENTERPRISE_ACTOR))


def approve_twice(claim: ClaimView, office: Office) -> ClaimView:
    """The claim, approved by two persons."""
    transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer))
    return transaction(lambda: reviews.approve_claim(claim_id=claim.claim_id, staff=office.second))


def hours(count: int) -> int:
    """Class hours in seconds."""
    return count * HOUR_SECONDS
