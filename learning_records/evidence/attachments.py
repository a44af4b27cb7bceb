"""Pictures, videos and papers kept with the evidence (四.2): examined, kept under their hash, sealed into the log.

Two steps, because a video of 500 MB must not hold up a transaction and a repeated one could not read it again: ``receive``
(see ``receiving``) examines and keeps the file, outside any transaction; ``add`` seals what it gave and enters the row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from config import blobs, clock
from config.database import db, is_sqlite, new_public_id
from config.errors import Conflict, NotFound
from learning_records.evidence.attachment_models import KIND, Attachment
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.receiving import KINDS, Kind, ReceivedFile, receive
from learning_records.evidence.services import seal
from learning_records.sealed_rows import SealedRow

__all__ = [
    "KINDS",
    "AttachmentView",
    "Kind",
    "ReceivedFile",
    "add",
    "count_sealed_rows",
    "forget",
    "get_attachment",
    "list_of",
    "open_attachment",
    "problems_of_files",
    "receive",
    "remove_files",
    "sealed_rows",
]

MOST_FILES = 500  # of one context: 24 class hours with twenty pictures each
MOST_BYTES = 20 * 1024**3  # of one context


@dataclass(frozen=True)
class AttachmentView:
    """A kept file. ``record_id`` is the public id of its evidence record, ``log_index`` its place in the log once it has one.

    ``state``: ``kept``; ``destroyed``, when its time was over (the name is empty then); ``missing``, when the store lost it.
    ``repeated``: ``add`` found it there already.
    """

    attachment_id: UUID
    record_id: UUID
    context_ref: UUID
    owner_ref: UUID
    kind: str
    name: str
    media_type: str
    sha256: str
    size_bytes: int
    uploaded_by: str
    uploaded_at: datetime
    log_index: int | None
    state: str
    repeated: bool = False


def add(*, context_ref: UUID, owner_ref: UUID, file: ReceivedFile, uploaded_by: str) -> AttachmentView:
    """Seal a received file and attach it. The same file of the same kind twice in one context gives back the first.

    ``uploaded_by`` is written as in the audit trail (``staff:<public id>``). Raises ``Conflict`` ATTACHMENTS_FULL,
    ATTACHMENT_DESTROYED (this very file was here and its time is over), ATTACHMENT_FILE_GONE (send it again).
    """
    first = _first(context_ref, owner_ref, file)
    if first is not None:
        return first
    _require_room(context_ref, file)
    try:
        with db.session.begin_nested():
            attachment_id = _enter(context_ref, owner_ref, file, uploaded_by)
    except IntegrityError:  # somebody sent the same file at the same moment
        first = _first(context_ref, owner_ref, file)
        if first is None:
            raise
        return first
    if not blobs.exists(file.sha256):  # a destruction of the same bytes came between receiving and adding
        raise Conflict("ATTACHMENT_FILE_GONE", "文件没有保存成功，请重新上传。")
    return get_attachment(attachment_id=attachment_id)


def list_of(*, context_ref: UUID) -> list[AttachmentView]:
    """Everything attached to a context, the newest first."""
    return _select(Attachment.context_ref == context_ref)


def get_attachment(*, attachment_id: UUID) -> AttachmentView:
    """One attachment. Raises ``NotFound`` ATTACHMENT_NOT_FOUND."""
    found = _select(Attachment.public_id == attachment_id)
    if not found:
        raise NotFound("ATTACHMENT_NOT_FOUND", "没有找到这份资料，请从列表重新打开。")
    return found[0]


def open_attachment(*, attachment_id: UUID) -> tuple[AttachmentView, Path]:
    """An attachment and where its bytes can be read, which are those that were sealed: all of them are read to know.

    Raises ``NotFound`` ATTACHMENT_NOT_FOUND, ATTACHMENT_DESTROYED, FILE_NOT_FOUND; ``Conflict`` ATTACHMENT_ALTERED.
    """
    found = get_attachment(attachment_id=attachment_id)
    if found.state == "destroyed":
        raise NotFound("ATTACHMENT_DESTROYED", "这份资料保存期满，已按期销毁，只留下哈希值和存证编号。")
    if found.state == "missing":
        raise NotFound("FILE_NOT_FOUND", "文件库里找不到这份文件，请联系管理员从备份恢复。存证记录仍在。")
    if not blobs.intact(found.sha256):
        raise Conflict("ATTACHMENT_ALTERED", "文件内容与存证时的哈希值不符，已停止下载。请联系管理员核查并从备份恢复。")
    return found, blobs.path_of(found.sha256)


def forget(*, record_ids: Collection[int]) -> list[str]:
    """After the bodies of these records were erased, in the same transaction: take away the names of their files.

    Gives the SHA-256 of every file concerned; ``remove_files`` takes them once the transaction is over.
    """
    concerned = Attachment.record_id.in_(record_ids)
    db.session.execute(update(Attachment).where(concerned, Attachment.name != "").values(name=""))
    return sorted(set(db.session.scalars(select(Attachment.sha256).where(concerned))))


def remove_files(*, sha256s: Collection[str]) -> int:
    """Remove those of the files that no attachment needs any longer; how many. In a transaction of its own, after that of
    ``forget``: a file is gone at once, whatever becomes of the transaction."""
    if not is_sqlite():  # nothing enters between looking and removing; on SQLite there is one writer anyway
        db.session.execute(text("LOCK TABLE attachment IN SHARE ROW EXCLUSIVE MODE"))
    needed = set(
        db.session.scalars(select(Attachment.sha256).where(Attachment.sha256.in_(sha256s), Attachment.name != ""))
    )
    return sum(blobs.remove(sha256) for sha256 in set(sha256s) - needed)


def count_sealed_rows() -> int:
    """How many attachments there are."""
    return db.session.scalar(select(func.count()).select_from(Attachment)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next attachments after that id, as the table has them now; the name of a destroyed one is left out."""
    rows = db.session.scalars(
        select(Attachment)
        .where(Attachment.id > after_id)
        .order_by(Attachment.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()
    return [
        SealedRow(
            id=row.id,
            name=f"{KIND} {row.public_id}",
            subject=f"{KIND}:{row.public_id}",
            record_id=row.record_id,
            body={key: value for key, value in _body(row).items() if key != "name" or value},
        )
        for row in rows
    ]


def problems_of_files(advance: Callable[[int], None] = lambda _: None) -> Iterator[tuple[str, str]]:
    """(``attachment <public id>``, what is wrong) of every kept attachment whose file is lost or changed, for the audit, which
    reads all of them. ``advance`` is told 1 for each attachment looked at."""
    rows = db.session.execute(
        select(Attachment.public_id, Attachment.sha256, Attachment.name).order_by(Attachment.sha256, Attachment.id)
    ).all()
    last, problem = "", ""
    for public_id, sha256, name in rows:
        if name and sha256 != last:
            last = sha256
            lost = not blobs.exists(sha256)
            problem = "its file is lost" if lost else "" if blobs.intact(sha256) else "its file was changed"
        if name and problem:
            yield f"{KIND} {public_id}", problem
        advance(1)


def _require_room(context_ref: UUID, file: ReceivedFile) -> None:
    count, size = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Attachment.size_bytes), 0)).where(
            Attachment.context_ref == context_ref
        )
    ).one()
    if count >= MOST_FILES:
        raise Conflict("ATTACHMENTS_FULL", f"同一班级或批次最多保存{MOST_FILES}份资料。请把图片合成一份PDF后再上传。")
    if size + file.size_bytes > MOST_BYTES:
        raise Conflict(
            "ATTACHMENTS_FULL", f"同一班级或批次的资料合计不能超过{MOST_BYTES // 1024**3}GB。请压缩视频后再上传。"
        )


def _first(context_ref: UUID, owner_ref: UUID, file: ReceivedFile) -> AttachmentView | None:
    found = _select(
        Attachment.context_ref == context_ref,
        Attachment.owner_ref == owner_ref,
        Attachment.kind == file.kind,
        Attachment.sha256 == file.sha256,
    )
    if not found:
        return None
    if found[0].state == "destroyed":
        raise Conflict("ATTACHMENT_DESTROYED", "这份文件以前在这里保存过，保存期满已按期销毁，不能再放回来。")
    return replace(found[0], repeated=True)


def _enter(context_ref: UUID, owner_ref: UUID, file: ReceivedFile, uploaded_by: str) -> UUID:
    row = Attachment(
        public_id=new_public_id(),
        context_ref=context_ref,
        owner_ref=owner_ref,
        kind=file.kind,
        media_type=file.media_type,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        name=file.name,
        uploaded_by=uploaded_by,
        uploaded_at=clock.now(),
    )
    sealed = seal(kind=KIND, body=_body(row), subject=f"{KIND}:{row.public_id}", context_ref=context_ref)
    row.record_id = sealed.record_id
    db.session.add(row)
    db.session.flush()
    return row.public_id


def _body(row: Attachment) -> dict[str, Any]:
    """What is sealed. ``handed_in_as`` is the kind of the attachment; ``kind`` is taken by every record for its own."""
    return {
        "attachment": str(row.public_id),
        "handed_in_as": row.kind,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
        "media_type": row.media_type,
        "name": row.name,
        "context": str(row.context_ref),
        "owner": str(row.owner_ref),
        "uploaded_by": row.uploaded_by,
        "at_ms": clock.epoch_ms(row.uploaded_at),
    }


def _select(*conditions: Any) -> list[AttachmentView]:
    rows = db.session.execute(
        select(Attachment, EvidenceRecord.public_id, EvidenceEntry.log_index)
        .join(EvidenceRecord, EvidenceRecord.id == Attachment.record_id)
        .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
        .where(*conditions)
        .order_by(Attachment.id.desc())
        .execution_options(populate_existing=True)
    )
    return [_view(row, record_id, log_index) for row, record_id, log_index in rows]


def _view(row: Attachment, record_id: UUID, log_index: int | None) -> AttachmentView:
    return AttachmentView(
        attachment_id=row.public_id,
        record_id=record_id,
        context_ref=row.context_ref,
        owner_ref=row.owner_ref,
        kind=row.kind,
        name=row.name,
        media_type=row.media_type,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        log_index=log_index,
        state="destroyed" if not row.name else "kept" if blobs.exists(row.sha256) else "missing",
    )
