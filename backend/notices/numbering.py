"""Numbers that neither repeat nor leave gaps: of notices, objections and disputes, each counted up within a year."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from backend.notices.models import NumberSeries
from config.database import db, is_sqlite, locked


def next_number(kind: str, year: int) -> int:
    """The next number of ``notice``, ``objection`` or ``dispute``; others wait until this transaction ends."""
    query = select(NumberSeries).where(NumberSeries.kind == kind, NumberSeries.year == year)
    series: NumberSeries | None = db.session.scalar(locked(query))
    if series is None:
        adding = sqlite.insert if is_sqlite() else postgresql.insert
        db.session.execute(adding(NumberSeries).values(kind=kind, year=year, last=0).on_conflict_do_nothing())
        series = db.session.scalars(locked(query)).one()
    series.last += 1
    db.session.flush()
    return series.last
