"""Deposits, holds, settlements, releases and reversals in any order: after every step the books are right."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backend.credit_bank import services as bank
from backend.credit_bank.rules import Balance, TransferView
from config.database import transaction
from config.errors import Conflict
from tests.cast import credit_bank as cast

SECONDS = st.integers(1, 400)
WALKS = itertools.count()


class Books(RuleBasedStateMachine):
    """The bank beside a model of four numbers for each of two workers."""

    deposits = Bundle("deposits")
    holds = Bundle("holds")
    settlements = Bundle("settlements")

    @initialize()
    def open(self) -> None:
        self.workers = [cast.a_worker(), cast.a_worker()]
        self.model = {worker: {"claimable": 0, "held": 0, "settled": 0, "learned": 0} for worker in self.workers}
        self.records = [cast.an_evidence_record() for _ in self.workers]
        self.keys = 0
        self.walk = next(WALKS)  # every walk has keys of its own in the one database

    def key(self) -> str:
        self.keys += 1
        return f"key:{self.walk}:{self.keys}"

    def attempt(self, work: Callable[[], TransferView]) -> TransferView | None:
        """The transfer, repeated once under its own key, or ``None`` when it was refused."""
        try:
            made = transaction(work)
        except Conflict:
            return None
        assert transaction(work) == made
        for kind, sign in ((made.from_kind, -1), (made.to_kind, 1)):
            if kind != "issued":
                self.model[made.worker_id][kind] += sign * made.amount_seconds
        return made

    @rule(target=deposits, who=st.integers(0, 1), use=st.sampled_from(["claimable", "learned"]), seconds=SECONDS)
    def deposit(self, who: int, use: Any, seconds: int) -> str:
        key = self.key()
        made = self.attempt(
            lambda: bank.deposit(
                worker_id=self.workers[who],
                use=use,
                amount_seconds=seconds,
                context_ref=None,
                evidence_record_id=self.records[who],
                key=key,
            )
        )
        assert made is not None
        return key

    @rule(target=holds, who=st.integers(0, 1), seconds=SECONDS)
    def hold(self, who: int, seconds: int) -> str:
        key, had = self.key(), self.model[self.workers[who]]["claimable"]
        made = self.attempt(lambda: bank.hold(worker_id=self.workers[who], amount_seconds=seconds, key=key))
        assert (made is not None) is (seconds <= had)
        return key if made else ""

    @rule(target=settlements, hold=holds, seconds=st.none() | SECONDS)
    def settle(self, hold: str, seconds: int | None) -> str:
        key = self.key()
        made = self.attempt(lambda: bank.settle(hold_key=hold, key=key, amount_seconds=seconds)) if hold else None
        return key if made else ""

    @rule(hold=holds)
    def release(self, hold: str) -> None:
        key = self.key()
        if hold:
            self.attempt(lambda: bank.release(hold_key=hold, key=key, reason="撤回"))

    @rule(transfer=st.one_of(deposits, settlements, holds))
    def reverse(self, transfer: str) -> None:
        key = self.key()
        if transfer:
            self.attempt(lambda: bank.reverse(transfer_key=transfer, key=key, reason="查实", source="检查结论"))

    @invariant()
    def books_are_right(self) -> None:
        if not hasattr(self, "model"):
            return
        assert bank.discrepancies() == []
        for worker, expected in self.model.items():
            found = bank.balance(worker_id=worker)
            assert found == Balance(*(expected[kind] for kind in ("claimable", "held", "settled", "learned")))
            assert min(expected.values()) >= 0


def test_the_books_are_right_after_every_step(app: Flask) -> None:
    run_state_machine_as_test(Books, settings=settings(max_examples=15, stateful_step_count=30))
