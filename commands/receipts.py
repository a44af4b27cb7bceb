"""``flask evidence follow FILE``: where a receipt leads, from the phone's file to the log's checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from config.clock import SHANGHAI
from config.errors import DomainError
from learning_records.sessions import services as sessions
from learning_records.sessions.following import PROBLEMS
from learning_records.sessions.services import Followed, Receipt

_LARGEST_FILE_BYTES = 1_000_000
_KEPT = ("open", "sealed", "erased")


@click.command("follow")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the proof and the signed statement.")
@with_appcontext
def follow(file: Path, as_json: bool) -> None:
    """Follow the receipt in FILE (payload, signature, key_id; or a whole answer with a receipt in it).

    Exit 1 when it is not ours, or what it promised is not there.
    """
    try:
        found = sessions.follow_receipt(receipt=_receipt(file))
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    click.echo(json.dumps(_facts(found), ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(found)))
    if found.outcome not in _KEPT:
        raise SystemExit(1)


def _receipt(file: Path) -> Receipt:
    try:
        with file.open("rb") as opened:
            said: Any = json.loads(opened.read(_LARGEST_FILE_BYTES))
        said = said.get("receipt", said)
        receipt = Receipt(said["payload"], said["signature"], said["key_id"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise click.ClickException("这个文件里没有回执。回执是含 payload、signature、key_id 三项的 JSON。") from error
    if not all(isinstance(text, str) for text in vars(receipt).values()):
        raise click.ClickException("回执的 payload、signature、key_id 三项都必须是文字。")
    return receipt


def _facts(found: Followed) -> dict[str, Any]:
    receipt, record, proof = found.receipt, found.record, found.proof
    return {
        "outcome": found.outcome,
        "sentence": found.sentence,
        "session_id": str(receipt.session_id),
        "seq": receipt.seq,
        "server_time": receipt.server_time.isoformat(),
        "sealed_by": receipt.sealed_by.isoformat(),
        "record_id": record and str(record.public_id),
        "entry": record and record.entry.decode(),
        "log_index": proof and proof.index,
        "proof": proof and proof.text,
        "certificate_id": record and record.erased and str(record.erased.certificate_id),
        "problems": list(found.problems),
        "statement": vars(found.statement),
    }


def _lines(found: Followed) -> list[str]:
    receipt, record, proof = found.receipt, found.record, found.proof
    lines = [
        found.sentence,
        f"回执：学习 {receipt.session_id}，第{receipt.seq}条心跳，{_local(receipt.server_time)}签发，"
        f"承诺{_local(receipt.sealed_by)}前封存",
    ]
    if record is not None:
        lines.append(f"存证：{record.public_id}（叶 {record.leaf_hash}）")
        if record.erased is not None:
            lines.append(f"销毁：{_local(record.erased.destroyed_at)}，证书 {record.erased.certificate_id}")
    if proof is not None:
        origin, size = proof.checkpoint.split("\n")[:2]
        lines.append(f"日志：{origin} 第{proof.index}条，检查点共{size}条")
    return lines + [f"不符：{PROBLEMS[code]}" for code in found.problems]


def _local(at: Any) -> str:
    return str(at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"))
