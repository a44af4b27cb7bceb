"""The words of reminders fit WeChat's fields whatever the names are; how tasks are ordered; when the priority is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.messages import catalogue
from backend.reminders import rules
from backend.reminders.rules import Told

ID, NOON = UUID(int=1), datetime(2020, 3, 31, 4, tzinfo=UTC)
TODAY = date(2020, 3, 2)


@given(st.text(min_size=1, max_size=200), st.integers(0, 10**9), st.integers(1, 10**6))
def test_every_message_fits_its_template(name: str, fen: int, seconds: int) -> None:
    found: list[Told | None] = [
        rules.class_ends(1, ID, name, ends_on=TODAY, missing_seconds=seconds, until=NOON),
        rules.quiz_open(1, ID, name, until=NOON),
        rules.claim_in_name(1, ID, name, fen),
        rules.certificate_issued(1, ID, name, "锡线培证〔2020〕000001", TODAY),
        rules.appeal_answered(1, ID, upheld=bool(fen % 2), granted_seconds=seconds),
        rules.dispute_answered(1, ID, "身份证号被他人登记", upheld=bool(fen % 2)),
        rules.payment_made(1, ID, name, fen, TODAY),
        rules.priority_expires(1, TODAY, today=TODAY, until=NOON),
    ]
    for item in found:
        assert item is not None
        assert catalogue.check(item.template, item.data) == item.data
        assert all(value in catalogue.sentence(item.template, item.data) for value in item.data.values())
    assert len({item.key for item in found if item}) == len(found)


@pytest.mark.parametrize(("left", "stage"), [(31, None), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)])
def test_priority_is_told_in_the_last_month_and_in_the_last_week(left: int, stage: int | None) -> None:
    told = rules.priority_expires(1, TODAY + timedelta(days=left), today=TODAY, until=NOON)
    assert (told.key.split(":")[1].endswith(f"-{stage}") if told else None) == (True if stage else None)


def test_late_tasks_come_first_then_those_without_a_day_then_by_day() -> None:
    days = (10, None, 3, -1)
    tasks = [
        rules.task(
            "plan",
            "…",
            None if days_left is None else TODAY + timedelta(days=days_left),
            today=TODAY,
            subject="plan",
            subject_id=ID,
        )
        for days_left in days
    ]
    ordered = rules.in_order(tasks)
    assert [task.days_left for task in ordered] == [-1, None, 3, 10]
    assert [task.urgency for task in ordered] == ["late", "open", "soon", "later"]
