"""What a training center's booking desk is told when a worker shows a code."""

from __future__ import annotations

from typing import Any

import pytest

from backend.audit import services as audit
from backend.training_centers import services as training_centers
from config.database import transaction
from tests.cast.credit_bank import bank
from tests.cast.plans import a_person
from tests.partner_api.conftest import Ask


def _code(worker_id: int) -> str:
    return transaction(lambda: training_centers.rotating_code(worker_id)).code


def test_a_center_is_told_name_in_mask_hours_credits_priority_and_rank_only(ask: Ask, center_key: str) -> None:
    person = a_person(1)
    bank(person.worker_id, 17 * 2700)
    answer = ask(center_key, "POST", "/balance", json={"code": _code(person.worker_id)})
    assert answer.get_json() == {
        "masked_name": "王*明",
        "learned_class_hours": 17,
        "credits": 1,
        "has_priority": True,
        "priority_until": None,
        "rank": 1,
    }
    (seen,) = training_centers.look_ups_of(person.worker_id)
    assert seen.center_name == "无锡市公共实训基地"
    (line,) = [entry for entry in audit.entries() if entry.action == "worker.looked_up"]
    assert line.actor.startswith("api_key:")


def test_a_code_is_good_once(ask: Ask, center_key: str) -> None:
    code = _code(a_person(1).worker_id)
    assert ask(center_key, "POST", "/balance", json={"code": code}).status_code == 200
    again = ask(center_key, "POST", "/balance", json={"code": code})
    assert (again.status_code, again.get_json()["code"]) == (409, "CODE_USED")


def test_an_unknown_code_is_not_found(ask: Ask, center_key: str) -> None:
    answer = ask(center_key, "POST", "/balance", json={"code": "23456789"})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "CODE_UNKNOWN")


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 5}, {"code": "x" * 41}, {"code": "x", "worker_id": 1}])
def test_a_body_that_cannot_be_right_is_refused(ask: Ask, center_key: str, body: dict[str, Any]) -> None:
    answer = ask(center_key, "POST", "/balance", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "INVALID_BODY")
