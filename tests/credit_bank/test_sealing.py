"""Every transfer is an evidence record of its own, in words an auditor can follow without our tables."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from backend.credit_bank import services as bank
from backend.credit_bank.services import Deposit, Hold
from backend.people import services as people
from config import clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict
from learning_records.evidence import services as evidence
from tests.cast import credit_bank as cast


def sealed(key: str) -> dict[str, Any]:
    """The body of a transfer's record."""
    query = text("SELECT id FROM evidence_record WHERE kind = 'transfer' AND subject = :subject")
    record_id = db.session.execute(query, {"subject": f"transfer:{key}"}).scalar_one()
    record = evidence.get_record(record_id=record_id)
    assert record.intact
    return record.body


def test_what_is_sealed_of_each_kind_of_transfer(app: Flask, clock: FixedCalendar) -> None:
    worker, context = cast.a_worker(), uuid.uuid4()
    person, at_ms = str(people.learner_ref(worker)), 1_583_110_800_000
    first, second = cast.bank(worker, 3_000, context), cast.bank(worker, 2_000, context)
    hold = transaction(
        lambda: bank.hold(worker_id=worker, amount_seconds=4_000, context_ref=context, key="h", reason="申领冻结")
    )
    clock.advance(60)
    transaction(lambda: bank.settle(hold_key="h", key="s", amount_seconds=3_500))
    transaction(lambda: bank.release(hold_key="h", key="r", reason="企业撤回"))
    transaction(lambda: bank.reverse(transfer_key="s", key="f", reason="抽查不符", source="检查结果1"))
    cited = bank.get_transfer(key=first).evidence_record_id
    assert cited is not None
    same = {"suite": "sha256-1", "kind": "transfer", "person": person, "context": str(context), "source": ""}
    empty: dict[str, Any] = {"evidence": None, "hold": None, "reverses": None, "reason": "", "draws": []}
    assert sealed(first) == same | empty | {
        "key": first,
        "transfer": "deposit",
        "from": "issued",
        "to": "claimable",
        "amount_seconds": 3_000,
        "evidence": str(evidence.get_record(record_id=cited).public_id),
        "at_ms": at_ms,
    }
    assert sealed("h") == same | empty | {
        "key": "h",
        "transfer": "hold",
        "from": "claimable",
        "to": "held",
        "amount_seconds": 4_000,
        "reason": "申领冻结",
        "at_ms": at_ms,
        "draws": [[first, 3_000], [second, 1_000]],
    }
    assert sealed("s") == same | empty | {
        "key": "s",
        "transfer": "settle",
        "from": "held",
        "to": "settled",
        "amount_seconds": 3_500,
        "hold": "h",
        "at_ms": at_ms + 60_000,
        "draws": [[first, 3_000], [second, 500]],
    }
    released, reversed_one = sealed("r"), sealed("f")
    assert (released["hold"], released["draws"], released["reason"]) == ("h", [[second, 500]], "企业撤回")
    assert (reversed_one["reverses"], reversed_one["source"]) == ("s", "检查结果1")
    assert (reversed_one["from"], reversed_one["to"]) == ("settled", "claimable")
    assert reversed_one["draws"] == [[first, 3_000], [second, 500]]
    assert hold.amount_seconds == 4_000
    assert bank.discrepancies() == []


def test_a_transfer_belongs_to_the_evidence_of_its_person_and_class(app: Flask) -> None:
    worker, context = cast.a_worker(), uuid.uuid4()
    key = cast.bank(worker, 100, context)
    row = db.session.execute(
        text("SELECT COUNT(*) FROM evidence_record WHERE subject = :subject AND person_ref IS NOT NULL "
             "AND context_ref IS NOT NULL"),
        {"subject": f"transfer:{key}"},
    ).scalar_one()  # fmt: skip
    assert row == 1


def test_a_transfer_that_is_refused_leaves_no_record(app: Flask) -> None:
    worker = cast.a_worker()
    cast.bank(worker, 100)
    with pytest.raises(Conflict, match="NOT_ENOUGH_CLAIMABLE"):
        transaction(lambda: bank.hold(worker_id=worker, amount_seconds=101, key="too-much"))
    query = "SELECT COUNT(*) FROM evidence_record WHERE subject = 'transfer:too-much'"
    assert db.session.execute(text(query)).scalar_one() == 0


def test_the_same_key_again_seals_nothing(app: Flask) -> None:
    worker = cast.a_worker()
    cast.bank(worker, 100)

    def hold() -> object:
        return bank.hold(worker_id=worker, amount_seconds=50, key="once")

    count = "SELECT COUNT(*) FROM evidence_record"
    assert transaction(hold) == transaction(hold)
    before = db.session.execute(text(count)).scalar_one()
    assert transaction(hold)
    assert db.session.execute(text(count)).scalar_one() == before


class _Many:
    """Three workers with 100 claimable seconds each."""

    def __init__(self) -> None:
        self.workers = [cast.a_worker() for _ in range(3)]
        for worker in self.workers:
            cast.bank(worker, 100)

    def holds(self, seconds: int) -> list[Hold]:
        return [Hold(worker, seconds, f"many:{worker}") for worker in self.workers]

    def held(self) -> list[int]:
        db.session.rollback()
        return [bank.balance(worker_id=worker).held_seconds for worker in self.workers]


def test_many_holds_are_made_settled_and_released_at_once(app: Flask) -> None:
    many = _Many()
    made = transaction(lambda: bank.hold_all(many.holds(60)))
    assert [view.worker_id for view in made] == many.workers
    assert many.held() == [60, 60, 60]
    settled = transaction(lambda: bank.settle_all({made[0].key: "s0", made[2].key: "s2"}))
    assert [(view.key, view.amount_seconds, view.worker_id) for view in settled] == [
        ("s0", 60, many.workers[0]),
        ("s2", 60, many.workers[2]),
    ]
    (released,) = transaction(lambda: bank.release_all({made[1].key: "r1"}, reason="撤回"))
    assert (released.key, released.to_kind) == ("r1", "claimable")
    assert many.held() == [0, 0, 0]
    assert bank.discrepancies() == []


def test_many_holds_again_with_one_new_among_them_make_only_that(app: Flask) -> None:
    many = _Many()
    first = transaction(lambda: bank.hold_all(many.holds(60)[:2]))
    again = transaction(lambda: bank.hold_all(many.holds(60)))
    assert again[:2] == first
    assert many.held() == [60, 60, 60]


def test_of_many_holds_all_are_made_or_none(app: Flask) -> None:
    many = _Many()
    transaction(lambda: bank.hold(worker_id=many.workers[1], amount_seconds=70, key="before"))
    with pytest.raises(Conflict, match="NOT_ENOUGH_CLAIMABLE"):
        transaction(lambda: bank.hold_all(many.holds(60)))
    assert many.held() == [0, 70, 0]
    with pytest.raises(Conflict, match="HOLD_RESOLVED"):
        transaction(lambda: bank.settle_all({"before": "s"}) and bank.settle_all({"before": "t"}))
    assert many.held() == [0, 70, 0]


def test_a_hold_nobody_made_settles_nothing(app: Flask) -> None:
    many = _Many()
    made = transaction(lambda: bank.hold_all(many.holds(60)))
    with pytest.raises(Exception, match="HOLD_NOT_FOUND"):
        transaction(lambda: bank.settle_all({made[0].key: "s0", "nobody": "s1"}))
    assert many.held() == [60, 60, 60]


def test_deposits_of_one_record_come_in_the_order_given(app: Flask) -> None:
    worker, record = cast.a_worker(), cast.an_evidence_record()
    deposits = [
        Deposit(worker, "learned", 90, None, record, "d:learned"),
        Deposit(worker, "claimable", 80, None, record, "d:claimable"),
        Deposit(worker, "learned", 5, None, record, "d:rest", "allowance", "学满补足"),
    ]
    made = transaction(lambda: bank.deposit_all(deposits))
    assert [(view.key, view.kind, view.to_kind, view.amount_seconds) for view in made] == [
        ("d:learned", "deposit", "learned", 90),
        ("d:claimable", "deposit", "claimable", 80),
        ("d:rest", "allowance", "learned", 5),
    ]
    assert made == [bank.get_transfer(key=view.key) for view in made]
    assert transaction(lambda: bank.deposit_all(deposits)) == made
    assert clock.epoch_ms(made[0].at) == sealed("d:learned")["at_ms"]
