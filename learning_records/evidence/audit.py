"""The audit of the log and of everything sealed in it: re-derives what can be, compares, and names the first row that differs.

Run over one snapshot of the database, beside the running service. It writes nothing. What it holds against what: bodies and
salts against entries; entries against tiles, signed checkpoints and the checkpoint kept outside; the rows of the slices against
the records sealed of them; rows that follow from others against those. Memory stays the same however long the log is.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from sqlalchemy import func, select

from config.database import db, is_sqlite
from learning_records.evidence.audit_log import LogAudit
from learning_records.evidence.audit_rows import UNREADABLE, OldTables, RowAudit
from learning_records.evidence.audit_types import AuditReport, Difference, Progress, Recount, RowSource
from learning_records.evidence.models import EvidenceEntry

__all__ = ["AuditReport", "Difference", "Progress", "Recount", "RowSource", "audit"]


def audit(*, sources: Sequence[RowSource], recounts: Sequence[Recount] = (), progress: Progress) -> AuditReport:
    """Hold the log against its tables and every source against its records.

    Of each part only the first difference is kept, in the order: log, rows source by source, recounts.
    """
    with _seldom_collected():
        return _audit(sources, recounts, progress)


def _audit(sources: Sequence[RowSource], recounts: Sequence[Recount], progress: Progress) -> AuditReport:
    _begin_snapshot()
    log = LogAudit(progress)
    entries = db.session.scalar(select(func.count()).select_from(EvidenceEntry)) or 0
    rows_of = [*(source.count for source in sources), *(recount.count for recount in recounts)]
    progress.begin(entries + sum(count() for count in rows_of))
    found = _firsts(log.differences())
    old = OldTables(sources)
    found += _firsts(old.differences())
    rows, before = {}, {}
    for source in sources:
        walk = RowAudit(source, old, progress)
        found += _firsts(walk.differences())
        rows[source.name], before[source.name] = walk.rows, walk.before_sealing
    for recount in recounts:
        found += _first_problem(recount, partial(progress.advance, recount.title))
    db.session.rollback()
    return AuditReport(
        entries=entries,
        waiting=log.waiting,
        erased=log.erased,
        archived=log.archived,
        checkpoints=log.checkpoints,
        tree_size=log.size,
        root=log.root,
        rows=rows,
        before_sealing={kind: count for kind, count in before.items() if count},
        differences=tuple(found),
    )


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """A page of rows is ten thousand objects and no circles: looking for these every few hundred takes a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _begin_snapshot() -> None:
    """One state of the database from here on: SQLite's reading transaction is one, PostgreSQL is asked for one."""
    db.session.rollback()
    if not is_sqlite():
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _firsts(differences: Iterable[Difference]) -> list[Difference]:
    """The first of each part."""
    found: dict[str, Difference] = {}
    for difference in differences:
        found.setdefault(difference.part, difference)
    return list(found.values())


def _first_problem(recount: Recount, advance: Callable[[int], None]) -> list[Difference]:
    try:
        for row, problem in recount.problems(advance):
            return [Difference(recount.title, row, "", None, None, f"{row}: {problem}")]
    except UNREADABLE as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        text = f"{recount.title}: a row cannot be read ({why})"
        return [Difference(recount.title, recount.title, "row", why, None, text)]
    return []
