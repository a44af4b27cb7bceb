"""Every route of the door needs a living key of the right kind, and a key opens its own subject only."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.people import services as people
from backend.platforms import services as platforms
from config.database import transaction
from tests.partner_api.conftest import PARTNER, Ask, School, a_key

ENTERPRISE_ROUTES = [("GET", "/hour-report"), ("GET", "/evidence")]
CENTER_ROUTES = [("POST", "/balance")]
PLATFORM_ROUTES = [("POST", "/records"), ("GET", "/records/<uuid:batch_id>")]


def _address(path: str) -> str:
    return path.replace("<uuid:batch_id>", "0171b6a4-0000-7000-8000-000000000000")


def test_every_route_of_the_door_is_known_here(app: Flask) -> None:
    """A new route must be put into one of the lists, and so be walked by the tests below."""
    found = {
        (method, rule.rule.removeprefix(PARTNER))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PARTNER)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == {*ENTERPRISE_ROUTES, *CENTER_ROUTES, *PLATFORM_ROUTES}


@pytest.mark.parametrize(("method", "path"), [*ENTERPRISE_ROUTES, *CENTER_ROUTES, *PLATFORM_ROUTES])
@pytest.mark.parametrize("key", [None, "ck_nobody-has-this-secret", "x" * 300, "名"])
def test_nobody_passes_without_a_living_key(ask: Ask, method: str, path: str, key: str | None) -> None:
    answer = ask(key, method, _address(path), json={"code": "23456789"} if method == "POST" else None)
    problem = answer.get_json()
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert (problem["code"], answer.headers["WWW-Authenticate"]) == ("API_KEY_INVALID", "Bearer")


@pytest.mark.parametrize(("method", "path"), ENTERPRISE_ROUTES)
def test_a_centers_key_opens_no_enterprise_route(ask: Ask, center_key: str, method: str, path: str) -> None:
    answer = ask(center_key, method, path)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "API_KEY_WRONG_KIND")


@pytest.mark.parametrize(("method", "path"), CENTER_ROUTES)
def test_an_enterprises_key_opens_no_center_route(ask: Ask, ours: School, method: str, path: str) -> None:
    answer = ask(ours.key, method, path, json={"code": "23456789"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "API_KEY_WRONG_KIND")


@pytest.mark.parametrize(("method", "path"), PLATFORM_ROUTES)
def test_only_a_platforms_key_opens_a_platforms_route(
    ask: Ask, ours: School, center_key: str, method: str, path: str
) -> None:
    for key in (ours.key, center_key):
        answer = ask(key, method, _address(path))
        assert (answer.status_code, answer.get_json()["code"]) == (403, "API_KEY_WRONG_KIND")


@pytest.mark.parametrize(("method", "path"), [*ENTERPRISE_ROUTES, *CENTER_ROUTES])
def test_a_platforms_key_opens_no_route_of_others(ask: Ask, method: str, path: str) -> None:
    key = a_key("platform", platforms.find_platform("kjcxchina").public_id)
    answer = ask(key, method, path)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "API_KEY_WRONG_KIND")


def test_a_revoked_key_is_refused_at_once(ask: Ask, ours: School) -> None:
    assert ask(ours.key, "GET", "/hour-report").status_code == 200
    subject_id = ours.enterprise.public_id
    (key,) = people.api_keys_of(subject_kind="enterprise", subject_id=subject_id)
    transaction(
        lambda: people.revoke_api_key(public_id=key.public_id, subject_kind="enterprise", subject_id=subject_id)
    )
    assert ask(ours.key, "GET", "/hour-report").get_json()["code"] == "API_KEY_INVALID"


def test_the_description_says_that_a_key_is_needed(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    for method, path in (*ENTERPRISE_ROUTES, *CENTER_ROUTES, *PLATFORM_ROUTES):
        path = path.replace("<uuid:batch_id>", "{batch_id}")
        assert paths[PARTNER + path][method.lower()]["security"] == [{"apiKey": []}]


def test_a_body_over_a_megabyte_is_not_read(ask: Ask, ours: School, center_key: str) -> None:
    big = {"code": "2" * 1_000_001}
    for key, method, path in ((ours.key, "GET", "/hour-report"), (center_key, "POST", "/balance")):
        problem = ask(key, method, path, json=big).get_json()
        assert (problem["status"], problem["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"code": NaN}',
        b'{"code": 5}',
        b'{"code": null}',
        b'{"code": ""}',
        b'{"code": "\\ud800"}',
        b'{"code": "\\u0000"}',
        b'{"code": "23456789", "center_id": 1}',
        b'{"code": "' + b"2" * 41 + b'"}',
        b"\xff\xfe",
    ],
)
def test_a_wrong_body_is_refused_in_chinese(ask: Ask, center_key: str, body: bytes) -> None:
    answer = ask(center_key, "POST", "/balance", data=body, content_type="application/json")
    problem = answer.get_json()
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert problem["code"] in ("INVALID_JSON", "INVALID_BODY")
    assert all(not told.isascii() for told in (problem["detail"], *(error["detail"] for error in problem["errors"])))
