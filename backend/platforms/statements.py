"""xAPI statements of the video profile as observations of a player. Pure; each statement by itself.

xAPI 1.0.3 and the video profile (https://w3id.org/xapi/video): time, time-from, time-to, length and played-segments are
seconds in extensions, the session is the extension session-id, else the registration. A statement that cannot be used is
refused with a code and a sentence; the others go in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from config.clock import epoch_ms
from learning_records.sessions.rules import Interval
from learning_records.sessions.services import Observation, Verb

MOST_BYTES = 256 * 1024
_VIDEO = "https://w3id.org/xapi/video"
_EXTENSIONS = f"{_VIDEO}/extensions/"
_VERBS: Mapping[str, tuple[Verb, bool]] = {
    f"{_VIDEO}/verbs/played": ("played", True),
    f"{_VIDEO}/verbs/paused": ("paused", True),
    f"{_VIDEO}/verbs/seeked": ("seeked", True),
    "http://adlnet.gov/expapi/verbs/initialized": ("initialized", False),
    "http://adlnet.gov/expapi/verbs/interacted": ("interacted", False),
    "http://adlnet.gov/expapi/verbs/completed": ("completed", False),
    "http://adlnet.gov/expapi/verbs/terminated": ("terminated", False),
}
"""The verbs of the profile, and whether a verb by itself says that it is about a video."""
_IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_LONGEST_NAME = 500
_LONGEST_SECONDS = 7 * 86_400
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})", re.ASCII | re.IGNORECASE
)


class Refused(Exception):
    """Why a line is not used: a stable code and a sentence. ``statement`` is the statement's id, where it has one."""

    def __init__(self, code: str, detail: str, statement: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.statement = statement


def read_line(line: bytes) -> Observation:
    """One line of a JSONL file. Raises ``Refused`` LINE_TOO_LONG, NOT_JSON, and those of ``read_statement``."""
    if len(line) > MOST_BYTES:
        raise Refused("LINE_TOO_LONG", f"一行超过{MOST_BYTES // 1024}KB，不像一条学习记录。")
    try:
        raw = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("NOT_JSON", "这一行不是JSON，请核对导出的文件。") from error
    return read_statement(raw)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read_statement(raw: object) -> Observation:
    """One statement. Raises ``Refused`` NOT_XAPI, NOT_VIDEO, TIMESTAMP_INVALID, POSITION_INVALID, SEGMENTS_INVALID."""
    statement = _Reader(raw, "").text("id", "编号")
    try:
        statement = str(UUID(statement))
    except ValueError as error:
        raise Refused("NOT_XAPI", "记录的编号（id）不是UUID。") from error
    reader = _Reader(raw, statement)
    verb = reader.verb()
    values = {**reader.extensions("context"), **reader.extensions("result")}
    seconds = {
        name: reader.seconds(name, values.get(_EXTENSIONS + name))
        for name in ("time", "time-from", "time-to", "length")
    }
    position_ms = seconds["time-from"] if verb == "seeked" else seconds["time"]
    if verb in ("played", "paused", "seeked") and position_ms is None:
        reader.refuse("POSITION_INVALID", "播放记录里没有播放位置（time）。")
    if verb == "seeked" and seconds["time-to"] is None:
        reader.refuse("POSITION_INVALID", "拖动记录里没有拖动后的位置（time-to）。")
    return Observation(
        statement=statement,
        person=reader.person(),
        session=reader.session(values.get(_EXTENSIONS + "session-id")),
        lesson=reader.part("object").text("id", "课程内容"),
        verb=verb,
        at_ms=reader.instant(),
        position_ms=position_ms,
        target_ms=seconds["time-to"],
        media_ms=seconds["length"] or None,
        segments=reader.segments(values.get(_EXTENSIONS + "played-segments")),
    )


class _Reader:
    """A JSON object of a statement that is read strictly: exact types, nothing guessed."""

    def __init__(self, raw: object, statement: str) -> None:
        self._statement = statement
        if not isinstance(raw, dict):
            self.refuse("NOT_XAPI", "这一行不是xAPI学习记录。")
        self.raw: dict[str, Any] = raw

    def refuse(self, code: str, detail: str) -> NoReturn:
        raise Refused(code, detail, self._statement)

    def text(self, name: str, label: str) -> str:
        value = self.raw.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_NAME or not value.isprintable():
            self.refuse("NOT_XAPI", f"记录里缺少{label}（{name}），或格式不对。")
        return value

    def part(self, name: str) -> _Reader:
        if not isinstance(self.raw.get(name), dict):
            self.refuse("NOT_XAPI", f"记录里缺少{name}，或格式不对。")
        return _Reader(self.raw[name], self._statement)

    def maybe(self, name: str) -> _Reader:
        return self.part(name) if name in self.raw else _Reader({}, self._statement)

    def verb(self) -> Verb:
        verb_id = self.part("verb").text("id", "动作")
        if verb_id not in _VERBS:
            self.refuse("NOT_VIDEO", f"动作“{verb_id[-60:]}”不是播放记录，不计学时。")
        verb, video = _VERBS[verb_id]
        if not video and not self._about_video():
            self.refuse("NOT_VIDEO", "这条记录不是视频播放记录，不计学时。")
        return verb

    def _about_video(self) -> bool:
        kind = self.part("object").maybe("definition").raw.get("type")
        category = self.maybe("context").maybe("contextActivities").raw.get("category", [])
        listed = category if isinstance(category, list) else [category]
        return kind == f"{_VIDEO}/activity-type/video" or any(
            isinstance(item, dict) and item.get("id") == _VIDEO for item in listed
        )

    def extensions(self, name: str) -> dict[str, Any]:
        return self.maybe(name).maybe("extensions").raw

    def person(self) -> str:
        """The actor by its one identifier; a name of an account with its home page."""
        actor = self.part("actor")
        found = [name for name in _IDENTIFIERS if name in actor.raw]
        if len(found) != 1 or "member" in actor.raw:
            self.refuse("NOT_XAPI", "记录的学习者（actor）应只有一个标识。")
        if found[0] != "account":
            return actor.text(found[0], "学习者")
        account = actor.part("account")
        return f"{account.text('name', '学习者账号')}@{account.text('homePage', '学习者账号的主页')}"

    def session(self, stated: object) -> str:
        """The session the player names, else the registration; without either all of a person's is one session a lesson."""
        context = self.maybe("context").raw
        value = stated if stated is not None else context.get("registration")
        if value is None:
            return ""
        if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_NAME or not value.isprintable():
            self.refuse("NOT_XAPI", "播放会话的编号（session-id）格式不对。")
        return value

    def instant(self) -> int:
        said = self.raw.get("timestamp")
        if not isinstance(said, str) or not _INSTANT.fullmatch(said) or said.endswith(("-00:00", "-0000")):
            self.refuse("TIMESTAMP_INVALID", "记录的时刻（timestamp）缺少，或没有写明时区。")
        try:
            at = datetime.fromisoformat(said.upper().replace(",", "."))
        except ValueError as error:
            raise Refused(
                "TIMESTAMP_INVALID", "记录的时刻（timestamp）不是有效的日期时间。", self._statement
            ) from error
        if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            self.refuse("TIMESTAMP_INVALID", f"记录的年份不在{_FIRST_YEAR}至{_LAST_YEAR}年之间。")
        return epoch_ms(at)

    def seconds(self, name: str, value: object) -> int | None:
        """Milliseconds of a number of seconds; None when it is not there. A boolean is no number."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LONGEST_SECONDS:
            self.refuse("POSITION_INVALID", f"播放位置（{name}）应为0至{_LONGEST_SECONDS}的秒数。")
        return round(value * 1000)

    def segments(self, value: object) -> tuple[Interval, ...] | None:
        """``0[.]3.1[,]3.2[.]73.2`` as milliseconds; a segment still open has no end and is left out."""
        if value is None:
            return None
        found = []
        for part in filter(None, value.split("[,]")) if isinstance(value, str) else ["?"]:
            try:
                numbers = [float(end) for end in part.split("[.]")]
            except ValueError:
                numbers = []
            if len(numbers) not in (1, 2) or not all(0 <= number <= _LONGEST_SECONDS for number in numbers):
                self.refuse("SEGMENTS_INVALID", "已播放片段（played-segments）格式不对。")
            if numbers[0] < numbers[-1]:
                found.append(Interval(round(numbers[0] * 1000), round(numbers[-1] * 1000)))
        return tuple(found)
