"""The ZIP a bundle is, written file by file as it comes: of the one shape that ``verify.py`` reads."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Packed:
    """A file of the bundle, compressed: CRC-32, bytes packed and unpacked."""

    name: str
    crc: int
    packed: int
    size: int


def pack(name: str, data: bytes) -> tuple[Packed, bytes]:
    """Compress a file: the same bytes always alike."""
    packing = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packing.compress(data) + packing.flush()
    return Packed(name, zlib.crc32(data), len(packed), len(data)), packed


class Archive:
    """A ZIP of the one shape that ``verify.py`` reads: no flags, no extra fields, its own SHA-256 as its comment."""

    _FIELDS = struct.pack("<5H", 20, 0, 8, 0, 0x21)  # for ZIP 2.0, no flags, deflated, 1980-01-01 00:00

    def __init__(self, into: BinaryIO) -> None:
        self._into, self._at, self._count = into, 0, 0
        self._digest = hashlib.sha256()
        self._directory = bytearray()

    def _put(self, data: bytes) -> None:
        self._into.write(data)
        self._digest.update(data)
        self._at += len(data)

    def add(self, member: Packed, content: Iterable[bytes]) -> None:
        """Write one file."""
        name = member.name.encode("ascii")
        header = self._FIELDS + struct.pack("<3L2H", member.crc, member.packed, member.size, len(name), 0)
        places = struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, self._at)
        self._directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + header + places + name
        self._count += 1
        self._put(b"PK\x03\x04" + header + name)
        for chunk in content:
            self._put(chunk)

    def end(self) -> None:
        """Write the directory and the comment."""
        at, size, count = self._at, len(self._directory), self._count
        self._put(bytes(self._directory))
        if count >= 0xFFFF:  # more files than the old field can say
            ends_at = self._at
            self._put(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, at))
            self._put(struct.pack("<4sLQL", b"PK\x06\x07", 0, ends_at, 1))
        short = min(count, 0xFFFF)
        self._put(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, short, short, size, at, 64))
        self._into.write(self._digest.hexdigest().encode())
