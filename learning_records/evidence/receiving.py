"""Taking a file in: what may be handed in as what, and the examination before it is kept. No database here."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config import blobs
from config.errors import Invalid
from learning_records.evidence.media_opening import check_opens
from learning_records.evidence.media_types import JPEG, JSON, MP4, PDF, PNG, QUICKTIME, MediaType, clean_name, sniff

PHOTO_BYTES = 10 * 1024**2
PAPER_BYTES = 20 * 1024**2
VIDEO_BYTES = 500 * 1024**2


@dataclass(frozen=True)
class Kind:
    """As what a file may be handed in: the word for it, the size it may have, the types it may be of."""

    word: str
    limit_bytes: int
    media_types: tuple[MediaType, ...]


_SCANNED = (PDF, JPEG, PNG)

KINDS: Mapping[str, Kind] = {
    "photo": Kind("图片", PHOTO_BYTES, (JPEG, PNG)),
    "video": Kind("视频", VIDEO_BYTES, (MP4, QUICKTIME)),
    "paper": Kind("盖章材料", PAPER_BYTES, (PDF, JPEG, PNG)),
    "statement": Kind("第三方平台资料", PAPER_BYTES, (PDF, JPEG, PNG, JSON)),
    "business_licence": Kind("营业执照等资质证明", PAPER_BYTES, _SCANNED),
    "training_scheme": Kind("线上培训方案", PAPER_BYTES, _SCANNED),
    "entrustment_agreement": Kind("委托培训协议", PAPER_BYTES, _SCANNED),
    "dispatch_agreement": Kind("劳务派遣协议", PAPER_BYTES, _SCANNED),
    "platform_agreement": Kind("平台服务协议", PAPER_BYTES, _SCANNED),
    "platform_settlement": Kind("平台报酬结算记录", PAPER_BYTES, _SCANNED),
    "stop_work_proof": Kind("停工证明", PAPER_BYTES, _SCANNED),
    "other_document": Kind("其他材料", PAPER_BYTES, _SCANNED),
}
"""A further kind is a further line; the database takes any."""


@dataclass(frozen=True)
class ReceivedFile:
    """A file that was examined and is kept, though nothing refers to it yet."""

    kind: str
    name: str
    media_type: str
    sha256: str
    size_bytes: int


def receive(*, kind: str, name: str, stream: blobs.Source) -> ReceivedFile:
    """Examine a file by its content and keep it. No transaction: run this before the one that calls ``add``.

    Raises ``Invalid`` ATTACHMENT_KIND, FILE_EMPTY, FILE_TOO_LARGE, FILE_TYPE, FILE_HEIC, FILE_BROKEN, FILE_HIDES_ANOTHER,
    PICTURE_TOO_LARGE, VIDEO_NO_PICTURE, VIDEO_CODEC; ``Unavailable`` FILE_STORE_FULL.
    """
    if kind not in KINDS:
        raise Invalid("ATTACHMENT_KIND", "请选择资料类别。")
    found: list[MediaType] = []

    def examine(path: Path) -> None:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            media_type = sniff(data)
        _require_type(kind, media_type)
        check_opens(path, media_type)
        found.append(media_type)

    blob = blobs.put(stream, limit_bytes=KINDS[kind].limit_bytes, examine=examine)
    return ReceivedFile(kind, clean_name(name, found[0]), found[0].name, blob.sha256, blob.size_bytes)


def _require_type(kind: str, media_type: MediaType) -> None:
    if media_type in KINDS[kind].media_types:
        return
    taken = "、".join(item.word for item in KINDS[kind].media_types)
    others = [item.word for item in KINDS.values() if media_type in item.media_types]
    hint = f"如类别选错了，请改选“{others[0]}”再上传。" if others else "请换成这几种再上传。"
    raise Invalid("FILE_TYPE", f"“{KINDS[kind].word}”只收{taken}，这份文件是{media_type.word}。{hint}")
