"""Objections by anybody: what they hold, who answers them, what an answer does."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.disputes import services as disputes
from backend.notices import services as notices
from backend.notices.services import FiledObjection, NoticeView, ObjectionView
from backend.people.services import StaffView
from backend.retention import services as retention
from backend.reviews import services as reviews
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast.at_once import at_once
from tests.cast.claims import Office, an_office, hours
from tests.cast.notices import a_posted_notice, an_approved_claim, an_objection, lines_of, run_out

LEAK = "经核对，身份证号320200199001010013本人参加了培训。"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def notice(office: Office) -> NoticeView:
    """Two people of one claim on notice."""
    an_approved_claim(office)
    return a_posted_notice(office)


def decide(
    filed: FiledObjection, staff: StaffView, *, uphold: bool, answer: str = "经核对学习记录，情况如此。"
) -> ObjectionView:
    return transaction(
        lambda: reviews.decide_objection(
            objection_id=filed.view.objection_id, staff=staff, uphold=uphold, answer=answer
        )
    )


def payable() -> list[object]:
    return [line.line_id for line in claims.payable_lines()]


def test_an_open_objection_holds_one_person_past_the_end_of_the_notice(
    office: Office, notice: NoticeView, clock: FixedCalendar
) -> None:
    first, second = lines_of(notice)
    filed = an_objection(notice, first)
    assert (filed.view.number, filed.view.about) == ("公示异议〔2020〕1号", "无锡第1机械有限公司 王*明")
    assert filed.view.due_on == date(2020, 3, 16)  # ten working days
    run_out(clock, notice)
    assert payable() == [second]
    dismissed = decide(filed, office.reviewer, uphold=False)
    assert (dismissed.status, dismissed.answer) == ("dismissed", "经核对学习记录，情况如此。")
    assert payable() == [first, second]


def test_an_upheld_objection_takes_the_person_out(office: Office, notice: NoticeView, clock: FixedCalendar) -> None:
    first, second = lines_of(notice)
    filed = an_objection(notice, first)
    worker = claims.line_view(first).worker_id
    assert decide(filed, office.second, uphold=True).status == "upheld"
    assert claims.line_view(first).status == "released"
    assert credit_bank.balance(worker_id=worker).claimable_seconds == hours(24)
    run_out(clock, notice)
    assert payable() == [second]


def test_an_objection_to_the_whole_claim_holds_everybody(
    office: Office, notice: NoticeView, clock: FixedCalendar
) -> None:
    first, second = lines_of(notice)
    filed = an_objection(notice, None)
    assert filed.view.about == "无锡第1机械有限公司 整份申领"
    run_out(clock, notice)
    assert payable() == []
    transaction(
        lambda: reviews.decide_objection(
            objection_id=filed.view.objection_id,
            staff=office.reviewer,
            uphold=True,
            answer="其中一人未参加。",
            line_ids=[second],
        )
    )
    assert payable() == [first]
    assert claims.line_view(second).status == "released"


def test_a_claim_of_which_objections_leave_nobody_is_not_paid(
    office: Office, notice: NoticeView, clock: FixedCalendar
) -> None:
    decide(an_objection(notice, None), office.reviewer, uphold=True)
    (claim_id,) = notice.claim_ids
    assert claims.claim_view(claim_id).status == "rejected"
    assert run_out(clock, notice) == 1
    assert payable() == []


def test_of_two_objections_the_last_answer_frees(office: Office, notice: NoticeView, clock: FixedCalendar) -> None:
    first, second = lines_of(notice)
    filed = [an_objection(notice, first), an_objection(notice, first, text="我是同事，他不在公司。")]
    run_out(clock, notice)
    decide(filed[0], office.reviewer, uphold=False)
    assert payable() == [second]
    decide(filed[1], office.reviewer, uphold=False)
    assert payable() == [first, second]


def test_objections_at_the_same_moment_have_numbers_of_their_own(app: Flask, office: Office) -> None:
    shown = []
    for serial in (1, 2):
        _, claim = an_approved_claim(office, people=1, serial=serial)
        shown.append(a_posted_notice(office, claim))
    raises = [
        partial(
            notices.raise_objection,
            notice_id=notice.notice_id,
            claim_id=notice.claim_ids[0],
            line_id=None,
            text="此人没有参加培训。",
            contact="0510-81234567",
        )
        for notice in (*shown, *shown)
    ]
    assert at_once(app, raises) == []
    numbers = {each.number for notice in shown for each in notices.objections_of(notice.notice_id)}
    assert numbers == {f"公示异议〔2020〕{number}号" for number in (1, 2, 3, 4)}


def test_the_objector_takes_it_back_with_number_and_code(notice: NoticeView, clock: FixedCalendar) -> None:
    first, second = lines_of(notice)
    filed = an_objection(notice, first)
    run_out(clock, notice)
    for number, code in ((filed.view.number, "WRONGWRONG12"), ("公示异议〔2020〕9号", filed.code)):
        with pytest.raises(NotFound):
            transaction(partial(reviews.withdraw_objection, number=number, code=code))
    assert payable() == [second]
    taken_back = transaction(
        lambda: reviews.withdraw_objection(number=filed.view.number, code=f" {filed.code.lower()} ")
    )
    assert taken_back.status == "withdrawn"
    assert payable() == [first, second]


def test_after_the_window_nobody_objects(notice: NoticeView, clock: FixedCalendar) -> None:
    assert notice.closes_at is not None
    clock.set(notice.closes_at - timedelta(seconds=1))
    an_objection(notice, None)
    clock.set(notice.closes_at)  # the job has not run yet
    for _ in range(2):
        with pytest.raises(Conflict) as caught:
            an_objection(notice, None)
        assert caught.value.code == "OBJECTION_TOO_LATE"
        transaction(lambda: reviews.close_due_notices(limit=50))


def test_an_objection_needs_words_and_a_contact(notice: NoticeView) -> None:
    for text, contact, code in (
        ("短", "0510-81234567", "OBJECTION_TEXT"),
        ("字" * 1_001, "0510-81234567", "OBJECTION_TEXT"),
        ("此人没有参加培训。", "", "OBJECTION_CONTACT"),
        ("此人没有参加培训。", "x" * 101, "OBJECTION_CONTACT"),
    ):
        ask = partial(notices.raise_objection, notice_id=notice.notice_id, claim_id=notice.claim_ids[0], line_id=None)
        with pytest.raises(Invalid) as caught:
            transaction(partial(ask, text=text, contact=contact))
        assert caught.value.code == code


def test_an_objection_to_what_is_not_on_the_notice_is_refused(notice: NoticeView) -> None:
    for claim_id, line_id in ((uuid4(), None), (notice.claim_ids[0], uuid4())):
        with pytest.raises(NotFound) as caught:
            an_objection(notice, line_id, claim_id=claim_id)
        assert caught.value.code == "NOTICE_ENTRY_NOT_FOUND"


def test_an_answer_needs_a_reason_and_leaks_nothing(office: Office, notice: NoticeView) -> None:
    filed = an_objection(notice, None)
    for answer, code in (("", "REASON_REQUIRED"), (LEAK, "ANSWER_LEAKS")):
        with pytest.raises(Invalid) as caught:
            decide(filed, office.reviewer, uphold=True, answer=answer)
        assert caught.value.code == code
    with pytest.raises(NotAllowed):
        decide(filed, office.cashier, uphold=True)
    assert notices.objection_view(filed.view.objection_id).status == "open"


def test_an_answer_is_final(office: Office, notice: NoticeView) -> None:
    filed = an_objection(notice, None)
    decide(filed, office.reviewer, uphold=False)
    for act in (
        lambda: reviews.decide_objection(
            objection_id=filed.view.objection_id, staff=office.reviewer, uphold=True, answer="改主意。"
        ),
        lambda: reviews.withdraw_objection(number=filed.view.number, code=filed.code),
    ):
        with pytest.raises(DomainError) as caught:
            transaction(act)
        assert caught.value.code == "OBJECTION_ENDED"


def test_what_is_overdue_is_for_a_second_reviewer(office: Office, notice: NoticeView, clock: FixedCalendar) -> None:
    filed = an_objection(notice, None)
    clock.set(house_clock.midnight_after(house_clock.start_of_day(filed.view.due_on)) - timedelta(seconds=1))
    assert transaction(disputes.escalate_overdue) == 0
    clock.advance(1)
    assert transaction(disputes.escalate_overdue) == 1
    assert transaction(disputes.escalate_overdue) == 0
    waiting = [item for item in reviews.queue() if item.subject == "objection"]
    assert [(item.stage, item.title) for item in waiting] == [("second", "公示异议（逾期）")]
    assert [item for item in reviews.queue(role="reviewer") if item.subject == "objection"] == []
    with pytest.raises(NotAllowed):
        decide(filed, office.reviewer, uphold=False)
    decide(filed, office.second, uphold=False)


def test_who_objected_is_encrypted_and_forgotten_after_six_months(
    office: Office, notice: NoticeView, clock: FixedCalendar
) -> None:
    filed = an_objection(notice, None)
    stored = db.session.execute(sa.text("SELECT contact_encrypted, code_digest FROM objection")).one()
    assert b"81234567" not in bytes(stored[0])
    assert filed.code not in stored[1]
    assert notices.objection_case(filed.view.objection_id).contact == "0510-81234567"
    decide(filed, office.reviewer, uphold=False)
    clock.set("2020-09-01T09:00:00+08:00")
    assert transaction(lambda: retention.erase_answered_contacts(limit=10)) == 0
    clock.set("2020-09-03T09:00:00+08:00")
    assert transaction(lambda: retention.erase_answered_contacts(limit=10)) == 1
    case = notices.objection_case(filed.view.objection_id)
    assert (case.contact, case.name, case.view.status) == (None, None, "dismissed")


def test_the_database_keeps_objections(notice: NoticeView) -> None:
    an_objection(notice, lines_of(notice)[0])
    for statement, words in (
        (
            "UPDATE objection SET status = 'dismissed', answer = 'x', decided_by_id = 1, ended_at = '2020-03-03'",
            "a review decides",
        ),
        ("UPDATE objection SET line_ref = NULL", "not edited"),
        ("DELETE FROM objection", "not deleted"),
        ("UPDATE objection SET notice_id = 99", "not edited"),
    ):
        with pytest.raises(DBAPIError, match=words):
            transaction(partial(db.session.execute, sa.text(statement)))
