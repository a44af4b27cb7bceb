"""What a row of another platform may say and what may become of it: grades, verdicts, codes and sentences. Pure.

Grades (counting.md, "imported"): intervals are ``imported``, class hours of a day without intervals ``attested``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from backend.people.rules import check_id_number
from config.errors import Invalid

Grade = Literal["imported", "attested"]
Verdict = Literal["taken", "same", "refused"]

IMPORTED: Grade = "imported"
ATTESTED: Grade = "attested"
GRADE_WORDS: Mapping[str, str] = {IMPORTED: "有起止时刻", ATTESTED: "只有课时数"}
VERDICT_WORDS: Mapping[str, str] = {"taken": "已收录", "same": "以前已收录", "refused": "未收录"}

CODE_WORDS: Mapping[str, str] = {
    "OK": "正常收录",
    "OVERLAP": "与其他学习时间重叠",
    "ALREADY_COUNTED": "内容以前已经计过",
    "AHEAD_OF_TIME": "播放快于实际时间",
    "NOT_PLAYING": "没有播放新内容",
    "DAY_FULL": "当天时间已经计满",
    "TOO_MUCH_A_DAY": "当天证明课时超过上限",
    "TOO_SHORT": "不足一秒",
    "DUPLICATE": "同一记录重复提交",
    "CHANGED": "同一编号内容不同",
    "UNKNOWN_PERSON": "找不到本人",
    "NAME_DIFFERS": "姓名不一致",
    "NOT_IN_CLASS": "不在班级里",
    "PLAN_NOT_FILED": "备案之前的学习",
    "UNKNOWN_COURSE": "课程不在备案计划里",
    "FUTURE": "时间还没有到",
    "TIME_REVERSED": "结束早于开始",
    "TIME_UNREADABLE": "时间无法识别",
    "DATE_UNREADABLE": "日期无法识别",
    "HOURS_UNREADABLE": "课时无法识别",
    "SECONDS_UNREADABLE": "秒数无法识别",
    "ROW_ID_INVALID": "平台记录编号不正确",
    "COURSE_MISSING": "没有填课程",
    "LESSON_MISSING": "没有填课节",
    "NAME_MISSING": "没有填姓名",
    "NAME_INVALID": "姓名不正确",
    "ID_NUMBER_MISSING": "没有填身份证号",
    "ID_NUMBER_LOST_DIGITS": "身份证号末几位丢失",
    "ID_NUMBER_LENGTH": "身份证号位数不对",
    "ID_NUMBER_CHARACTERS": "身份证号有不该有的字符",
    "ID_NUMBER_PROVINCE": "身份证号地区代码不对",
    "ID_NUMBER_BIRTH_DATE": "身份证号出生日期不对",
    "ID_NUMBER_CHECK_DIGIT": "身份证号填错一位",
    "INTERVAL_TOO_LONG": "一段超过24小时",
    "MEDIA_BEYOND_END": "播放位置超过课件时长",
    "CHECK_IN_FUTURE": "签到时间还没有到",
    "LESSON_OPEN": "本人正在学同一课",
    "STATEMENT_REQUIRED": "缺少平台签名声明",
}
"""Short words for every code a verdict may have."""

EXTERNAL_ID_LENGTH = 100
_EXTERNAL_ID = re.compile(rf"[\x21-\x7e]{{1,{EXTERNAL_ID_LENGTH}}}")
TITLE_LENGTH = 200
MOST_CLASS_HOURS = 24
LONGEST_MEDIA_SECONDS = 86_400


@dataclass(frozen=True)
class Fault:
    """Why a row is refused: a stable code and a Chinese sentence that says what to do next. ``overlap_seconds``: how much of
    it had counted elsewhere already."""

    code: str
    detail: str
    overlap_seconds: int = 0


@dataclass(frozen=True)
class Played:
    """Played on the platform, with the media as far as the platform knows them (milliseconds)."""

    started_at: datetime
    ended_at: datetime
    media_from_ms: int | None = None
    media_to_ms: int | None = None


@dataclass(frozen=True)
class Row:
    """A row that could be read. ``played`` is empty for an attested one, which has ``local_on`` and ``class_hours``."""

    number: int
    external_id: str
    name: str
    id_number: str
    course: str
    lesson: str = ""
    played: tuple[Played, ...] = ()
    media_ms: int | None = None
    checked_in_at: datetime | None = None
    local_on: date | None = None
    class_hours: int | None = None

    @property
    def grade(self) -> Grade:
        """How well the time is proved."""
        return IMPORTED if self.played else ATTESTED

    def content(self) -> list[object]:
        """What the row says, for telling the same row from another one under the same id."""
        return [
            self.name,
            self.id_number,
            self.course,
            self.lesson,
            [
                [_instant(item.started_at), _instant(item.ended_at), item.media_from_ms, item.media_to_ms]
                for item in self.played
            ],
            self.media_ms,
            _instant(self.checked_in_at) if self.checked_in_at else None,
            self.local_on.isoformat() if self.local_on else None,
            self.class_hours,
        ]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Unread:
    """A row that could not be read, with every fault of it; the first gives the code."""

    number: int
    external_id: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Judged:
    """What became of one row. ``overlap_seconds`` of it had counted elsewhere already."""

    number: int
    external_id: str
    verdict: Verdict
    code: str
    detail: str
    counted_seconds: int = 0
    claimable_seconds: int = 0
    overlap_seconds: int = 0


def refused(row: Row | Unread, *faults: Fault) -> Judged:
    """The verdict of a refused row: the code of its first fault, the sentences of all."""
    return Judged(
        number=row.number,
        external_id=row.external_id,
        verdict="refused",
        code=faults[0].code,
        detail="".join(fault.detail for fault in faults),
        overlap_seconds=faults[0].overlap_seconds,
    )


def is_external_id(text: str) -> bool:
    """1 to 100 printable ASCII characters without spaces: it becomes part of the credit bank's key."""
    return _EXTERNAL_ID.fullmatch(text) is not None


def names_somebody(external_id: str) -> bool:
    """Whether an ID number stands in it: keys and subjects of evidence stay when everything personal is destroyed."""
    for digits in re.findall(r"[0-9]{17,}[0-9Xx]", external_id):
        for start in range(len(digits) - 17):
            try:
                check_id_number(digits[start : start + 18])
            except Invalid:
                continue
            return True
    return False


def folded(title: str) -> str:
    """A title without what people write differently: width, case, spaces, quotes and brackets of titles."""
    return re.sub(r"[\s“”\"'‘’《》「」【】]+", "", unicodedata.normalize("NFKC", title).casefold())


def claimable_seconds(grade: Grade, checked_in_seconds: int, grades_that_pay: Collection[str]) -> int:
    """What of a row's seconds may be claimed: those under a check-in, where policy pays the grade (一(二))."""
    return checked_in_seconds if grade in grades_that_pay else 0


def before_filing(
    filed_from: datetime | None, began_at: datetime, *, filed_later_too: bool, class_title: str
) -> Fault | None:
    """三: training is filed first. Time before that is refused, not taken as learned: it would use up the lesson's minutes,
    which the person could never claim afterwards. ``filed_from``: since when the person is on file; ``filed_later_too``: policy
    counts hours before filing."""
    if filed_from is None:
        detail = f"“{class_title}”的培训计划还没有备案通过。备案通过以后的学习才能收录，请在备案通过后再提交。"
    elif began_at < filed_from and not filed_later_too:
        detail = f"这次学习在“{class_title}”的培训计划备案通过之前，不能收录；备案通过以后的学习请照常提交。"
    else:
        return None
    return Fault("PLAN_NOT_FILED", detail)


def in_words(seconds: int) -> str:
    """``5430`` → ``1小时30分30秒``."""
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    words = (f"{hours}小时" if hours else "") + (f"{minutes}分" if minutes else "") + (f"{rest}秒" if rest else "")
    return words or "0秒"
