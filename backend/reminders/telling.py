"""The job: what happened and what falls due becomes messages, each once. Missed runs are caught up from the stored marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from backend.messages import services as messages
from backend.reminders import report_due, report_events, rules
from backend.reminders.models import ReminderMark
from backend.reminders.report_events import Reader, Window
from backend.reminders.rules import Told
from config import clock
from config.database import apart, db, transaction

_OVERLAP = timedelta(hours=1)
"""What a transaction wrote with an earlier instant may become visible later; none runs for an hour."""
_DUE = "due-today"
_CLASSES_AT_ONCE = 20

Page = Callable[[int], tuple[list[Told], int | None]]


def queue_reminders() -> int:
    """Job: queue what workers are to be told; how many messages are new. Commits by itself, page by page.

    What happened is told at once; what falls due once a day, in the daytime.
    """
    now = clock.now()
    queued = sum(_tell_events(name, read, now) for name, read in report_events.READERS.items())
    return queued + _tell_due(now)


def _tell_events(name: str, read: Reader, now: datetime) -> int:
    told_until = _told_until(name)
    since = now - timedelta(days=rules.LOOK_BACK_DAYS) if told_until is None else told_until - _OVERLAP
    queued = _tell(lambda after: read(Window(since, now, after)))
    transaction(partial(_mark, name, now))
    return queued


def _tell_due(now: datetime) -> int:
    today, told_until = clock.local_date(now), _told_until(_DUE)
    hour = now.astimezone(clock.SHANGHAI).hour
    if not rules.FIRST_HOUR <= hour < rules.LAST_HOUR:
        return 0
    if told_until is not None and clock.local_date(told_until) >= today:
        return 0
    queued = _tell(lambda after: report_due.of_classes(today, after_id=after, limit=_CLASSES_AT_ONCE))
    queued += _tell(lambda after: report_due.of_priority(today, after_id=after))
    transaction(partial(_mark, _DUE, now))
    return queued


def _tell(page: Page) -> int:
    queued, after = 0, 0
    while True:
        done, behind = transaction(partial(_tell_page, page, after))
        queued += done
        if behind is None:
            return queued
        after = behind


def _tell_page(page: Page, after: int) -> tuple[int, int | None]:
    told, behind = page(after)
    return _queue(told), behind


def _queue(told: Sequence[Told]) -> int:
    """Queue those whose key was never queued; one that cannot be queued is logged and holds up no other."""
    known = messages.known_keys([item.key for item in told])
    new = {item.key: item for item in told if item.key not in known}
    done = [apart(partial(_queue_one, item), what=f"reminder {item.template}") for item in new.values()]
    return sum(item is True for item in done)


def _queue_one(item: Told) -> bool:
    messages.queue(
        worker_id=item.worker_id,
        template=item.template,
        data=item.data,
        key=item.key,
        useful_until=item.useful_until,
    )
    return True


def _told_until(name: str) -> datetime | None:
    return db.session.scalar(select(ReminderMark.told_until).where(ReminderMark.name == name))


def _mark(name: str, at: datetime) -> None:
    mark = db.session.get(ReminderMark, name)
    if mark is None:
        db.session.add(ReminderMark(name=name, told_until=at))
    else:
        mark.told_until = max(mark.told_until, at)
    db.session.flush()
