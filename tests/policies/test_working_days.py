"""Working days: holidays and make-up days of China, what an office corrects, and where no calendar reaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.audit import services as audit
from backend.people.services import StaffView
from backend.policies import services
from backend.policies.reading import read_policy
from backend.policies.rules import Policy
from backend.policies.working_days import Counted, DayWindow, kind_of, notice_window, window_after
from config.database import db, transaction
from config.errors import Invalid, NotAllowed
from tests.cast import people as cast
from tests.policies.conftest import FILE

NOTICE = read_policy(FILE)


def day(text_: str) -> date:
    return date.fromisoformat(text_)


def closes(on: str, days: int, counted: Counted = "working") -> date:
    return window_after(day(on), days, counted=counted, corrections={}).closes_on


@pytest.mark.parametrize(
    ("posted", "days", "ends"),
    [
        ("2020-04-01", 5, "2020-04-09"),
        ("2020-04-28", 5, "2020-05-08"),
        ("2020-06-22", 5, "2020-06-30"),
        ("2020-09-28", 5, "2020-10-12"),
        ("2020-03-06", 3, "2020-03-11"),
        ("2020-01-23", 1, "2020-02-03"),
        ("2020-03-06", 0, "2020-03-06"),
        ("2090-03-03", 3, "2090-03-08"),
    ],
)
def test_working_days_know_the_holidays_of_2020(posted: str, days: int, ends: str) -> None:
    assert closes(posted, days) == day(ends)


@pytest.mark.parametrize(
    ("posted", "ends"),
    [("2020-04-01", "04-06"), ("2020-04-28", "05-03"), ("2020-06-22", "06-27"), ("2020-09-28", "10-03")],
)
def test_calendar_days_count_every_day(posted: str, ends: str) -> None:
    assert closes(posted, 5, "calendar") == day(f"2020-{ends}")


def test_the_notice_is_open_from_the_first_counted_day(policy: Policy, variant: Callable[..., Policy]) -> None:
    assert notice_window(day("2020-09-28"), policy, {}) == DayWindow(day("2020-09-29"), day("2020-10-12"), False)
    counting = variant(notice_posting_day_counted=("claim", True))
    assert notice_window(day("2020-09-28"), counting, {}) == DayWindow(day("2020-09-28"), day("2020-10-10"), False)
    assert notice_window(day("2020-10-01"), counting, {}).opens_on == day("2020-10-09")
    seven = variant(notice_days_are=("claim", "calendar"), notice_days=("claim", 7))
    assert notice_window(day("2020-09-28"), seven, {}).closes_on == day("2020-10-04")


def test_beyond_the_published_calendars_days_are_provisional() -> None:
    window = window_after(day("2089-09-28"), 5, counted="working", corrections={})
    assert window == DayWindow(day("2089-09-29"), day("2089-10-05"), True)
    said = {day("2089-09-29"): False}
    assert kind_of(day("2089-09-29"), said).said_by == "office"
    assert window_after(day("2089-09-28"), 5, counted="working", corrections=said).closes_on == day("2089-10-06")


@given(on=st.dates(day("2019-01-01"), day("2030-01-01")), days=st.integers(1, 30))
def test_a_window_holds_its_days_and_no_other(on: date, days: int) -> None:
    window = window_after(on, days, counted="working", corrections={})
    span = [date.fromordinal(each) for each in range(on.toordinal() + 1, window.closes_on.toordinal() + 1)]
    working = [each for each in span if kind_of(each, {}).working]
    assert (len(working), working[0], working[-1]) == (days, window.opens_on, window.closes_on)
    assert window.provisional is any(kind_of(each, {}).said_by == "weekday" for each in span)


@pytest.fixture
def bureau(app: Flask) -> StaffView:
    return cast.a_staff_member("bureau")


def correct(staff: StaffView, on: str, working: bool, reason: str = "苏政办发明电〔2020〕33号") -> None:
    transaction(lambda: services.correct_day(day=day(on), working=working, reason=reason, staff=staff))


def test_an_office_corrects_a_day_and_the_latest_word_stands(bureau: StaffView) -> None:
    assert services.working_days_after(day("2020-09-28"), 5) == day("2020-10-12")
    correct(bureau, "2020-10-09", False)
    assert services.notice_window(day("2020-09-28"), NOTICE).closes_on == day("2020-10-13")
    correct(bureau, "2020-10-08", True)
    assert services.working_days_after(day("2020-09-28"), 5) == day("2020-10-12")
    correct(bureau, "2020-10-09", True)
    assert services.working_days_after(day("2020-09-28"), 5) == day("2020-10-10")
    assert services.working_days_after(day("2020-10-09"), 1) == day("2020-10-10")
    made = services.correction_list(first=day("2020-10-01"), last=day("2020-10-31"))
    assert [(each.day.day, each.working, each.corrected_by) for each in made] == [
        (9, False, bureau.display_name),
        (8, True, bureau.display_name),
        (9, True, bureau.display_name),
    ]
    assert audit.entries(subject="day:2020-10-09")[0].actor == f"staff:{bureau.public_id}"


def test_who_may_correct_and_why_is_asked(bureau: StaffView) -> None:
    agent = cast.a_staff_member("agent")
    with pytest.raises(NotAllowed, match="CALENDAR_NOT_YOURS"):
        correct(agent, "2020-10-09", False)
    with pytest.raises(Invalid, match="CALENDAR_REASON_MISSING"):
        correct(bureau, "2020-10-09", False, reason="  ")
    assert services.corrections() == {}


def test_what_was_corrected_is_not_edited(bureau: StaffView) -> None:
    correct(bureau, "2020-10-09", False)
    for statement in ("UPDATE calendar_correction SET working = true", "DELETE FROM calendar_correction"):
        with pytest.raises(DBAPIError, match="append-only"):
            transaction(lambda statement=statement: db.session.execute(text(statement)))  # type: ignore[misc]
