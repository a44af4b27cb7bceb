"""Playing sessions that a platform's player stated (xAPI), taken in as the platform's records: by whom the operator names.

Who an actor of the platform is, stands in a list (CSV) with the class and the filed course their time is for. A session of
somebody not in it leaves nothing behind. A session's id is made of what it says, so the same file sent twice counts once, and
one that grew meanwhile counts what is new.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.imports.receiving import receive_call
from backend.imports.taking import MOST_ROWS
from backend.platforms.services import NOBODY, Outcome
from config import crypto
from config.clock import from_epoch_ms
from config.errors import Invalid
from learning_records.sessions.services import CountedSession, PlayedSession

COLUMNS = ("actor", "name", "id_number", "class_code", "course")
MOST_PERSONS = 100_000
MOST_BYTES = 50_000_000
_NOTHING = Outcome("NOTHING_COUNTED", "没有可计入的时间，没有存入任何内容")


@dataclass(frozen=True)
class KnownPerson:
    """Who an actor of a platform is here, and the class and course that their time is for."""

    name: str
    id_number: str
    class_code: str
    course: str


def read_persons(path: Path) -> dict[str, KnownPerson]:
    """The list of persons by actor. Raises ``Invalid`` PERSONS_UNREADABLE with the line of each fault."""
    if path.stat().st_size > MOST_BYTES:
        raise Invalid("PERSONS_UNREADABLE", f"人员对照表超过{MOST_BYTES // 1_000_000}MB。")
    try:
        reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), restkey="", strict=True)
        if tuple(name.strip() for name in reader.fieldnames or ()) != COLUMNS:
            raise Invalid("PERSONS_UNREADABLE", f"人员对照表的表头应为：{','.join(COLUMNS)}。")
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("PERSONS_UNREADABLE", "人员对照表读不出来，请用UTF-8编码的CSV。") from error
    persons: dict[str, KnownPerson] = {}
    problems: list[dict[str, Any]] = []
    for line, row in rows[:MOST_PERSONS]:
        cells = [cell.strip() for cell in row.values() if isinstance(cell, str)]
        if not len(row) == len(cells) == len(COLUMNS) or not all(cells):
            problems.append({"line": line, "code": "ROW_INVALID", "detail": "这一行应有五项，都要填写。"})
        elif cells[0] in persons:
            problems.append({"line": line, "code": "ACTOR_TWICE", "detail": "同一学习者出现了两次。"})
        else:
            persons[cells[0]] = KnownPerson(*cells[1:])
    if len(rows) > MOST_PERSONS:
        problems.append({"line": 0, "code": "TOO_MANY", "detail": f"最多{MOST_PERSONS}人，请分成几次导入。"})
    if problems:
        raise Invalid("PERSONS_UNREADABLE", f"人员对照表有{len(problems)}处问题，改正后再导入。", errors=problems)
    return persons


def take_in_sessions(
    *, platform_id: UUID, sessions: Sequence[CountedSession], persons: Mapping[str, KnownPerson], actor: str
) -> list[Outcome]:
    """Take in the sessions of known persons, class by class; what became of each session, in the order given.

    Raises as ``receive_call`` does: ``NotFound`` PLATFORM_UNKNOWN, CLASS_CODE_UNKNOWN; ``Invalid`` PLATFORM_IS_OURS.
    """
    outcomes: dict[int, Outcome] = {}
    classes: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, item in enumerate(sessions):
        person = persons.get(item.played.person)
        if person is None or not item.played.intervals:
            outcomes[number] = NOBODY if person is None else _NOTHING
        else:
            classes.setdefault(person.class_code, []).append((number, _record(item.played, person)))
    for class_code, records in classes.items():
        for part in _parts(records):
            said = {"class_code": class_code, "records": [record for _, record in part]}
            called = receive_call(platform_id=platform_id, said=said, statement=None, actor=actor)
            for (number, _), verdict in zip(part, called.verdicts, strict=True):
                detail = verdict.detail or "已存入"
                outcomes[number] = Outcome(verdict.code, detail, verdict.counted_seconds)
    return [outcomes[number] for number in range(len(sessions))]


def _parts(records: list[tuple[int, dict[str, Any]]]) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    for start in range(0, len(records), MOST_ROWS):
        yield records[start : start + MOST_ROWS]


def _record(played: PlayedSession, person: KnownPerson) -> dict[str, Any]:
    """A session in the words of a platform's call."""
    said = [played.person, played.session, played.lesson, [list(item) for item in played.intervals]]
    return {
        "external_id": f"xapi-{crypto.sha256_hex(crypto.canonical_json(said))[:40]}",
        "name": person.name,
        "id_number": person.id_number,
        "course": person.course,
        "lesson": played.lesson,
        "media_ms": played.media_ms,
        "intervals": [
            {
                "started_at": _instant(item.started_ms),
                "ended_at": _instant(item.ended_ms),
                "media_from_ms": item.media_from_ms,
                "media_to_ms": item.media_to_ms,
            }
            for item in played.intervals
        ],
    }


def _instant(at_ms: int) -> str:
    return from_epoch_ms(at_ms).isoformat(timespec="milliseconds")
