"""Public notices: what goes on one, when its clock ends, what becomes payable by itself."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.claims import services as claims
from backend.notices import services as notices
from backend.notices.services import NoticeView
from backend.policies import services as policies
from backend.reviews import services as reviews
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast.claims import Office, an_office
from tests.cast.notices import URL, a_draft_notice, a_posted_notice, an_approved_claim, lines_of, run_out

LAST_INSTANT = timedelta(seconds=1)


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def test_a_notice_shows_masked_names_enterprise_hours_and_money(office: Office) -> None:
    _, claim = an_approved_claim(office)
    draft = a_draft_notice(office)
    assert draft.number == "锡线培公示〔2020〕1号"
    assert (draft.status, draft.people, draft.total_fen) == ("draft", 2, 88_800)
    assert [(entry.masked_name, entry.class_hours, entry.amount_fen) for entry in draft.entries] == [
        ("王*明", 24, 44_400)
    ] * 2
    assert {entry.enterprise_name for entry in draft.entries} == {"无锡第1机械有限公司"}
    assert claims.claim_view(claim.claim_id).status == "approved"
    with pytest.raises(NotFound):
        notices.public_notice_view(draft.notice_id)


def test_closing_makes_the_lines_payable_by_itself(office: Office, clock: FixedCalendar) -> None:
    _, claim = an_approved_claim(office)
    notice = a_posted_notice(office)
    assert (notice.opens_on, notice.closes_on) == (date(2020, 3, 3), date(2020, 3, 9))
    assert claims.claim_view(claim.claim_id).status == "on_notice"
    assert notice.closes_at == house_clock.start_of_day(date(2020, 3, 10))
    clock.set(notice.closes_at - LAST_INSTANT)
    assert transaction(lambda: reviews.close_due_notices(limit=50)) == 0
    assert claims.payable_lines() == []
    clock.set(notice.closes_at + timedelta(days=30))  # the job was down for a month
    assert transaction(lambda: reviews.close_due_notices(limit=50)) == 1
    assert transaction(lambda: reviews.close_due_notices(limit=50)) == 0
    assert {line.payable_at for line in claims.payable_lines()} == {notice.closes_at}
    assert len(claims.payable_lines()) == 2
    assert notices.notice_view(notice.notice_id).status == "closed"


def test_five_working_days_over_holidays(office: Office, clock: FixedCalendar) -> None:
    claimed = [an_approved_claim(office, people=1, serial=serial)[1] for serial in (1, 2, 3)]
    days = [("2020-04-01", "2020-04-09"), ("2020-04-28", "2020-05-08"), ("2020-06-22", "2020-06-30")]
    for claim, (posted_on, closes_on) in zip(claimed, days, strict=True):
        clock.set(f"{posted_on}T10:00:00+08:00")
        assert str(a_posted_notice(office, claim).closes_on) == closes_on


def test_beyond_the_calendar_the_deadline_is_provisional_and_moves_later_when_corrected(
    office: Office, clock: FixedCalendar
) -> None:
    an_approved_claim(office, people=1)
    clock.set("2099-03-02T09:00:00+08:00")
    notice = a_posted_notice(office)
    assert (notice.provisional, notice.closes_on) == (True, date(2099, 3, 9))
    for day, working in ((date(2099, 3, 5), False), (date(2099, 3, 7), True)):
        transaction(
            partial(policies.correct_day, day=day, working=working, reason="放假安排通知", staff=office.reviewer)
        )
        transaction(lambda: reviews.close_due_notices(limit=50))
    moved = notices.notice_view(notice.notice_id)
    assert moved.closes_on == date(2099, 3, 10)  # the make-up day would end it earlier: only later is taken over
    (redating,) = notices.redatings_of(notice.notice_id)
    assert (redating.from_closes_at, redating.closes_on) == (notice.closes_at, date(2099, 3, 10))
    assert notice.closes_at is not None
    clock.set(notice.closes_at)
    assert transaction(lambda: reviews.close_due_notices(limit=50)) == 0
    assert run_out(clock, moved) == 1


def test_a_claim_is_on_one_notice(office: Office) -> None:
    _, claim = an_approved_claim(office)
    draft = a_draft_notice(office)
    for chosen in (None, [claim.claim_id]):
        with pytest.raises(Conflict) as caught:
            transaction(partial(reviews.make_notice, staff=office.reviewer, claim_ids=chosen))
        assert caught.value.code in ("NOTICE_NOBODY", "NOTICE_CLAIM_NOT_WAITING")
    transaction(lambda: reviews.discard_notice(notice_id=draft.notice_id, staff=office.reviewer))
    again = a_draft_notice(office, claim)
    assert again.number == "锡线培公示〔2020〕2号"
    assert notices.notice_view(draft.notice_id).status == "discarded"


def test_a_draft_that_is_out_of_date_is_not_posted(office: Office) -> None:
    _, claim = an_approved_claim(office)
    draft = a_draft_notice(office)
    transaction(
        lambda: claims.strike_lines(
            claim_id=claim.claim_id, line_ids=[lines_of(draft)[0]], reason="核减", clause="四.5", actor="staff"
        )
    )
    with pytest.raises(Conflict) as caught:
        post(office, draft.notice_id, house_clock.today(), URL)
    assert caught.value.code == "NOTICE_OUT_OF_DATE"


def post(office: Office, notice_id: UUID, on: date, url: str) -> NoticeView:
    return transaction(lambda: reviews.post_notice(notice_id=notice_id, posted_on=on, url=url, staff=office.reviewer))


def test_a_posting_that_cannot_be_right_is_refused(office: Office) -> None:
    an_approved_claim(office, people=1)
    draft = a_draft_notice(office)
    for days, url, code in (
        (1, URL, "NOTICE_POSTED_IN_FUTURE"),
        (-1, URL, "NOTICE_POSTED_TOO_EARLY"),
        (0, "hrss.wuxi.gov.cn", "NOTICE_URL"),
        (0, "https://a b", "NOTICE_URL"),
        (0, "javascript:alert(1)", "NOTICE_URL"),
    ):
        with pytest.raises(Invalid) as caught:
            post(office, draft.notice_id, house_clock.today() + timedelta(days=days), url)
        assert caught.value.code == code
    assert notices.notice_view(draft.notice_id).status == "draft"


def test_a_window_that_was_over_before_it_was_recorded_does_not_count(office: Office, clock: FixedCalendar) -> None:
    an_approved_claim(office, people=1)
    draft = a_draft_notice(office)
    made_on = house_clock.today()
    clock.advance(30 * 86_400)
    with pytest.raises(Invalid) as caught:
        post(office, draft.notice_id, made_on, URL)
    assert caught.value.code == "NOTICE_POSTED_TOO_LATE"


def test_only_the_desk_makes_and_posts_notices(office: Office) -> None:
    an_approved_claim(office, people=1)
    draft = a_draft_notice(office)
    for act in (
        lambda: reviews.make_notice(staff=office.cashier),
        lambda: reviews.post_notice(
            notice_id=draft.notice_id, posted_on=house_clock.today(), url=URL, staff=office.cashier
        ),
        lambda: reviews.discard_notice(notice_id=draft.notice_id, staff=office.cashier),
    ):
        with pytest.raises(NotAllowed):
            transaction(act)


def test_what_is_posted_stays(office: Office) -> None:
    an_approved_claim(office, people=1)
    notice = a_posted_notice(office)
    for act in (
        lambda: reviews.discard_notice(notice_id=notice.notice_id, staff=office.reviewer),
        lambda: reviews.post_notice(
            notice_id=notice.notice_id, posted_on=house_clock.today(), url=URL, staff=office.reviewer
        ),
        lambda: notices.close_notice(notice_id=notice.notice_id, actor="system"),
    ):
        with pytest.raises(DomainError):
            transaction(act)


def test_the_database_keeps_a_posted_notice(office: Office) -> None:
    an_approved_claim(office, people=1)
    a_posted_notice(office)
    for statement, words in (
        ("UPDATE public_notice SET closes_at = '2020-03-03'", "only moves later"),
        ("UPDATE public_notice SET closes_at = '2020-06-03'", "only moves later"),
        ("UPDATE public_notice SET url = 'https://other'", "not edited"),
        ("UPDATE public_notice SET total_fen = 1", "not edited"),
        ("UPDATE public_notice SET status = 'draft'", "move"),
        ("UPDATE notice_entry SET amount_fen = 1", "not edited"),
        ("UPDATE notice_entry SET live = false", "lets go"),
        ("DELETE FROM notice_entry", "not deleted"),
        ("UPDATE number_series SET last = 0", "one by one"),
    ):
        with pytest.raises(DBAPIError, match=words):
            transaction(partial(db.session.execute, sa.text(statement)))


def test_the_database_posts_nothing_without_its_record(office: Office) -> None:
    an_approved_claim(office, people=1)
    a_draft_notice(office)
    statement = (
        "UPDATE public_notice SET status = 'posted', posted_on = '2020-03-02', posted_at = '2020-03-02', "
        "posted_by_id = made_by_id, url = 'https://x', opens_on = '2020-03-03', closes_on = '2020-03-09', "
        "closes_at = '2020-03-10', provisional = false"
    )
    with pytest.raises(DBAPIError, match="no evidence record"):
        transaction(lambda: db.session.execute(sa.text(statement)))


def test_a_company_finds_its_own_rows(office: Office) -> None:
    an_approved_claim(office, people=1, serial=1)
    an_approved_claim(office, people=1, serial=2)
    notice = a_posted_notice(office)
    assert [found.number for found in notices.public_notices(company="第2机械")] == [notice.number]
    assert notices.public_notices(company="第3机械") == []
    assert notices.public_notices(company="%") == []
    (entry,) = notices.public_notice_view(notice.notice_id, company="第2机械").entries
    assert entry.enterprise_name == "无锡第2机械有限公司"
