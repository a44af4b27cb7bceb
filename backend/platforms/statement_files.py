"""A file of xAPI statements, one a line (.jsonl or .jsonl.gz), read as a stream; each line goes in or is refused by itself."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.platforms.statements import MOST_BYTES, Refused, read_line
from config.errors import Invalid
from learning_records.sessions.services import Observation

MOST_STATEMENTS = 1_000_000
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not used: its number (the first is 1), the statement's id where it has one, and why."""

    line: int
    statement: str
    code: str
    detail: str


@dataclass(frozen=True)
class StatementFile:
    """What stood in a file. ``lines`` counts those that hold anything."""

    lines: int
    observations: tuple[Observation, ...]
    refused: tuple[RefusedLine, ...]


def read_statements(path: Path, *, now_ms: int) -> StatementFile:
    """Read a whole file; only what becomes an observation is kept.

    Raises ``Invalid`` FILE_DAMAGED for a packed file that is cut short or broken, TOO_MANY_STATEMENTS.
    """
    observations: list[Observation] = []
    refused: list[RefusedLine] = []
    lines = 0
    try:
        for number, line in _lines(path):
            if not line.strip():
                continue
            lines += 1
            if lines > MOST_STATEMENTS:
                raise Invalid("TOO_MANY_STATEMENTS", f"一个文件最多{MOST_STATEMENTS}条记录，请分成几个文件。")
            try:
                observations.append(_past(read_line(line), now_ms))
            except Refused as refusal:
                refused.append(RefusedLine(number, refusal.statement, refusal.code, refusal.detail))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Invalid("FILE_DAMAGED", "压缩文件不完整或已损坏，请重新下载后再导入。") from error
    return StatementFile(lines, tuple(observations), tuple(refused))


def _past(observation: Observation, now_ms: int) -> Observation:
    if observation.at_ms > now_ms:
        raise Refused("FUTURE", "记录的时刻还没有到，请核对平台的时钟。", observation.statement)
    return observation


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line with its number; of one too long only so much that it is seen to be."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        readline = gzip.GzipFile(fileobj=raw).readline if packed else raw.readline
        number = 0
        while line := readline(MOST_BYTES + 1):
            number += 1
            end = line
            while len(end) > MOST_BYTES and not end.endswith(b"\n"):
                end = readline(MOST_BYTES + 1)
            yield number, line.removeprefix(_MARK) if number == 1 else line
