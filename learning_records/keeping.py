"""Keeping what is recorded for as long as it must be kept: closed months into archives, destruction at the end.

The one module that knows sessions and evidence both. ``archive_month`` and ``remove_files`` commit by themselves, because a
file and the rows that name it never change in one stroke: doors call them, services do not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from config import blobs, clock
from config.database import db, is_sqlite, transaction
from config.errors import Conflict
from learning_records.evidence import archives, retention
from learning_records.evidence.archives import PART_RECORDS, ArchiveView, MonthView, Part
from learning_records.evidence.bodies import in_groups
from learning_records.evidence.keeping_rules import MONTHS_KEPT, last_day_over
from learning_records.evidence.retention import Certificate
from learning_records.sessions import forgetting

__all__ = ["MonthState", "archive_month", "destroy", "month_state", "remove_files", "wipe_remains"]


@dataclass(frozen=True)
class MonthState:
    """What there is of a month, and why it cannot be archived yet (Chinese sentences; none when it can)."""

    view: MonthView
    closes_at: datetime
    obstacles: tuple[str, ...]


def month_state(month: str, *, days_after: int) -> MonthState:
    """Whether a local month ``YYYY-MM`` is closed: over for ``days_after`` days, every session of it sealed, every record of
    it under a signed checkpoint. Raises ``Invalid`` MONTH_INVALID."""
    view = archives.month_view(month)
    closes_at = view.ends_at + timedelta(days=days_after)
    obstacles = []
    if clock.now() < closes_at:
        obstacles.append(f"{month}结束满{days_after}天后才能归档，请在{clock.local_date(closes_at)}以后再运行。")
    if unsealed := forgetting.unsealed_before(view.ends_at):
        obstacles.append(f"还有{unsealed}次学习没有结束或没有存证，请先运行 flask jobs --once。")
    if view.unsigned:
        obstacles.append(f"还有{view.unsigned}份记录没有进入签名的日志，请等几秒再运行。")
    return MonthState(view, closes_at, tuple(obstacles))


def archive_month(
    month: str, *, days_after: int, limit: int = PART_RECORDS, advance: Callable[[int], None] = lambda _: None
) -> list[ArchiveView]:
    """Move all bodies of a closed month into archives of at most ``limit`` records, and drop the beats they hold; each
    archive in a transaction of its own. ``advance`` is told how many records went. Again: what is left, or nothing.

    Raises ``Invalid`` MONTH_INVALID; ``Conflict`` MONTH_NOT_CLOSED and those of ``archives``.
    """
    state = month_state(month, days_after=days_after)
    if state.obstacles:
        raise Conflict("MONTH_NOT_CLOSED", "".join(state.obstacles))
    made = []
    while (part := archives.next_part(month, limit=limit)) is not None:
        made.append(_taken_in(part))
        advance(len(part.record_ids))
    return made


def _taken_in(part: Part) -> ArchiveView:
    def work() -> ArchiveView:
        with _overwriting():
            archive = archives.take_in(part)
            for some in in_groups(part.record_ids):
                forgetting.drop_beats(evidence_record_ids=some)
            return archive

    return transaction(work)


def destroy(
    *,
    record_ids: Collection[int],
    clause: str,
    reason: str,
    proposed_by: str,
    approved_by: str,
) -> Certificate:
    """Erase these records for good, with the beats, devices and stated facts that go with them. Attached files go by
    ``remove_files`` after the commit. Raises what ``retention.destroy`` raises."""
    with _overwriting():
        certificate = retention.destroy(
            record_ids=record_ids,
            clause=clause,
            reason=reason,
            proposed_by=proposed_by,
            approved_by=approved_by,
        )
        for some in in_groups(sorted(set(record_ids))):
            forgetting.drop_beats(evidence_record_ids=some)
            forgetting.forget_session_devices(evidence_record_ids=some)
        last_day = last_day_over(MONTHS_KEPT, today=clock.today())
        for person_ref, context_ref in retention.emptied(record_ids):
            forgetting.forget_learning(person_ref=person_ref, context_ref=context_ref, last_day=last_day)
        return certificate


def remove_files() -> int:
    """Remove the files of destroyed attachments, and archives of which every body was erased; how many. What a crash left
    undone is done the next time; each certificate has a transaction of its own."""
    removed = 0
    for certificate_id in retention.files_to_remove():
        removed += transaction(partial(retention.remove_files, certificate_id=certificate_id))
    for sha256 in transaction(archives.close_emptied):
        removed += blobs.remove(sha256)
    return removed


def wipe_remains() -> None:
    """After bodies were moved or erased: let go of what the database still has of them beside its tables (SQLite: the log of
    writes; PostgreSQL: dead rows)."""
    db.session.rollback()
    if is_sqlite():
        connection = db.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("VACUUM evidence_record, beat, learning_session, check_in, outside_time, attested_day")


@contextmanager
def _overwriting() -> Iterator[None]:
    """SQLite overwrites with zeros what the statements inside free; otherwise it would stay readable in the file."""
    if is_sqlite():
        db.session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        if is_sqlite():
            db.session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")
