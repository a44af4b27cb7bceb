"""What phones must not send: each refusal a problem document with a code and a Chinese detail, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from backend.people.models import WechatAccount
from config.clock import FixedCalendar
from config.database import db
from learning_records.sessions.models import Beat
from simulators.wechat import WechatSimulator
from tests.miniprogram_api.conftest import API, Phone, School, assert_problem

SOME_ID = "01890000-0000-7000-8000-000000000000"
GOOD_BEAT = {"seq": 1, "position_ms": 10_000, "prev": "a" * 64}

BODIES: dict[str, dict[str, Any]] = {
    "POST /login": {"code": "code-oWang", "device_id": "phone-1"},
    "PUT /me/consent": {"version": "2020-03"},
    "PUT /me/identity": {"name": "王小明", "id_number": "11010519491231002X"},
    "PUT /me/phone": {"code": "phone-13812345678"},
    "POST /me/move": {"id_number": "11010519491231002X", "code": "ABCDEFGH", "device_id": "phone-1"},
    "POST /me/desk-code": {"name": "王小明", "id_number": "11010519491231002X"},
    "POST /classes/join": {"class_code": "ABC"},
    "POST /check-ins": {"class_id": SOME_ID, "device_id": "phone-1", "method": "tap"},
    "POST /sessions": {"lesson_id": SOME_ID, "class_id": SOME_ID, "device_id": "phone-1"},
    f"POST /sessions/{SOME_ID}/beats": {"beats": [GOOD_BEAT]},
    f"POST /sessions/{SOME_ID}/presence-checks/{SOME_ID}": {"answer": "3"},
    f"POST /sessions/{SOME_ID}/close": {"beats": [GOOD_BEAT]},
    f"POST /sessions/{SOME_ID}/appeals": {"seq": 1, "reason": "我在看"},
    "POST /quizzes": {"class_id": SOME_ID, "course_id": None},
    f"POST /quizzes/{SOME_ID}/submit": {"answers": [{"question_id": SOME_ID, "keys": ["A"]}]},
}
OPTIONAL = {"method", "class_id", "course_id", "seq", "answer"}


def wrong_values(value: Any) -> Iterator[Any]:
    """Values of the wrong type or size for a field whose good value is this."""
    yield from ([[]] if isinstance(value, str) else [])
    if isinstance(value, str):
        yield from (3, True, {"a": 1}, "", "x" * 3_000, "王\x00明", "\ud800")
    elif isinstance(value, int):
        yield from ("1", 1.5, True, -1, 2**60, 10**400, [])
    elif isinstance(value, list):
        yield from ("x", {}, 3, [None], [3], ["x"], [[]], [{}], value * 100_000)


def bad_bodies(body: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What is wrong, and the bytes of it."""
    yield "an unknown field", _json(body | {"role": "admin"})
    for name, value in body.items():
        if name not in OPTIONAL and not (name == "beats" and len(body) == 1 and value == []):
            yield f"no {name}", _json({key: other for key, other in body.items() if key != name})
            yield f"{name} null", _json(body | {name: None})
        for wrong in wrong_values(value):
            if not (name == "answer" and wrong == ""):
                yield f"{name} = {str(wrong)[:40]!r}", _json(body | {name: wrong})
    for whole in ([], "x", 3, None, [body]):
        yield f"a body that is {whole!r}", _json(whole)
    for raw in (b"", b"{", b"NaN", b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 100_000):
        yield f"the bytes {raw[:20]!r}", raw


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("route", BODIES)
def test_every_wrong_body_is_refused(phone: Phone, route: str) -> None:
    method, path = route.split()
    headers = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
    before = _rows()
    for what, raw in bad_bodies(BODIES[route]):
        if what in ("no beats", "the bytes b''") and path.endswith("/close"):
            continue  # closing without beats is right
        answer = phone.client.open(API + path, method=method, data=raw, headers=headers)
        assert answer.status_code in (413, 422), f"{what}: {answer.status_code} {answer.text[:300]}"
        assert_problem(answer, answer.status_code)
    assert _rows() == before


def _rows() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (WechatAccount, Beat)]


def test_a_body_over_a_megabyte_is_not_read(phone: Phone) -> None:
    for route, body in BODIES.items():
        method, path = route.split()
        headers = {"Authorization": f"Bearer {phone.token}"}
        padded = body | {"padding": "x" * 1_000_001}
        answer = phone.client.open(API + path, method=method, json=padded, headers=headers)
        assert_problem(answer, 413, "BODY_TOO_LARGE")


def test_a_body_where_none_is_looked_for_is_measured_too(phone: Phone) -> None:
    headers = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
    for method, path in (("POST", "/credit/code"), ("POST", "/me/move-code"), ("POST", "/logout"), ("GET", "/me")):
        answer = phone.client.open(API + path, method=method, data=b"x" * 1_000_001, headers=headers)
        assert_problem(answer, 413, "BODY_TOO_LARGE")
    assert phone.get("/me").status_code == 200, "nobody was signed out"


def test_what_is_not_json_is_refused(client: FlaskClient) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        body = _json(BODIES["POST /login"])
        answer = client.post(f"{API}/login", data=body, headers={"Content-Type": content_type})
        assert answer.status_code in (415, 422)
        assert_problem(answer, answer.status_code)


def test_the_wrong_method_is_refused(phone: Phone) -> None:
    answer = phone.get("/login")
    assert_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"]


def test_the_fault_is_named_in_chinese(phone: Phone) -> None:
    problem = assert_problem(phone.post("/sessions", {"lesson_id": "x", "device_id": 3, "more": 1}), 422)
    assert problem["detail"] == "提交的内容有误，请按所列各项改正后再提交。"
    faults = {error["field"]: error["detail"] for error in problem["errors"]}
    assert faults == {"lesson_id": "编号格式不对", "device_id": "必须是文字", "more": "没有这个字段"}


BAD_BEATS: list[Any] = [
    GOOD_BEAT | {"position_ms": -1},
    GOOD_BEAT | {"position_ms": 86_400_001},
    GOOD_BEAT | {"position_ms": 1.0},
    GOOD_BEAT | {"position_ms": "10000"},
    GOOD_BEAT | {"position_ms": True},
    GOOD_BEAT | {"seq": -1},
    GOOD_BEAT | {"seq": 2**63},
    GOOD_BEAT | {"prev": "A" * 64},
    GOOD_BEAT | {"prev": "a" * 63},
    GOOD_BEAT | {"prev": "ａ" * 64},
    GOOD_BEAT | {"prev": None},
    GOOD_BEAT | {"duration": 999_999},
    {"seq": 1, "position_ms": 0},
    [],
    None,
]


def test_a_beat_of_another_shape_is_refused(school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    clock.advance(10)
    for beat in BAD_BEATS:
        for route in ("beats", "close"):
            answer = school.worker.post(f"/sessions/{playing.session_id}/{route}", {"beats": [beat]})
            problem = assert_problem(answer, 422, "INVALID_BODY")
            assert problem["errors"][0]["field"] == "beats.0"
    assert playing.post(10_000).json["counted_seconds"] == 10


def test_too_many_or_no_beats_are_refused(school: School) -> None:
    playing = school.play()
    beats = f"/sessions/{playing.session_id}/beats"
    assert_problem(school.worker.post(beats, {"beats": [GOOD_BEAT] * 201}), 422, "INVALID_BODY")
    assert_problem(school.worker.post(beats, {"beats": []}), 422)


def test_reversed_and_broken_chains_are_refused(school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    path = f"/sessions/{playing.session_id}/beats"
    clock.advance(20)
    first, second = playing.beats(10_000, 20_000)
    assert school.worker.post(path, {"beats": [second, first]}).status_code in (409, 422)
    assert_problem(school.worker.post(path, {"beats": [second]}), 409, "SEQ_EXPECTED")
    assert_problem(school.worker.post(path, {"beats": [first, second | {"prev": "b" * 64}]}), 409, "SEQ_EXPECTED")
    answer = school.worker.post(path, {"beats": [first, second]})
    assert answer.json["counted_seconds"] == 20
    assert school.worker.post(path, {"beats": [first, second]}).json == answer.json
    changed = school.worker.post(path, {"beats": [first | {"position_ms": 9_000}, second]})
    assert_problem(changed, 409, "BEAT_CHANGED")


def test_a_position_beyond_the_lesson_is_refused(school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    clock.advance(10)
    assert_problem(playing.post(school.course.lessons[0].media_ms + 60_000), 422, "POSITION_OUT_OF_RANGE")


def test_a_closed_session_takes_no_beats(school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    clock.advance(10)
    playing.post(10_000)
    closed = school.worker.post(f"/sessions/{playing.session_id}/close").json
    assert_problem(playing.post(20_000), 409, "SESSION_CLOSED")
    assert school.worker.post(f"/sessions/{playing.session_id}/close").json == closed


def test_the_newest_session_closes_the_older_one(school: School, clock: FixedCalendar) -> None:
    older = school.play()
    clock.advance(10)
    older.post(10_000)
    school.play()
    clock.advance(10)
    problem = assert_problem(older.post(20_000), 409, "SESSION_CLOSED")
    assert problem["errors"][0]["reason"]


def test_login_codes_work_once(client: FlaskClient, wechat: WechatSimulator) -> None:
    body = {"code": "code-oWang-1", "device_id": "phone-1"}
    assert client.post(f"{API}/login", json=body).status_code == 200
    assert_problem(client.post(f"{API}/login", json=body), 422, "LOGIN_CODE_INVALID")
    assert_problem(client.post(f"{API}/login", json=body | {"code": "nonsense"}), 422, "LOGIN_CODE_INVALID")


WECHAT_FAULTS = {
    "busy": (503, "WECHAT_BUSY"),
    "http_500": (503, "WECHAT_UNAVAILABLE"),
    "drop": (503, "WECHAT_UNAVAILABLE"),
    "not_json": (503, "WECHAT_UNAVAILABLE"),
    "wrong_secret": (503, "WECHAT_UNAVAILABLE"),
    "user_blocked": (403, "WECHAT_ACCOUNT_BLOCKED"),
}


def test_when_wechat_fails_the_phone_is_told_in_plain_words(client: FlaskClient, wechat: WechatSimulator) -> None:
    for fault, (status, code) in WECHAT_FAULTS.items():
        wechat.fail(fault)
        assert_problem(client.post(f"{API}/login", json={"code": "code-oWang", "device_id": "d"}), status, code)
    assert db.session.scalar(select(func.count()).select_from(WechatAccount)) == 0


def test_no_phone_number_is_asked_for_before_consent(client: FlaskClient, wechat: WechatSimulator) -> None:
    newcomer = Phone(client, "oWang")
    assert_problem(newcomer.put("/me/phone", {"code": "phone-13812345678"}), 403, "CONSENT_REQUIRED")
    assert "/wxa/business/getuserphonenumber" not in wechat.paths()


def test_a_cursor_we_did_not_make_is_refused(phone: Phone) -> None:
    for cursor in ("x", "1", "v1:1", "%00", "a" * 65, "djE6LTE", "djE6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"):
        assert_problem(phone.get(f"/credit/statement?cursor={cursor}"), 422)
    assert_problem(phone.get("/credit/statement?page=2"), 422, "INVALID_BODY")


def test_a_consent_version_is_a_label(phone: Phone) -> None:
    for version in ("no such", "王", "1" * 21, "<b>"):
        assert_problem(phone.put("/me/consent", {"version": version}), 422)


def test_a_question_answered_twice_is_refused(school: School) -> None:
    attempt = school.worker.post("/quizzes", {"class_id": str(school.class_id)}).json
    question = attempt["questions"][0]["question_id"]
    answer = {"question_id": question, "keys": ["A"]}
    path = f"/quizzes/{attempt['attempt_id']}/submit"
    assert_problem(school.worker.post(path, {"answers": [answer, answer]}), 422, "INVALID_BODY")
    assert_problem(school.worker.post(path, {"answers": [answer | {"keys": ["Z"]}]}), 422, "QUIZ_UNKNOWN_KEY")
    assert_problem(school.worker.post(path, {"answers": [answer | {"question_id": SOME_ID}]}), 422)
    assert_problem(school.worker.post("/quizzes", {}), 422, "QUIZ_SUBJECT")
