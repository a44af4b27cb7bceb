"""Registering enterprises, keeping rosters, and tying a roster row to the worker who joins."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.enterprises.models import RosterEntry
from backend.enterprises.services import EnterpriseView, RosterEntryView, RosterReport
from backend.people import services as people
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import DomainError
from tests.cast.enterprises import (
    MARCH,
    PASSWORD,
    a_roster,
    an_agent,
    an_enterprise,
    id_number,
    roster_row,
    roster_workbook,
)

MESSY = (Path(__file__).parents[1] / "data" / "roster-messy.xlsx").read_bytes()


@pytest.fixture(autouse=True)
def _house(app: Flask) -> None:
    """Every test here has a database."""


def _code(work: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal:
        transaction(work)
    return refusal.value.code


def _import(enterprise: EnterpriseView, rows: list[list[Any]], on: date = MARCH) -> RosterReport:
    return transaction(
        lambda: enterprises.import_roster(enterprise_id=enterprise.id, workbook=roster_workbook(rows), on=on)
    )


def _register(
    staff_id: int,
    *,
    name: str = "无锡某企业",
    uscc: str = "91350100M000100Y43",
    kind: str = "ordinary",
    confirmed: bool = False,
) -> EnterpriseView:
    return enterprises.register_enterprise(
        name=name, uscc=uscc, kind=kind, business_scope="", agent_staff_id=staff_id, uscc_confirmed=confirmed
    )


def _worker(name: str, number: str) -> int:
    def make() -> int:
        openid = f"openid-{uuid.uuid4()}"
        signed_in = people.sign_in_with_openid(openid=openid, device="phone")
        caller = people.authenticate(signed_in.token)
        assert caller is not None
        people.give_consent(worker_id=caller.worker_id, version="2020-02")
        people.set_identity(worker_id=caller.worker_id, name=name, id_number=number)
        return caller.worker_id

    return transaction(make)


def test_an_agent_registers_an_enterprise_and_finds_it_again() -> None:
    agent = an_agent()
    enterprise = an_enterprise(agent=agent, declares_affected=False)
    assert enterprises.enterprises_of_agent(agent.id) == [enterprise]
    assert enterprises.get_enterprise(enterprise.public_id) == enterprise
    assert (enterprise.region, enterprise.kind_to_review, enterprise.affected_declared_at) == ("wuxi", False, None)


def test_a_failed_check_digit_waits_for_a_person_and_remembers_who_it_was() -> None:
    agent, code = an_agent(), "91350211M0000XUF46"
    assert _code(lambda: _register(agent.id, uscc=code)) == "USCC_CHECK_DIGIT_UNCONFIRMED"
    assert transaction(lambda: _register(agent.id, uscc=code, confirmed=True)).uscc_confirmed
    (registered,) = [entry for entry in audit.entries() if entry.action == "enterprise.registered"]
    assert registered.actor == f"staff:{agent.public_id}"
    assert registered.detail == {"check_digit_confirmed": True}


def test_one_code_one_enterprise() -> None:
    taken = an_enterprise().uscc
    other = an_agent("agent.other")
    assert _code(lambda: _register(other.id, uscc=taken)) == "ENTERPRISE_EXISTS"


def test_only_an_agents_account_acts_for_an_enterprise() -> None:
    enterprise = an_enterprise()
    reviewer = transaction(
        lambda: people.create_staff_account(
            username="reviewer", display_name="审核", password=PASSWORD, role="reviewer"
        )
    )
    assert _code(lambda: enterprises.add_agent(enterprise_id=enterprise.id, staff_id=reviewer.id)) == (
        "AGENT_ROLE_REQUIRED"
    )


def test_another_agent_does_not_see_the_enterprise() -> None:
    enterprise, outsider = an_enterprise(), an_agent("agent.outsider")
    assert enterprises.enterprises_of_agent(outsider.id) == []
    assert (
        _code(lambda: enterprises.enterprise_of_agent(staff_id=outsider.id, public_id=enterprise.public_id))
        == "ENTERPRISE_UNKNOWN"
    )


def test_labour_dispatch_in_the_scope_of_an_ordinary_company_is_shown_to_the_reviewer() -> None:
    scope = "机械加工；劳务派遣经营"
    assert an_enterprise(serial=1, business_scope=scope).kind_to_review
    assert not an_enterprise("派遣公司", serial=2, kind="dispatch_company", business_scope=scope).kind_to_review


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [("无锡某企业", "school", "ENTERPRISE_KIND_INVALID"), ("x", "ordinary", "ENTERPRISE_NAME_INVALID")],
)
def test_what_is_no_enterprise_is_refused(name: str, kind: str, code: str) -> None:
    agent = an_agent()
    assert _code(lambda: _register(agent.id, name=name, kind=kind)) == code


def test_the_good_rows_of_the_messy_roster_are_kept_and_the_same_file_again_changes_nothing() -> None:
    enterprise = an_enterprise()
    first = transaction(lambda: enterprises.import_roster(enterprise_id=enterprise.id, workbook=MESSY, on=MARCH))
    assert first.counts() == {"ok": 27, "flagged": 1, "refused": 12}
    assert (first.created, first.updated, first.unchanged) == (28, 0, 0)
    before = enterprises.roster(enterprise.id)
    trail = len(audit.entries())
    second = transaction(lambda: enterprises.import_roster(enterprise_id=enterprise.id, workbook=MESSY, on=MARCH))
    assert second.rows == first.rows
    assert (second.created, second.updated, second.unchanged) == (0, 0, 28)
    assert enterprises.roster(enterprise.id) == before
    assert len(audit.entries()) == trail
    flagged = [entry for entry in before if entry.flags]
    assert [set(entry.flags) for entry in flagged] == [{"over_retirement_age"}]


def test_a_changed_row_updates_and_the_trail_says_which_fields_without_saying_what() -> None:
    enterprise = an_enterprise()
    a_roster(enterprise, [roster_row()])
    changed = [roster_row(phone="13900000002", relation="劳务派遣", position="电工")]
    report = _import(enterprise, changed)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 0)
    (entry,) = enterprises.roster(enterprise.id)
    assert (entry.masked_phone, entry.relation, entry.position) == ("139****0002", "dispatched_in", "电工")
    (line,) = audit.entries(subject=f"roster_entry:{entry.public_id}")
    assert line.detail == {"changed": ["phone", "relation", "position"], "relation": "dispatched_in"}


def test_a_refused_row_does_not_touch_the_person_who_is_already_there() -> None:
    enterprise = an_enterprise()
    a_roster(enterprise, [roster_row()])
    report = _import(enterprise, [roster_row(phone="1"), roster_row("李四", id_number(9), "13900000003")])
    assert (report.created, report.updated) == (1, 0)
    assert [entry.masked_phone for entry in enterprises.roster(enterprise.id)] == ["138****0001", "139****0003"]


def test_nothing_personal_lies_in_the_table_in_clear() -> None:
    enterprise = an_enterprise()
    a_roster(enterprise, [roster_row()])
    row = db.session.scalars(select(RosterEntry)).one()
    kept = " ".join(repr(getattr(row, column.key)) for column in RosterEntry.__table__.columns)
    assert not any(secret in kept for secret in ("王小明", "320200199001010013", "13800000001"))
    (entry,) = enterprises.roster(enterprise.id)
    assert (entry.masked_name, entry.masked_id_number) == ("王*明", "3202**********0013")
    assert enterprises.roster_identity(entry.id).id_number == "320200199001010013"


def test_two_enterprises_may_employ_one_person_and_neither_sees_the_other() -> None:
    ours, theirs = an_enterprise(serial=1), an_enterprise("另一家企业", serial=2)
    a_roster(ours, [roster_row()])
    a_roster(theirs, [roster_row(position="焊工")])
    (own,) = enterprises.roster(ours.id)
    (foreign,) = enterprises.roster(theirs.id)
    assert (own.position, foreign.position) == ("装配工", "焊工")
    assert _code(lambda: enterprises.roster_entry_of(enterprise_id=ours.id, public_id=foreign.public_id)) == (
        "ROSTER_ENTRY_UNKNOWN"
    )


def test_a_worker_is_tied_to_the_row_with_the_same_id_number_only() -> None:
    enterprise = an_enterprise()
    a_roster(enterprise, [roster_row()])
    worker, stranger = _worker("王小明", "320200199001010013"), _worker("李四", id_number(9))

    def bind(who: int) -> RosterEntryView | None:
        return transaction(lambda: enterprises.bind_worker(enterprise_id=enterprise.id, worker_id=who))

    assert bind(stranger) is None
    bound = bind(worker)
    assert bound is not None
    assert (bound.worker_id, bound.flags) == (worker, {})
    assert bind(worker) == bound
    assert len(audit.entries(subject=f"roster_entry:{bound.public_id}")) == 1


def test_another_name_than_the_workers_own_is_flagged_until_it_is_mended() -> None:
    enterprise = an_enterprise()
    a_roster(enterprise, [roster_row(name="王晓明")])
    worker = _worker("王小明", "320200199001010013")
    bound = transaction(lambda: enterprises.bind_worker(enterprise_id=enterprise.id, worker_id=worker))
    assert bound is not None
    assert set(bound.flags) == {"name_differs"}
    assert _import(enterprise, [roster_row()]).updated == 1
    assert enterprises.roster(enterprise.id)[0].flags == {}


def test_declaring_twice_keeps_the_first_day(clock: FixedCalendar) -> None:
    agent = an_agent()
    enterprise = an_enterprise(agent=agent)
    clock.advance(3600)
    again = transaction(lambda: enterprises.declare_affected(enterprise_id=enterprise.id, staff_id=agent.id))
    assert again.affected_declared_at == enterprise.affected_declared_at
