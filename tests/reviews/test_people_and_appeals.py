"""What else waits for a reviewer: an account that moves to a new phone, and an appeal against uncounted time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from backend.audit import services as audit
from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.reviews import services as reviews
from backend.study import services as study
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, NotAllowed
from tests.cast.enterprises import an_agent
from tests.cast.people import a_visitor
from tests.cast.plans import a_person, a_staff
from tests.cast.study import a_schoolroom
from tests.study.phones import a_learner


@pytest.fixture
def moving(app: Flask) -> people.IdentityClaimView:
    """A person on a new phone, vouched for by the enterprise's agent."""
    person, new_phone, agent = a_person(1), a_visitor("oNewPhone"), an_agent()

    def ask() -> people.IdentityClaimView:
        people.give_consent(worker_id=new_phone.worker_id, version="2020-1")
        code = people.ask_at_desk(worker_id=new_phone.worker_id, name=person.name, id_number=person.id_number)
        return people.request_identity_claim(staff_id=agent.id, code=code.code, reason="本人到场，手机丢失")

    return transaction(ask)


def test_a_reviewer_lets_an_account_move_once(moving: people.IdentityClaimView) -> None:
    reviewer = a_staff("reviewer", "reviewer")
    assert [(item.subject, item.subject_id) for item in reviews.queue(role="reviewer")] == [
        ("identity_claim", moving.public_id)
    ]

    def decide() -> people.IdentityClaimView:
        return reviews.decide_identity_claim(
            claim_id=moving.public_id, staff=reviewer, approve=True, reason="核对身份证原件"
        )

    assert transaction(decide).status == "approved"
    (row,) = reviews.history(subject="identity_claim", subject_id=moving.public_id)
    assert (row.verdict, row.reason, row.staff_name) == ("approve", "核对身份证原件", "reviewer")
    assert audit.entries(subject=f"identity_claim:{moving.public_id}")[0].action == "identity_claim.approved"
    assert reviews.queue() == []
    with pytest.raises(Conflict):
        transaction(decide)
    assert len(reviews.history(subject="identity_claim", subject_id=moving.public_id)) == 1


def test_a_cashier_moves_no_account(moving: people.IdentityClaimView) -> None:
    cashier = a_staff("cashier", "cashier")
    with pytest.raises(NotAllowed):
        transaction(
            lambda: reviews.decide_identity_claim(
                claim_id=moving.public_id, staff=cashier, approve=True, reason="核对身份证原件"
            )
        )


def test_an_upheld_appeal_is_recorded_with_its_reason_and_adds_a_deposit(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    worker_id = room.worker.worker_id
    phone = a_learner(clock, worker_id, room.class_id)
    phone.answers_checks = False
    phone.sign_in_for_the_day()
    phone.watch(room.lessons[0], 1800)
    case = transaction(
        lambda: study.appeal(worker_id=worker_id, session_id=phone.session_id, reason="当时在看，手机卡住了")
    )
    (item,) = reviews.queue(role="reviewer")
    assert (item.subject, item.who) == ("appeal", "王*明")
    assert item.due_at is not None
    assert timedelta(days=3) <= item.due_at - clock() < timedelta(days=4)
    before = credit_bank.statement(worker_id=worker_id)
    answered = transaction(
        lambda: reviews.decide_appeal(
            appeal_id=case.appeal.appeal_id, staff=room.reviewer, approve=True, reason="核对设备日志，情况属实"
        )
    )
    assert answered.granted_seconds > 0
    after = credit_bank.statement(worker_id=worker_id)
    assert after[-len(before) :] == before
    assert {line.kind for line in after[: len(after) - len(before)]} == {"appeal"}
    (row,) = reviews.history(subject="appeal", subject_id=case.appeal.appeal_id)
    assert (row.verdict, row.clause) == ("approve", "四.2")
