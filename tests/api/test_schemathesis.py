"""Whatever the OpenAPI description allows, and much that it does not, is answered without a server error."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from sqlalchemy import text

from backend.people import services as people
from backend.plans import services as plans
from backend.platforms import services as platforms
from config.database import db, transaction
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from tests.miniprogram_api.conftest import School

EXAMPLES = 15
DOORS = {"phone": ("/api/v1/phone/", 15), "partner": ("/api/v1/partner/", 4), "log": ("/log/", 8)}


@pytest.fixture
def known(school: School) -> dict[str, Any]:
    """What a caller may really have in hand: three tokens, and ids of things that exist. The log asks for no token."""
    playing = school.play()
    attempt = school.worker.post("/quizzes", {"class_id": str(school.class_id), "course_id": None})
    enterprise_id = UUID(str(db.session.scalar(text("SELECT public_id FROM enterprise"))))
    _, key = transaction(
        lambda: people.create_api_key(subject_kind="enterprise", subject_id=enterprise_id, name="人事系统")
    )
    platform = platforms.find_platform("kjcxchina").public_id
    _, platform_key = transaction(
        lambda: people.create_api_key(subject_kind="platform", subject_id=platform, name="记录系统")
    )
    record = transaction(lambda: evidence.seal(kind="note", body={}))
    log.sequence()
    return {
        "phone": school.worker.token,
        "partner": key,
        "platform": platform_key,
        "log": "none",
        "record_id": str(record.public_id),
        "level": "0",
        "place": "000.p/1",
        "session_id": playing.session_id,
        "course_id": str(school.course.public_id),
        "attempt_id": (attempt.get_json() or {}).get("attempt_id"),
        "class_id": str(school.class_id),
        "class_code": plans.class_view(school.class_id).class_code,
        "lesson_id": school.lesson_id,
    }


@pytest.mark.parametrize("door", list(DOORS))
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_operation_breaks_the_server(app: Flask, known: dict[str, Any], door: str, mode: GenerationMode) -> None:
    description = schemathesis.openapi.from_wsgi("/openapi.json", app)
    tried, (prefix, at_least) = 0, DOORS[door]
    for result in description.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if not operation.path.startswith(prefix) or operation.path.endswith("/logout"):
            continue
        tried += 1
        if mode is GenerationMode.NEGATIVE and not any(operation.iter_parameters()) and not operation.body:
            continue  # nothing to send, so nothing to send wrongly

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def probe(case: Any) -> None:
            token = known["platform"] if case.path.startswith("/api/v1/partner/records") else known[door]
            for name in case.path_parameters or {}:
                if known.get(name) and len(str(case.body)) % 2 == 0:
                    case.path_parameters[name] = known[name]
            if isinstance(case.body, dict):
                for name in ("class_id", "class_code", "lesson_id", "course_id"):
                    if isinstance(case.body.get(name), str) and known[name]:
                        case.body[name] = known[name]
            case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"}, checks=[not_a_server_error, _problem_or_success]
            )

        probe()
    assert tried >= at_least


def _problem_or_success(context: Any, response: Any, case: Any) -> None:
    """Every refusal is a problem document with a code; nothing answers 500 or an unexplained body."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], (case.path, response.status_code)
    body = response.json()
    assert body["code"], body
    assert body["detail"], body
