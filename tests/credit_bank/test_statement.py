"""The credit bank as a worker and an auditor read it: deposits, claims, reversals, statements."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance
from config import clock as house_clock
from config.database import transaction
from config.errors import Conflict, DomainError, Invalid, NotFound
from tests.cast import credit_bank as cast

HOUR = 2700


def write(work: Callable[[], Any]) -> Any:
    return transaction(work)


def refused(code: str, work: Callable[[], Any], kind: type[DomainError] = Conflict) -> None:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code
    assert bank.discrepancies() == []


def test_a_claim_from_deposit_to_payment(app: Flask) -> None:
    worker, course = cast.a_worker(), uuid.uuid4()
    for _ in range(25):
        cast.bank(worker, HOUR, course)
    assert bank.balance(worker_id=worker) == Balance(25 * HOUR, 0, 0, 25 * HOUR)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=24 * HOUR, context_ref=course, key="claim:1:hold"))
    assert bank.balance(worker_id=worker) == Balance(HOUR, 24 * HOUR, 0, 25 * HOUR)
    assert bank.claimable_in(worker_id=worker, context_ref=course) == HOUR
    write(lambda: bank.settle(hold_key="claim:1:hold", key="claim:1:settle"))
    assert bank.balance(worker_id=worker) == Balance(HOUR, 0, 24 * HOUR, 25 * HOUR)
    assert bank.trial_balance() == 0
    assert bank.discrepancies() == []
    refused("NOT_ENOUGH_CLAIMABLE", lambda: bank.hold(worker_id=worker, amount_seconds=HOUR + 1, key="claim:2:hold"))


def test_a_rejected_claim_gives_back_the_very_lots_it_took(app: Flask) -> None:
    worker, course = cast.a_worker(), uuid.uuid4()
    first, second = cast.bank(worker, 1000, course), cast.bank(worker, 1000, course)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=1500, context_ref=course, key="a"))
    assert [(slice_.deposit_key, slice_.seconds) for slice_ in bank.lots_of(transfer_key="a")] == [
        (first, 1000),
        (second, 500),
    ]
    write(lambda: bank.release(hold_key="a", key="a:release", reason="申领已撤回"))
    assert bank.balance(worker_id=worker) == Balance(2000, 0, 0, 2000)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=1500, context_ref=course, key="b"))
    assert [slice_.deposit_key for slice_ in bank.lots_of(transfer_key="b")] == [first, second]
    assert bank.discrepancies() == []


def test_a_partly_settled_hold_keeps_the_rest_until_it_is_released(app: Flask) -> None:
    worker = cast.a_worker()
    cast.bank(worker, 1000)
    cast.bank(worker, 1000)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=1800, key="h"))
    write(lambda: bank.settle(hold_key="h", key="h:1", amount_seconds=1200))
    assert bank.balance(worker_id=worker) == Balance(200, 600, 1200, 2000)
    refused("HOLD_TOO_SMALL", lambda: bank.settle(hold_key="h", key="h:2", amount_seconds=601))
    write(lambda: bank.release(hold_key="h", key="h:3", reason="其余不予核定"))
    assert bank.balance(worker_id=worker) == Balance(800, 0, 1200, 2000)
    refused("HOLD_RESOLVED", lambda: bank.settle(hold_key="h", key="h:4"))
    refused("HOLD_RESOLVED", lambda: bank.release(hold_key="h", key="h:5", reason="再次解除"))


def test_a_hold_takes_only_from_its_class(app: Flask) -> None:
    worker, mine, other = cast.a_worker(), uuid.uuid4(), uuid.uuid4()
    cast.bank(worker, 500, other)
    cast.bank(worker, 900, mine)
    refused(
        "NOT_ENOUGH_CLAIMABLE",
        lambda: bank.hold(worker_id=worker, amount_seconds=901, context_ref=mine, key="h"),
    )
    write(lambda: bank.hold(worker_id=worker, amount_seconds=900, context_ref=mine, key="h"))
    assert bank.claimable_in(worker_id=worker, context_ref=mine) == 0
    assert bank.claimable_in(worker_id=worker, context_ref=other) == 500


def test_learned_seconds_are_never_claimed(app: Flask) -> None:
    worker = cast.a_worker()
    record = cast.an_evidence_record()
    write(
        lambda: bank.deposit(
            worker_id=worker,
            use="learned",
            amount_seconds=9000,
            context_ref=None,
            evidence_record_id=record,
            key="s:learned",
        )
    )
    refused("NOT_ENOUGH_CLAIMABLE", lambda: bank.hold(worker_id=worker, amount_seconds=1, key="h"))
    assert bank.balance(worker_id=worker) == Balance(0, 0, 0, 9000)


def test_the_same_key_writes_once_and_other_content_is_a_conflict(app: Flask) -> None:
    worker, record = cast.a_worker(), cast.an_evidence_record()

    def deposit(seconds: int = 100) -> Any:
        return bank.deposit(
            worker_id=worker,
            use="claimable",
            amount_seconds=seconds,
            context_ref=None,
            evidence_record_id=record,
            key="session:1:claimable",
        )

    first = write(deposit)
    assert write(deposit) == first
    refused("TRANSFER_KEY_REUSED", lambda: deposit(101))
    for again in (1, 2):
        held = write(lambda: bank.hold(worker_id=worker, amount_seconds=60, key="h"))
        settled = write(lambda: bank.settle(hold_key="h", key="h:s"))
        undone = write(lambda: bank.reverse(transfer_key="h:s", key="r", reason="查实", source="检查记录 7"))
        assert (held.kind, settled.kind, undone.kind) == ("hold", "settle", "reverse"), again
    refused("TRANSFER_KEY_REUSED", lambda: bank.settle(hold_key="h", key="h"))
    refused(
        "TRANSFER_KEY_REUSED", lambda: bank.reverse(transfer_key="h:s", key="r", reason="另一理由", source="检查记录 7")
    )
    assert bank.balance(worker_id=worker) == Balance(100, 0, 0, 0)


def test_a_reversed_settlement_can_be_claimed_again_with_the_same_seconds(app: Flask) -> None:
    worker = cast.a_worker()
    first, second = cast.bank(worker, 700), cast.bank(worker, 700)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=1000, key="h"))
    write(lambda: bank.settle(hold_key="h", key="h:s"))
    write(lambda: bank.reverse(transfer_key="h:s", key="f:1", reason="申领作废", source="检查结论 2020-17"))
    assert bank.balance(worker_id=worker) == Balance(1400, 0, 0, 1400)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=1000, key="h2"))
    assert [(item.deposit_key, item.seconds) for item in bank.lots_of(transfer_key="h2")] == [
        (first, 700),
        (second, 300),
    ]
    refused("ALREADY_REVERSED", lambda: bank.reverse(transfer_key="h:s", key="f:2", reason="再次", source="同上"))


def test_a_deposit_is_reversed_only_while_no_claim_uses_it(app: Flask) -> None:
    worker = cast.a_worker()
    key = cast.bank(worker, 1000)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=1, key="h"))
    refused(
        "DEPOSIT_IN_USE", lambda: bank.reverse(transfer_key=key, key="f", reason="代学查实", source="检查结论 2020-18")
    )
    write(lambda: bank.release(hold_key="h", key="h:r", reason="申领驳回"))
    write(lambda: bank.reverse(transfer_key=key, key="f", reason="代学查实", source="检查结论 2020-18"))
    found = bank.reversal_of(transfer_key=key)
    assert found is not None
    assert found.key == "f"
    assert bank.balance(worker_id=worker) == Balance(0, 0, 0, 1000)
    assert bank.discrepancies() == []


def test_what_cannot_be_reversed_or_resolved(app: Flask) -> None:
    worker = cast.a_worker()
    deposited = cast.bank(worker, 1000)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=10, key="h"))
    refused("NOT_REVERSIBLE", lambda: bank.reverse(transfer_key="h", key="f", reason="理由", source="来源"))
    refused("REASON_MISSING", lambda: bank.reverse(transfer_key=deposited, key="f", reason=" ", source="来源"), Invalid)
    refused("SOURCE_MISSING", lambda: bank.reverse(transfer_key=deposited, key="f", reason="理由", source=""), Invalid)
    refused("REASON_MISSING", lambda: bank.release(hold_key="h", key="r", reason=""), Invalid)
    refused("TRANSFER_NOT_FOUND", lambda: bank.reverse(transfer_key="?", key="f", reason="理由", source="来"), NotFound)
    refused("HOLD_NOT_FOUND", lambda: bank.settle(hold_key="?", key="s"), NotFound)
    refused("HOLD_NOT_FOUND", lambda: bank.settle(hold_key=deposited, key="s"), NotFound)
    refused("AMOUNT_INVALID", lambda: bank.hold(worker_id=worker, amount_seconds=0, key="x"), Invalid)
    refused("AMOUNT_INVALID", lambda: bank.hold(worker_id=worker, amount_seconds=-5, key="x"), Invalid)
    refused("TRANSFER_KEY_INVALID", lambda: bank.hold(worker_id=worker, amount_seconds=1, key="a b"), Invalid)


def test_an_allowance_or_appeal_says_why(app: Flask) -> None:
    worker, record = cast.a_worker(), cast.an_evidence_record()

    def allow(reason: str) -> Any:
        return bank.deposit(
            worker_id=worker,
            use="claimable",
            amount_seconds=54,
            context_ref=None,
            evidence_record_id=record,
            key="allowance:1:claimable",
            kind="allowance",
            reason=reason,
        )

    refused("REASON_MISSING", lambda: allow(""), Invalid)
    assert write(lambda: allow("看满98%，依据四.2补足")).reason == "看满98%，依据四.2补足"


def test_balances_as_of_an_instant(app: Flask, clock: house_clock.FixedCalendar) -> None:
    worker = cast.a_worker()
    at: list[datetime] = []
    for seconds in (100, 200):
        cast.bank(worker, seconds)
        at.append(house_clock.now())
        clock.advance(3600)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=250, key="h"))
    assert bank.balance(worker_id=worker, as_of=at[0] - timedelta(seconds=1)) == Balance(0, 0, 0, 0)
    assert bank.balance(worker_id=worker, as_of=at[0]) == Balance(100, 0, 0, 100)
    assert bank.balance(worker_id=worker, as_of=at[1]) == Balance(300, 0, 0, 300)
    assert bank.balance(worker_id=worker, as_of=house_clock.now()) == bank.balance(worker_id=worker)
    assert bank.balance(worker_id=cast.a_worker()) == Balance(0, 0, 0, 0)


def test_a_statement_reads_like_a_bank_statement(app: Flask) -> None:
    worker, outsider = cast.a_worker(), cast.a_worker()
    cast.bank(outsider, 77)
    cast.bank(worker, 900)
    write(lambda: bank.hold(worker_id=worker, amount_seconds=600, key="h", reason="2020年3月申领"))
    write(lambda: bank.settle(hold_key="h", key="h:s", amount_seconds=400))
    write(lambda: bank.release(hold_key="h", key="h:r", reason="部分不予核定"))
    lines = bank.statement(worker_id=worker)
    assert [
        (line.title, line.amount_seconds, line.claimable_after_seconds, line.learned_after_seconds) for line in lines
    ] == [
        ("解除冻结", 200, 500, 900),
        ("补贴核销", 400, 300, 900),
        ("申领冻结", 600, 300, 900),
        ("存入", 900, 900, 900),
        ("存入", 900, 900, 0),
    ]
    page = bank.statement(worker_id=worker, limit=2)
    assert page == lines[:2]
    assert bank.statement(worker_id=worker, before=page[-1].id, limit=10) == lines[2:]
