"""Every refused call of a JSON door is a problem document with a stable code, a Chinese detail and the request's id."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

LOGIN = "/api/v1/phone/login"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 422, "INVALID_JSON"),
        (b'{"code": NaN}', "application/json", 422, "INVALID_JSON"),
        (b'{"code": "\\ud800", "device_id": "d"}', "application/json", 422, "INVALID_JSON"),
        (b'{"code": "x", "device_id": "d", "extra": 1}', "application/json", 422, "INVALID_BODY"),
        (b'{"code": 5, "device_id": "d"}', "application/json", 422, "INVALID_BODY"),
        (b'{"code": null, "device_id": "d"}', "application/json", 422, "INVALID_BODY"),
        (b"[]", "application/json", 422, "INVALID_BODY"),
        (b'{"code": "' + b"x" * 1_000_001 + b'"}', "application/json", 413, "BODY_TOO_LARGE"),
        (b'{"code": "' + b"x" * 3_000 + b'", "device_id": "d"}', "application/json", 422, "INVALID_BODY"),
    ],
)
def test_a_bad_body_is_refused_with_its_reason(
    client: FlaskClient, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = client.post(LOGIN, data=body, content_type=content_type, headers={"X-Request-Id": "probe-1"})
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-Id"] == "probe-1"
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["detail"])


def test_an_unknown_address_and_a_wrong_method_are_problems_too(client: FlaskClient) -> None:
    assert client.get("/api/v1/phone/nowhere").get_json()["code"] == "NOT_FOUND"
    wrong = client.delete(LOGIN)
    assert (wrong.status_code, wrong.get_json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in wrong.headers["Allow"]


def test_a_hostile_request_id_is_replaced(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": 'x" onload=alert(1)'})
    assert "onload" not in answer.headers["X-Request-Id"]


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ready"}


def test_the_description_is_openapi_3_1_and_the_page_asks_nothing_of_the_outside(
    app: Flask, client: FlaskClient
) -> None:
    description = client.get("/openapi.json").get_json()
    assert description["openapi"].startswith("3.1")
    assert any(path.startswith("/api/v1/phone/") for path in description["paths"])
    assert any(path.startswith("/api/v1/partner/") for path in description["paths"])
    problem = description["components"]["schemas"]["Problem"]
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(problem["required"])
    page = client.get("/api-docs")
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert client.get("/api-docs/static/swagger-ui-bundle.js").status_code == 200


def test_the_calendar_control_exists_only_in_the_demonstration(client: FlaskClient) -> None:
    assert client.post("/demonstration/clock", json={"advance_seconds": 60}).status_code == 404
    assert client.get("/demonstration/state").status_code == 404
