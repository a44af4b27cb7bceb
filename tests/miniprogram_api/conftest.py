"""The whole house with WeChat on loopback, a class to study in, and phones that speak HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.courses.services import CourseView
from config.clock import FixedCalendar
from config.settings import Settings, load
from learning_records.sessions.chain import beat_hash
from simulators.wechat import WechatSimulator
from tests.cast import people as cast
from tests.cast import plans as planned
from tests.cast.enterprises import an_enterprise

API = "/api/v1/phone"


@pytest.fixture
def wechat() -> Iterator[WechatSimulator]:
    with WechatSimulator() as simulator:
        yield simulator


@pytest.fixture
def settings(database_url: str, tmp_path: Path, wechat: WechatSimulator) -> Settings:
    """As in tests/conftest.py, with WeChat at the simulator's address."""
    return load(
        {},
        mode="development",
        database_url=database_url,
        data_dir=str(tmp_path / "data"),
        log_level="WARNING",
        cheap_passwords=True,
        wechat_base_url=wechat.base_url,
    )


class Phone:
    """One worker's phone: it signs in through WeChat and keeps its token. Its methods give Werkzeug's test responses."""

    def __init__(self, client: FlaskClient, openid: str, device: str = "phone-1") -> None:
        self.client = client
        self.device = device
        answer: Any = client.post(f"{API}/login", json={"code": f"code-{openid}-{device}", "device_id": device})
        assert answer.status_code == 200, answer.text
        self.token = answer.json["token"]

    def get(self, path: str) -> Any:
        return self.client.get(API + path, headers=self._headers())

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(API + path, json={} if body is None else body, headers=self._headers())

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(API + path, json=body, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def register(self, name: str, id_number: str) -> None:
        """Consent and identity."""
        assert self.put("/me/consent", {"version": "2020-03"}).status_code == 200
        answer = self.put("/me/identity", {"name": name, "id_number": id_number})
        assert answer.status_code == 200, answer.text


@dataclass
class Playing:
    """An open session as the phone keeps it: number and hash for the next beat."""

    phone: Phone
    session_id: str
    next_seq: int
    prev: str

    def beats(self, *positions_ms: int) -> list[dict[str, Any]]:
        """Chained beats at these positions."""
        made = []
        for position_ms in positions_ms:
            made.append({"seq": self.next_seq, "position_ms": position_ms, "prev": self.prev})
            self.prev = beat_hash(self.session_id, self.next_seq, position_ms, self.prev)
            self.next_seq += 1
        return made

    def post(self, *positions_ms: int) -> Any:
        return self.phone.post(f"/sessions/{self.session_id}/beats", {"beats": self.beats(*positions_ms)})


@dataclass
class School:
    """An approved class with one course, and two workers: one of the class, one outsider."""

    class_id: UUID
    class_code: str
    course: CourseView
    worker: Phone
    outsider: Phone
    id_number: str

    @property
    def lesson_id(self) -> str:
        return str(self.course.lessons[0].public_id)

    def play(self, *, in_class: bool = True) -> Playing:
        """The worker opens the first lesson."""
        body = {"lesson_id": self.lesson_id, "device_id": "phone-1"}
        answer = self.worker.post("/sessions", body | ({"class_id": str(self.class_id)} if in_class else {}))
        assert answer.status_code == 201, answer.text
        opened = answer.json
        return Playing(self.worker, opened["session_id"], opened["next_seq"], opened["prev"])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def phone(client: FlaskClient) -> Phone:
    """The phone of somebody registered, and nothing more."""
    phone = Phone(client, "oZhaoLei")
    phone.register("赵磊", cast.an_id_number(9, born_on=date(1992, 1, 1)))
    return phone


@pytest.fixture
def school(client: FlaskClient, clock: FixedCalendar) -> School:
    enterprise, reviewer = an_enterprise(), cast.a_staff_member("reviewer")
    number = cast.an_id_number(7, born_on=date(1990, 1, 1))
    course = planned.a_long_course()
    planned.on_roster(enterprise, [planned.Person(0, "王小明", number)])
    plan = planned.approved(planned.a_draft(enterprise, course, head_count=1), reviewer)
    clock.set("2020-03-09T09:00:00+08:00")
    worker, outsider = Phone(client, "oWangXiaoming"), Phone(client, "oOutsider")
    worker.register("王小明", number)
    outsider.register("李小红", cast.an_id_number(8, born_on=date(1991, 1, 1)))
    training_class = plan.training_class
    joined = worker.post("/classes/join", {"class_code": training_class.class_code})
    assert joined.status_code == 200, joined.text
    return School(training_class.class_id, training_class.class_code, course, worker, outsider, number)


def assert_problem(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The answer is a problem document with this status (and code), a Chinese detail and the request's id."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem: dict[str, Any] = answer.json or {}
    assert problem["status"] == status
    for told in (problem["detail"], *(error["detail"] for error in problem["errors"] if "detail" in error)):
        assert any("\u4e00" <= character <= "\u9fff" for character in told), problem
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    if code is not None:
        assert problem["code"] == code, problem
    return problem
