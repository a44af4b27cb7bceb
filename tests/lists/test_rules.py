"""What a hit on a list means: which list is asked, whose row it is, what the policy does with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lists import rules
from backend.lists.rules import Asked, Finding, Kind, ListInForce, ListRow, ListValues, Source

MARCH = date(2020, 3, 2)
FLAGS = ListValues("flag", "flag", "flag", "flag", "flag", "flag", "flag", superseded_kept_days=90)
OURS, THEIRS = "913202000000000001", "913202000000000002"
PERSON = Asked("row-1", "f" * 64, OURS)


def a_head(kind: Kind, serial: int = 1, office: str = "市社保中心", as_of_on: date = date(2020, 2, 29)) -> ListInForce:
    return ListInForce(UUID(int=serial), kind, office, as_of_on)


def a_row(kind: Kind, *, from_on: date | None = None, until_on: date | None = None, uscc: str | None = None) -> ListRow:
    head = a_head(kind)
    source = Source(head.list_id, kind, head.office, head.as_of_on, 37)
    return ListRow(source, PERSON.id_index, "3202**********0013", uscc, "", None, from_on, until_on)


def join(*rows: ListRow, person: Asked = PERSON, on: date = MARCH, actions: ListValues = FLAGS) -> list[Finding]:
    lists = [a_head(kind) for kind in rules.PEOPLE_KINDS]
    insured = a_row("insured", uscc=OURS)
    return list(rules.join_person(person, [*rows, insured], lists, on=on, actions=actions))


def test_who_stands_on_no_list_but_that_of_the_insured_is_not_mentioned() -> None:
    assert join() == []


def test_a_hit_names_office_day_and_row_and_no_person() -> None:
    (finding,) = join(a_row("pension", from_on=date(2019, 5, 1)))
    assert finding.code == "LIST_PENSION"
    assert not finding.refuses
    assert finding.source.row == 37
    assert finding.sentence == (
        "市社保中心提供的养老待遇领取人员名单（截至2020-02-29）第37行列有此人（2019-05-01起），请审核人员核实。"
    )


def test_the_policy_says_whether_a_hit_refuses() -> None:
    (finding,) = join(a_row("students"), actions=replace(FLAGS, students="refuse"))
    assert finding.refuses
    assert "不能列入" in finding.sentence


@pytest.mark.parametrize(
    ("from_on", "until_on", "hit"),
    [
        (MARCH, MARCH, True),
        (None, MARCH - timedelta(days=1), False),
        (MARCH + timedelta(days=1), None, False),
        (None, None, True),
    ],
)
def test_only_the_row_s_own_period_counts(from_on: date | None, until_on: date | None, hit: bool) -> None:
    assert bool(join(a_row("students", from_on=from_on, until_on=until_on))) is hit


def insured(*rows: ListRow, person: Asked = PERSON, lists: int = 1) -> list[str]:
    heads = [a_head("insured", serial) for serial in range(lists)]
    return [found.code for found in rules.join_person(person, rows, heads, on=MARCH, actions=FLAGS)]


def test_absence_from_the_insured_is_a_finding_only_where_there_is_a_list() -> None:
    assert insured() == ["LIST_NOT_INSURED"]
    assert insured(lists=0) == []
    assert insured(a_row("insured", until_on=date(2020, 1, 31))) == ["LIST_NOT_INSURED"], "no longer insured"


def test_being_insured_by_somebody_else_is_another_finding() -> None:
    assert insured(a_row("insured", uscc=THEIRS)) == ["LIST_INSURED_ELSEWHERE"]
    assert insured(a_row("insured", uscc=THEIRS), a_row("insured", uscc=OURS)) == [], "one job of two is ours"
    assert insured(a_row("insured", uscc=None)) == [], "the list names no employer"


def test_nobody_asks_for_insurance_of_dispatched_and_platform_workers() -> None:
    assert insured(person=replace(PERSON, insured_by=None)) == []


@given(st.lists(st.tuples(st.sampled_from(["甲局", "乙局"]), st.integers(0, 3)), max_size=6))
def test_of_each_office_the_newest_list_counts_and_the_last_taken_of_one_day(taken: list[tuple[str, int]]) -> None:
    heads = [
        a_head("pension", serial, office, date(2020, 1, 1) + timedelta(days=days))
        for serial, (office, days) in enumerate(taken)
    ]
    chosen = {head.office: head for head in rules.in_force(heads)}
    assert set(chosen) == {office for office, _ in taken}
    for office, head in chosen.items():
        own = [(other.as_of_on, other.list_id.int) for other in heads if other.office == office]
        assert (head.as_of_on, head.list_id.int) == max(own)
