"""培训台账资料: whose plan, in which state, and what the trail says."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from flask import Flask

from backend.audit import services as audit
from backend.enterprises.services import EnterpriseView
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.reviews import services as reviews
from config.database import transaction
from config.errors import Conflict, NotFound
from learning_records.evidence import services as evidence
from tests.cast import files
from tests.cast.enterprises import an_enterprise
from tests.cast.materials import a_material
from tests.cast.plans import AGENT, a_draft, a_long_course, a_person, a_staff, approved, on_roster, submitted


@pytest.fixture
def enterprise(app: Flask) -> EnterpriseView:
    return an_enterprise()


@pytest.fixture
def draft(enterprise: EnterpriseView) -> PlanView:
    on_roster(enterprise, [a_person(1)])
    return a_draft(enterprise, a_long_course(), head_count=1)


def test_a_material_belongs_to_the_class_and_its_enterprise(draft: PlanView, enterprise: EnterpriseView) -> None:
    material = a_material(draft.plan_id)
    assert material.context_ref == draft.training_class.class_id
    assert material.owner_ref == enterprise.public_id
    assert plans.materials_of(draft.plan_id) == [material]
    body = evidence.trace(record_public_id=material.record_id).body
    assert (body["context"], body["owner"]) == (str(draft.training_class.class_id), str(enterprise.public_id))
    opened, path = plans.open_material(plan_id=draft.plan_id, attachment_id=material.attachment_id)
    assert opened == material
    assert path.read_bytes() == files.a_jpeg()


def test_the_trail_names_the_file_once(draft: PlanView) -> None:
    material = a_material(draft.plan_id)
    assert a_material(draft.plan_id).repeated
    lines = [line for line in audit.entries(subject=f"plan:{draft.plan_id}") if line.action == "plan.material_added"]
    assert [line.detail for line in lines] == [
        {"attachment": str(material.attachment_id), "kind": "photo", "sha256": material.sha256}
    ]
    assert lines[0].actor == AGENT


def test_papers_come_before_the_training_and_pictures_with_it(draft: PlanView) -> None:
    reviewer = a_staff("reviewer", "reviewer")
    a_material(draft.plan_id, files.a_pdf(), kind="paper", name="承诺书.pdf")
    plan = approved(draft, reviewer)
    a_material(plan.plan_id, files.an_mp4(), kind="video", name="录像.mp4")
    assert [material.kind for material in plans.materials_of(plan.plan_id)] == ["video", "paper"]


def test_nothing_is_added_to_a_refused_plan_and_what_is_there_stays(draft: PlanView) -> None:
    material = a_material(draft.plan_id)
    plan_id = submitted(draft).plan_id
    reviewer = a_staff("reviewer", "reviewer")
    transaction(lambda: reviews.reject_plan(plan_id=plan_id, staff=reviewer, reason="不符合要求。", clause="三"))
    with pytest.raises(Conflict, match="PLAN_REJECTED"):
        a_material(plan_id, files.a_png())
    assert plans.materials_of(plan_id) == [material]


def test_a_file_of_another_class_looks_as_if_it_did_not_exist(draft: PlanView) -> None:
    material = a_material(draft.plan_id)
    other = an_enterprise("无锡锡山电子有限公司", serial=2)
    on_roster(other, [a_person(2)])
    theirs = a_draft(other, a_long_course(), head_count=1)
    for plan_id, attachment_id in ((theirs.plan_id, material.attachment_id), (draft.plan_id, uuid4())):
        with pytest.raises(NotFound, match="ATTACHMENT_NOT_FOUND"):
            plans.open_material(plan_id=plan_id, attachment_id=attachment_id)
    with pytest.raises(NotFound, match="PLAN_NOT_FOUND"):
        plans.open_material(plan_id=uuid4(), attachment_id=material.attachment_id)


def test_the_kinds_of_the_page_are_kinds_of_the_records(app: Flask) -> None:
    for kind in plans.MATERIAL_KINDS:
        data = files.an_mp4() if kind == "video" else files.a_jpeg()
        assert plans.receive_material(kind=kind, name="x", stream=io.BytesIO(data)).kind == kind
