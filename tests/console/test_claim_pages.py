"""A claim on its pages: the bank account by two persons, what stands in the way, the reviewer's cut, the way back."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.enterprises import services as enterprises
from config import clock
from config.database import transaction
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, certify, hours, learn, submitted_claim
from tests.cast.enterprises import PASSWORD, an_agent
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of

NUMBER = "6222021103001239876"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def group(office: Office) -> Class:
    """Two people with 30 and 24 class hours."""
    made = a_class([a_person(1), a_person(2, "李小红")], office)
    for person, count in zip(made.persons, (30, 24), strict=True):
        learn(person, made.class_id, hours(count))
    return made


@pytest.fixture
def claim(group: Class) -> ClaimView:
    return submitted_claim(group.plan)


def signed_in(app: Flask, username: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(username, PASSWORD)
    return browser


def a_second_agent(group: Class) -> str:
    agent = an_agent("agent.second")
    transaction(lambda: enterprises.add_agent(enterprise_id=group.enterprise.id, staff_id=agent.id))
    return agent.username


def test_two_agents_change_the_account_and_nobody_sees_its_number(app: Flask, group: Class) -> None:
    page = f"/enterprise/{group.enterprise.public_id}/bank-account"
    first = signed_in(app, "agent.1")
    shown = text_of(first.get(page))
    assert "待确认的账户" in shown
    assert "填报人不能自己确认" in shown
    wrong = first.post(page, {"holder_name": "李经办", "bank_name": "江苏银行无锡分行", "number": NUMBER})
    assert wrong.status_code == 422
    assert "须与企业名称" in text_of(wrong)
    named = {"holder_name": group.enterprise.name, "bank_name": "江苏银行无锡分行", "number": NUMBER}
    assert "账户****9876已提交" in text_of(first.post(page, named))
    (waiting,) = enterprises.proposed_accounts()
    decision = f"{page}/{waiting.account_id}/decision"
    assert first.post(decision, {"decision": "confirm"}).status_code == 403
    second = signed_in(app, a_second_agent(group))
    assert second.post(decision, {"decision": "refuse", "reason": ""}).status_code == 422
    confirmed = text_of(second.post(decision, {"decision": "confirm"}))
    assert "使用中" in confirmed
    assert NUMBER not in confirmed
    active = enterprises.bank_account_of(group.enterprise.id)
    assert active is not None
    assert active.account_id == waiting.account_id


def test_a_reviewer_finds_the_account_in_the_queue_and_confirms_it(app: Flask, group: Class, office: Office) -> None:
    (waiting,) = enterprises.proposed_accounts()
    reviewer = signed_in(app, "reviewer")
    assert "收款账户" in text_of(reviewer.get("/reviewer/"))
    page = f"/reviewer/bank-accounts/{waiting.account_id}"
    assert waiting.masked_number in text_of(reviewer.get(page))
    unsaid = reviewer.post(f"{page}/decision", {"decision": "reject", "reason": "", "clause": "三"})
    assert unsaid.status_code == 422
    done = reviewer.post(f"{page}/decision", {"decision": "approve", "reason": "", "clause": "三"})
    assert "使用中" in text_of(done)
    assert "办理记录" in text_of(reviewer.get(page))
    again = reviewer.post(f"{page}/decision", {"decision": "approve", "reason": "", "clause": "三"})
    assert again.status_code == 409


def test_who_has_no_certificate_is_told_where_to_issue_it(app: Flask, group: Class) -> None:
    agent = signed_in(app, "agent.1")
    page = f"/enterprise/{group.enterprise.public_id}/plans/{group.plan.plan_id}/claim"
    before = text_of(agent.get(page))
    assert "请企业在班级页面核发合格证书" in before
    assert "0.00 元" in before
    certify(group.class_id)
    after = text_of(agent.get(page))
    assert "944.00 元" in after
    assert "锡线培证〔2020〕000001" in after


def test_the_first_reviewer_cuts_a_person_and_everybody_reads_why(
    app: Flask, group: Class, claim: ClaimView, office: Office
) -> None:
    page = f"/reviewer/claims/{claim.claim_id}"
    reviewer = signed_in(app, "reviewer")
    assert "核给课时" in text_of(reviewer.get(page))
    cut = f"{page}/lines/{claim.lines[0].line_id}/cut"
    for typed, words in (
        ({"class_hours": "24", "reason": "", "clause": "四.2"}, "核减理由"),
        ({"class_hours": "30", "reason": "抽查", "clause": "四.2"}, "审核只能核减"),
        ({"class_hours": "-1", "reason": "抽查", "clause": "四.2"}, "核给课时"),
    ):
        refused = reviewer.post(cut, typed)
        assert refused.status_code == 422
        assert words in text_of(refused)
    done = text_of(reviewer.post(cut, {"class_hours": "24", "reason": "6课时由他人代学", "clause": "四.2"}))
    assert "由500.00元减为24课时、444.00元" in done
    assert "888.00 元" in done
    seen = text_of(signed_in(app, "agent.1").get(f"/enterprise/{group.enterprise.public_id}/claims/{claim.claim_id}"))
    assert "6课时由他人代学" in seen
    assert "申领 944.00 元" in seen
    assert "合格证书：锡线培证" in seen


def test_only_the_first_reviewer_cuts_and_the_second_returns(
    app: Flask, group: Class, claim: ClaimView, office: Office
) -> None:
    page = f"/reviewer/claims/{claim.claim_id}"
    first, second = signed_in(app, "reviewer"), signed_in(app, "second")
    assert "核给课时" not in text_of(second.get(page))
    typed = {"class_hours": "24", "reason": "抽查", "clause": "四.2"}
    cut = f"{page}/lines/{claim.lines[0].line_id}/cut"
    assert second.post(cut, typed).status_code == 403
    first.post(f"{page}/decision", {"decision": "approve", "reason": "", "clause": "三"})
    assert first.post(cut, typed).status_code == 409
    assert "退回初审" in text_of(second.get(page))
    second.post(f"{page}/decision", {"decision": "return", "reason": "请核对第1人", "clause": "四.2"})
    assert claims.claim_view(claim.claim_id).status == "submitted"
    assert "请核对第1人" in text_of(first.get(page))


@pytest.mark.parametrize(("status", "word"), [("approved", "待公示"), ("on_notice", "公示中"), ("payable", "待拨付")])
def test_the_enterprise_sees_how_far_its_claim_is(
    app: Flask, group: Class, claim: ClaimView, office: Office, status: str, word: str
) -> None:
    moves = {"approved": 0, "on_notice": 1, "payable": 2}[status]
    advance(claim, office, moves)
    agent = signed_in(app, "agent.1")
    base = f"/enterprise/{group.enterprise.public_id}"
    assert word in text_of(agent.get(f"{base}/claims"))
    assert word in text_of(agent.get(f"{base}/claims/{claim.claim_id}"))


def advance(claim: ClaimView, office: Office, moves: int) -> None:
    """Approved by two; then on notice; then payable."""
    approve_twice(claim, office)
    if moves > 0:
        transaction(lambda: claims.put_on_notice(claim_id=claim.claim_id, actor="staff:reviewer"))
    if moves > 1:
        at = clock.now()
        transaction(lambda: claims.close_notice(claim_id=claim.claim_id, blocked=(), actor="staff:reviewer", at=at))
