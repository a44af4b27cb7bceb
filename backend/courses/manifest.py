"""``course.toml``, read without trust: every fault is found in one pass and named with its field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from backend.courses.rules import (
    FORMS,
    KINDS,
    READING,
    SIMULATION,
    TOPICS,
    TRADE_CODE,
    VIDEO,
    Choice,
    LessonPlan,
    Limits,
    Manifest,
    Problem,
    Step,
    refusal,
    refuse,
)

FILE = "course.toml"
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
COURSE_KEYS = {"code", "title", "form", "trade_code", "summary", "questions", "lesson"}
LESSON_KEYS = {"code", "kind", "title", "topic", "trade_code"}
KIND_KEYS = {VIDEO: {"media", "captions", "low_bitrate"}, READING: {"text"}, SIMULATION: {"step"}}
LENGTH_KEYS = {"length", "duration", "seconds", "minutes", "media_ms", "class_hours", "时长", "课时"}
SUFFIXES = {
    "media": (".mp4", ".m4v", ".mov"),
    "low_bitrate": (".mp4", ".m4v", ".mov"),
    "captions": (".vtt",),
    "text": (".txt", ".md"),
    "questions": (".xlsx",),
}
STEP_SECONDS = range(5, 1801)


def read_manifest(data: bytes, limits: Limits) -> Manifest:
    """Parse and check. Raises ``Invalid`` with codes MANIFEST_* and every fault in ``errors``."""
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refusal([Problem("MANIFEST_NOT_UTF8", "清单不是UTF-8编码，请另存为UTF-8。", FILE)]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise refusal([Problem("MANIFEST_SYNTAX", f"清单写法有误（{error}）。", FILE)]) from error
    reader = _Reader(limits)
    manifest = reader.course(values)
    refuse(reader.problems)
    return manifest


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.problems: list[Problem] = []

    def complain(self, code: str, detail: str, field: str) -> None:
        self.problems.append(Problem(code, detail, FILE, field=field))

    def course(self, values: Mapping[str, Any]) -> Manifest:
        self.keys(values, COURSE_KEYS, "")
        trade_code = self.trade_code(values, "")
        lessons = values.get("lesson")
        if not isinstance(lessons, list) or not lessons or not all(isinstance(item, dict) for item in lessons):
            self.complain("MANIFEST_NO_LESSON", "课程至少要有一课，写成 [[lesson]]。", "lesson")
            lessons = []
        if len(lessons) > self.limits.lessons:
            self.complain("MANIFEST_TOO_MANY_LESSONS", f"一门课程最多{self.limits.lessons}课。", "lesson")
            lessons = []
        plans = tuple(self.lesson(item, f"lesson[{index}]", trade_code) for index, item in enumerate(lessons, start=1))
        self.no_repeats(plans)
        return Manifest(
            code=self.code(values, ""),
            title=self.text(values, "title", "", 80),
            form=self.one_of(values, "form", "", FORMS),
            trade_code=trade_code,
            summary=self.text(values, "summary", "", 500, required=False),
            questions=self.file(values, "questions", "", required=False),
            lessons=plans,
        )

    def lesson(self, values: Mapping[str, Any], at: str, course_trade: str | None) -> LessonPlan:
        kind = self.one_of(values, "kind", at, KINDS)
        self.keys(values, LESSON_KEYS | KIND_KEYS.get(kind, set().union(*KIND_KEYS.values())), at)
        plan = LessonPlan(
            code=self.code(values, at),
            kind=kind,
            title=self.text(values, "title", at, 80),
            topic=self.one_of(values, "topic", at, TOPICS),
            trade_code=self.trade_code(values, at) or course_trade,
            media=self.file(values, "media", at) if kind == VIDEO else None,
            captions=self.file(values, "captions", at, required=False) if kind == VIDEO else None,
            low_bitrate=self.file(values, "low_bitrate", at, required=False) if kind == VIDEO else None,
            text=self.file(values, "text", at) if kind == READING else None,
            steps=self.steps(values, at) if kind == SIMULATION else (),
        )
        if plan.topic == "trade" and plan.trade_code is None:
            self.complain("MANIFEST_TRADE_CODE", "岗位技能课要写职业（工种）代码 trade_code。", f"{at}.trade_code")
        return plan

    def steps(self, values: Mapping[str, Any], at: str) -> tuple[Step, ...]:
        steps = values.get("step")
        if (
            not isinstance(steps, list)
            or not 1 <= len(steps) <= self.limits.steps
            or not all(isinstance(step, dict) for step in steps)
        ):
            self.complain("MANIFEST_STEPS", f"模拟操作要有1至{self.limits.steps}个步骤。", f"{at}.step")
            return ()
        return tuple(self.step(step, f"{at}.step[{index}]") for index, step in enumerate(steps, start=1))

    def step(self, values: Mapping[str, Any], at: str) -> Step:
        self.keys(values, {"title", "text", "minimum_seconds", "choice"}, at)
        seconds = values.get("minimum_seconds")
        if type(seconds) is not int or seconds not in STEP_SECONDS:
            message = f"最少停留秒数要在{STEP_SECONDS.start}至{STEP_SECONDS.stop - 1}之间，写整数。"
            self.complain("MANIFEST_STEP_SECONDS", message, f"{at}.minimum_seconds")
            seconds = 0
        choices = values.get("choice", [])
        if not isinstance(choices, list) or len(choices) > 6 or not all(isinstance(item, dict) for item in choices):
            self.complain("MANIFEST_CHOICES", "一个步骤最多6个选择，写成 [[lesson.step.choice]]。", f"{at}.choice")
            choices = []
        made = tuple(self.choice(item, f"{at}.choice[{index}]") for index, item in enumerate(choices, start=1))
        if made and not any(choice.right for choice in made):
            self.complain("MANIFEST_CHOICES", "步骤的选择中至少要有一个是正确的。", f"{at}.choice")
        return Step(self.text(values, "title", at, 60), self.text(values, "text", at, 2000), seconds, made)

    def choice(self, values: Mapping[str, Any], at: str) -> Choice:
        self.keys(values, {"text", "right", "feedback"}, at)
        right = values.get("right")
        if not isinstance(right, bool):
            self.complain("MANIFEST_CHOICES", "每个选择要写明 right = true 或 false。", f"{at}.right")
        return Choice(self.text(values, "text", at, 200), right is True, self.text(values, "feedback", at, 500))

    def keys(self, values: Mapping[str, Any], known: set[str], at: str) -> None:
        for key in values:
            field = _at(at, key)
            if key in LENGTH_KEYS and key not in known:
                self.complain("MANIFEST_TYPED_LENGTH", "时长由系统从文件测量，不能填写，请删去这一项。", field)
            elif key not in known:
                self.complain("MANIFEST_UNKNOWN_KEY", f"清单里没有“{key[:40]}”这一项，请删去或改正。", field)

    def text(self, values: Mapping[str, Any], key: str, at: str, longest: int, *, required: bool = True) -> str:
        value = values.get(key, "" if not required else None)
        if not isinstance(value, str) or len(value.strip()) > longest or (required and not value.strip()):
            self.complain("MANIFEST_TEXT", f"请填写文字，不超过{longest}个字。", _at(at, key))
            return ""
        if any(ord(character) < 32 and character not in "\n\t" for character in value):
            self.complain("MANIFEST_TEXT", "文字里有不能显示的控制字符，请删去。", _at(at, key))
        return value.strip()

    def code(self, values: Mapping[str, Any], at: str) -> str:
        value = values.get("code")
        if not isinstance(value, str) or not CODE.fullmatch(value):
            self.complain(
                "MANIFEST_CODE", "编号用小写字母、数字和连字符，64个字符以内，以后不要改动。", _at(at, "code")
            )
            return ""
        return value

    def one_of(self, values: Mapping[str, Any], key: str, at: str, allowed: tuple[str, ...]) -> str:
        value = values.get(key)
        if not isinstance(value, str) or value not in allowed:
            self.complain(f"MANIFEST_{key.upper()}", f"只能填写：{'、'.join(allowed)}。", _at(at, key))
            return ""
        return value

    def trade_code(self, values: Mapping[str, Any], at: str) -> str | None:
        value = values.get("trade_code")
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not TRADE_CODE.fullmatch(value):
            self.complain("MANIFEST_TRADE_CODE", "职业（工种）代码的写法如 6-18-01-01。", _at(at, "trade_code"))
            return None
        return value

    def file(self, values: Mapping[str, Any], key: str, at: str, *, required: bool = True) -> str | None:
        value = values.get(key)
        if value is None and not required:
            return None
        if (
            not isinstance(value, str)
            or not value
            or value.startswith("/")
            or "\\" in value
            or ".." in value.split("/")
        ):
            self.complain("MANIFEST_FILE_NAME", "请填写课程包里的文件名，不能指向包外。", _at(at, key))
            return None
        if not value.lower().endswith(SUFFIXES[key]):
            self.complain("FILE_TYPE", f"这里要用{'、'.join(SUFFIXES[key])}文件。", _at(at, key))
            return None
        return value

    def no_repeats(self, plans: tuple[LessonPlan, ...]) -> None:
        seen: set[str] = set()
        for index, plan in enumerate(plans, start=1):
            if plan.code and plan.code in seen:
                self.complain("MANIFEST_LESSON_REPEATED", f"课的编号“{plan.code}”用了两次。", f"lesson[{index}].code")
            seen.add(plan.code)


def _at(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key
