"""Filing on the pages: documents, the letter of commitment, caps, relevance, amendments, lists of other offices."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.reviews import services as reviews
from tests.cast import files
from tests.cast.enterprises import PASSWORD, an_enterprise
from tests.cast.lists import a_list
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, approved, on_roster, submitted
from tests.console.browser import Browser, text_of


@dataclass(frozen=True)
class Office:
    """A plan, its agent and a reviewer at their browsers, and the address of the plan at the agent's."""

    enterprise: EnterpriseView
    plan: PlanView
    agent: Browser
    reviewer: Browser
    address: str

    def hand_in(self, data: bytes, **told: str) -> TestResponse:
        """Hand in a document; a licence if nothing else is said."""
        fields = {"document_kind": "business_licence", **told}
        return self.agent.post(f"{self.address}/documents", {**fields, "document": (io.BytesIO(data), "扫描件.pdf")})


@pytest.fixture
def office(app: Flask) -> Office:
    enterprise = an_enterprise("无锡惠山机械有限公司", serial=1)
    on_roster(enterprise, [a_person(1)])
    plan = a_draft(enterprise, a_long_course(), head_count=1)
    agent, reviewer = Browser(app), Browser(app)
    agent.sign_in("agent.1", PASSWORD)
    a_staff("reviewer.1", "reviewer")
    reviewer.sign_in("reviewer.1", PASSWORD)
    return Office(enterprise, plan, agent, reviewer, f"/enterprise/{enterprise.public_id}/plans/{plan.plan_id}")


def test_a_document_is_handed_in_by_kind_and_the_checker_follows(office: Office) -> None:
    page = office.hand_in(files.a_pdf(), expires_on="2020-02-01")
    assert "已保存营业执照等资质证明" in text_of(page)
    assert "营业执照已于2020年2月1日到期" in text_of(page)
    later = office.hand_in(files.a_pdf(), expires_on="2030-02-01")
    assert "到期，请上传" not in text_of(later)


@pytest.mark.parametrize(
    ("data", "told", "said"),
    [
        (files.a_pdf()[:-200], {}, "损坏"),
        (files.a_zip(), {}, "压缩包"),
        (files.a_pdf(), {"document_kind": "diploma"}, "材料类别"),
        (files.a_pdf(), {"document_kind": "dispatch_agreement"}, "请填写协议对方单位的全称"),
        (files.a_pdf(), {"document_kind": "platform_settlement", "settled_month": "2020-13"}, "请选择结算月份"),
        (files.a_pdf(), {"expires_on": "明年"}, "有效期"),
    ],
)
def test_a_wrong_document_is_refused_in_words_and_nothing_is_kept(
    office: Office, data: bytes, told: dict[str, str], said: str
) -> None:
    page = office.hand_in(data, **told)
    assert page.status_code == 422
    assert said in text_of(page)
    assert len(plans.documents_of(office.plan.plan_id)) == 2


def test_the_letter_of_commitment_and_what_is_left_of_the_cap(office: Office) -> None:
    letter = office.agent.get(f"{office.address}/commitment.pdf")
    assert (letter.mimetype, letter.data[:5]) == ("application/pdf", b"%PDF-")
    page = text_of(office.agent.get(f"{office.address}/caps"))
    assert "王*明" in page
    assert "500.00" in page


def test_a_reviewer_reads_the_documents_and_answers_for_the_relevance(office: Office) -> None:
    plan_id = submitted(office.plan).plan_id
    address = f"/reviewer/plans/{plan_id}"
    assert "线上培训方案" in text_of(office.reviewer.get(address))
    licence = plans.documents_of(plan_id)[0].file
    assert office.reviewer.get(f"{address}/materials/{licence.attachment_id}").data == files.a_modern_pdf()
    decision = {"decision": "approve", "reason": "材料齐全", "clause": "三"}
    assert office.reviewer.post(f"{address}/decision", decision).status_code == 422
    no = office.reviewer.post(f"{address}/decision", {**decision, "relevant": "no", "relevance_why": "与主业无关"})
    assert no.status_code == 422
    assert plans.plan_view(plan_id).status == "submitted"
    yes = {**decision, "relevant": "yes", "relevance_why": "数控加工是主业"}
    assert "已办理" in text_of(office.reviewer.post(f"{address}/decision", yes))
    [review] = reviews.history(subject="plan", subject_id=plan_id)
    assert (review.relevant, review.relevance_why, review.staff_name) == (True, "数控加工是主业", "reviewer.1")
    assert "数控加工是主业" in text_of(office.reviewer.get(address))


def test_an_amendment_goes_from_the_agent_to_the_reviewer_and_back(office: Office) -> None:
    approved(office.plan, a_staff("reviewer.2", "reviewer"))
    on_roster(office.enterprise, [a_person(2, "赵新人")])
    newest = max(enterprises.roster(office.enterprise.id), key=lambda entry: entry.id)
    asked = {"reason": "新到岗一人", "added": str(newest.public_id), "head_count": "2"}
    alone = office.agent.post(f"{office.address}/amendments", {**asked, "head_count": ""})
    assert alone.status_code == 422
    assert "名单超出计划" in text_of(alone)
    assert "变更申请已提交" in text_of(office.agent.post(f"{office.address}/amendments", asked))
    assert "备案变更" in text_of(office.reviewer.get("/reviewer/"))
    [item] = plans.amendments_of(office.plan.plan_id)
    address = f"/reviewer/amendments/{item.amendment_id}"
    assert "赵*人" in text_of(office.reviewer.get(address))
    bare = office.reviewer.post(f"{address}/decision", {"decision": "reject", "reason": "", "clause": "三"})
    assert bare.status_code == 422
    done = office.reviewer.post(f"{address}/decision", {"decision": "approve", "reason": "同意", "clause": "三"})
    assert "已办理" in text_of(done)
    assert "审核通过" in text_of(office.agent.get(f"{office.address}/amendments"))
    late = office.agent.post(f"{office.address}/amendments/{item.amendment_id}/withdraw")
    assert late.status_code == 409
    assert "不能撤回" in text_of(late)


def test_what_a_list_says_is_shown_on_the_roster_the_form_and_the_reviewer_s_page(office: Office) -> None:
    a_list("pension", [["某某", a_person(1).id_number, None, None]], office="无锡市社保中心")
    source = "无锡市社保中心提供的养老待遇领取人员名单"
    roster = text_of(office.agent.get(f"/enterprise/{office.enterprise.public_id}/roster"))
    form = text_of(office.agent.get(f"{office.address}/edit"))
    assert source in roster
    assert source in form
    assert "参训名单中有1人列在养老待遇领取人员名单上" in form
    plan = submitted(office.plan)
    assert source in text_of(office.reviewer.get(f"/reviewer/plans/{plan.plan_id}"))
