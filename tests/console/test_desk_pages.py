"""Reviewer, second reviewer, cashiers and center clerk, each through their own pages."""

from __future__ import annotations

import re
from functools import partial

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.people import services as people
from backend.plans import services as plans
from backend.study import services as study
from backend.training_centers import services as centers
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast import claims as cast
from tests.cast import enterprises as companies
from tests.cast.enterprises import PASSWORD
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, on_roster, submitted
from tests.cast.study import a_schoolroom
from tests.console.browser import Browser, text_of
from tests.study.phones import a_learner


def at_desk(app: Flask, username: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(username, PASSWORD).status_code == 200
    return browser


@pytest.fixture
def claim(app: Flask) -> ClaimView:
    made = cast.a_class([a_person(1), a_person(2, "张三丰")], cast.an_office())
    cast.learn(made.persons[0], made.class_id, cast.hours(28))
    cast.learn(made.persons[1], made.class_id, cast.hours(24))
    return cast.submitted_claim(made.plan)


class TestReviewer:
    def test_a_plan_is_sent_back_with_reason_and_the_enterprise_reads_it(self, app: Flask) -> None:
        enterprise = companies.an_enterprise(business_scope="机械加工；劳务派遣")
        on_roster(enterprise, [a_person(1)])
        plan = submitted(a_draft(enterprise, a_long_course(), head_count=1))
        a_staff("reviewer", "reviewer")
        browser = at_desk(app, "reviewer")
        queue = browser.get("/reviewer/")
        assert "数控加工提升班" in text_of(queue)
        page = text_of(browser.get(f"/reviewer/plans/{plan.plan_id}"))
        assert "机械加工；劳务派遣" in page, "business scope beside the enterprise's words"
        assert "请核实" in page, "a mixed company is pointed out"
        path = f"/reviewer/plans/{plan.plan_id}/decision"
        unsaid = browser.post(path, {"decision": "send_back", "reason": "", "clause": "一(一)"})
        assert unsaid.status_code == 422
        assert "请写明理由" in text_of(unsaid)
        strange = browser.post(path, {"decision": "burn", "reason": "好", "clause": "三"})
        assert strange.status_code == 422
        done = browser.post(path, {"decision": "send_back", "reason": "请补充说明岗位", "clause": "一(一)"})
        assert done.request.path == "/reviewer/"
        assert "已办理" in text_of(done)
        twice = browser.post(path, {"decision": "approve", "reason": "", "clause": "三", "relevant": "yes"})
        assert twice.status_code == 409
        agent = Browser(app)
        agent.sign_in("agent.1", PASSWORD)
        shown = text_of(agent.get(f"/enterprise/{enterprise.public_id}/plans/{plan.plan_id}"))
        assert "退回补正" in shown
        assert "请补充说明岗位" in shown

    def test_a_claim_needs_two_persons_and_each_step_shows_its_clause(self, app: Flask, claim: ClaimView) -> None:
        first = at_desk(app, "reviewer")
        page = text_of(first.get(f"/reviewer/claims/{claim.claim_id}"))
        assert "944.00 元" in page
        assert "二(二)" in page
        path = f"/reviewer/claims/{claim.claim_id}/decision"
        approve = {"decision": "approve", "reason": "", "clause": "三"}
        early = at_desk(app, "second").post(path, approve)
        assert early.status_code == 403
        assert "由初审人员办理" in text_of(early)
        assert first.post(path, approve).status_code == 200
        again = first.post(path, approve)
        assert again.status_code == 403
        assert "另一位复核人员" in text_of(again)
        assert "复核" in text_of(at_desk(app, "second").get("/reviewer/"))
        assert at_desk(app, "second").post(path, approve).status_code == 200
        assert claims.claim_view(claim.claim_id).status == "approved"

    def test_the_pages_offer_no_field_for_learning_data(self, app: Flask, claim: ClaimView) -> None:
        page = at_desk(app, "reviewer").get(f"/reviewer/claims/{claim.claim_id}").get_data(as_text=True)
        main = page[page.index("<main") : page.index("</main")]
        assert set(re.findall(r'name="([^"]+)"', main)) == {"csrf_token", "reason", "clause", "decision", "class_hours"}
        assert "核给课时" in main, "what is granted can be lowered; what was learned is nowhere a field"

    def test_an_appeal_is_read_and_answered(self, app: Flask, clock: FixedCalendar) -> None:
        room = a_schoolroom()
        phone = a_learner(clock, room.worker.worker_id, room.class_id)
        phone.answers_checks = False
        phone.sign_in_for_the_day()
        phone.watch(room.lessons[0], 1800)
        case = transaction(
            lambda: study.appeal(worker_id=room.worker.worker_id, session_id=phone.session_id, reason="手机卡住了")
        )
        browser = at_desk(app, "reviewer")
        assert "学时申诉" in text_of(browser.get("/reviewer/"))
        path = f"/reviewer/appeals/{case.appeal.appeal_id}"
        page = text_of(browser.get(path))
        assert "手机卡住了" in page
        assert "2020-03-05 前答复" in page
        answer = {"decision": "approve", "reason": "核对设备日志，情况属实", "clause": "四.2"}
        assert browser.post(f"{path}/decision", answer).status_code == 200
        assert study.appeal_case(appeal_id=case.appeal.appeal_id).outcome == "upheld"
        assert "申诉成立" in text_of(browser.get(path))

    def test_the_evidence_behind_a_line_is_shown_down_to_its_pieces(self, app: Flask, clock: FixedCalendar) -> None:
        room = a_schoolroom()
        phone = a_learner(clock, room.worker.worker_id, room.class_id)
        for lesson in room.lessons:
            phone.sign_in_for_the_day()
            phone.watch(lesson, 9_000)
        cast.pass_quiz(room.worker, room.class_id)
        claim = cast.submitted_claim(room.plan)
        [line] = claims.claim_view(claim.claim_id).lines
        page = at_desk(app, "reviewer").get(f"/reviewer/claims/{claim.claim_id}/lines/{line.line_id}")
        assert page.status_code == 200
        text = text_of(page)
        assert "完整无误" in text
        assert "已签到" in text
        other = at_desk(app, "reviewer").get(f"/reviewer/claims/{claim.claim_id}/lines/{claim.claim_id}")
        assert other.status_code == 404

    def test_a_lost_phone_is_vouched_for_by_the_agent_and_decided_by_a_reviewer(self, app: Flask) -> None:
        enterprise = companies.an_enterprise("无锡惠山机械有限公司", serial=1)
        companies.an_enterprise("无锡锡山电子有限公司", serial=2)
        holder = a_person(1)
        on_roster(enterprise, [holder])
        a_staff("reviewer", "reviewer")

        def new_phone() -> str:
            caller = people.authenticate(people.sign_in_with_openid(openid="new-phone", device="phone").token)
            assert caller is not None
            people.give_consent(worker_id=caller.worker_id, version="2020-1")
            return people.ask_at_desk(worker_id=caller.worker_id, name=holder.name, id_number=holder.id_number).code

        code = transaction(new_phone)
        stranger = Browser(app)
        page = stranger.sign_in("agent.2", PASSWORD)
        unknown = stranger.post(f"{page.request.path}identity/look-up", {"code": code})
        assert unknown.status_code == 404
        assert "王*明" not in text_of(unknown)
        agent = Browser(app)
        page = agent.sign_in("agent.1", PASSWORD)
        assert "王*明" in text_of(agent.post(f"{page.request.path}identity/look-up", {"code": code}))
        blank = agent.post(f"{page.request.path}identity", {"code": code, "reason": ""})
        assert blank.status_code == 422
        done = agent.post(f"{page.request.path}identity", {"code": code, "reason": "当面核对身份证"})
        assert "等待市高训中心审核" in text_of(done)
        reviewer = at_desk(app, "reviewer")
        [asked] = people.requested_identity_claims()
        path = f"/reviewer/identity/{asked.public_id}"
        assert "当面核对身份证" in text_of(reviewer.get(path))
        assert reviewer.post(f"{path}/decision", {"decision": "approve", "reason": "已核实"}).status_code == 200
        assert people.requested_identity_claims() == []
        assert reviewer.get(path).status_code == 404


class TestClerk:
    @pytest.fixture
    def clerk(self, app: Flask) -> Browser:
        staff = a_staff("clerk", "desk_clerk")

        def desk() -> None:
            center = centers.register_center(name="无锡市公共实训基地", address="惠山区钱藕路")
            centers.add_clerk(center_id=center.id, staff_id=staff.id)

        transaction(desk)
        return at_desk(app, "clerk")

    def test_the_answer_is_a_big_yes_or_no_once_for_each_code(self, app: Flask, clerk: Browser) -> None:
        made = cast.a_class([a_person(1), a_person(2, "张三丰")], cast.an_office())
        cast.learn(made.persons[0], made.class_id, cast.hours(24))
        yes, no = (transaction(partial(centers.rotating_code, person.worker_id)).code for person in made.persons)
        answer = clerk.post("/training-center/look-up", {"code": yes}, headers={"HX-Request": "true"})
        text = text_of(answer)
        assert "<html" not in answer.get_data(as_text=True)
        assert "可优先" in text
        assert "王*明" in text
        assert made.persons[0].id_number not in text
        assert "无优先" in text_of(clerk.post("/training-center/look-up", {"code": no}))
        used = clerk.post("/training-center/look-up", {"code": yes})
        assert used.status_code == 409
        assert "重新出示" in text_of(used)
        assert clerk.post("/training-center/look-up", {"code": ""}).status_code == 422

    def test_a_clerk_of_no_center_gets_no_desk(self, app: Flask) -> None:
        a_staff("new.clerk", "desk_clerk")
        browser = Browser(app)
        assert browser.sign_in("new.clerk", PASSWORD).status_code == 403


def test_a_hostile_enterprise_name_is_shown_as_text_everywhere(app: Flask) -> None:
    name = "<script>alert(1)</script>\u202e公司"
    enterprise = companies.an_enterprise(name.replace("\u202e", ""))
    on_roster(enterprise, [a_person(1)])
    plan = submitted(a_draft(enterprise, a_long_course(), head_count=1, title='"><img src=x onerror=alert(1)>'))
    a_staff("reviewer", "reviewer")
    browser = at_desk(app, "reviewer")
    agent = Browser(app)
    agent.sign_in("agent.1", PASSWORD)
    base = f"/enterprise/{enterprise.public_id}"
    pages = [
        browser.get("/reviewer/"),
        browser.get(f"/reviewer/plans/{plan.plan_id}"),
        agent.get(f"{base}/"),
        agent.get(f"{base}/plans"),
        agent.get(f"{base}/plans/{plan.plan_id}"),
        agent.get(f"{base}/plans/{plan.plan_id}/progress"),
    ]
    for page in pages:
        body = page.get_data(as_text=True)
        assert page.status_code == 200
        assert "<script>alert" not in body
        assert "<img src=x" not in body
    assert plans.plan_view(plan.plan_id).enterprise_name.startswith("<script>")
