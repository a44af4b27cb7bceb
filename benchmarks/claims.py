"""What the claim of a whole class costs: ``python -m benchmarks.claims [--people 500] [--larger 10000]``.

Prints the milliseconds and the queries of ``compute_claim``, beside asking for the same facts person by person; those of
submitting the claim, of its documents (clause 三: rosters, records of teaching with eight lines a person, a certificate each,
without the evidence bundle), of the payment, each line with its hold or settlement sealed as a record of its own. With
``--larger`` the computing and the documents again for so many people, and what one person costs there against here, in time
of the processor, which other work on the machine stretches less.

All in the same run on the same kind of database (SQLite in a temporary folder, or empty ones by ``--database-url``, then
without ``--larger``). Compare the ratios, not the absolute figures.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from app import create_app
from backend.certificates.services import CertificateView
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.payments import services as payments
from backend.people import services as people
from backend.policies import services as policies
from backend.quizzes import services as quizzes
from backend.registers import pack
from backend.study import services as study
from config import clock
from config.database import Base, db, transaction
from config.settings import load
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from tests.cast import enterprises as companies
from tests.cast.claims import (
    Class,
    Office,
    a_named_account,
    an_office,
    confirm_account,
    hours,
    study_course_ids,
    submitted_claim,
)
from tests.cast.payments import a_batch, a_return, allotted, payable, released
from tests.cast.plans import Person, a_draft, a_long_course, approved, join, on_roster

ROUNDS = 3
LESSONS = 8
AT_ONCE = 250


class _Queries:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.sent = 0
        sa.event.listen(db.engine, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        self.sent += 1


@dataclass(frozen=True)
class _Cost:
    """Milliseconds, those of the processor (all threads), and queries of one piece of work."""

    ms: float
    processor_ms: float
    queries: int

    def line(self, what: str) -> str:
        """As it is printed."""
        return f"{what:<38}{self.ms:9.1f} ms  {self.processor_ms:9.1f} of processor  {self.queries:6d} queries"


def _cost(work: Callable[[], object], queries: _Queries, rounds: int = 1) -> _Cost:
    """The fastest of a few rounds, each with nothing loaded before."""
    costs = []
    for _ in range(rounds):
        db.session.remove()
        queries.sent, began, worked = 0, time.perf_counter(), time.process_time()
        work()
        costs.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
    return _Cost(*min(costs), queries.sent)


def _a_class(count: int, office: Office) -> Class:
    """An approved plan whose people have all joined, learned eight lessons of three class hours each, and passed."""
    persons = [_a_person(serial) for serial in range(count)]
    agent = companies.an_agent("agent.1")
    enterprise = companies.an_enterprise("无锡第1机械有限公司", serial=1, agent=agent)
    a_named_account(enterprise, agent)
    parts = [persons[start : start + AT_ONCE] for start in range(0, count, AT_ONCE)]
    for part in parts:
        on_roster(enterprise, part)
    plan = approved(a_draft(enterprise, a_long_course(), head_count=count), office.reviewer)
    group = Class(enterprise, plan, join(plan, persons), tuple(persons))
    for part in parts:
        transaction(partial(_learn, part, group.class_id))
        db.session.remove()
    return group


def _a_person(serial: int) -> Person:
    """The ``serial``-th worker; a day has ID numbers for 500 men only."""
    number = companies.id_number(serial % 500, born_on=date(1970, 1, 1) + timedelta(days=serial // 500))

    def sign_in() -> int:
        signed_in = people.sign_in_with_openid(openid=f"openid-person-{serial}", device="phone")
        caller = people.authenticate(signed_in.token)
        assert caller is not None
        people.give_consent(worker_id=caller.worker_id, version="2020-1")
        people.set_identity(worker_id=caller.worker_id, name="王小明", id_number=number)
        return caller.worker_id

    return Person(transaction(sign_in), "王小明", number)


def _learn(persons: Sequence[Person], class_id: uuid.UUID) -> None:
    courses, rules = study_course_ids(class_id), policies.quiz_rules(policies.current())
    for person in persons:
        study.check_in(worker_id=person.worker_id, class_id=class_id, device="phone")
        for _ in range(LESSONS):
            session = str(uuid.uuid4())
            record = evidence.seal(kind="session", body={"session": session})
            credit_bank.deposit(
                worker_id=person.worker_id,
                use="claimable",
                amount_seconds=hours(24 // LESSONS),
                context_ref=class_id,
                evidence_record_id=record.record_id,
                key=f"session:{session}:claimable",
            )
        _pass_quiz(person, class_id, courses, rules)


def _pass_quiz(person: Person, class_id: uuid.UUID, courses: list[uuid.UUID], rules: Any) -> None:
    opened = quizzes.open_attempt(
        worker_id=person.worker_id, subject_ref=class_id, course_public_ids=courses, rules=rules
    )
    answers = {
        question.question_id: [option.key for option in question.options if option.text.startswith("正确")]
        for question in opened.questions
    }
    quizzes.submit_attempt(worker_id=person.worker_id, attempt_id=opened.attempt_id, answers=answers)


def _one_by_one(group: Class) -> None:
    """The facts of everybody in the class, asked for as for one worker."""
    for person in group.persons:
        credit_bank.claimable_in(worker_id=person.worker_id, context_ref=group.class_id)
        sessions.check_ins(person_ref=people.learner_ref(person.worker_id), context_ref=group.class_id)
        quizzes.best_result(person.worker_id, group.class_id)
        claims.drawn_fen([person.worker_id], group.plan.policy_id)


def _address_of(shown: CertificateView) -> str:
    return f"https://example.org/public/certificates/{shown.code}"


def _documents(claim: ClaimView) -> None:
    make = partial(
        pack.claim_pack, claim_id=claim.claim_id, actor="staff:agent", address_of=_address_of, with_evidence=False
    )
    transaction(make)


def _sealed() -> int:
    return db.session.scalar(sa.text("SELECT COUNT(*) FROM evidence_record")) or 0


def _measure(count: int, *, pays: bool) -> tuple[_Cost, _Cost]:
    """Everything for a class of so many; gives the costs of computing and of the documents."""
    Base.metadata.create_all(db.engine)
    office = an_office()
    group = _a_class(count, office)
    queries = _Queries()
    sealed = _sealed()
    submitted = _cost(partial(submitted_claim, group.plan), queries)
    claim = claims.claims_of_enterprise(group.enterprise.id)[0]
    assert claim.total_fen == count * 44_400
    sealed = _sealed() - sealed
    compute = _cost(partial(claims.compute_claim, plan_id=group.plan.plan_id), queries, ROUNDS)
    single = _cost(partial(_one_by_one, group), queries)
    documents = _cost(partial(_documents, claim), queries, ROUNDS)
    print(compute.line(f"compute_claim for {count} people"))
    print(f"{single.line('their facts one by one')}  ratio {compute.ms / single.ms:.2f}")
    print(f"{submitted.line('certificates, submit_claim, holds')}  {submitted.ms / sealed:.2f} ms a record")
    print(f"{documents.line('documents of the claim')}  ratio {documents.ms / single.ms:.2f}")
    if pays:
        print(_pay(claim, office, queries).line("the bank's return: settled, booked"))
    return compute, documents


def _pay(claim: ClaimView, office: Office, queries: _Queries) -> _Cost:
    """Taking the bank's return file in, after approval, notice and batch."""
    allotted(office, claim.total_fen)
    confirm_account(enterprises.enterprise_by_id(claim.enterprise_id), office)
    payable(claim, office)
    batch = released(a_batch(office), office)
    content = a_return(batch)
    take = partial(payments.take_return, batch_id=batch.batch_id, content=content, staff=office.cashier)
    return _cost(partial(transaction, take), queries)


def _run(count: int, database_url: str, *, pays: bool) -> tuple[_Cost, _Cost]:
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{folder}/claims.sqlite3"
        application = create_app(load({}, mode="development", database_url=url, data_dir=folder, log_level="WARNING"))
        clock.configure(clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00")))
        with application.app_context():
            return _measure(count, pays=pays)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the claim of a whole class costs.")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--larger", type=int, default=0)
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    if not 1 <= arguments.people <= 10_000 or (arguments.larger and arguments.database_url):
        parser.error("--people takes 1 to 10000; --larger makes its own databases")
    here = _run(arguments.people, arguments.database_url, pays=True)
    if arguments.larger:
        there = _run(arguments.larger, "", pays=False)
        for what, few, many in zip(("compute_claim", "documents"), here, there, strict=True):
            ratio = (many.processor_ms / arguments.larger) / (few.processor_ms / arguments.people)
            print(f"{what}: a person among {arguments.larger} costs {ratio:.2f} of one among {arguments.people}")


if __name__ == "__main__":
    main()
