"""What the claim of a whole class costs: ``python -m benchmarks.claims [--people 500]``.

Prints the milliseconds and the queries of ``compute_claim``, beside asking for the same facts person by person; then those
of submitting the claim and of paying it, each line with its hold or settlement, each of these sealed as a record of its own.
All in the same run on the same database (SQLite in a temporary folder, or an empty one by ``--database-url``). Compare the
ratios, not the absolute figures.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app import create_app
from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.payments import services as payments
from backend.people import services as people
from backend.quizzes import services as quizzes
from config import clock
from config.database import Base, db, transaction
from config.settings import load
from learning_records.sessions import services as sessions
from tests.cast.claims import Class, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.plans import a_person

ROUNDS = 5


class _Queries:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.sent = 0
        sa.event.listen(db.engine, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        self.sent += 1


def _best_of(work: Callable[[], object], queries: _Queries) -> tuple[float, int]:
    """Milliseconds of the fastest of a few rounds, each with nothing loaded before, and its queries."""
    fastest = float("inf")
    for _ in range(ROUNDS):
        db.session.remove()
        queries.sent, began = 0, time.perf_counter()
        work()
        fastest = min(fastest, (time.perf_counter() - began) * 1000)
    return fastest, queries.sent


def _once(work: Callable[[], object], queries: _Queries) -> tuple[float, int]:
    """Milliseconds of what can be done only once, with nothing loaded before, and its queries."""
    db.session.remove()
    queries.sent, began = 0, time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000, queries.sent


def _sealed() -> int:
    return db.session.scalar(sa.text("SELECT COUNT(*) FROM evidence_record")) or 0


def _newest_claim(group: Class) -> UUID:
    return claims.claims_of_enterprise(group.enterprise.id)[0].claim_id


def _one_by_one(group: Class) -> None:
    """The facts of everybody in the class, asked for as for one worker."""
    for person in group.persons:
        credit_bank.claimable_in(worker_id=person.worker_id, context_ref=group.class_id)
        sessions.check_ins(person_ref=people.learner_ref(person.worker_id), context_ref=group.class_id)
        quizzes.best_result(person.worker_id, group.class_id)
        claims.drawn_fen([person.worker_id], group.plan.policy_id)


def _measure(count: int) -> None:
    Base.metadata.create_all(db.engine)
    office = an_office()
    group = a_class([a_person(serial) for serial in range(count)], office)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    queries = _Queries()
    preview = claims.compute_claim(plan_id=group.plan.plan_id)
    assert preview.total_fen == count * 44_400
    whole, sent = _best_of(lambda: claims.compute_claim(plan_id=group.plan.plan_id), queries)
    single, sent_single = _best_of(lambda: _one_by_one(group), queries)
    sealed = _sealed()
    submitted, sent_to_submit = _once(lambda: submitted_claim(group.plan), queries)
    approve_twice(claims.claim_view(_newest_claim(group)), office)
    batch = transaction(lambda: payments.create_batch(staff=office.cashier))
    release = partial(payments.pay_batch, batch_id=batch.batch_id, staff=office.releaser)
    paid, sent_to_pay = _once(lambda: transaction(release), queries)
    sealed = _sealed() - sealed
    db.session.remove()
    print(f"compute_claim for {count} people    {whole:8.1f} ms  {sent:6d} queries")
    print(f"their facts one by one        {single:8.1f} ms  {sent_single:6d} queries")
    print(f"ratio                         {whole / single:8.2f}")
    print(f"submit_claim, holds and all   {submitted:8.1f} ms  {sent_to_submit:6d} queries")
    print(f"pay_batch, settlements and all{paid:8.1f} ms  {sent_to_pay:6d} queries")
    print(f"records sealed by both        {sealed:8d}  {(submitted + paid) / sealed:8.2f} ms a record")


def _run(count: int, database_url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{folder}/claims.sqlite3"
        application = create_app(load({}, mode="development", database_url=url, data_dir=folder, log_level="WARNING"))
        clock.configure(clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00")))
        with application.app_context():
            _measure(count)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the claim of a whole class costs.")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    if not 1 <= arguments.people <= 500:
        parser.error("--people takes 1 to 500")
    _run(arguments.people, arguments.database_url)


if __name__ == "__main__":
    main()
