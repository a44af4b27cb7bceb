"""Workers with an identity, long courses, and plans at every stage of the filing: built through the services."""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.courses import services as courses
from backend.courses.services import CourseView, Owner
from backend.enterprises.services import EnterpriseView
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import DocumentFacts, PlanFields, PlanView
from backend.reviews import services as reviews
from config.database import transaction
from courses.workbook import write_questions
from tests.cast.courses import INSTITUTION, questions
from tests.cast.enterprises import PASSWORD, a_roster, id_number, roster_row
from tests.cast.files import a_modern_pdf

CHARACTERS_A_SECOND = 5  # a reading lesson's nominal length: 300 characters a minute
HOUR_SECONDS = 2_700
TOPICS = ("infectious_disease", "work_safety", "law", "trade")
AGENT = "staff:agent"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """One worker with the name and number the roster has."""

    worker_id: int
    name: str
    id_number: str


def a_person(serial: int, name: str = "王小明") -> Person:
    """The ``serial``-th worker, consented and identified."""
    number = id_number(serial)

    def sign_in() -> int:
        signed_in = people.sign_in_with_openid(openid=f"openid-person-{serial}", device="phone")
        caller = people.authenticate(signed_in.token)
        assert caller is not None
        people.give_consent(worker_id=caller.worker_id, version="2020-1")
        people.set_identity(worker_id=caller.worker_id, name=name, id_number=number)
        return caller.worker_id

    return Person(transaction(sign_in), name, number)


def on_roster(enterprise: EnterpriseView, persons: Sequence[Person], *, relation: str = "劳动合同") -> None:
    """Import a roster that has these people."""
    a_roster(enterprise, [roster_row(person.name, person.id_number, relation=relation) for person in persons])


def a_staff(username: str, role: str) -> StaffView:
    """A staff account of a role."""
    return transaction(
        lambda: people.create_staff_account(username=username, display_name=username, password=PASSWORD, role=role)
    )


def a_long_course(
    *,
    lessons: int = 8,
    lesson_seconds: int = 3 * HOUR_SECONDS,
    owner: Owner = INSTITUTION,
    topics: Sequence[str] = TOPICS,
) -> CourseView:
    """A course of reading lessons of an exact nominal length, whose topics take turns, with a question pool."""
    code = f"long-{next(_numbers)}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_questions(folder / "questions.xlsx", questions(30))
        lines = [f'code = "{code}"', f'title = "长课程{code}"', 'form = "theory"', 'trade_code = "6-18-01-01"']
        lines.append('questions = "questions.xlsx"')
        for number in range(lessons):
            text = chr(ord("一") + number) * (lesson_seconds * CHARACTERS_A_SECOND)  # no two lessons alike
            (folder / f"text-{number}.txt").write_text(text, encoding="utf-8")
            lines += ["", "[[lesson]]", f'code = "lesson-{number}"', 'kind = "reading"', f'title = "第{number + 1}课"']
            lines += [f'topic = "{topics[number % len(topics)]}"', f'text = "text-{number}.txt"']
        (folder / "course.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return transaction(lambda: courses.import_course(source=folder, owner=owner, author="作者甲")).course


def complete_fields(course: CourseView, *, head_count: int, class_hours: int = 24) -> PlanFields:
    """A plan with nothing left blank, starting a week into the clock's March."""
    return PlanFields(
        title="数控加工提升班",
        kind="skill_upgrade",
        head_count=head_count,
        class_hours=class_hours,
        mode="own",
        platform="无锡创课",
        relevance="本企业主营机械零部件加工，培训内容为数控加工岗位技能。",
        trade_code="6-18-01-01",
        affected=True,
        course_ids=(course.public_id,),
        starts_on=date(2020, 3, 9),
        ends_on=date(2020, 6, 30),
    )


def a_draft(enterprise: EnterpriseView, course: CourseView, *, head_count: int, **changes: Any) -> PlanView:
    """A signed draft with the enterprise's whole roster enrolled and its documents; ``changes`` replace single fields."""
    fields = replace(complete_fields(course, head_count=head_count), **changes)

    def draft() -> PlanView:
        plan = plans.draft_plan(enterprise_id=enterprise.id, fields=fields, actor=AGENT)
        plans.enroll(plan_id=plan.plan_id, actor=AGENT)
        return plans.sign_commitment(plan_id=plan.plan_id, version=plans.CURRENT_VERSION, signer="李经办", actor=AGENT)

    plan = transaction(draft)
    a_document(plan, *documents_for(plan))
    return plan


def documents_for(plan: PlanView) -> list[DocumentFacts]:
    """What this plan must be filed with: the licence, the training scheme, and what its mode and people ask for."""
    relations = {member.relation for member in plans.class_members(plan.training_class.class_id)}
    facts = [DocumentFacts("business_licence"), DocumentFacts("training_scheme")]
    if plan.fields.mode == "entrusted":
        facts.append(DocumentFacts("entrustment_agreement", party="无锡某培训学校"))
    if "dispatched_in" in relations:
        facts.append(DocumentFacts("dispatch_agreement", party="无锡某劳务派遣有限公司"))
    if "platform_worker" in relations:
        facts.append(DocumentFacts("platform_agreement", party="某外卖平台"))
        facts.append(DocumentFacts("platform_settlement", settled_month=plan.fields.starts_on))
    return facts


def a_document(plan: PlanView, *documents: DocumentFacts, data: bytes | None = None) -> None:
    """These documents, filed with the plan, one scan for all of them if none is given."""
    pdf = a_modern_pdf() if data is None else data
    received = [plans.receive_material(kind=one.kind, name="扫描件.pdf", stream=io.BytesIO(pdf)) for one in documents]

    def file_all() -> None:
        for facts, file in zip(documents, received, strict=True):
            plans.add_document(plan_id=plan.plan_id, facts=facts, file=file, actor=AGENT)

    transaction(file_all)


def submitted(plan: PlanView) -> PlanView:
    """The plan, filed."""
    return transaction(lambda: plans.submit_plan(plan_id=plan.plan_id, actor=AGENT))


def approved(plan: PlanView, reviewer: StaffView) -> PlanView:
    """The plan, filed and accepted."""
    plan_id = submitted(plan).plan_id
    return transaction(lambda: reviews.approve_plan(plan_id=plan_id, staff=reviewer))


def join(plan: PlanView, persons: Sequence[Person]) -> UUID:
    """Everybody joins the plan's class by its code; gives the class's id."""

    def everybody() -> None:
        for person in persons:
            plans.join_class(worker_id=person.worker_id, class_code=plan.training_class.class_code)

    transaction(everybody)
    return plan.training_class.class_id
