"""What the simulated WeChat is asked and answers: calls, faults by name, a picture."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

RISKY_WORD = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"  # the text WeChat itself gives for trying out its check

Answer = dict[str, Any] | bytes

FAULTS: dict[str, Answer] = {
    "invalid_credential": {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"},
    "invalid_token": {"errcode": 40014, "errmsg": "invalid access_token"},
    "expired_token": {"errcode": 42001, "errmsg": "access_token expired"},
    "busy": {"errcode": -1, "errmsg": "system error"},
    "quota_used_up": {"errcode": 45009, "errmsg": "reach max api daily quota limit"},
    "too_frequent": {"errcode": 45011, "errmsg": "api minute-quota reach limit, must slower, retry next minute"},
    "user_blocked": {"errcode": 40226, "errmsg": "code blocked"},
    "wrong_secret": {"errcode": 40125, "errmsg": "invalid appsecret"},
    "not_subscribed": {"errcode": 43101, "errmsg": "user refuse to accept the msg"},
    "not_json": b"<html>gateway</html>",
    "odd_json": b'["errcode"]',
    "odd_errcode": b'{"errcode": "none"}',
    "empty_object": {},
    # handled by the server itself, not by an answer:
    "http_500": b"",
    "hang": b"",
    "drop": b"",
}


@dataclass(frozen=True)
class Call:
    """One request that arrived, as it stood on the wire."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Fault:
    """A fault switched on for the next `times` calls (None: all) to `path` (None: any)."""

    kind: str
    times: int | None
    path: str | None


def white_png(width: int) -> bytes:
    """A white square, the smallest honest picture."""
    rows = (b"\x00" + b"\xff" * ((width + 7) // 8)) * width
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
