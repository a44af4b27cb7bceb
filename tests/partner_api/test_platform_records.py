"""What a training platform sends: strict bodies, a verdict for each record, its signature, its own batches only."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from backend.credit_bank import services as credit_bank
from backend.imports import services as imports
from config.clock import FixedCalendar
from learning_records.evidence import attachments
from tests.cast.imports import Room, a_day, a_record, a_room, a_signing_key, imported, interval, row, table
from tests.cast.plans import a_person
from tests.partner_api.conftest import Ask, a_key

HOUR = 3_600


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class on 2 March; it is 10 March, in the evening, now."""
    made = a_room([a_person(1, "王小明"), a_person(2, "赵䶮")])
    clock.set("2020-03-10T20:00:00+08:00")
    return made


@pytest.fixture
def key(room: Room) -> str:
    """The key of the platform's system."""
    return a_key("platform", room.platform.public_id)


def _body(room: Room, *records: dict[str, Any]) -> dict[str, Any]:
    return {"class_code": room.class_code, "records": list(records)}


def _learned(room: Room) -> int:
    return credit_bank.balance(worker_id=room.persons[0].worker_id).learned_seconds


def test_each_record_has_its_verdict_and_good_ones_go_in(ask: Ask, room: Room, key: str) -> None:
    good, wrong = a_record(room), a_record(room, course="没有备案的课程")
    answer = ask(key, "POST", "/records", json=_body(room, good, wrong))
    said = answer.get_json()
    assert answer.status_code == 200
    assert (said["taken"], said["same"], said["refused"], said["learned_seconds"]) == (1, 0, 1, HOUR)
    assert said["record_id"]
    assert said["verdicts"][0] == {
        "number": 1,
        "external_id": good["external_id"],
        "verdict": "taken",
        "code": "OK",
        "detail": "",
        "counted_seconds": HOUR,
        "claimable_seconds": HOUR,
        "overlap_seconds": 0,
    }
    assert (said["verdicts"][1]["verdict"], said["verdicts"][1]["code"]) == ("refused", "UNKNOWN_COURSE")
    assert _learned(room) == HOUR


def test_the_whole_call_may_be_sent_again(ask: Ask, room: Room, key: str) -> None:
    body = _body(room, a_record(room), a_record(room, intervals=[interval("12:00", "13:00")]))
    ask(key, "POST", "/records", json=body)
    again = ask(key, "POST", "/records", json=body).get_json()
    assert [said["code"] for said in again["verdicts"]] == ["DUPLICATE", "DUPLICATE"]
    assert _learned(room) == 2 * HOUR


def test_a_batch_is_read_again_by_its_platform_page_by_page(ask: Ask, room: Room, key: str) -> None:
    records = [
        a_record(room, intervals=[interval(f"{number // 10:02d}:{number % 10 * 6:02d}", "23:59")])
        for number in range(120)
    ]
    batch_id = ask(key, "POST", "/records", json=_body(room, *records)).get_json()["batch_id"]
    first = ask(key, "GET", f"/records/{batch_id}").get_json()
    second = ask(key, "GET", f"/records/{batch_id}?cursor={first['next_cursor']}").get_json()
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (100, 20, None)
    assert [item["number"] for item in first["items"] + second["items"]] == list(range(1, 121))
    refused = ask(key, "GET", f"/records/{batch_id}?refused=true").get_json()
    assert {item["code"] for item in refused["items"]} == {"OVERLAP"}
    assert len(refused["items"]) == first["refused"] - 19 or refused["next_cursor"]


def test_another_platform_and_an_agents_table_are_not_found(ask: Ask, room: Room, key: str) -> None:
    batch_id = ask(key, "POST", "/records", json=_body(room, a_record(room))).get_json()["batch_id"]
    other = a_key("platform", room.from_platform("px-class").platform.public_id)
    answer = ask(other, "GET", f"/records/{batch_id}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "IMPORT_NOT_FOUND")
    by_agent = imported(room, table([row(room, 40)]))
    assert ask(key, "GET", f"/records/{by_agent.batch_id}").status_code == 404


def test_the_same_id_of_another_platform_is_another_record(ask: Ask, room: Room, key: str) -> None:
    record = a_record(room)
    other = a_key("platform", room.from_platform("px-class").platform.public_id)
    ask(key, "POST", "/records", json=_body(room, record))
    said = ask(other, "POST", "/records", json=_body(room, {**record, "intervals": [interval("12:00", "13:00")]}))
    assert said.get_json()["verdicts"][0]["code"] == "OK"


def test_a_signed_call_is_kept_and_its_statement_attached(ask: Ask, room: Room, key: str) -> None:
    signing = a_signing_key(room.platform)
    body = _body(room, a_day(room, 2))
    unsigned = ask(key, "POST", "/records", json=body).get_json()["verdicts"][0]
    assert unsigned["code"] == "STATEMENT_REQUIRED"
    signature = base64.b64encode(signing.sign(imports.statement_of(body))).decode()
    said = ask(key, "POST", "/records", json={**body, "signature": signature}).get_json()
    assert (said["signed"], said["verdicts"][0]["code"], said["learned_seconds"]) == (True, "OK", 5_400)
    (paper,) = attachments.list_of(context_ref=UUID(said["batch_id"]))
    assert paper.kind == "statement"
    _, path = attachments.open_attachment(attachment_id=paper.attachment_id)
    assert json.loads(path.read_bytes()) == body


@pytest.mark.parametrize("how", ["other content", "other key", "other platform", "ended short", "no base64"])
def test_a_signature_that_does_not_fit_refuses_the_whole_call(ask: Ask, room: Room, key: str, how: str) -> None:
    mine, other = a_signing_key(room.platform), a_signing_key(room.from_platform("px-class").platform)
    body = _body(room, a_record(room))
    signature = base64.b64encode(mine.sign(imports.statement_of(body))).decode()
    if how == "other content":
        body["records"][0]["intervals"] = [interval("08:00", "18:00")]
    if how in ("other key", "other platform"):
        signature = base64.b64encode(other.sign(imports.statement_of(body))).decode()
    if how == "ended short":
        signature = base64.b64encode(base64.b64decode(signature)[:63]).decode()
    if how == "no base64":
        signature = "!" * 88
    answer = ask(key, "POST", "/records", json={**body, "signature": signature})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "SIGNATURE_INVALID")
    assert _learned(room) == 0
    assert imports.batches_of_enterprise(room.enterprise.id) == []


def test_an_unknown_class_refuses_the_whole_call(ask: Ask, room: Room, key: str) -> None:
    answer = ask(key, "POST", "/records", json={**_body(room, a_record(room)), "class_code": "ZZZZZZZZ"})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "CLASS_CODE_UNKNOWN")


def test_our_own_platform_sends_nothing(ask: Ask, room: Room) -> None:
    ours = a_key("platform", room.from_platform("wxck").platform.public_id)
    answer = ask(ours, "POST", "/records", json=_body(room, a_record(room)))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "PLATFORM_IS_OURS")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"intervals": None}, "records.0"),
        ({"intervals": []}, "records.0.intervals"),
        ({"intervals": [interval("09:00", "10:00")] * 201}, "records.0.intervals"),
        ({"local_on": "2020-03-05", "class_hours": 2}, "records.0.intervals"),
        ({"media_ms": 1.5}, "records.0.media_ms"),
        ({"media_ms": "1"}, "records.0.media_ms"),
        ({"media_ms": True}, "records.0.media_ms"),
        ({"external_id": 5}, "records.0.external_id"),
        ({"worker_id": 1}, "records.0.worker_id"),
        ({"intervals": [{"started_at": "2020-03-05T09:00:00Z"}]}, "records.0.intervals.0.ended_at"),
        ({"intervals": [interval("09:00", "10:00", -1, 5)]}, "records.0.intervals.0.media_from_ms"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_and_the_field_named(
    ask: Ask, room: Room, key: str, changes: dict[str, Any], field: str
) -> None:
    record = a_record(room) | changes
    if changes == {"intervals": None}:
        del record["intervals"]
    answer = ask(key, "POST", "/records", json=_body(room, record))
    problem = answer.get_json()
    assert answer.status_code == 422
    assert problem["code"] in ("INVALID_BODY", "INVALID_JSON")
    assert any(str(error["field"]).startswith(field) for error in problem["errors"]), problem
    assert all(not error["detail"].isascii() for error in problem["errors"])
    assert _learned(room) == 0


def test_too_many_records_and_too_large_a_body_are_refused(ask: Ask, room: Room, key: str) -> None:
    small = {"external_id": "a", "name": "王小明", "id_number": "1", "course": "c", "local_on": "1", "class_hours": 1}
    many = ask(key, "POST", "/records", json=_body(room, *[small] * 1_001))
    assert (many.status_code, many.get_json()["code"]) == (422, "INVALID_BODY")
    large = ask(key, "POST", "/records", json=_body(room, *[a_record(room, course="课" * 400)] * 900))
    assert large.status_code == 413
