"""From the phone and the counter: my own line on a notice, "I did not take part", "someone registered my ID"."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.notices.services import NoticeView
from backend.people import services as people
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast import people as visitors
from tests.cast.claims import Class, Office, an_office
from tests.cast.enterprises import PASSWORD
from tests.cast.notices import a_posted_notice, an_approved_claim
from tests.console.browser import Browser, text_of

API = "/api/v1/phone"


class Phone:
    """A worker's phone."""

    def __init__(self, client: FlaskClient, openid: str) -> None:
        signed_in = transaction(lambda: people.sign_in_with_openid(openid=openid, device="phone"))
        self._client, self._headers = client, {"Authorization": f"Bearer {signed_in.token}"}

    def get(self, path: str) -> Any:
        return self._client.get(API + path, headers=self._headers)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._client.post(API + path, json=body, headers=self._headers)


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def shown(office: Office) -> tuple[Class, NoticeView]:
    group, _ = an_approved_claim(office)
    return group, a_posted_notice(office)


@pytest.fixture
def mine(client: FlaskClient, shown: tuple[Class, NoticeView]) -> Phone:
    """The first person's phone."""
    return Phone(client, "openid-person-100")


def test_a_worker_sees_the_own_line_and_objects(client: FlaskClient, mine: Phone, clock: FixedCalendar) -> None:
    (line,) = mine.get("/notices").json["items"]
    assert (line["amount_fen"], line["open_now"], line["closes_on"]) == (44_400, True, "2020-03-09")
    other = Phone(client, "openid-person-101")
    stolen = other.post("/objections", {"line_id": line["line_id"], "text": "我没有参加。"})
    assert (stolen.status_code, stolen.json["code"]) == (404, "NOTICE_ENTRY_NOT_FOUND")
    filed = mine.post("/objections", {"line_id": line["line_id"], "text": "我没有参加。"})
    assert filed.status_code == 201
    assert filed.json["objection"]["due_on"] == "2020-03-16"
    assert len(filed.json["code"]) == 12
    (line,) = mine.get("/notices").json["items"]
    assert [each["status"] for each in line["objections"]] == ["open"]
    clock.set("2020-03-10T00:00:00+08:00")
    late = mine.post("/objections", {"line_id": line["line_id"], "text": "我没有参加。"})
    assert (late.status_code, late.json["code"]) == (409, "OBJECTION_TOO_LATE")
    assert mine.get("/notices").json["items"][0]["open_now"] is False


def test_a_worker_denies_a_place_and_takes_it_back(
    client: FlaskClient, mine: Phone, shown: tuple[Class, NoticeView]
) -> None:
    body = {"class_id": str(shown[0].class_id), "text": "我没有参加这个班。"}
    found = mine.post("/disputes/not-taken-part", body)
    assert found.status_code == 201
    assert mine.post("/disputes/not-taken-part", body).json["code"] == "DISPUTE_OPEN"
    path = f"/disputes/{found.json['dispute_id']}/withdraw"
    assert Phone(client, "openid-person-101").post(path, {}).status_code == 404
    assert mine.post(path, {}).json["status"] == "withdrawn"
    assert [each["number"] for each in mine.get("/disputes").json["items"]] == ["培训争议〔2020〕1号"]
    stranger = Phone(client, "oStranger").post("/disputes/not-taken-part", body)
    assert (stranger.status_code, stranger.json["code"]) == (404, "CLASS_NOT_FOUND")


def test_the_owner_of_a_number_reports_and_numbers_cannot_be_tried_out(
    client: FlaskClient, shown: tuple[Class, NoticeView]
) -> None:
    owner = Phone(client, "oOwner")
    body = {
        "name": "李真",
        "id_number": shown[0].persons[0].id_number,
        "text": "我的身份证号被别人登记了。",
        "contact": "13812345678",
    }
    assert owner.post("/disputes/identity", body).json["code"] == "CONSENT_REQUIRED"
    visitor = people.authenticate(
        transaction(lambda: people.sign_in_with_openid(openid="oOwner", device="phone")).token
    )
    assert visitor is not None
    transaction(lambda: people.give_consent(worker_id=visitor.worker_id, version=visitors.CONSENT))
    owner = Phone(client, "oOwner")
    assert owner.post("/disputes/identity", body).status_code == 201
    for serial in range(4):
        free = owner.post("/disputes/identity", {**body, "id_number": visitors.an_id_number(600 + serial)})
        assert free.json["code"] == "DISPUTE_NUMBER_FREE"
    tried = owner.post("/disputes/identity", {**body, "id_number": visitors.an_id_number(610)})
    assert tried.json["code"] == "TOO_MANY_TRIES"


def test_the_counter_takes_a_report_and_the_desk_decides(
    app: Flask, office: Office, shown: tuple[Class, NoticeView]
) -> None:
    browser = Browser(app)
    browser.sign_in(office.reviewer.username, PASSWORD)
    assert "核对来人的身份证原件" in text_of(browser.get("/reviewer/disputes/new"))
    typed = {"name": "李真", "text": "本人到窗口反映。", "contact": "13812345678"}
    wrong = browser.post("/reviewer/disputes", {**typed, "id_number": "123"})
    assert wrong.status_code == 422
    number = shown[0].persons[0].id_number
    taken = browser.post("/reviewer/disputes", {**typed, "id_number": number})
    assert "已受理：培训争议〔2020〕1号" in text_of(taken)
    assert "无锡第1机械有限公司" in text_of(taken)
    assert number not in text_of(taken)
    page = taken.request.path
    refused = browser.post(f"{page}/decision", {"decision": "approve", "reason": "", "clause": "四.5"})
    assert refused.status_code == 422
    done = browser.post(
        f"{page}/decision", {"decision": "approve", "reason": "经核对身份证件，情况属实。", "clause": "四.5"}
    )
    assert "已办理：培训争议" in text_of(done)
    assert "已核减 444.00 元" in text_of(browser.get(page))
