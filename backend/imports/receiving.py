"""How a batch arrives: as a table from an enterprise's agent, with the platform's stamped paper, or as a platform's call."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.imports.batches import apply, open_batch, seal
from backend.imports.models import ImportBatch
from backend.imports.reading import read_record
from backend.imports.rules import ATTESTED, Fault, Row, Unread
from backend.imports.signing import SIGNATURE_BYTES, signer_of, statement_of
from backend.imports.tables import LIMITS, Table, find_table
from backend.imports.views import BatchView, VerdictView, batch_views
from backend.plans import services as plans
from backend.plans.services import ClassView
from backend.platforms import services as platforms
from backend.platforms.services import OURS, PlatformView
from config import blobs, clock
from config.crypto import sha256_hex
from config.database import new_public_id
from config.errors import Invalid, NotFound
from learning_records.evidence import attachments
from learning_records.evidence.attachments import ReceivedFile

TABLE = "table"
"""As what a platform's table is attached to its batch."""
_MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_LONGEST_NAME = 100


@dataclass(frozen=True)
class KeptTable:
    """A table that was looked through and is kept, though nothing refers to it yet."""

    file: ReceivedFile
    table: Table


@dataclass(frozen=True)
class Statement:
    """A platform's signed statement, verified; it is kept though nothing refers to it yet."""

    file: ReceivedFile
    signing_key_id: int
    signature: bytes


def keep_table(*, name: str, source: blobs.Source) -> KeptTable:
    """Look a table through and keep the file. No transaction: run this before the one that calls ``receive_table``.

    Raises what ``tables.find_table`` raises, ``Invalid`` FILE_EMPTY, FILE_TOO_LARGE, ``Unavailable`` FILE_STORE_FULL.
    """
    found: list[Table] = []

    def examine(path: Path) -> None:
        found.append(find_table(path))

    blob = blobs.put(source, limit_bytes=LIMITS.file_bytes, examine=examine)
    table = found[0]
    file = ReceivedFile(TABLE, _clean(name, table.kind), _MEDIA_TYPES[table.kind], blob.sha256, blob.size_bytes)
    return KeptTable(file, table)


def _clean(name: str, ending: str) -> str:
    """The name without folders and control characters, with the ending of what it is."""
    stem = "".join(letter for letter in Path(name.replace("\\", "/")).name if letter.isprintable()).strip()
    stem = stem.rpartition(".")[0] or stem or "学习记录"
    return f"{stem[: _LONGEST_NAME - 5]}.{ending}"


def keep_paper(*, name: str, source: blobs.Source) -> ReceivedFile:
    """Examine a stamped paper (PDF or picture) and keep it, outside any transaction. Raises as ``attachments.receive``."""
    return attachments.receive(kind="paper", name=name, stream=source)


def receive_table(
    *,
    enterprise_id: int,
    class_id: UUID,
    platform_code: str,
    kept: KeptTable,
    papers: Sequence[ReceivedFile],
    actor: str,
) -> BatchView:
    """Enter a table of a platform for one class of the enterprise; a job judges its rows.

    What an agent types is a platform's record only with the platform's stamp on paper. Raises ``NotFound``
    CLASS_NOT_FOUND (another enterprise's too), PLATFORM_UNKNOWN; ``Invalid`` PLATFORM_IS_OURS, PAPER_REQUIRED.
    """
    class_view = plans.class_view(class_id)
    if class_view.enterprise_id != enterprise_id:
        raise NotFound("CLASS_NOT_FOUND", "找不到该班级，请从列表重新选择。")
    platform = _of_another(platforms.find_platform(platform_code))
    if not papers:
        raise Invalid(
            "PAPER_REQUIRED",
            "请上传平台盖章的证明材料（PDF或图片）：没有平台盖章，表格里的记录不能作为平台的记录收录。",
            errors=[{"field": "paper", "detail": "请上传盖章材料"}],
        )
    batch = _batch(platform, class_view, kept.file.sha256, actor)
    batch.source, batch.file_name = "table", kept.file.name
    batch.layout, batch.rows_expected = kept.table.layout(), kept.table.rows_expected
    return batch_views([open_batch(batch, papers=[*papers, kept.file], actor=actor)])[0]


def check_statement(*, platform_id: UUID, said: Mapping[str, Any], signature: bytes) -> Statement:
    """Verify a call's signature and keep what was signed, outside any transaction.

    Raises ``NotFound`` PLATFORM_UNKNOWN, ``Invalid`` SIGNATURE_INVALID.
    """
    platform, statement = platforms.platform_by_public_id(platform_id), statement_of(said)
    if len(signature) != SIGNATURE_BYTES:
        raise Invalid("SIGNATURE_INVALID", "签名应为64字节Ed25519签名的Base64。")
    key = signer_of(platform=platform, statement=statement, signature=signature)
    file = attachments.receive(kind="statement", name="签名声明.json", stream=io.BytesIO(statement))
    return Statement(file, key.id, signature)


@dataclass(frozen=True)
class CallOutcome:
    """What became of a platform's call: its batch, sealed, and a verdict for each record in the order sent."""

    batch: BatchView
    verdicts: tuple[VerdictView, ...]


def receive_call(*, platform_id: UUID, said: Mapping[str, Any], statement: Statement | None, actor: str) -> CallOutcome:
    """Take in the records of a platform's call (at most 1,000, types checked by the door) for the class of its code.

    ``said`` holds ``class_code`` and ``records``. Class hours without intervals need the platform's signed statement, as a
    table needs its stamped paper. Raises ``NotFound`` PLATFORM_UNKNOWN, CLASS_CODE_UNKNOWN; ``Invalid`` PLATFORM_IS_OURS.
    """
    platform = _of_another(platforms.platform_by_public_id(platform_id))
    class_view = plans.class_of_code(said["class_code"])
    now = clock.now()
    rows = [read_record(number, record, now) for number, record in enumerate(said["records"], start=1)]
    batch = _batch(platform, class_view, sha256_hex(statement_of(said)), actor)
    batch.source, batch.rows_expected = "call", len(rows)
    if statement is not None:
        batch.signing_key_id, batch.signature = statement.signing_key_id, statement.signature
    open_batch(batch, papers=[statement.file] if statement else [], actor=actor)
    outcomes = apply(batch, [row if statement else _needs_statement(row) for row in rows])
    seal(batch)
    return CallOutcome(batch_views([batch])[0], tuple(VerdictView(**asdict(item.judged)) for item in outcomes))


def _needs_statement(row: Row | Unread) -> Row | Unread:
    if isinstance(row, Unread) or row.grade != ATTESTED:
        return row
    said = "只有课时数的记录须附平台的签名声明，请对整个请求签名后再提交；有起止时刻的请按起止时刻提交。"
    return Unread(row.number, row.external_id, (Fault("STATEMENT_REQUIRED", said),))


def _of_another(platform: PlatformView) -> PlatformView:
    if platform.code == OURS:
        raise Invalid("PLATFORM_IS_OURS", "本系统自己的学习会自动记录，不需要导入；请选择记录所在的平台。")
    return platform


def _batch(platform: PlatformView, class_view: ClassView, file_sha256: str, actor: str) -> ImportBatch:
    return ImportBatch(
        public_id=new_public_id(),
        platform_id=platform.id,
        enterprise_id=class_view.enterprise_id,
        class_ref=class_view.class_id,
        file_name="",
        file_sha256=file_sha256,
        layout=None,
        received_by=actor,
        received_at=clock.now(),
        status="waiting",
        failure="",
        last_number=0,
        rows_taken=0,
        rows_same=0,
        rows_refused=0,
        learned_seconds=0,
        claimable_seconds=0,
    )
