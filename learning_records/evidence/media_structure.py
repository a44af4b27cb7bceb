"""The structure of the file types that are kept, walked from the first byte to the last. Pure, standard library.

Nothing is decoded and hardly anything copied, so that a hostile file costs no more than reading it. A walk raises
``Refused``, or ``IndexError`` where the structure points past the end of the file.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from collections.abc import Iterator

Data = bytes | mmap.mmap

MOST_PIXELS = 70_000_000  # a phone's largest pictures have 64 million; more is made to fill a memory
MOST_SCANS = 32  # a progressive JPEG has about ten; each further one costs a pass over all pixels
MOST_PARTS = 100_000  # segments, chunks, boxes; a fragmented video has two boxes a second, and nothing has more
BROKEN = "文件不完整，可能没有传完或已经损坏。请找到原文件重新上传。"
_PIXELS = f"图片尺寸过大（超过{MOST_PIXELS // 10_000}万像素），请缩小后再上传。"


class Refused(Exception):
    """A file that is not taken: a stable code and a sentence for the person who sent it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def broken() -> Refused:
    """The refusal of a file that is cut short or damaged."""
    return Refused("FILE_BROKEN", BROKEN)


# JPEG: ITU-T T.81 annex B.

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive; nobody's camera makes the others
_OTHER_FRAMES = {0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither a stuffed byte nor a restart inside the scan


def check_jpeg(data: Data) -> None:
    """Every segment up to the end of the picture. What follows it stays unread: phones add moving pictures and depth."""
    at, marker, framed, scans = 2, _SOI, False, 0
    for _ in range(MOST_PARTS):
        at, marker = _marker(data, at)
        if marker == _EOI:
            break
        length = _number(data, at, 2)
        if marker <= 0x01 or 0xD0 <= marker <= _SOI or marker in _OTHER_FRAMES or length < 2:
            raise broken()
        if marker in _FRAMES:
            if framed:
                raise broken()
            _check_frame(data, at + 2)
            framed = True
        at += length
        if marker == _SOS:
            scans += 1
            entropy = _AFTER_SCAN.search(data, at)
            if not framed or scans > MOST_SCANS or entropy is None or entropy.start() == at:
                raise broken()
            at = entropy.start()
    if not scans or marker != _EOI:
        raise broken()


def _marker(data: Data, at: int) -> tuple[int, int]:
    """The marker at ``at``, fill bytes passed over, and where its segment goes on."""
    if data[at] != 0xFF:
        raise broken()
    while data[at] == 0xFF:
        at += 1
    return at + 1, data[at]


def _check_frame(data: Data, at: int) -> None:
    if data[at] != 8:  # bits a sample
        raise broken()
    _check_pixels(_number(data, at + 3, 2), _number(data, at + 1, 2))


def _check_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise broken()
    if width * height > MOST_PIXELS:
        raise Refused("PICTURE_TOO_LARGE", _PIXELS)


# PNG: ISO/IEC 15948.

_BITS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE_BYTES = 1024 * 1024


def check_png(data: Data) -> None:
    """Every chunk with its checksum, and that the picture's data inflate to exactly as many bytes as it has pixels for."""
    chunks = _chunks(data)
    kind, header = next(chunks)
    if kind != b"IHDR" or len(header) != 13:
        raise broken()
    expected, inflated = _inflated_bytes(header), 0
    inflate = zlib.decompressobj()
    for kind, body in chunks:
        if kind != b"IDAT":
            continue
        while body and not inflate.eof:
            try:
                inflated += len(inflate.decompress(body, _PIECE_BYTES))
            except zlib.error as error:
                raise broken() from error
            if inflated > expected:
                raise broken()
            body = inflate.unconsumed_tail
    if inflated != expected or not inflate.eof:
        raise broken()


def _chunks(data: Data) -> Iterator[tuple[bytes, bytes]]:
    at, kind = 8, b""
    for _ in range(MOST_PARTS):
        length = _number(data, at, 4)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if len(body) != length or zlib.crc32(body, zlib.crc32(kind)) != _number(data, at + 8 + length, 4):
            raise broken()
        yield kind, body
        at += 12 + length
        if kind == b"IEND":
            break
    if kind != b"IEND":
        raise broken()
    if at != len(data):  # a cropped screenshot with the rest of the picture still behind it, or something else
        raise Refused("FILE_BROKEN", "图片后面还有多余的内容，请用看图软件打开后另存一份再上传。")


def _inflated_bytes(header: bytes) -> int:
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth not in _BITS.get(color, ()) or interlaced > 1:
        raise broken()
    _check_pixels(width, height)
    bits = depth * _CHANNELS[color]
    passes = [(0, 0, 1, 1)] if not interlaced else _ADAM7
    total = 0
    for left, top, across, down in passes:
        columns, rows = (width - left + across - 1) // across, (height - top + down - 1) // down
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


# PDF: ISO 32000-1, 7.5.

_VERSION = re.compile(rb"%PDF-[12]\.[0-9]")
_ENDING = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF[\s\x00]*\Z")
_REFERENCES = re.compile(rb"xref\s|\d+\s+\d+\s+obj\b")
_ROOT = re.compile(rb"/Root\s*\d+\s+\d+\s+R")
_CATALOG = re.compile(rb"/Type\s*/(?:Catalog|ObjStm)")
_ENDING_BYTES = 2048
_SLACK_BYTES = 32  # by so much scanners' programs miscount; every reader puts it right


def check_pdf(data: Data) -> None:
    """The header, the end, the table of references it points to, the root, and a catalog (plain or in an object stream)."""
    ending = _ENDING.search(data[-_ENDING_BYTES:])
    if not _VERSION.match(data) or ending is None:
        raise broken()
    at = int(ending[1])
    if not _REFERENCES.search(data, max(0, at - _SLACK_BYTES), at + 2 * _SLACK_BYTES):
        raise broken()
    if not _ROOT.search(data) or not _CATALOG.search(data) or data.find(b"endobj") < 0:
        raise broken()


# MP4 and MOV: ISO/IEC 14496-12.

_BOX = re.compile(rb"[ -~\xa9]{4}")


def check_mp4(data: Data) -> None:
    """Every box at the top, one after the other to the end of the file, with an index and with something it can point to."""
    kinds, at = set(), 0
    for _ in range(MOST_PARTS):
        size, header = _number(data, at, 4), 8
        kind = data[at + 4 : at + 8]
        if size == 1:
            size, header = _number(data, at + 8, 8), 16
        elif size == 0:
            size = len(data) - at  # the last box, as far as the file goes
        if size < header or not _BOX.fullmatch(kind) or at + size > len(data):
            raise broken()
        kinds.add(kind)
        at += size
        if at == len(data):
            break
    if at != len(data) or not kinds >= {b"ftyp", b"moov", b"mdat"}:
        raise broken()


def _number(data: Data, at: int, size: int) -> int:
    """The big-endian number of ``size`` bytes at ``at``. Raises ``IndexError`` past the end."""
    number = data[at : at + size]
    if len(number) != size:
        raise IndexError(at)
    return int.from_bytes(number, "big")
