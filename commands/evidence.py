"""``flask evidence trace TRANSFER_KEY|RECORD_ID``: from a credited second back to the beats that counted it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext

from backend.study import services as study
from backend.study.services import ImportedFrom, Trace, TracedPiece, TracedRecord
from commands import log as log_commands
from commands.audit import audit_command
from commands.bundles import bundle
from commands.receipts import follow
from commands.retention import archive
from config.clock import SHANGHAI
from config.errors import DomainError

_SHOWN_DIGITS = 16


@click.group("evidence")
def evidence() -> None:
    """Sealed records and their log: trace credited time back to its beats, bring the log to order."""


for command in (audit_command, log_commands.restart_log, log_commands.keep_checkpoint, follow, bundle, archive):
    evidence.add_command(command)


@evidence.command("trace")
@click.argument("reference")
@click.option(
    "--second", type=click.IntRange(min=0), help="Also find the beat behind this second of the transfer (from 0)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def trace(reference: str, second: int | None, as_json: bool) -> None:
    """Trace REFERENCE: the key of a transfer of the credit bank, or the id of an evidence record.

    Exit 1 when it does not exist or a record under it is not intact.
    """
    record_id = _record_id(reference)
    if record_id is not None and second is not None:
        raise click.UsageError("--second 只能用于交易编号")
    try:
        found = (
            study.trace_record(record_id=record_id) if record_id else study.trace(transfer_key=reference, second=second)
        )
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2, default=_plain) if as_json else _text(found))
    if any(record.problems for record in found.records):
        raise SystemExit(1)


def _record_id(reference: str) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _text(found: Trace) -> str:
    lines = []
    if found.transfer is not None:
        moved = found.transfer
        lines.append(
            f"交易 {moved.key}：{moved.kind}，{moved.from_kind} → {moved.to_kind}，{moved.amount_seconds}秒，{_local(moved.at)}"
        )
    for record in found.records:
        lines += _record_lines(record)
    if found.second is not None:
        lines.append(f"该秒：{_local(found.second.at)}，存证 {found.second.record_id}")
        lines += [
            f"    心跳 {beat.seq}：位置{beat.position_ms}毫秒，{_local(beat.arrived_at)}到达，计{beat.counted_ms}毫秒"
            for beat in found.second.beats
        ]
    return "\n".join(lines)


def _record_lines(record: TracedRecord) -> list[str]:
    state = "完好" if not record.problems else "有问题：" + "；".join(record.problems)
    if record.erased is not None and not record.problems:
        state = f"正文已按期限销毁（销毁证明 {record.erased.certificate_id}），存证和证明仍有效"
    head = (
        f"存证 {record.record_id}（{record.kind}，叶 {record.leaf_hash[:_SHOWN_DIGITS]}…）：{record.seconds}秒，{state}"
    )
    if record.imported is None:
        return [head, *(_piece_line(piece, "无心跳") for piece in record.pieces)]
    return [head, _imported_line(record.imported), *(_piece_line(piece, "平台记录") for piece in record.pieces)]


def _imported_line(source: ImportedFrom) -> str:
    said = "有起止时刻" if source.local_on is None else f"{source.local_on}，{source.class_hours}课时，没有起止时刻"
    return f"    {source.title}，等级 {source.grade}（{said}），平台编号 {source.external_id}"


def _piece_line(piece: TracedPiece, without_beats: str) -> str:
    beats = f"心跳 {piece.beats[0].seq}–{piece.beats[-1].seq}" if piece.beats else without_beats
    sign = "已签到" if piece.under_check_in else "未签到"
    return (
        f"    {_local(piece.started_at)} 至 {_local(piece.ended_at)}，"
        f"课件 {piece.media_from_ms}–{piece.media_to_ms} 毫秒，{sign}，{beats}"
    )
