"""Claims at every stage of a public notice: built through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend.claims.services import ClaimView
from backend.notices import services as notices
from backend.notices.services import FiledObjection, NoticeView
from backend.reviews import services as reviews
from config import clock
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.plans import a_person

URL = "https://hrss.example.gov.cn/doc/2020/03/02/1.shtml"


def an_approved_claim(office: Office | None = None, *, people: int = 2, serial: int = 1) -> tuple[Class, ClaimView]:
    """A class of people with 24 class hours each, and its claim, approved by two persons."""
    desk = office or an_office()
    group = a_class([a_person(serial * 100 + number) for number in range(people)], desk, serial=serial)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    return group, approve_twice(submitted_claim(group.plan), desk)


def a_draft_notice(office: Office, *claims: ClaimView) -> NoticeView:
    """A draft of these claims, or of all that wait."""
    ids = [claim.claim_id for claim in claims] or None
    return transaction(lambda: reviews.make_notice(staff=office.reviewer, claim_ids=ids))


def a_posted_notice(office: Office, *claims: ClaimView, posted_on: date | None = None) -> NoticeView:
    """A notice of these claims, on the website since today."""
    draft = a_draft_notice(office, *claims)
    day = posted_on or clock.today()
    return transaction(
        lambda: reviews.post_notice(notice_id=draft.notice_id, posted_on=day, url=URL, staff=office.reviewer)
    )


def run_out(calendar: FixedCalendar, notice: NoticeView) -> int:
    """Let the notice's window pass and run the job."""
    assert notice.closes_at is not None
    calendar.set(notice.closes_at)
    return transaction(lambda: reviews.close_due_notices(limit=50))


def an_objection(
    notice: NoticeView, line_id: UUID | None, *, claim_id: UUID | None = None, text: str = "此人没有参加过培训。"
) -> FiledObjection:
    """Somebody objects to one person, or to a whole claim."""
    claim = claim_id or next(entry.claim_id for entry in notice.entries if line_id in (None, entry.line_id))
    return transaction(
        lambda: notices.raise_objection(
            notice_id=notice.notice_id, claim_id=claim, line_id=line_id, text=text, contact="0510-81234567"
        )
    )


def lines_of(notice: NoticeView) -> Sequence[UUID]:
    """The lines on a notice, in order."""
    return [entry.line_id for entry in notice.entries]
