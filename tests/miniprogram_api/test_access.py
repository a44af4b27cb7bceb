"""Who gets in: every route without a token, with a bad one, and with somebody else's."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update

from backend.people import services as people
from backend.people.models import AccessToken
from config.clock import FixedCalendar, real_now
from config.database import db, transaction
from miniprogram_api import guard
from simulators.wechat import WechatSimulator
from tests.cast.people import an_id_number
from tests.miniprogram_api.conftest import API, Phone, School, assert_problem

OPEN = {("POST", f"{API}/login")}
MEDIA = re.compile(rf"{API}/media/.+")


def routes(app: Flask) -> list[tuple[str, str]]:
    """Method and path of every route of the phone's door, ids filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(API):
            path = re.sub(r"<uuid:[a-z_]+>", str(uuid.uuid4()), rule.rule)
            path = re.sub(r"<string\(length=64\):[a-z0-9_]+>", "a" * 64, path)
            assert "<" not in path, path
            found += [(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def test_the_walk_sees_all_routes(app: Flask) -> None:
    assert len(routes(app)) >= 27


def test_no_route_opens_without_a_token(app: Flask, client: FlaskClient) -> None:
    for method, path in routes(app):
        if (method, path) in OPEN:
            continue
        answer = client.open(path, method=method, json={"beats": []})
        assert_problem(answer, 401, "MEDIA_TICKET_INVALID" if MEDIA.match(path) else "UNAUTHENTICATED")


def test_no_route_opens_with_a_bad_token(app: Flask, client: FlaskClient) -> None:
    bad = ("", "Bearer", "Bearer  ", "Basic YTpi", "Bearer nonsense", "Bearer " + "x" * 5000, "Bearer \u00e4")
    for method, path in routes(app):
        for header in () if (method, path) in OPEN or MEDIA.match(path) else bad:
            answer = client.open(path, method=method, json={}, headers={"Authorization": header})
            assert_problem(answer, 401, "UNAUTHENTICATED")


def test_an_outsider_finds_nothing_of_the_worker(school: School, clock: FixedCalendar) -> None:
    """Every route that takes an id, called by another worker with the ids of this one."""
    playing = school.play()
    clock.advance(10)
    playing.post(10_000)
    session = f"/sessions/{playing.session_id}"
    attempt = school.worker.post("/quizzes", {"class_id": str(school.class_id)}).json["attempt_id"]
    outsider = school.outsider
    assert_problem(outsider.get(session), 404, "SESSION_NOT_FOUND")
    assert_problem(outsider.post(f"{session}/beats", {"beats": playing.beats(20_000)}), 404, "SESSION_NOT_FOUND")
    assert_problem(outsider.post(f"{session}/close"), 404, "SESSION_NOT_FOUND")
    assert_problem(outsider.post(f"{session}/presence-checks/{uuid.uuid4()}"), 404, "SESSION_NOT_FOUND")
    assert_problem(outsider.post(f"{session}/appeals", {"reason": "我在看"}), 404, "SESSION_NOT_FOUND")
    assert_problem(outsider.post(f"/quizzes/{attempt}/submit", {"answers": []}), 404, "QUIZ_NOT_FOUND")
    in_class = {"class_id": str(school.class_id), "device_id": "d"}
    assert_problem(outsider.post("/check-ins", in_class), 403, "NOT_IN_CLASS")
    assert_problem(outsider.post("/sessions", in_class | {"lesson_id": school.lesson_id}), 403, "NOT_IN_CLASS")
    assert_problem(outsider.post("/quizzes", {"class_id": str(school.class_id)}), 403, "NOT_IN_CLASS")
    assert_problem(outsider.post("/classes/join", {"class_code": school.class_code}), 403, "NOT_ON_ROSTER")
    for empty in ("/classes", "/claims", "/credit/statement"):
        assert outsider.get(empty).json["items"] == []
    assert set(outsider.get("/credit").json.values()) == {0}


def test_nobody_learns_on_an_account_that_is_nobody_s(school: School, client: FlaskClient) -> None:
    """Time learned before the identity was checked would stay on a shell when the person moves in from another phone."""
    in_class = {"class_id": str(school.class_id), "device_id": "d"}
    alone = {"lesson_id": school.lesson_id, "device_id": "d"}
    tries = [
        ("/sessions", alone),
        ("/sessions", alone | in_class),
        ("/check-ins", in_class),
        ("/quizzes", {"class_id": str(school.class_id)}),
        ("/quizzes", {"course_id": str(school.course.public_id)}),
    ]
    newcomer = Phone(client, "oNewcomer")
    for path, body in tries:
        assert_problem(newcomer.post(path, body), 403, "CONSENT_REQUIRED")
    assert newcomer.put("/me/consent", {"version": "2020-03"}).status_code == 200
    for path, body in tries:
        assert_problem(newcomer.post(path, body), 403, "IDENTITY_REQUIRED")
    assert newcomer.get("/courses").json["items"], "looking at what there is to learn needs no identity"


def test_nobody_walks_through_identity_numbers(
    school: School, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five numbers a day for an account without an identity; typing errors cost nothing, and the right number is still free."""
    prober = Phone(client, "oProber")
    taken = {"name": "王小明", "id_number": school.id_number}
    assert_problem(prober.put("/me/identity", taken), 403, "CONSENT_REQUIRED")
    prober.put("/me/consent", {"version": "2020-03"})
    for _ in range(10):
        assert_problem(prober.put("/me/identity", taken | {"id_number": "1"}), 422, "ID_NUMBER_LENGTH")
    for _ in range(4):
        assert_problem(prober.put("/me/identity", taken), 409, "IDENTITY_TAKEN")
    assert prober.post("/me/desk-code", taken).status_code == 201
    assert_problem(prober.put("/me/identity", taken), 429, "TOO_MANY_TRIES")
    assert_problem(prober.post("/me/desk-code", taken), 429, "TOO_MANY_TRIES")
    own = {"name": "钱进", "id_number": an_id_number(77)}
    assert_problem(prober.put("/me/identity", own), 429, "TOO_MANY_TRIES")
    tomorrow = real_now() + timedelta(hours=24)
    monkeypatch.setattr("config.clock.real_now", lambda: tomorrow)
    assert prober.put("/me/identity", own).status_code == 200
    for _ in range(10):
        assert prober.put("/me/identity", own).status_code == 200, "the same again is no try"
        assert_problem(prober.put("/me/identity", taken), 409, "IDENTITY_ALREADY_SET")


def test_unknown_ids_are_not_found(school: School) -> None:
    some = uuid.uuid4()
    for path in (f"/sessions/{some}", f"/courses/{some}"):
        assert_problem(school.worker.get(path), 404)
    for path in (f"/sessions/{some}/close", f"/sessions/{some}/presence-checks/{some}"):
        assert_problem(school.worker.post(path), 404, "SESSION_NOT_FOUND")
    ids = {"class_id": str(some), "device_id": "d"}
    assert_problem(school.worker.post("/check-ins", ids), 404, "CLASS_NOT_FOUND")
    assert_problem(school.worker.post("/sessions", ids | {"lesson_id": school.lesson_id}), 404, "CLASS_NOT_FOUND")
    assert_problem(school.worker.post("/sessions", {"lesson_id": str(some), "device_id": "d"}), 404, "LESSON_NOT_FOUND")
    assert_problem(school.worker.post("/classes/join", {"class_code": "NOSUCH"}), 404, "CLASS_CODE_UNKNOWN")
    for odd in ("/sessions/1", "/sessions/not-a-uuid/beats", "/courses/%00", "/nothing"):
        assert_problem(school.worker.get(odd), 404)


def test_an_expired_token_is_refused(app: Flask, client: FlaskClient, wechat: WechatSimulator) -> None:
    phone = Phone(client, "oWang")
    guard.forget_all()
    past = real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(update(AccessToken).values(expires_at=past)))
    assert_problem(phone.get("/me"), 401, "UNAUTHENTICATED")


def test_signing_out_ends_the_token_at_once(app: Flask, client: FlaskClient) -> None:
    phone = Phone(client, "oWang")
    other = Phone(client, "oWang", "phone-2")
    assert phone.get("/me").status_code == 200
    answer = phone.post("/logout")
    assert (answer.status_code, answer.data) == (204, b"")
    assert_problem(phone.get("/me"), 401, "UNAUTHENTICATED")
    assert other.get("/me").status_code == 200


def test_a_token_revoked_elsewhere_ends_within_a_minute(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = Phone(client, "oWang")
    caller = people.authenticate(phone.token)
    assert caller is not None
    assert phone.get("/me").status_code == 200
    transaction(lambda: people.revoke_tokens_of(worker_id=caller.worker_id))
    later = real_now() + timedelta(seconds=59)
    monkeypatch.setattr("config.clock.real_now", lambda: later)
    assert_problem(phone.get("/me"), 401, "UNAUTHENTICATED")


def test_what_is_remembered_ends_with_the_token() -> None:
    callers, at = guard.RememberedCallers(), real_now()
    caller = people.Caller(1, uuid.uuid4(), uuid.uuid4(), at + timedelta(seconds=5))
    callers.put("digest", caller, at)
    assert callers.get("digest", at + timedelta(seconds=4)) == caller
    assert callers.get("digest", at + timedelta(seconds=5)) is None
    assert callers.get("other", at) is None


def test_the_guard_costs_no_query_once_it_knows_the_caller(app: Flask, client: FlaskClient) -> None:
    phone = Phone(client, "oWang")
    phone.get("/claims")
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    phone.get("/claims")
    assert not [statement for statement in statements if "access_token" in statement]


def test_a_worker_of_another_enterprise_sees_none_of_its_courses(school: School) -> None:
    items = school.outsider.get("/courses").json["items"]
    assert [item["course_id"] for item in items] == [str(school.course.public_id)], "an institution's course is for all"
