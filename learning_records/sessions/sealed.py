"""Sealed sessions as their tables have them now, beats and check-in included, in the words of their records: for the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, cast, func, select, type_coerce

from config import clock
from config.database import UuidText, db
from learning_records.sealed_rows import BEFORE_ALL, CanonicalText, SealedRow
from learning_records.sessions.coverage import union
from learning_records.sessions.models import CountedInterval, OutsideTime
from learning_records.sessions.sealing import BEAT_COLUMNS, EVIDENCE_KIND, facts_of
from learning_records.sessions.store import BEATS, CHECK_INS, LEARNERS, SESSIONS

LIST_COLUMNS = {
    "beats": BEAT_COLUMNS,
    "checks": ("id", "cause", "outcome", "at_ms", "answer_by_ms", "after_beats"),
    "pieces": ("started_ms", "ended_ms", "media_from_ms", "media_to_ms", "under_check_in"),
    "uncounted": ("code", "started_ms", "ended_ms"),
    "given": ("after_beats", "from_ms", "to_ms"),
}
LEAVE_ARCHIVED = ("beats", "batches")
"""What goes from the tables when the record of a session is archived."""

_AT_ONCE = 500
_NONE = (CanonicalText("[]"), CanonicalText("[]"))


_SEALED = (
    select(
        SESSIONS.c.id,
        type_coerce(SESSIONS.c.public_id, UuidText()).label("public_id"),
        type_coerce(LEARNERS.c.person_ref, UuidText()).label("person_ref"),
        type_coerce(SESSIONS.c.context_ref, UuidText()).label("context_ref"),
        SESSIONS.c.device_ref,
        SESSIONS.c.lesson,
        SESSIONS.c.rules,
        SESSIONS.c.opened_at,
        SESSIONS.c.closed_at,
        SESSIONS.c.close_reason,
        SESSIONS.c.continues_id,
        SESSIONS.c.chain_start,
        SESSIONS.c.chain_head,
        SESSIONS.c.outcome,
        SESSIONS.c.learned_seconds,
        SESSIONS.c.checked_in_seconds,
        SESSIONS.c.evidence_record_id,
    )
    .join(LEARNERS, LEARNERS.c.id == SESSIONS.c.learner_id)
    .where(SESSIONS.c.evidence_record_id.is_not(None))
)


def _in_order() -> Any:
    """The beats of the sessions from ``first`` to ``last``."""
    ordered = select(BEATS).where(BEATS.c.session_id.between(bindparam("first"), bindparam("last")))
    return ordered.order_by(BEATS.c.session_id, BEATS.c.seq).subquery().c


def _written_by_sqlite() -> Any:
    beat = _in_order()
    ends = func.json_group_array(beat.seq).filter(beat.answer.is_not(None))
    beats = func.json_group_array(func.json_array(*(beat[name] for name in BEAT_COLUMNS)))
    return select(beat.session_id, beats, ends).group_by(beat.session_id)


def _written_by_postgresql() -> Any:
    beat = _in_order()
    code = func.replace(func.replace(beat.code, "\\", "\\\\"), '"', '\\"')
    numbers = func.concat_ws(",", *(beat[name] for name in BEAT_COLUMNS[:-1]))
    beats = func.string_agg(func.concat("[", numbers, ',"', code, '"]'), ",")
    ends = func.string_agg(cast(beat.seq, String), ",").filter(beat.answer.is_not(None))
    return select(beat.session_id, func.concat("[", beats, "]"), func.concat("[", ends, "]")).group_by(beat.session_id)


_WRITTEN = {"sqlite": _written_by_sqlite(), "postgresql": _written_by_postgresql()}
"""Session, its beats and the ends of its batches, both as canonical JSON."""


def count_sealed_rows() -> int:
    """How many sessions are sealed."""
    query = select(func.count()).select_from(SESSIONS).where(SESSIONS.c.evidence_record_id.is_not(None))
    return db.session.scalar(query) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next sealed sessions after that id. Lesson and rules are given as their row has them."""
    query = _SEALED.where(SESSIONS.c.id > after_id).order_by(SESSIONS.c.id)
    rows = db.session.execute(query.limit(min(limit, _AT_ONCE))).all()
    if not rows:
        return []
    continues = _public_ids(row.continues_id for row in rows)
    check_ins = _check_ins(row.outcome for row in rows)
    between = {"first": rows[0].id, "last": rows[-1].id}
    written = db.session.execute(_WRITTEN[db.engine.dialect.name], between).all()
    intervals = _intervals(CountedInterval.session_id, CountedInterval.session_id.between(*between.values()))
    beats = {session_id: (CanonicalText(listed), CanonicalText(ends)) for session_id, listed, ends in written}
    return [
        SealedRow(
            id=row.id,
            name=f"{EVIDENCE_KIND} {row.public_id}",
            subject=f"{EVIDENCE_KIND}:{row.public_id}",
            record_id=row.evidence_record_id,
            body=facts_of(
                row,
                row.outcome | {"check_in": _checked_in(row.outcome, check_ins)},
                lesson=row.lesson,
                rules=row.rules,
                opened_ms=clock.epoch_ms(row.opened_at),
                continues=continues.get(row.continues_id),
                beats=beats.get(row.id, _NONE)[0],
                batches=beats.get(row.id, _NONE)[1],
            ),
            contradiction=_otherwise(row.outcome["pieces"], row.person_ref, intervals.get(row.id, ())),
        )
        for row in rows
    ]


def count_outside() -> int:
    """How many quizzes, appeals and imported records counted time."""
    return db.session.scalar(select(func.count()).select_from(OutsideTime)) or 0


def outside_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Counted wall time outside sessions that is not what its record counted, or that nothing counted: which, and how."""
    person_ref, after = type_coerce(LEARNERS.c.person_ref, UuidText()).label("person_ref"), BEFORE_ALL
    query = select(OutsideTime.id, OutsideTime.kind, OutsideTime.source_ref, OutsideTime.pieces, person_ref)
    page = query.join(LEARNERS, LEARNERS.c.id == OutsideTime.learner_id).order_by(OutsideTime.id).limit(_AT_ONCE)
    while rows := db.session.execute(page.where(OutsideTime.id > after)).all():
        named = CountedInterval.source_ref.in_([row.source_ref for row in rows])
        intervals = _intervals(CountedInterval.source_ref, named)
        for row in rows:
            if problem := _otherwise(row.pieces, row.person_ref, intervals.get(row.source_ref, ())):
                yield f"{row.kind} {row.source_ref}", problem
        advance(len(rows))
        after = rows[-1].id
    lost = select(CountedInterval.id).outerjoin(OutsideTime, OutsideTime.source_ref == CountedInterval.source_ref)
    for interval_id in db.session.scalars(
        lost.where(CountedInterval.session_id.is_(None), OutsideTime.id.is_(None)).order_by(CountedInterval.id).limit(1)
    ):
        yield f"counted_interval {interval_id}", "the row is in the table, nothing that was recorded counted it"


def _intervals(key: Any, condition: Any) -> dict[Any, list[tuple[str, int, int]]]:
    """(person, from, to) of counted wall time in its order, by what it belongs to."""
    person_ref = type_coerce(CountedInterval.person_ref, UuidText())
    query = select(key, person_ref, CountedInterval.started_ms, CountedInterval.ended_ms).where(condition)
    found: dict[Any, list[tuple[str, int, int]]] = defaultdict(list)
    for owner, person, started, ended in db.session.execute(query.order_by(key, CountedInterval.started_ms)).all():
        found[owner].append((person, started, ended))
    return found


def _otherwise(pieces: Sequence[Any], person: str, counted: Sequence[tuple[str, int, int]]) -> str | None:
    """How the rows of ``counted_interval`` differ from the pieces of one record; None when they do not."""
    by_pieces = [(person, part.start, part.end) for part in union((piece[0], piece[1]) for piece in pieces)]
    if list(counted) == by_pieces:
        return None
    lost = next((part for part in by_pieces if part not in counted), None)
    more = next((part for part in counted if part not in by_pieces), None)
    return f"counted_interval {_told(more)} in the table, {_told(lost)} by its pieces"


def _told(part: tuple[str, int, int] | None) -> str:
    return "nothing" if part is None else f"{part[1]} to {part[2]} of {part[0]}"


def _public_ids(ids: Iterable[int | None]) -> Mapping[int | None, UUID]:
    wanted = {inner_id for inner_id in ids if inner_id is not None}
    query = select(SESSIONS.c.id, SESSIONS.c.public_id).where(SESSIONS.c.id.in_(wanted))
    return {row.id: row.public_id for row in db.session.execute(query)} if wanted else {}


def _check_ins(outcomes: Iterable[Mapping[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """The check-ins that outcomes name, as they are sealed, by their public ids."""
    named = {UUID(outcome["check_in"]["id"]) for outcome in outcomes if outcome["check_in"]}
    rows = db.session.execute(select(CHECK_INS).where(CHECK_INS.c.public_id.in_(named))) if named else ()
    return {
        str(row.public_id): {
            "at_ms": clock.epoch_ms(row.checked_in_at),
            "device": row.device_ref,
            "id": str(row.public_id),
            "method": row.method,
        }
        for row in rows
    }


def _checked_in(outcome: Mapping[str, Any], check_ins: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    return check_ins.get(outcome["check_in"]["id"]) if outcome["check_in"] else None
