"""Making, posting, re-dating, closing and discarding notices: the rows only. What it does to claims is ``reviews``' part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.audit import services as audit
from backend.notices import rules
from backend.notices.models import NoticeEntry, NoticeRedating, PublicNotice
from backend.notices.numbering import next_number
from backend.notices.reading import load_notice
from backend.notices.scanning import require_clean
from backend.notices.sealing import Posting, digest_of, seal_notice, seal_redating
from backend.notices.views import NoticeView, notice_view_of
from backend.policies import services as policies
from backend.policies.services import DayWindow
from config import clock
from config.database import db, new_public_id
from config.errors import Conflict


@dataclass(frozen=True)
class Granted:
    """One person to be shown: what two persons granted. ``name`` is the real one, for the scanner only."""

    claim_id: UUID
    line_id: UUID
    enterprise_name: str
    masked_name: str
    name: str
    class_hours: int
    amount_fen: int


def make_notice(
    *, granted: Sequence[Granted], policy_id: str, policy_version: str, staff_id: int, actor: str
) -> NoticeView:
    """A draft of a notice for these people, in this order. It is shown to nobody yet, but has its number.

    Raises ``Conflict`` NOTICE_NOBODY, NOTICE_LEAKS.
    """
    if not granted:
        raise Conflict("NOTICE_NOBODY", "没有待公示的申领；复核通过的申领会出现在这里。")
    now = clock.now()
    year = clock.local_date(now).year
    notice = PublicNotice(
        public_id=new_public_id(),
        year=year,
        sequence=next_number("notice", year),
        status="draft",
        policy_id=policy_id,
        policy_version=policy_version,
        people=len(granted),
        total_fen=sum(each.amount_fen for each in granted),
        sha256="",
        made_by_id=staff_id,
        made_at=now,
        entries=[
            NoticeEntry(
                position=position,
                claim_ref=each.claim_id,
                line_ref=each.line_id,
                enterprise_name=each.enterprise_name,
                masked_name=each.masked_name,
                class_hours=each.class_hours,
                amount_fen=each.amount_fen,
                live=True,
            )
            for position, each in enumerate(granted, 1)
        ],
    )
    notice.sha256 = digest_of(notice.entries)
    check_clean(notice, names={each.name for each in granted})
    db.session.add(notice)
    db.session.flush()
    _audit(notice, actor, "notice.made", {"people": notice.people, "total_fen": notice.total_fen})
    return notice_view_of(notice, with_entries=True)


def post_notice(*, notice_id: UUID, posted_on: date, url: str, staff_id: int, actor: str) -> NoticeView:
    """Record that the notice stands on the website since ``posted_on`` under ``url``: its clock runs, the deadline is stored.

    Raises ``NotFound`` NOTICE_NOT_FOUND; ``Conflict`` NOTICE_MOVE_REFUSED, NOTICE_LEAKS; ``Invalid``
    NOTICE_POSTED_IN_FUTURE, NOTICE_POSTED_TOO_EARLY, NOTICE_POSTED_TOO_LATE, NOTICE_URL.
    """
    notice = load_notice(notice_id, lock=True)
    rules.require_status(notice.status, "draft", "登记发布")
    now = clock.now()
    made_on, today = clock.local_date(notice.made_at), clock.local_date(now)
    url = rules.check_posting(posted_on, url, made_on=made_on, today=today)
    window = _window(notice, posted_on)
    closes_at = _ends_at(window)
    rules.require_running(now, closes_at)
    check_clean(notice)
    seal_notice(notice, Posting(posted_on, url, window.opens_on, window.closes_on, closes_at, window.provisional))
    notice.status, notice.url, notice.provisional = "posted", url, window.provisional
    notice.posted_on, notice.posted_at, notice.posted_by_id = posted_on, now, staff_id
    notice.opens_on, notice.closes_on, notice.closes_at = window.opens_on, window.closes_on, closes_at
    db.session.flush()
    _audit(notice, actor, "notice.posted", {"posted_on": posted_on.isoformat(), "url": url})
    return notice_view_of(notice, with_entries=True)


def discard_notice(*, notice_id: UUID, actor: str) -> NoticeView:
    """Throw a draft away: its number stays used, its people can be put on another notice.

    Raises ``NotFound`` NOTICE_NOT_FOUND, ``Conflict`` NOTICE_MOVE_REFUSED.
    """
    notice = load_notice(notice_id, lock=True)
    rules.require_status(notice.status, "draft", "作废")
    notice.status = "discarded"
    db.session.flush()
    for entry in notice.entries:
        entry.live = False
    db.session.flush()
    _audit(notice, actor, "notice.discarded", {})
    return notice_view_of(notice)


def redate_notice(*, notice_id: UUID, actor: str) -> NoticeView:
    """Count the window of a posted notice again by the calendar as it is corrected now. Only a later end is taken over.

    Raises ``NotFound`` NOTICE_NOT_FOUND.
    """
    notice = load_notice(notice_id, lock=True)
    if notice.status != "posted" or notice.posted_on is None or notice.closes_at is None:
        return notice_view_of(notice)
    window = _window(notice, notice.posted_on)
    closes_at = _ends_at(window)
    if closes_at <= notice.closes_at:
        return notice_view_of(notice)
    row = NoticeRedating(
        public_id=new_public_id(),
        notice_id=notice.id,
        from_closes_at=notice.closes_at,
        closes_on=window.closes_on,
        closes_at=closes_at,
        provisional=window.provisional,
        at=clock.now(),
    )
    seal_redating(row, notice)
    db.session.add(row)
    db.session.flush()
    notice.closes_on, notice.closes_at, notice.provisional = window.closes_on, closes_at, window.provisional
    db.session.flush()
    _audit(notice, actor, "notice.redated", {"closes_on": window.closes_on.isoformat()})
    return notice_view_of(notice)


def close_notice(*, notice_id: UUID, actor: str) -> NoticeView:
    """End a notice whose window is over. Raises ``NotFound`` NOTICE_NOT_FOUND, ``Conflict`` NOTICE_MOVE_REFUSED,
    NOTICE_STILL_OPEN."""
    notice = load_notice(notice_id, lock=True)
    rules.require_status(notice.status, "posted", "结束公示")
    now = clock.now()
    if notice.closes_at is None or now < notice.closes_at:
        raise Conflict("NOTICE_STILL_OPEN", "公示期还没有满，不能结束；期满后系统会自动结束。")
    notice.status, notice.closed_at = "closed", now
    db.session.flush()
    _audit(notice, actor, "notice.closed", {})
    return notice_view_of(notice, with_entries=True)


def check_clean(notice: PublicNotice, *, names: Collection[str] = ()) -> None:
    """Raises ``Conflict`` NOTICE_LEAKS when something of the notice must not be published."""
    shops = {entry.enterprise_name for entry in notice.entries}
    lines = [text for entry in notice.entries for text in (entry.enterprise_name, entry.masked_name)]
    require_clean(lines, names=names, public_words=shops)


def _window(notice: PublicNotice, posted_on: date) -> DayWindow:
    return policies.notice_window(posted_on, policies.of_version(notice.policy_id, notice.policy_version))


def _ends_at(window: DayWindow) -> datetime:
    return clock.midnight_after(clock.start_of_day(window.closes_on))


def _audit(notice: PublicNotice, actor: str, action: str, detail: dict[str, str | int]) -> None:
    audit.write(actor=actor, action=action, subject=f"notice:{notice.public_id}", detail=dict(detail))
