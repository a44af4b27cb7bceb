"""What a plan is filed with: every paper kept once, by kind, and what is refused whole."""

from __future__ import annotations

import io
from datetime import date
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.audit import services as audit
from backend.enterprises.services import EnterpriseView
from backend.plans import services as plans
from backend.plans.services import DocumentFacts, PlanView
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence import services as evidence
from tests.cast import files
from tests.cast.enterprises import an_enterprise
from tests.cast.plans import (
    AGENT,
    a_document,
    a_draft,
    a_long_course,
    a_person,
    a_staff,
    approved,
    on_roster,
    submitted,
)


@pytest.fixture
def enterprise(app: Flask) -> EnterpriseView:
    return an_enterprise()


@pytest.fixture
def draft(enterprise: EnterpriseView) -> PlanView:
    on_roster(enterprise, [a_person(1)])
    return a_draft(enterprise, a_long_course(), head_count=1)


def test_a_document_is_sealed_and_stands_apart_from_the_materials_of_the_class(
    draft: PlanView, enterprise: EnterpriseView
) -> None:
    a_document(draft, DocumentFacts("other_document"), data=files.a_pdf())
    assert [view.facts.kind for view in plans.documents_of(draft.plan_id)] == [
        "business_licence", "training_scheme", "other_document"
    ]  # fmt: skip
    last = plans.documents_of(draft.plan_id)[-1].file
    body = evidence.trace(record_public_id=last.record_id).body
    assert (body["handed_in_as"], body["sha256"]) == ("other_document", last.sha256)
    assert plans.materials_of(draft.plan_id) == []
    assert plans.open_material(plan_id=draft.plan_id, attachment_id=last.attachment_id)[0] == last
    [line] = [line for line in audit.entries(subject=f"plan:{draft.plan_id}") if line.detail.get("kind") == last.kind]
    assert (line.action, line.actor, line.detail["sha256"]) == ("plan.document_filed", AGENT, last.sha256)


def test_the_same_paper_twice_changes_nothing_and_a_corrected_word_about_it_is_kept(draft: PlanView) -> None:
    a_document(draft, DocumentFacts("business_licence"))
    assert len(plans.documents_of(draft.plan_id)) == 2
    a_document(draft, DocumentFacts("business_licence", expires_on=date(2020, 2, 1)))
    assert [finding.code for finding in plans.check_plan(draft.plan_id)] == ["BUSINESS_LICENCE_EXPIRED"]
    a_document(draft, DocumentFacts("business_licence", expires_on=date(2030, 2, 1)))
    assert plans.check_plan(draft.plan_id) == []
    assert len(plans.documents_of(draft.plan_id)) == 4


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (DocumentFacts("diploma"), "document_kind"),
        (DocumentFacts("dispatch_agreement", party=" "), "party"),
        (DocumentFacts("platform_settlement"), "settled_month"),
    ],
)
def test_what_a_kind_needs_is_asked_for(draft: PlanView, facts: DocumentFacts, field: str) -> None:
    file = plans.receive_material(kind="other_document", name="x.pdf", stream=io.BytesIO(files.a_pdf()))
    with pytest.raises(Invalid, match="DOCUMENT_FACTS_INVALID") as caught:
        transaction(lambda: plans.add_document(plan_id=draft.plan_id, facts=facts, file=file, actor=AGENT))
    assert [error["field"] for error in caught.value.errors] == [field]
    assert len(plans.documents_of(draft.plan_id)) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (files.a_pdf()[:-200], "FILE_BROKEN"),
        (files.a_zip(), "FILE_TYPE"),
        (b"MZ" + bytes(5000), "FILE_TYPE"),
        (b"%PDF-1.7\n" + bytes(50 * 1024**2), "FILE_TOO_LARGE"),
    ],
)
def test_half_a_file_a_mislabelled_one_and_50_megabytes_are_refused_whole(app: Flask, data: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        plans.receive_material(kind="business_licence", name="营业执照.pdf", stream=io.BytesIO(data))


def test_a_file_received_as_one_kind_is_not_filed_as_another(draft: PlanView) -> None:
    file = plans.receive_material(kind="paper", name="x.pdf", stream=io.BytesIO(files.a_pdf()))
    with pytest.raises(Invalid, match="DOCUMENT_FACTS_INVALID"):
        transaction(
            lambda: plans.add_document(
                plan_id=draft.plan_id, facts=DocumentFacts("training_scheme"), file=file, actor=AGENT
            )
        )


def test_people_without_a_labour_contract_need_the_agreement(enterprise: EnterpriseView) -> None:
    on_roster(enterprise, [a_person(1)], relation="劳务派遣")
    plan = a_draft(enterprise, a_long_course(), head_count=1)
    assert plans.relation_proven(plan.plan_id) == {"contract", "dispatched_in"}
    on_roster(enterprise, [a_person(1)], relation="平台从业")
    assert plans.relation_proven(plan.plan_id) == {"contract", "dispatched_in"}
    blocks = [finding.code for finding in plans.check_plan(plan.plan_id) if finding.severity == "block"]
    assert blocks == ["PLATFORM_AGREEMENT_MISSING", "PLATFORM_SETTLEMENT_MISSING"], "judged by the roster of today"


def test_nothing_is_filed_with_a_refused_plan_and_later_papers_are_welcome(draft: PlanView) -> None:
    reviewer = a_staff("reviewer", "reviewer")
    plan = approved(draft, reviewer)
    a_document(plan, DocumentFacts("dispatch_agreement", party="某派遣公司"))
    assert "dispatched_in" in plans.relation_proven(plan.plan_id)
    with pytest.raises(NotFound, match="PLAN_NOT_FOUND"):
        plans.documents_of(uuid4())


def test_the_database_keeps_what_was_filed(draft: PlanView) -> None:
    for change in ("UPDATE plan_document SET kind = 'other_document'", "DELETE FROM plan_document"):
        with pytest.raises(DBAPIError, match="append-only"):
            transaction(partial(db.session.execute, sa.text(change)))


@pytest.mark.parametrize(
    "change",
    ["mode = 'entrusted'", "class_hours = 30", "head_count = 9", "commitment_signer = '别人'", "policy_version = 'x'"],
)
def test_the_database_keeps_a_plan_as_it_was_approved(draft: PlanView, change: str) -> None:
    approved(draft, a_staff("reviewer", "reviewer"))
    with pytest.raises(DBAPIError, match="what was approved is not edited"):
        transaction(lambda: db.session.execute(sa.text(f"UPDATE training_plan SET {change}")))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM enrollment",
        "UPDATE enrollment SET filed_relation = 'dispatched_in'",
        "INSERT INTO enrollment (class_id, roster_entry_id, enrolled_at) SELECT class_id, roster_entry_id, enrolled_at "
        "FROM enrollment",
        "DELETE FROM plan_course",
        "UPDATE plan_course SET position = 7",
    ],
)
def test_the_database_keeps_the_class_list_and_the_courses_as_approved(draft: PlanView, change: str) -> None:
    approved(draft, a_staff("reviewer", "reviewer"))
    with pytest.raises(DBAPIError, match="what was approved is not edited"):
        transaction(lambda: db.session.execute(sa.text(change)))


def test_the_letter_of_commitment_is_printed_as_it_was_signed(draft: PlanView, clock: FixedCalendar) -> None:
    printed = plans.commitment_pdf(draft.plan_id)
    assert printed.startswith(b"%PDF-")
    clock.advance(60)
    assert plans.commitment_pdf(draft.plan_id) == printed
    transaction(lambda: plans.revise_plan(plan_id=draft.plan_id, fields=draft.fields, actor=AGENT))
    with pytest.raises(Conflict, match="COMMITMENT_NOT_SIGNED"):
        plans.commitment_pdf(draft.plan_id)


def test_a_plan_without_documents_waits(enterprise: EnterpriseView, draft: PlanView) -> None:
    db.session.rollback()
    bare = transaction(lambda: plans.draft_plan(enterprise_id=enterprise.id, fields=draft.fields, actor=AGENT))
    transaction(lambda: plans.enroll(plan_id=bare.plan_id, actor=AGENT))
    transaction(
        lambda: plans.sign_commitment(plan_id=bare.plan_id, version=plans.CURRENT_VERSION, signer="李经办", actor=AGENT)
    )
    with pytest.raises(Invalid, match="PLAN_NOT_READY") as caught:
        submitted(bare)
    assert [error["code"] for error in caught.value.errors] == [
        "BUSINESS_LICENCE_MISSING", "TRAINING_SCHEME_MISSING"
    ]  # fmt: skip
