"""What a policy's content must be: every key of ``values``, its type, and what cannot be meant together; and its version.

An unknown key, a missing key, a wrong type or an unknown switch is an ``Invalid`` POLICY_INVALID that names each bad key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from backend.policies.values import Entry, Policy
from config.crypto import canonical_json, sha256_hex
from config.errors import Invalid

NOT_SET = "none"
SAID_BY_THE_NOTICE = "said by the notice"
HEADER = ("id", "title", "document_number", "jurisdiction")
OF_VARIANTS = ("extends", "districts")
_VERSION_DIGITS = 12
LEAST_YEARS_KEPT = 2  # of the notice (四.2); the guards of the database go by it
_IN_CHINESE = {"Missing data for required field.": "缺少这个键", "Unknown field.": "不认识的键"}
_MUST_BE_POSITIVE = (
    "class_hour.seconds",
    "credit.class_hours_per_credit",
    "counting.beat_interval_seconds",
    "counting.batch_beats",
    "counting.reading_characters_a_minute",
    "counting.presence_first_seconds",
    "counting.presence_answer_seconds",
    "quiz.question_count",
    "quiz.time_limit_seconds",
)


class _Value(fields.Field[Any]):
    """One value, of exactly the type its section names."""

    def __init__(self, expected: Any) -> None:
        super().__init__(required=True)
        self.expected = expected

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        problem = _mismatch(value, self.expected)
        if problem:
            raise ValidationError(problem)
        if value == NOT_SET and type(None) in get_args(self.expected):
            return None
        return tuple(value) if isinstance(value, list) else value


def _mismatch(value: Any, expected: Any) -> str:
    """What is wrong with ``value``; empty when nothing is."""
    if get_origin(expected) is Literal:
        choices = get_args(expected)
        return "" if value in choices else f"应为以下之一：{'、'.join(choices)}"
    if type(None) in get_args(expected):
        inner = next(kind for kind in get_args(expected) if kind is not type(None))
        return "" if value == NOT_SET else _mismatch(value, inner)
    if get_origin(expected) is tuple:
        good = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
        return "" if good else "应为文字列表"
    if expected is int:
        return "" if type(value) is int and value >= 0 else "应为不小于0的整数"
    if expected is bool:
        return "" if type(value) is bool else "应为 true 或 false"
    if expected is date:
        return "" if isinstance(value, date) and not isinstance(value, datetime) else "应为日期，如 2020-06-30"
    return "" if isinstance(value, str) and value else "应为非空文字"


class _Default(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool) or value == SAID_BY_THE_NOTICE:
            return value
        raise ValidationError(f'应为 true、false 或 "{SAID_BY_THE_NOTICE}"')


class _Strict(Schema):
    class Meta:
        unknown = RAISE


def _entry_schema(expected: Any) -> type[Schema]:
    return _Strict.from_dict(
        {
            "value": _Value(expected),
            "clause": fields.String(required=True, validate=validate.Length(min=1)),
            "default": _Default(required=True),
            "note": fields.String(required=True),
            "alternatives": fields.List(fields.String(), required=True),
        }
    )


def sections_of_policy() -> dict[str, Any]:
    """Section name -> its class."""
    hints = get_type_hints(Policy)
    return {name: kind for name, kind in hints.items() if is_dataclass(kind)}


def _schema() -> Schema:
    wanted: dict[str, fields.Field[Any]] = {
        name: fields.String(required=True, validate=validate.Length(min=1)) for name in HEADER
    }
    wanted["extends"] = fields.String(validate=validate.Length(min=1))
    wanted["districts"] = fields.List(fields.String(validate=validate.Regexp(r"[0-9]{6}\Z", error="应为6位区划代码")))
    for name, section in sections_of_policy().items():
        entries: dict[str, fields.Field[Any]] = {
            key: fields.Nested(_entry_schema(kind), required=True) for key, kind in get_type_hints(section).items()
        }
        wanted[name] = fields.Nested(_Strict.from_dict(entries), required=True)
    return _Strict.from_dict(wanted)()


def check(data: Mapping[str, Any], *, name: str, version: str | None = None) -> Policy:
    """The policy that ``data`` holds, its version worked out where none is given. Raises ``Invalid`` POLICY_INVALID."""
    try:
        loaded = _schema().load(data)
    except ValidationError as error:
        raise invalid(name, [{"key": key, "message": text} for key, text in _flat(error.messages_dict)]) from None
    entries: dict[str, Entry] = {}
    sections: dict[str, Any] = {}
    for section, kind in sections_of_policy().items():
        raw = loaded[section]
        sections[section] = kind(**{field.name: raw[field.name]["value"] for field in fields_of(kind)})
        for key, entry in raw.items():
            entries[f"{section}.{key}"] = Entry(**{**entry, "alternatives": tuple(entry["alternatives"])})
    header = {key: loaded[key] for key in HEADER}
    header |= {"extends": loaded.get("extends"), "districts": tuple(loaded.get("districts", ()))}
    policy = Policy(**header, **sections, version=version or version_of(data), entries=MappingProxyType(entries))
    problems = list(_contradictions(policy))
    if problems:
        raise invalid(name, problems)
    return policy


def version_of(data: Mapping[str, Any]) -> str:
    """The policy's id and the first digits of the SHA-256 of its content as canonical JSON."""
    return f"{data.get('id')}+{sha256_hex(canonical_json(plain(data)))[:_VERSION_DIGITS]}"


def content_of(policy: Policy) -> bytes:
    """The whole policy as canonical JSON; ``version_of`` this content is its version."""
    content: dict[str, Any] = {key: getattr(policy, key) for key in HEADER}
    content |= {key: plain(getattr(policy, key)) for key in OF_VARIANTS if getattr(policy, key)}
    for key, entry in policy.entries.items():
        section, name = key.split(".")
        whole = {**entry.__dict__, "value": NOT_SET if entry.value is None else entry.value}
        content.setdefault(section, {})[name] = plain(whole)
    return canonical_json(content)


def _contradictions(policy: Policy) -> Iterator[dict[str, str]]:
    """Values that are well formed and cannot be true together."""
    for key in _MUST_BE_POSITIVE:
        if policy.entries[key].value == 0:
            yield {"key": key, "message": "应大于0"}
    for key, entry in policy.entries.items():
        if key.endswith("_percent") and isinstance(entry.value, int) and entry.value > 100:
            yield {"key": key, "message": "应不大于100"}
    if policy.window.last_class_start_on < policy.window.level_one_response_on:
        yield {"key": "window.last_class_start_on", "message": "早于窗口首日"}
    if policy.records.keep_years < LEAST_YEARS_KEPT:
        yield {"key": "records.keep_years", "message": f"通知要求{LEAST_YEARS_KEPT}年，数据库也不让提前"}
    if policy.counting.presence_last_seconds < policy.counting.presence_first_seconds:
        yield {"key": "counting.presence_last_seconds", "message": "小于 presence_first_seconds"}
    try:
        ZoneInfo(policy.window.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield {"key": "window.time_zone", "message": "不认识的时区"}


def plain(value: Any) -> Any:
    """TOML as canonical JSON can hold it: dates as ISO 8601 text."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _flat(messages: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in messages.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        else:
            for text in value:
                yield name, _IN_CHINESE.get(str(text), str(text))


def invalid(name: str, problems: list[dict[str, str]]) -> Invalid:
    """The refusal of a file, with the first problems in words and all of them as errors."""
    shown = "；".join(f"{problem['key']}：{problem['message']}" for problem in problems[:5])
    more = f"；另有{len(problems) - 5}处" if len(problems) > 5 else ""
    return Invalid("POLICY_INVALID", f"政策文件 {name} 有误：{shown}{more}。", errors=problems)
