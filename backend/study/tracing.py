"""追溯: from a credited second back to the beats that counted it (四.2: 学习过程可查询、可追溯)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backend.credit_bank import services as credit_bank
from backend.credit_bank.rules import LotSlice, TransferView
from backend.platforms import services as platforms
from backend.study.banking import SESSION, banked
from backend.study.importing import KINDS
from backend.study.views import ImportedFrom, Trace, TracedBeat, TracedPiece, TracedRecord, TracedSecond
from config import clock
from config.errors import Invalid
from learning_records.evidence import services as evidence
from learning_records.evidence.services import RecordView
from learning_records.sessions import services as sessions

_RECOUNTS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    sessions.EVIDENCE_KIND: sessions.problems_of_session_record,
    KINDS["imported"]: sessions.problems_of_imported_record,
    KINDS["attested"]: sessions.problems_of_attested_record,
}


def trace(*, transfer_key: str, second: int | None = None) -> Trace:
    """Every evidence record under a transfer, checked, with its beats; with ``second`` (from 0) also that very second.

    Raises ``NotFound`` TRANSFER_NOT_FOUND; ``Invalid`` SECOND_OUT_OF_RANGE.
    """
    transfer = credit_bank.get_transfer(key=transfer_key)
    slices = credit_bank.lots_of(transfer_key=transfer_key)
    records = tuple(
        _traced(evidence.get_record(record_id=item.evidence_record_id), item.seconds, item.deposit_key)
        for item in slices
    )
    return Trace(transfer, records, None if second is None else _second(transfer, slices, records, second))


def trace_record(*, record_id: UUID) -> Trace:
    """One evidence record with its beats, by its public id. Raises ``NotFound`` EVIDENCE_NOT_FOUND."""
    record = evidence.trace(record_public_id=record_id)
    deposits = credit_bank.transfers_of_record(evidence_record_id=record.record_id)
    seconds = sum(deposit.amount_seconds for deposit in deposits if deposit.to_kind == "learned")
    return Trace(None, (_traced(record, seconds, deposits[0].key if deposits else ""),), None)


def _traced(record: RecordView, seconds: int, deposit_key: str) -> TracedRecord:
    problems = list(record.problems)
    recount = _RECOUNTS.get(record.kind)
    if recount is not None and record.body:
        problems += recount(record.body)
    beats = [*_beats_before_midnight(record.body), *record.body.get("beats", [])]
    return TracedRecord(
        record_id=record.public_id,
        kind=record.kind,
        leaf_hash=record.leaf_hash,
        sealed_at=record.sealed_at,
        seconds=seconds,
        deposit_key=deposit_key,
        problems=tuple(problems),
        pieces=tuple(_piece(item, beats) for item in record.body.get("pieces", [])),
        body=record.body,
        imported=_imported(record),
        erased=record.erased,
    )


def _imported(record: RecordView) -> ImportedFrom | None:
    if record.kind not in KINDS.values() or not record.body:
        return None
    body = record.body
    return ImportedFrom(
        platform_name=platforms.find_platform(body["platform"]).name,
        external_id=body["external_id"],
        grade=body["grade"],
        course=body["course"],
        lesson=body["lesson_title"],
        local_on=date(1970, 1, 1) + timedelta(days=body["local_day"]) if "local_day" in body else None,
        class_hours=body.get("class_hours"),
    )


def _beats_before_midnight(body: dict[str, Any]) -> list[list[Any]]:
    """The beats of the session that midnight split this one from: some of them counted time after midnight."""
    if not body.get("continues"):
        return []
    row = banked(SESSION, UUID(body["continues"]))
    if row is None:
        return []
    beats: list[list[Any]] = evidence.get_record(record_id=row.evidence_record_id).body.get("beats", [])
    return beats


def _piece(item: Sequence[Any], beats: Sequence[Sequence[Any]]) -> TracedPiece:
    started, ended, media_from, media_to, under_check_in = item
    behind = [beat for beat in beats if beat[4] and beat[3] < ended and beat[3] + beat[4] > started]
    return TracedPiece(
        clock.from_epoch_ms(started),
        clock.from_epoch_ms(ended),
        media_from,
        media_to,
        bool(under_check_in),
        tuple(_beat(beat) for beat in behind),
    )


def _beat(beat: Sequence[Any]) -> TracedBeat:
    seq, position_ms, arrived_ms, counted_from_ms, counted_ms, code = beat
    return TracedBeat(
        seq, position_ms, clock.from_epoch_ms(arrived_ms), clock.from_epoch_ms(counted_from_ms), counted_ms, code
    )


def _second(
    transfer: TransferView, slices: Sequence[LotSlice], records: Sequence[TracedRecord], second: int
) -> TracedSecond | None:
    """The ``second``-th second of a transfer, lots in order. None for an allowance, which no beat counted."""
    if not 0 <= second < transfer.amount_seconds:
        raise Invalid(
            "SECOND_OUT_OF_RANGE",
            f"这笔交易共{transfer.amount_seconds}秒，请给出0到{transfer.amount_seconds - 1}之间的数。",
        )
    for item, record in zip(slices, records, strict=True):
        if second < item.seconds:
            return _second_of(record, second, item.deposit_key)
        second -= item.seconds
    return None


def _second_of(record: TracedRecord, second: int, deposit_key: str) -> TracedSecond | None:
    deposit = credit_bank.get_transfer(key=deposit_key)
    if deposit.kind == "allowance":
        return None
    pieces = [piece for piece in record.pieces if piece.under_check_in or deposit.to_kind == "learned"]
    offset_ms = second * 1000
    for piece in pieces:
        started_ms, ended_ms = clock.epoch_ms(piece.started_at), clock.epoch_ms(piece.ended_at)
        last = piece is pieces[-1]  # a remainder of the session before can make the deposit a second longer
        if offset_ms < ended_ms - started_ms or last:
            at_ms = min(started_ms + offset_ms, ended_ms - 1)
            beats = tuple(
                beat
                for beat in piece.beats
                if clock.epoch_ms(beat.counted_from) <= at_ms < clock.epoch_ms(beat.counted_from) + beat.counted_ms
            )
            return TracedSecond(record.record_id, clock.from_epoch_ms(at_ms), beats)
        offset_ms -= ended_ms - started_ms
    return None
