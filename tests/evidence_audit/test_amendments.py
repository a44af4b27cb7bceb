"""An amendment changed by whoever has the database's password: what was asked for, and what was decided of it."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.plans import services as plans
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast import enterprises as companies
from tests.cast.amendments import somebody_more
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, approved, on_roster
from tests.evidence_audit.asking import audit, change, first


@pytest.fixture
def amendment(app: Flask, clock: FixedCalendar) -> str:
    """The public id of an approved amendment that added a person."""
    reviewer, enterprise = a_staff("reviewer.9", "reviewer"), companies.an_enterprise("无锡第九电子有限公司", serial=99)
    on_roster(enterprise, [a_person(301)])
    plan = approved(a_draft(enterprise, a_long_course(), head_count=1), reviewer)
    asked = somebody_more(enterprise, plan, a_person(302))
    transaction(lambda: reviews.approve_amendment(amendment_id=asked.amendment_id, staff=reviewer))
    status, report = audit(app)
    assert (status, report["differences"]) == (0, [])
    assert report["rows"]["amendment"] == plans.count_sealed_rows() == 1
    return str(asked.amendment_id)


@pytest.mark.parametrize(
    ("table", "assignment", "field"),
    [
        ("amended_person", "relation = 'dispatched_in'", "people[0].relation"),
        ("amended_person", "hired_on = '2020-01-01'", "people[0].hired_on"),
        ("plan_amendment", "head_count = 900", "head_count"),
        ("plan_amendment", "reason = '另有原因'", "reason"),
    ],
)
def test_what_was_asked_for_is_named(app: Flask, amendment: str, table: str, assignment: str, field: str) -> None:
    change(table, f"UPDATE {table} SET {assignment}")
    difference = first(app)
    assert (difference["row"], difference["field"]) == (f"amendment {amendment}", field)


def test_another_decision_than_was_made_is_named(app: Flask, amendment: str) -> None:
    change("plan_amendment", "UPDATE plan_amendment SET decision_reason = '都好'")
    difference = first(app)
    assert difference["part"] == "amendments"
    assert "都好" in difference["sentence"]
