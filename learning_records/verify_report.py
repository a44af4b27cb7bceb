#!/usr/bin/env python3
"""Verify an hour report (学时报告, the JSON file) without asking anybody: ``python verify_report.py REPORT.json --key KEY``.

One file; it needs Python 3.11 and the package ``cryptography``. KEY is the public key of the service that signed (base64 of
32 bytes, from the office or as published under ``/log/keys``); without it the file is only checked against itself. What is
checked: the shape, the Ed25519 signature over the RFC 8785 bytes of ``report``, the digest of the rows, and the totals.

Exit status: 0 all is well, 1 something is wrong, 2 not readable as a report.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KIND = "chuangke-hour-report@1"
LARGEST = 200 * 2**20


class NotAReport(Exception):
    """The file cannot be read as a report."""


def problems_of(content: bytes, keys: Sequence[bytes] = ()) -> list[str]:
    """What is wrong with the file; nothing when all is well. ``keys``: the public keys that are trusted, 32 bytes each.

    Raises ``NotAReport``.
    """
    report, signed = _read(content)
    found = [] if content == canonical({"report": report, "signature": signed}) + b"\n" else ["not in canonical form"]
    found += _signature_problems(canonical(report), signed, keys)
    rows = report["rows"]
    if hashlib.sha256(canonical(rows)).hexdigest() != report["rows_sha256"]:
        found.append("the digest of the rows is another one")
    sums = {
        "rows": len(rows),
        "claimable_seconds": sum(row["claimable_seconds"] for row in rows),
        "learned_seconds": sum(row["learned_seconds"] for row in rows),
    }
    for name, value in sums.items():
        if report["totals"][name] != value:
            found.append(f"{name}: {report['totals'][name]} is said, the rows come to {value}")
    return found


def canonical(value: Any) -> bytes:
    """RFC 8785 for what a report may hold: no floats, keys in ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def key_id_of(public: bytes) -> str:
    """The name of a key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def _read(content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(content) > LARGEST:
        raise NotAReport("the file is too large")
    try:
        said = json.loads(content, object_pairs_hook=_no_doubles, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise NotAReport(f"not JSON as reports have it: {error}") from None
    report, signed = (said.get("report"), said.get("signature")) if isinstance(said, dict) else (None, None)
    if not isinstance(report, dict) or not isinstance(signed, dict) or report.get("kind") != KIND:
        raise NotAReport(f"not a report of the kind {KIND}")
    rows, totals = report.get("rows"), report.get("totals")
    whole = isinstance(rows, list) and all(_is_row(row) for row in rows) and isinstance(totals, dict)
    if not whole or not {"rows", "claimable_seconds", "learned_seconds"} <= set(totals or ()):
        raise NotAReport("rows or totals are missing")
    if not isinstance(report.get("rows_sha256"), str) or not all(isinstance(text, str) for text in signed.values()):
        raise NotAReport("digest or signature are missing")
    return report, signed


def _is_row(row: object) -> bool:
    return isinstance(row, Mapping) and all(
        type(row.get(name)) is int for name in ("claimable_seconds", "learned_seconds")
    )


def _signature_problems(message: bytes, signed: Mapping[str, str], keys: Sequence[bytes]) -> list[str]:
    if not keys:
        return []
    trusted = {key_id_of(key): key for key in keys}
    public = trusted.get(signed.get("key_id", ""))
    if public is None or signed.get("algorithm") != "Ed25519":
        return ["it is not signed by a key that is trusted"]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            base64.b64decode(signed.get("signature", ""), validate=True), message
        )
    except (InvalidSignature, ValueError):
        return ["the signature does not hold: the report was changed"]
    return []


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is no whole number")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="核验学时报告 / verify an hour report")
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    parser.add_argument("--key", action="append", default=[], help="可信公钥 / a trusted public key, base64")
    chosen = parser.parse_args(arguments)
    try:
        keys = [base64.b64decode(text, validate=True) for text in chosen.key]
        if any(len(key) != 32 for key in keys):
            raise ValueError("a key has 32 bytes")
        found = problems_of(chosen.report.read_bytes(), keys)
    except (OSError, ValueError, NotAReport) as error:
        print(f"无法读取 / not readable: {error}")
        return 2
    for problem in found:
        print(f"不一致 / {problem}")
    if not found:
        print(
            "一致，签名有效 / verified"
            if keys
            else "前后一致；没有给公钥，未核验签名 / consistent; no key given, signature not checked"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
