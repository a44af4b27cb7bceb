"""One JSON object a line, with the request's id, and nobody's name, number or secret in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from config import logs
from config.database import db

ID_NUMBER, PHONE, NAME = "320200199001010013", "13812345678", "王小明"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What was logged since last asked, as objects."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)


def test_personal_values_are_blotted_out_however_deep_they_lie(lines: Lines) -> None:
    logs.configure("INFO")
    structlog.get_logger("test").info(
        "told",
        name=NAME,
        detail={"name": NAME, "rows": [{"id_number": ID_NUMBER}, f"call {PHONE}"]},
        some=(ID_NUMBER, ValueError(ID_NUMBER)),
        count=3,
    )
    (line,) = lines()
    assert line["count"] == 3
    assert line["level"] == "info"
    told = json.dumps(line, ensure_ascii=False)
    assert not any(value in told for value in (NAME, ID_NUMBER, PHONE))


def test_the_lines_of_libraries_are_json_and_scrubbed_too(lines: Lines) -> None:
    logs.configure("INFO")
    logging.getLogger("library").warning("number %s, Bearer %s", ID_NUMBER, "abcdef")
    try:
        raise ValueError(f"{PHONE}: DETAIL: Failing row contains (1, {NAME}, 1990-01-01).")
    except ValueError:
        logging.getLogger("library").exception("broken")
    first, second = lines()
    assert first["event"] == "number [id number], Bearer [secret]"
    assert "ValueError" in second["exception"]
    assert not any(value in json.dumps(second, ensure_ascii=False) for value in (NAME, PHONE))


def test_a_failed_statement_is_logged_with_the_requests_id_and_without_its_values(app: Flask, lines: Lines) -> None:
    def fail() -> str:
        values = {"name": NAME, "number": ID_NUMBER}
        db.session.execute(text("INSERT INTO no_such_table (name, number) VALUES (:name, :number)"), values)
        return ""

    logs.configure("INFO")
    app.add_url_rule("/api/v1/fail", view_func=fail)
    answer = app.test_client().get("/api/v1/fail", headers={"X-Request-Id": "probe-7"})
    assert answer.status_code in (500, 503)
    assert answer.get_json()["request_id"] == "probe-7"
    found = lines()
    assert {line["request_id"] for line in found} == {"probe-7"}
    told = json.dumps(found, ensure_ascii=False)
    assert "no_such_table" in told
    assert NAME not in told
    assert ID_NUMBER not in told
    assert NAME not in answer.text
