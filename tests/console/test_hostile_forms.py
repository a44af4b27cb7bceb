"""Every form and every query of the console, filled with what nobody should type: a page in words, never a server error."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from console import access
from tests.cast import claims as claimed
from tests.cast.enterprises import PASSWORD as CAST_PASSWORD
from tests.cast.new_hires import a_draft as a_new_hires_draft
from tests.cast.people import PASSWORD, a_staff_member
from tests.cast.plans import a_person
from tests.console.browser import Browser
from tests.console.test_guards import ROLES_OF, address, guarded_rules, method_of

HOSTILE: list[str | bytes] = [
    "\x00",
    "9" * 20,
    "0001-01-01",
    "x" * 5_000,
    b"\xed\xa0\x80",
]  # the last is a lone surrogate in UTF-8
FIELDS = [
    "name",
    "uscc",
    "kind",
    "business_scope",
    "uscc_confirmed",
    "code",
    "reason",
    "clause",
    "decision",
    "owner_name",
    "title",
    "head_count",
    "class_hours",
    "mode",
    "platform",
    "relevance",
    "trade_code",
    "affected",
    "course_ids",
    "starts_on",
    "ends_on",
    "signer",
    "key",
    "from",
    "to",
    "cursor",
    "version",
    "idempotency_key",
    "material_kind",
    "entries",
    "mentor",
    "contract_on",
    "insured_on",
    "left_on",
    "other_subsidy",
    "form",
    "contents",
    "promised",
    "trained_on",
    "minutes",
    "content",
    "words",
]
SIGN_INS = {"agent": "agent.1", "reviewer": "reviewer", "second_reviewer": "second", "cashier": "cashier"}


@pytest.mark.parametrize("role", access.HOMES)
def test_no_form_breaks_the_server(app: Flask, role: str) -> None:
    office, person = claimed.an_office(), a_person(1)
    theirs = claimed.a_class([person], office)
    claimed.learn(person, theirs.class_id, claimed.hours(24))
    claim = claimed.submitted_claim(theirs.plan)
    ids = {"enterprise_id": theirs.enterprise.public_id, "plan_id": theirs.plan.plan_id, "claim_id": claim.claim_id}
    draft = a_new_hires_draft(theirs.enterprise, paper=False)
    ids |= {"application_id": draft.application_id, "line_id": draft.lines[0].line_id}
    app.testing = False
    browser = Browser(app)
    if role in SIGN_INS:
        browser.sign_in(SIGN_INS[role], CAST_PASSWORD)
    else:
        browser.sign_in(a_staff_member(role).username, PASSWORD)
    token = browser.token()
    for rule in guarded_rules(app):
        if role not in ROLES_OF[rule.endpoint.split(".")[0]]:
            continue
        for value in HOSTILE:
            answer = _send(browser, method_of(rule), address(app, rule, **ids), value, token)
            assert answer.status_code < 500, (rule, value)
            assert answer.get_data() is not None, "a file is streamed to its end"


def _send(browser: Browser, method: str, path: str, value: str | bytes, token: str) -> TestResponse:
    fields = dict.fromkeys(FIELDS, value)
    if method == "GET":
        return browser.client.get(path, query_string=fields)
    broken = {
        name: (io.BytesIO(b"PK\x03\x04" + b"x" * 100), "a.zip")
        for name in ("workbook", "package", "materials", "paper")
    }
    return browser.client.post(path, data={**fields, **broken, "csrf_token": token}, content_type="multipart/form-data")
