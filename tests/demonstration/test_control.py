"""The demonstration's calendar can be stepped, stopped and run, never turned back; its page and sign-ins exist only there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import clock
from config.settings import Settings
from tests.client import Client


@pytest.fixture
def demonstration(settings: Settings) -> Iterator[Flask]:
    house = create_app(replace(settings, mode="demonstration"))
    house.test_client_class = Client
    with house.app_context():
        yield house
    clock.configure()


@pytest.fixture
def visitor(demonstration: Flask) -> FlaskClient:
    return demonstration.test_client()


def _now(visitor: FlaskClient) -> datetime:
    return datetime.fromisoformat(visitor.get("/demonstration/state").get_json()["now"])


def _step(visitor: FlaskClient, move: dict[str, object]) -> datetime:
    answer = visitor.post("/demonstration/clock", json=move)
    assert answer.status_code == 200, answer.text
    return datetime.fromisoformat(answer.get_json()["now"])


def test_the_calendar_starts_on_the_day_of_the_settings(visitor: FlaskClient) -> None:
    assert visitor.get("/demonstration/state").get_json()["today"] == "2020-03-02"


def test_a_stopped_calendar_moves_by_exactly_what_it_is_told(visitor: FlaskClient) -> None:
    at = _step(visitor, {"stop": True})
    assert at.microsecond == 0
    assert _step(visitor, {"advance_seconds": 50}) == at + timedelta(seconds=50)
    assert _now(visitor) == at + timedelta(seconds=50)
    assert _step(visitor, {"run": True}) >= at + timedelta(seconds=50)


@pytest.mark.parametrize(
    "move",
    [{}, {"advance_seconds": -1}, {"advance_seconds": 1.5}, {"stop": False}, {"stop": True, "run": True}, {"back": 1}],
)
def test_a_wrong_move_is_refused_and_nothing_moves(visitor: FlaskClient, move: dict[str, object]) -> None:
    before = _step(visitor, {"stop": True})
    answer = visitor.post("/demonstration/clock", json=move)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "INVALID_BODY")
    assert _now(visitor) == before


def test_the_start_page_has_every_role_and_the_worker_s_phone_one_click_away(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    assert "演示日历" in page
    assert 'href="/demonstration/phone"' in page
    phone = visitor.get("/demonstration/phone")
    assert phone.status_code == 200
    assert "script-src 'self'" in phone.headers["Content-Security-Policy"]
    for name in ("phone.js", "phone.css"):
        assert visitor.get(f"/demonstration/phone/static/{name}").status_code == 200


def test_nothing_of_it_exists_outside_the_demonstration(client: FlaskClient) -> None:
    for path in ("/demonstration/state", "/demonstration/phone", "/demonstration/phone/static/phone.js"):
        assert client.get(path).status_code == 404
    assert client.post("/demonstration/clock", json={"advance_seconds": 1}).status_code == 404
    assert "wuxi-agent-2020" not in client.get("/").text
