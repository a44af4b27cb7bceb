"""Rows held against the records that were sealed of them: changed, added and deleted ones are named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from config.database import db
from config.errors import DomainError
from learning_records.evidence.audit_bodies import RECORDS, public_id_of, unchecked_body
from learning_records.evidence.audit_types import Difference, Progress, RowSource, first_difference, shown
from learning_records.evidence.before import BEGAN, OldRows, count_rows
from learning_records.evidence.models import EvidenceRecord
from learning_records.evidence.rules import SUITE
from learning_records.sealed_rows import BEFORE_ALL, CanonicalText, SealedRow

BEFORE = "before sealing began"
_PAGE = 1_000
UNREADABLE = (SQLAlchemyError, DomainError, ValueError, TypeError, LookupError, AttributeError, AssertionError)
"""What a slice may meet in a row that somebody changed by hand: no such worker, a date that is none."""


class OldTables:
    """What was counted and hashed before sealing began, by table; empty in an installation that always sealed."""

    def __init__(self, sources: Sequence[RowSource]) -> None:
        self._began = db.session.execute(
            RECORDS.where(EvidenceRecord.kind == BEGAN).order_by(EvidenceRecord.id).limit(1)
        ).one_or_none()
        said = [] if self._began is None else json.loads(self._began.body)["tables"]
        self.tables = {old.table: old for old in map(OldRows.from_dict, said)}
        self._kinds = [kind for source in sources if source.old_table for kind in source.kinds]

    def differences(self) -> Iterator[Difference]:
        """Old rows that are no longer what they were, and a count that was sealed after decisions were."""
        if self._began is None:
            return
        record_id = public_id_of(self._began.id)
        first = db.session.scalar(select(func.min(EvidenceRecord.id)).where(EvidenceRecord.kind.in_(self._kinds)))
        if first is not None and first < self._began.id:
            text = f"record {record_id}: rows were counted as older than sealing when decisions were already sealed"
            yield Difference(BEFORE, f"record {record_id}", "id", str(self._began.id), str(first), text, record_id)
            self.tables = {}
            return
        for old in self.tables.values():
            now = count_rows(db.session.connection(), old.table, old.columns, last_id=old.last_id)
            if (now.rows, now.sha256) != (old.rows, old.sha256):
                name = f"{old.table} up to id {old.last_id}"
                text = (
                    f"{name}: {now.rows} rows with SHA-256 {now.sha256} in the table, {old.rows} with {old.sha256} in the "
                    f"sealed record {record_id} from before sealing began"
                )
                yield Difference(BEFORE, name, "sha256", now.sha256, old.sha256, text, record_id)

    def holds(self, source: RowSource, row: SealedRow) -> bool:
        """Whether a row without a record is one of those."""
        old = self.tables.get(source.old_table or "")
        return old is not None and row.old_id is not None and row.old_id <= old.last_id


class _Met:
    """The records that have met their row: one bit for each id, as far as ids go by ones; odd ids one by one."""

    def __init__(self) -> None:
        last, count = db.session.execute(select(func.max(EvidenceRecord.id), func.count())).one()
        self._bits = bytearray(min(last or 0, 2 * count + 1_000_000) // 8 + 1)
        self._odd: set[int] = set()

    def add(self, record_id: int) -> None:
        if 0 <= record_id < len(self._bits) * 8:
            self._bits[record_id >> 3] |= 1 << (record_id & 7)
        else:
            self._odd.add(record_id)

    def __contains__(self, record_id: int) -> bool:
        if 0 <= record_id < len(self._bits) * 8:
            return bool(self._bits[record_id >> 3] & 1 << (record_id & 7))
        return record_id in self._odd


class RowAudit:
    """One source held against its records. ``differences`` yields what differs; the sums are right once it is exhausted."""

    def __init__(self, source: RowSource, old: OldTables, progress: Progress) -> None:
        self._source, self._old, self._progress = source, old, progress
        self._met = _Met()
        self.rows = self.before_sealing = 0

    def differences(self) -> Iterator[Difference]:
        """Changed and added rows in the order of their ids, then records whose row is gone."""
        after, limit = BEFORE_ALL, _PAGE
        while True:
            try:
                rows = self._source.rows(after, limit)
            except UNREADABLE as error:
                if limit > 1:
                    limit = max(1, limit // 8)
                    continue
                yield self._unreadable(after, error)
                return
            if not rows:
                break
            yield from self._compare(rows)
            after, self.rows = rows[-1].id, self.rows + len(rows)
            self._progress.advance(self._source.name, len(rows))
        if self._source.every_record:
            yield from self._without_row()

    def _compare(self, rows: Sequence[SealedRow]) -> Iterator[Difference]:
        by_subject, by_id = self._records_of(rows)
        for row in rows:
            record = by_subject.get(row.subject) if row.record_id is None else by_id.get(row.record_id)
            if record is None:
                if self._old.holds(self._source, row):
                    self.before_sealing += 1
                else:
                    yield self._added(row)
                continue
            self._met.add(record.id)
            if record.destruction_id is None:
                yield from self._changed(row, record)

    def _records_of(self, rows: Sequence[SealedRow]) -> tuple[Mapping[str, Any], Mapping[int, Any]]:
        subjects = [row.subject for row in rows if row.record_id is None]
        ids = [row.record_id for row in rows if row.record_id is not None]
        by_subject = RECORDS.where(EvidenceRecord.kind.in_(self._source.kinds), EvidenceRecord.subject.in_(subjects))
        return (
            {record.subject: record for record in db.session.execute(by_subject)} if subjects else {},
            {record.id: record for record in db.session.execute(RECORDS.where(EvidenceRecord.id.in_(ids)))}
            if ids
            else {},
        )

    def _changed(self, row: SealedRow, record: Any) -> Iterator[Difference]:
        if record.kind not in self._source.kinds or (row.subject and record.subject not in (row.subject, None)):
            cited = record.subject or record.kind
            yield self._difference(
                row.name, "record", cited, row.subject, record, f"cites the sealed record of {cited}"
            )
            return
        different = self._first_difference(row, record)
        if different is not None:
            field, one, other = different
            told = f"{shown(other)} in the sealed record {public_id_of(record.id)}"
            says = f"{field} {shown(one)} in the table, {told}"
            yield self._difference(row.name, field, shown(one), shown(other), record, says)
        elif row.contradiction is not None:
            yield self._difference(row.name, "", None, None, record, row.contradiction)

    def _first_difference(self, row: SealedRow, record: Any) -> tuple[str, Any, Any] | None:
        body = unchecked_body(record)
        found: Mapping[str, Any] = {"kind": record.kind, "suite": SUITE, **row.body}
        if body == _canonical(found):
            return None
        found = _read(found)
        if record.archive_id is not None:
            found = {name: value for name, value in found.items() if value or name not in self._source.leave_archived}
        try:
            sealed = orjson.loads(body)
        except ValueError:
            return None  # the walk through the log names this record
        return first_difference(found, sealed, self._source.list_columns)

    def _added(self, row: SealedRow) -> Difference:
        text = f"{row.name}: the row is in the table, no record {row.subject} was ever sealed"
        return Difference(self._source.name, row.name, "record", row.name, None, text)

    def _unreadable(self, after: int, error: Exception) -> Difference:
        name = f"{self._source.name} after id {after}"
        why = " ".join(str(error).split())[:200]
        text = f"{name}: the next row cannot be read ({type(error).__name__}: {why})"
        return Difference(self._source.name, name, "row", why, None, text)

    def _without_row(self) -> Iterator[Difference]:
        query = (
            select(EvidenceRecord.id, EvidenceRecord.subject)
            .where(EvidenceRecord.kind.in_(self._source.kinds), EvidenceRecord.destruction_id.is_(None))
            .order_by(EvidenceRecord.id)
            .limit(_PAGE * 10)
        )
        seen = BEFORE_ALL
        while records := db.session.execute(query.where(EvidenceRecord.id > seen)).all():
            for record in records:
                if record.id not in self._met:
                    name = (record.subject or self._source.name).replace(":", " ", 1)
                    says = f"the row is gone; the sealed record {public_id_of(record.id)} says what it was"
                    yield self._difference(name, "row", None, "a row", record, says)
            seen = records[-1].id

    def _difference(
        self, name: str, field: str, found: str | None, expected: str | None, record: Any, says: str
    ) -> Difference:
        return Difference(self._source.name, name, field, found, expected, f"{name}: {says}", public_id_of(record.id))


def _canonical(body: Mapping[str, Any]) -> bytes:
    """As ``canonical_json`` writes what it accepts; of anything else nothing, so that it is compared value by value."""
    written = {
        name: orjson.Fragment(value.encode()) if isinstance(value, CanonicalText) else value
        for name, value in body.items()
    }
    try:
        return orjson.dumps(written, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return b""


def _read(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with its lists read that are written already."""
    return {
        name: json.loads(value, strict=False) if isinstance(value, CanonicalText) else value
        for name, value in body.items()
    }
