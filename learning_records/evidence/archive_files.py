"""The file of an archive: bodies of records, packed and encrypted one by one, with random access by their index in the log.

    chuangke-archive@1\\n
    header length (4 bytes), header: canonical JSON {"dictionary" (base64), "month", "records", "tree_size"}
    bodies, in the order of the log: nonce (12 bytes) || AES-256-GCM(deflate(body))
    places: for each body its log index (8 bytes), offset (8 bytes), length (4 bytes)
    where the places begin (8 bytes)

All integers are unsigned and big-endian. The key of a body is SHA-256("chuangke-archive@1" || salt of its record): the salt
stays in the database, so that erasing it there makes this one body unreadable for good (the file itself goes when the last of
its bodies was erased), and whoever finds the file alone reads nothing. Nonces follow from the packed body, so that the same
records give the same file. ``dictionary`` primes deflate with the words that bodies share; it holds no data of anybody.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mmap
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.crypto import canonical_json

FORMAT = b"chuangke-archive@1\n"
_PLACE = struct.Struct(">QQI")
_TAIL = struct.Struct(">Q")
_LENGTH = struct.Struct(">I")
_NONCE_BYTES = 12
_TAG_BYTES = 16
_LARGEST_BODY = 64 * 1024 * 1024

# What bodies share: words of quizzes, transfers, sessions, the commonest last (deflate reaches the end at the least cost).
DICTIONARY = (
    b'"allowance_seconds":0,"appeal":"","appeal_reason":"","codes":["decided_by":"","decided_ms":15,"decision_reason":"",'
    b'"ended_ms":15,"filed_ms":15,"uncounted_seconds":,"upheld":true}{"answers":[{"chosen":["A"],"question":"01",'
    b'"right":true},{"chosen":["B"],"question":"01","right":false}],"attempt":"01","checked_in_seconds":0,"closed_ms":15,'
    b'"context":"","kind":"quiz","learned_seconds":0,"number":1,"opened_ms":15,"passed":true,"person":"","pieces":[],'
    b'"score":100,"status":"submitted","subject":"","suite":"sha256-1","time_limit_seconds":1200}'
    b'{"amount_seconds":2700,"at_ms":15,"context":"","draws":[["session::claimable",2700]],"evidence":"01","from":"issued",'
    b'"hold":null,"key":"session:01:learned","kind":"transfer","person":"","reason":"","reverses":null,"source":"",'
    b'"suite":"sha256-1","to":"learned","transfer":"deposit"}"PRESENCE_MISSED""AHEAD_OF_TIME""OUTAGE""MISSED"'
    b'],"before":{"check_waiting":false,"covered":[],"from_ms":15,"unconfirmed_ms":0},"chain_head":"","chain_start":"",'
    b'"check_in":{"at_ms":15,"device":"","id":"01","method":"tap"},"checked_in_seconds":0,"checks":[["","INTERVAL","ISSUED",'
    b'15,15,60],["","INTERVAL","CONFIRMED",15,15,60]],"close_reason":"FINISHED","closed_ms":15,"context":"",'
    b'"continues":null,"counted_ms":0,"device":"","given":[],"kind":"session","learned_seconds":0,"lesson":{"kind":"video",'
    b'"media_ms":2700000,"ref":"","sha256":"","version":1},"opened_ms":15,"person":"","pieces":[[15,15,0,2700000,true]],'
    b'"rules":{"ahead_tolerance_ms":5000,"appeal_ms":86400000,"batch_limit_beats":200,"beat_interval_seconds":10,'
    b'"complete_per_mille":980,"end_tolerance_ms":1000,"gap_budget_ms":600000,"idle_ms":900000,"kept_budget_ms":32000,'
    b'"outage_ms":60000,"presence_after_max_ms":900000,"presence_after_min_ms":300000,"presence_answer_ms":60000,'
    b'"presence_question":0,"session_limit_beats":5000,"session_limit_ms":14400000,"session_limit_spans":1000,"version":"'
    b'wuxi-2020-10+"},"session":"01","suite":"sha256-1","uncounted":[["NOT_PLAYING",15,15],["SESSION_ENDED",15,15]]}'
    b'{"allowance_checked_in_seconds":0,"allowance_ms":0,"allowance_seconds":0,"batches":[6,12,18,24,30],"beats":['
    b'[1,10000,158,158,10000,""],[2,20000,158,158,10000,""],[3,30000,158,158,10000,""],[4,40000,158,158,10000,""],'
)


class ArchiveDamaged(Exception):
    """The file is not what was written, or not of this format. The text says where."""


@dataclass(frozen=True)
class Packed:
    """One body to be written, by its index in the log."""

    log_index: int
    salt: bytes
    body: bytes


def write(file: BinaryIO, bodies: Iterable[Packed], *, month: str, records: int, tree_size: int) -> None:
    """Write ``bodies``, which come in rising order of their index, ``records`` of them, to an empty file.

    Raises ``ValueError`` when order or number differ.
    """
    header = canonical_json(
        {
            "dictionary": base64.b64encode(DICTIONARY).decode(),
            "month": month,
            "records": records,
            "tree_size": tree_size,
        }
    )
    file.write(FORMAT + _LENGTH.pack(len(header)) + header)
    places: list[tuple[int, int, int]] = []
    for item in bodies:
        if places and item.log_index <= places[-1][0]:
            raise ValueError("bodies come in the order of the log, each once")
        sealed = _seal(item.salt, item.body, DICTIONARY)
        places.append((item.log_index, file.tell(), len(sealed)))
        file.write(sealed)
    if len(places) != records:
        raise ValueError(f"{records} bodies were announced, {len(places)} came")
    start = file.tell()
    for place in places:
        file.write(_PLACE.pack(*place))
    file.write(_TAIL.pack(start))


class ArchiveFile:
    """A written file, mapped into memory and read body by body. Raises ``ArchiveDamaged`` for what it is not."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            if path.stat().st_size < len(FORMAT) + _LENGTH.size + _TAIL.size or file.read(len(FORMAT)) != FORMAT:
                raise ArchiveDamaged("this is no archive")
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            (length,) = _LENGTH.unpack_from(self._map, len(FORMAT))
            header = json.loads(self._map[len(FORMAT) + _LENGTH.size :][:length])
            self.month, self.records, self.tree_size = header["month"], header["records"], header["tree_size"]
            self._dictionary = base64.b64decode(header["dictionary"], validate=True)
            (self._places,) = _TAIL.unpack_from(self._map, len(self._map) - _TAIL.size)
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise ArchiveDamaged("the head of the archive is damaged") from error
        if self._places + self.records * _PLACE.size + _TAIL.size != len(self._map):
            raise ArchiveDamaged("the archive is cut short or was added to")

    def body(self, log_index: int, salt: bytes) -> bytes:
        """The body at that index of the log, opened with the salt of its record."""
        found, offset, length = self._place(log_index)
        if found != log_index or not 0 < offset <= offset + length <= self._places:
            raise ArchiveDamaged(f"the archive has no body at index {log_index}")
        try:
            return _open(salt, self._map[offset : offset + length], self._dictionary)
        except (InvalidTag, zlib.error, ValueError) as error:
            raise ArchiveDamaged(f"the body at index {log_index} of the archive is damaged") from error

    def indexes(self) -> list[int]:
        """The log indexes of its bodies, in order."""
        return [self._at(number)[0] for number in range(self.records)]

    def _place(self, log_index: int) -> tuple[int, int, int]:
        """The last place at or before that index (a binary search in the file)."""
        low, high = 0, self.records - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._at(middle)[0] <= log_index:
                low = middle
            else:
                high = middle - 1
        return self._at(low)

    def _at(self, number: int) -> tuple[int, int, int]:
        index, offset, length = _PLACE.unpack_from(self._map, self._places + number * _PLACE.size)
        return index, offset, length


def _cipher(salt: bytes) -> AESGCM:
    return AESGCM(hashlib.sha256(FORMAT.rstrip() + salt).digest())


def _seal(salt: bytes, body: bytes, dictionary: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    packed = packing.compress(body) + packing.flush()
    nonce = hashlib.sha256(packed).digest()[:_NONCE_BYTES]
    return nonce + _cipher(salt).encrypt(nonce, packed, None)


def _open(salt: bytes, sealed: bytes, dictionary: bytes) -> bytes:
    if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
        raise ValueError("too short for a body")
    packed = _cipher(salt).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS, zdict=dictionary)
    body = unpacking.decompress(packed, _LARGEST_BODY)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise ValueError("no whole body")
    return body
