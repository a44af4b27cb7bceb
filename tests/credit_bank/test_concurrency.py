"""Many writers at once, each on its own connection: the same seconds are drawn exactly once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from flask import Flask

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance
from config.database import db, transaction
from config.errors import Conflict
from tests.cast import credit_bank as cast


def at_once(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """Run each work in its own thread and transaction; what came of each: ``ok`` or the code of the refusal."""
    outcomes = [""] * len(works)
    start = threading.Barrier(len(works))

    def run(index: int) -> None:
        with app.app_context():
            start.wait()
            try:
                transaction(works[index])
                outcomes[index] = "ok"
            except Conflict as error:
                outcomes[index] = error.code
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def holding(worker: int, seconds: int, key: str) -> Callable[[], object]:
    return lambda: bank.hold(worker_id=worker, amount_seconds=seconds, key=key)


def test_sixteen_claims_for_the_same_seconds_draw_them_once(app: Flask) -> None:
    worker = cast.a_worker()
    for _ in range(8):
        cast.bank(worker, 100)
    outcomes = at_once(app, [holding(worker, 200, f"claim:{number}:hold") for number in range(16)])
    assert sorted(outcomes) == ["NOT_ENOUGH_CLAIMABLE"] * 12 + ["ok"] * 4
    assert bank.balance(worker_id=worker) == Balance(0, 800, 0, 800)
    assert bank.discrepancies() == []


def test_the_same_request_sent_eight_times_at_once_is_one_transfer(app: Flask) -> None:
    worker = cast.a_worker()
    cast.bank(worker, 1000)
    assert at_once(app, [holding(worker, 300, "claim:1:hold")] * 8) == ["ok"] * 8
    assert bank.balance(worker_id=worker).held_seconds == 300


def test_settling_and_releasing_one_hold_at_once_resolves_it_once(app: Flask) -> None:
    worker = cast.a_worker()
    cast.bank(worker, 1000)
    transaction(holding(worker, 600, "h"))
    works: list[Callable[[], object]] = [
        lambda: bank.settle(hold_key="h", key="s1"),
        lambda: bank.settle(hold_key="h", key="s2"),
        lambda: bank.release(hold_key="h", key="r1", reason="撤回"),
        lambda: bank.release(hold_key="h", key="r2", reason="撤回"),
    ]
    assert sorted(at_once(app, works)) == ["HOLD_RESOLVED"] * 3 + ["ok"]
    assert bank.discrepancies() == []


def test_reversing_twice_at_once_reverses_once(app: Flask) -> None:
    worker = cast.a_worker()
    cast.bank(worker, 1000)
    transaction(holding(worker, 600, "h"))
    transaction(lambda: bank.settle(hold_key="h", key="s"))
    works: list[Callable[[], object]] = [
        lambda: bank.reverse(transfer_key="s", key="f1", reason="查实", source="检查 1"),
        lambda: bank.reverse(transfer_key="s", key="f2", reason="查实", source="检查 2"),
    ]
    assert sorted(at_once(app, works)) == ["ALREADY_REVERSED", "ok"]
    assert bank.balance(worker_id=worker) == Balance(1000, 0, 0, 1000)


def test_first_deposits_of_one_worker_at_once_open_its_accounts_once(app: Flask) -> None:
    worker, records = cast.a_worker(), [cast.an_evidence_record() for _ in range(6)]

    def depositing(record: int) -> Callable[[], object]:
        return lambda: bank.deposit(
            worker_id=worker,
            use="claimable",
            amount_seconds=10,
            context_ref=None,
            evidence_record_id=record,
            key=f"session:{uuid.uuid4()}:claimable",
        )

    assert at_once(app, [depositing(record) for record in records]) == ["ok"] * 6
    assert bank.balance(worker_id=worker).claimable_seconds == 60
    assert bank.discrepancies() == []
