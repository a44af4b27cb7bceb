"""Every console route, walked by people who have no business there: nobody signed in, each wrong role, another enterprise."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from flask import Flask
from werkzeug.routing import Rule

from backend.claims import services as claims
from backend.people import services as people
from backend.training_centers import services as training_centers
from config.database import transaction
from console import access
from console import blueprints as console_blueprints
from tests.cast import claims as claimed
from tests.cast import enterprises as companies
from tests.cast.amendments import an_amendment
from tests.cast.certificates import an_issued_report, certified
from tests.cast.imports import a_small_batch
from tests.cast.materials import a_material
from tests.cast.new_hires import a_draft as a_new_hires_draft
from tests.cast.people import PASSWORD, a_staff_member
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of

OPEN = {"start", "sign_in", "public"}
ROLES_OF = {
    "enterprise": {"agent"},
    "reviewer": {"reviewer", "second_reviewer"},
    "finance": {"cashier"},
    "training_center": {"desk_clerk"},
    "institution": {"author"},
    "registers": {"reviewer", "second_reviewer", "cashier", "bureau"},
}


def guarded_rules(app: Flask) -> list[Rule]:
    """Every console route that needs a role."""
    names = {blueprint.name for blueprint in console_blueprints}
    assert names == OPEN | set(ROLES_OF)
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in names - OPEN]


def address(app: Flask, rule: Rule, **known: object) -> str:
    """The rule's address with strange ids where none are given."""
    values = {name: known.get(name, uuid.uuid4()) for name in rule.arguments}
    if "ending" in values:
        values["ending"] = "csv"
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values, method=method_of(rule)))


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or set()) else "GET"


def test_the_roles_here_are_all_roles_of_the_console() -> None:
    assert set().union(*ROLES_OF.values()) == set(access.HOMES)


def test_nobody_enters_without_signing_in(app: Flask) -> None:
    rules = guarded_rules(app)
    assert len(rules) > 40
    for rule in rules:
        answer = Browser(app).client.open(address(app, rule), method=method_of(rule))
        assert answer.status_code == 302, rule
        assert answer.headers["Location"].startswith("/sign-in"), rule


@pytest.mark.parametrize("role", [*access.HOMES])
def test_no_role_enters_another_role_s_pages(app: Flask, role: str) -> None:
    browser = Browser(app)
    browser.sign_in(a_staff_member(role).username, PASSWORD)
    token = browser.token()
    walked = 0
    for rule in guarded_rules(app):
        if role in ROLES_OF[rule.endpoint.split(".")[0]]:
            continue
        answer = browser.client.open(address(app, rule), method=method_of(rule), data={"csrf_token": token})
        assert answer.status_code == 403, rule
        walked += 1
    assert walked > 10


def test_an_agent_of_another_enterprise_finds_nothing(app: Flask) -> None:
    """Neither under the foreign enterprise's address nor with a foreign plan, claim or key under the own one."""
    office, person = claimed.an_office(), a_person(1)
    theirs = claimed.a_class([person], office, serial=1)
    claimed.learn(person, theirs.class_id, claimed.hours(24))
    (certificate,) = certified(theirs)
    report = an_issued_report(theirs)
    claim = claimed.submitted_claim(theirs.plan)
    owner, name = theirs.enterprise, theirs.enterprise.name
    key, secret = transaction(
        lambda: people.create_api_key(subject_kind="enterprise", subject_id=owner.public_id, name="人事系统")
    )
    material = a_material(theirs.plan.plan_id)
    amendment = an_amendment(theirs.plan, class_hours=25)
    batch = a_small_batch(theirs.enterprise, theirs.plan, theirs.persons)
    application = a_new_hires_draft(owner, paper=False)
    account = claimed.confirm_account(owner, office)
    foreign = {
        "plan_id": theirs.plan.plan_id,
        "claim_id": claim.claim_id,
        "key_id": key.public_id,
        "attachment_id": material.attachment_id,
        "amendment_id": amendment.amendment_id,
        "batch_id": batch.batch_id,
        "certificate_id": certificate.certificate_id,
        "report_id": report.report_id,
        "account_id": account.account_id,
        "application_id": application.application_id,
        "line_id": application.lines[0].line_id,
        "log_id": uuid.uuid4(),
    }
    own = companies.an_enterprise("无锡锡山电子有限公司", serial=2)
    browser = Browser(app)
    browser.sign_in("agent.2", companies.PASSWORD)
    token = browser.token()
    for rule in guarded_rules(app):
        if rule.endpoint.split(".")[0] != "enterprise" or "enterprise_id" not in rule.arguments:
            continue
        assert rule.arguments <= {"enterprise_id", "ending", *foreign}, f"{rule}: say here what a foreign id is"
        for enterprise_id in (owner.public_id, uuid.uuid4(), own.public_id):
            if enterprise_id == own.public_id and not foreign.keys() & rule.arguments:
                continue
            path = address(app, rule, enterprise_id=enterprise_id, **foreign)
            answer = browser.client.open(path, method=method_of(rule), data={"csrf_token": token})
            assert answer.status_code == 404, rule
            assert name not in text_of(answer), rule
            assert "王*明" not in text_of(answer), rule
    assert claims.claim_view(claim.claim_id) == claim
    assert people.authenticate_api_key(secret) == key


def test_a_clerk_of_another_center_cannot_touch_the_keys_of_this_one(app: Flask) -> None:
    centers = [
        transaction(partial(training_centers.register_center, name=name, address="无锡市滨湖区某路1号"))
        for name in ("无锡市公共实训基地", "江阴市公共实训基地")
    ]
    clerk = a_staff_member("desk_clerk")
    transaction(lambda: training_centers.add_clerk(center_id=centers[1].id, staff_id=clerk.id))
    key, secret = transaction(
        lambda: people.create_api_key(
            subject_kind="training_center", subject_id=centers[0].public_id, name="滨湖预约系统"
        )
    )
    browser = Browser(app)
    browser.sign_in(clerk.username, PASSWORD)
    assert "滨湖预约系统" not in text_of(browser.get("/training-center/api-keys"))
    assert browser.post(f"/training-center/api-keys/{key.public_id}/revoke").status_code == 404
    assert people.authenticate_api_key(secret) == key


def test_every_form_needs_its_csrf_token(app: Flask) -> None:
    for role, home in access.HOMES.items():
        browser = Browser(app)
        browser.sign_in(a_staff_member(role).username, PASSWORD)
        for rule in guarded_rules(app):
            if role in ROLES_OF[rule.endpoint.split(".")[0]] and method_of(rule) == "POST":
                answer = browser.client.post(address(app, rule))
                assert answer.status_code == 400, (home, rule)
                assert "页面已过期" in text_of(answer), rule


def test_a_session_of_an_account_that_does_not_exist_is_nobody_s(app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in(a_staff_member("author").username, PASSWORD)
    with browser.client.session_transaction() as session:
        session["_user_id"] = str(uuid.uuid4())
    assert browser.client.get("/institution/").status_code == 302
