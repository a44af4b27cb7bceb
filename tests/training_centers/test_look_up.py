"""A worker shows a code, a center asks once, and the worker sees that it asked."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from backend.audit import services as audit
from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.training_centers import rules, services
from backend.training_centers.models import CenterCode, CenterLookUp
from backend.training_centers.services import CenterView, Code, PriorityAnswer
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import DomainError
from learning_records.evidence import services as evidence
from tests.cast.enterprises import PASSWORD, id_number

HOUR = 2700


@pytest.fixture(autouse=True)
def _house(app: Flask) -> None:
    """Every test here has a database."""


@pytest.fixture
def center() -> CenterView:
    return _center("无锡市公共实训基地")


def _center(name: str) -> CenterView:
    return transaction(lambda: services.register_center(name=name, address="无锡市滨湖区某路1号"))


def _worker(serial: int = 0, *, name: str = "王小明", learned_seconds: int = 0) -> int:
    def make() -> int:
        signed_in = people.sign_in_with_openid(openid=f"openid-{uuid4()}", device="phone")
        caller = people.authenticate(signed_in.token)
        assert caller is not None
        worker_id = caller.worker_id
        people.give_consent(worker_id=worker_id, version="2020-02")
        people.set_identity(worker_id=worker_id, name=name, id_number=id_number(serial))
        if learned_seconds:
            record = evidence.seal(kind="session", body={"learned_seconds": learned_seconds})
            credit_bank.deposit(
                worker_id=worker_id,
                use="learned",
                amount_seconds=learned_seconds,
                context_ref=None,
                evidence_record_id=record.record_id,
                key=f"session:{uuid4()}:learned",
            )
        return worker_id

    return transaction(make)


def _code_of(worker_id: int) -> Code:
    return transaction(lambda: services.rotating_code(worker_id))


def _look_up(center: CenterView, code: str) -> PriorityAnswer:
    return transaction(lambda: services.look_up(center_id=center.id, code=code))


def _refusal(work: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def test_a_center_learns_the_masked_name_hours_credits_and_priority_and_nothing_else(center: CenterView) -> None:
    worker = _worker(learned_seconds=33 * HOUR + 2699)
    answer = _look_up(center, _code_of(worker).code)
    assert answer == PriorityAnswer(
        masked_name="王*明", learned_class_hours=33, credits=2, has_priority=True, priority_until=None, rank=1
    )


def test_nothing_learned_no_priority(center: CenterView) -> None:
    answer = _look_up(center, _code_of(_worker()).code)
    assert (answer.learned_class_hours, answer.credits, answer.has_priority) == (0, 0, False)


def test_a_code_is_good_for_one_look_up(center: CenterView) -> None:
    code = _code_of(_worker()).code
    _look_up(center, code)
    assert _refusal(lambda: _look_up(center, code)) == "CODE_USED"


def test_a_code_is_typed_as_people_type(center: CenterView) -> None:
    code = _code_of(_worker()).code
    assert _look_up(center, f" {code[:4].lower()}-{code[4:].lower()} ").masked_name == "王*明"


def test_a_code_lives_a_minute_of_real_time(center: CenterView, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = house_clock.real_now()
    code = _code_of(_worker())
    assert 59 < (code.expires_at - begun).total_seconds() < 70
    monkeypatch.setattr(house_clock, "real_now", lambda: code.expires_at)
    assert _refusal(lambda: _look_up(center, code.code)) == "CODE_EXPIRED"


def test_the_calendar_does_not_end_a_code(center: CenterView, clock: FixedCalendar) -> None:
    code = _code_of(_worker())
    clock.advance(86_400)
    assert _look_up(center, code.code).rank == 1


def test_a_new_code_ends_the_one_before(center: CenterView) -> None:
    worker = _worker()
    first, second = _code_of(worker), _code_of(worker)
    assert _refusal(lambda: _look_up(center, first.code)) == "CODE_UNKNOWN"
    assert _look_up(center, second.code).masked_name == "王*明"


def test_what_nobody_shows_is_unknown(center: CenterView) -> None:
    assert _refusal(lambda: _look_up(center, "23456789")) == "CODE_UNKNOWN"


def test_a_refused_look_up_leaves_the_code_alive(center: CenterView) -> None:
    code = _code_of(_worker()).code
    elsewhere = CenterView(id=999, public_id=center.public_id, name="", address="")
    assert _refusal(lambda: _look_up(elsewhere, code)) == "CENTER_UNKNOWN"
    assert _look_up(center, code).rank == 1


def test_only_the_digest_of_a_code_is_kept() -> None:
    code = _code_of(_worker()).code
    row = db.session.scalars(select(CenterCode)).one()
    assert code not in row.digest


def test_who_is_not_identified_has_no_code() -> None:
    signed_in = transaction(lambda: people.sign_in_with_openid(openid="openid-new", device="phone"))
    caller = people.authenticate(signed_in.token)
    assert caller is not None
    assert _refusal(lambda: _code_of(caller.worker_id)) == "CONSENT_REQUIRED"


def test_the_worker_sees_who_asked_and_the_trail_says_who_sat_at_the_desk(
    center: CenterView, clock: FixedCalendar
) -> None:
    worker, other = _worker(0, learned_seconds=HOUR), _worker(1, name="李四光")
    transaction(
        lambda: services.look_up(center_id=center.id, code=services.rotating_code(worker).code, actor="staff:clerk")
    )
    (seen,) = services.look_ups_of(worker)
    assert (seen.center_name, seen.at, seen.class_hours) == (center.name, clock(), 1)
    assert services.look_ups_of(other) == []
    (line,) = [entry for entry in audit.entries() if entry.action == "worker.looked_up"]
    assert (line.actor, line.detail) == ("staff:clerk", {"look_up": str(seen.public_id)})


def test_a_look_up_is_never_changed(center: CenterView) -> None:
    _look_up(center, _code_of(_worker()).code)
    with pytest.raises(DatabaseError, match="append-only"):
        transaction(lambda: db.session.execute(text("DELETE FROM center_look_up")))
    assert len(db.session.scalars(select(CenterLookUp)).all()) == 1


def test_rank_goes_by_priority_then_hours_then_arrival_on_the_day_at_the_center(
    center: CenterView, clock: FixedCalendar
) -> None:
    nothing, few, many = _worker(0), _worker(1, learned_seconds=2 * HOUR), _worker(2, learned_seconds=9 * HOUR)
    also_few = _worker(3, learned_seconds=2 * HOUR)
    ranks = []
    for worker in (nothing, few, many, also_few, nothing):
        ranks.append(_look_up(center, _code_of(worker).code).rank)
        clock.advance(60)
    assert ranks == [1, 1, 1, 3, 4]
    assert _look_up(_center("江阴实训基地"), _code_of(nothing).code).rank == 1
    clock.set("2020-03-03T00:00:00+08:00")
    assert _look_up(center, _code_of(nothing).code).rank == 1


def test_asking_again_keeps_the_place_of_the_first_arrival(center: CenterView, clock: FixedCalendar) -> None:
    early, late = _worker(0), _worker(1)
    assert _look_up(center, _code_of(early).code).rank == 1
    clock.advance(60)
    assert _look_up(center, _code_of(late).code).rank == 2
    clock.advance(60)
    assert _look_up(center, _code_of(early).code).rank == 1


def test_an_order_the_house_does_not_know_is_not_guessed() -> None:
    visitor = rules.Visitor(1, True, 3, house_clock.real_now())
    with pytest.raises(ValueError, match="reserved_seats"):
        rules.rank(visitor, [], ("reserved_seats",))


def test_codes_hold_no_character_that_is_misread() -> None:
    codes = {rules.new_code(Random(seed)) for seed in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) & set("01OIL")


def test_a_clerk_works_at_one_desk(center: CenterView) -> None:
    def account(username: str, role: str) -> int:
        return transaction(
            lambda: people.create_staff_account(username=username, display_name="窗口", password=PASSWORD, role=role).id
        )

    clerk, agent, other = account("clerk", "desk_clerk"), account("agent", "agent"), _center("江阴实训基地")
    for _ in range(2):
        transaction(lambda: services.add_clerk(center_id=center.id, staff_id=clerk))
    assert services.center_of_clerk(clerk) == center
    assert services.center_of_clerk(agent) is None
    assert _refusal(lambda: transaction(lambda: services.add_clerk(center_id=other.id, staff_id=clerk))) == (
        "CLERK_ELSEWHERE"
    )
    assert _refusal(lambda: transaction(lambda: services.add_clerk(center_id=other.id, staff_id=agent))) == (
        "CLERK_ROLE_REQUIRED"
    )


def test_two_centers_of_one_name_are_refused(center: CenterView) -> None:
    assert _refusal(lambda: _center(center.name)) == "CENTER_EXISTS"
