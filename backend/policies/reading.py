"""Reading a policy file: TOML, checked key by key against ``values``, into one frozen ``Policy``.

An unknown key, a missing key, a wrong type or an unknown switch is an ``Invalid`` POLICY_INVALID that names each bad key.
A file with ``extends`` is a variant: the other file's values, but for those it names itself, each again with its clause.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from backend.policies.values import Entry, Policy
from config.crypto import canonical_json, sha256_hex
from config.errors import Invalid

NOT_SET = "none"
SAID_BY_THE_NOTICE = "said by the notice"
_HEADER = ("id", "title", "document_number", "jurisdiction")
_OF_VARIANTS = ("extends", "districts")
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


def _sections() -> dict[str, Any]:
    hints = get_type_hints(Policy)
    return {name: kind for name, kind in hints.items() if is_dataclass(kind)}


def _schema() -> Schema:
    wanted: dict[str, fields.Field[Any]] = {
        name: fields.String(required=True, validate=validate.Length(min=1)) for name in _HEADER
    }
    wanted["extends"] = fields.String(validate=validate.Length(min=1))
    wanted["districts"] = fields.List(fields.String(validate=validate.Regexp(r"[0-9]{6}\Z", error="应为6位区划代码")))
    for name, section in _sections().items():
        entries: dict[str, fields.Field[Any]] = {
            key: fields.Nested(_entry_schema(kind), required=True) for key, kind in get_type_hints(section).items()
        }
        wanted[name] = fields.Nested(_Strict.from_dict(entries), required=True)
    return _Strict.from_dict(wanted)()


def read_policy(path: Path, *, bases: Path | None = None) -> Policy:
    """The policy in ``path``; what it extends stands beside it or in ``bases``.

    Raises ``Invalid`` POLICY_INVALID with one error for each bad key.
    """
    policy = parse_policy(read_data(path, bases=bases), name=path.name)
    if policy.id != path.stem:
        raise _invalid(path.name, [{"key": "id", "message": f"应与文件名一致：{path.stem}"}])
    return policy


def read_data(path: Path, *, bases: Path | None = None) -> dict[str, Any]:
    """The file's parsed TOML, unchecked, over that of the policy it extends. Raises ``Invalid`` POLICY_INVALID."""
    data = _toml(path)
    if "extends" not in data:
        return data
    places = [folder / f"{data['extends']}.toml" for folder in (path.parent, bases) if folder is not None]
    found = [place for place in places if str(data["extends"]).isprintable() and place.is_file()]
    if not found or "/" in str(data["extends"]):
        raise _invalid(path.name, [{"key": "extends", "message": f"没有编号为“{data['extends']}”的政策文件"}])
    base = _toml(found[0])
    if "extends" in base:
        raise _invalid(path.name, [{"key": "extends", "message": "只能继承一份完整的政策，不能继承另一份变通版本"}])
    return merged(base, data)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("POLICY_INVALID", f"政策文件 {path.name} 不是有效的 TOML：{error}。") from None


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the entries of ``over`` in place of its own, each entry whole; checked afterwards like any file."""
    whole = {key: dict(value) if isinstance(value, Mapping) else value for key, value in base.items()}
    for key, value in over.items():
        section = whole.get(key)
        if isinstance(value, Mapping) and isinstance(section, dict):
            section.update(value)
        else:
            whole[key] = value
    return whole


def parse_policy(data: Mapping[str, Any], *, name: str) -> Policy:
    """The policy that parsed TOML holds. Raises ``Invalid`` POLICY_INVALID; ``name`` stands in its message."""
    return _checked(data, name=name)


def version_of(data: Mapping[str, Any]) -> str:
    """The policy's id and the first digits of the SHA-256 of its content as canonical JSON."""
    return f"{data.get('id')}+{sha256_hex(canonical_json(plain(data)))[:_VERSION_DIGITS]}"


def content_of(policy: Policy) -> bytes:
    """The whole policy as canonical JSON; ``version_of`` this content is its version."""
    content: dict[str, Any] = {key: getattr(policy, key) for key in _HEADER}
    content |= {key: plain(getattr(policy, key)) for key in _OF_VARIANTS if getattr(policy, key)}
    for key, entry in policy.entries.items():
        section, name = key.split(".")
        whole = {**entry.__dict__, "value": NOT_SET if entry.value is None else entry.value}
        content.setdefault(section, {})[name] = plain(whole)
    return canonical_json(content)


def parse_content(content: Mapping[str, Any], *, version: str, today: Mapping[str, Any]) -> Policy:
    """A policy from content that was kept under ``version``, for as long as it still is that version's content.

    Keys that the programme did not know then have the value of ``today``, the parsed file in place; keys that it does not
    know any more are left out. Raises ``Invalid`` POLICY_VERSION_ALTERED, POLICY_INVALID.
    """
    if version_of(content) != version:
        raise Invalid("POLICY_VERSION_ALTERED", f"政策版本 {version} 的留存内容与版本号不符，请从备份中恢复。")
    known = {key: content[key] for key in (*_HEADER, *_OF_VARIANTS) if key in content}
    for section, kind in _sections().items():
        known[section] = {
            key: _revived(content.get(section, {}).get(key, today[section][key]), expected)
            for key, expected in get_type_hints(kind).items()
        }
    return _checked(known, name=version, version=version)


def _revived(entry: Mapping[str, Any], expected: Any) -> dict[str, Any]:
    """An entry of canonical JSON as TOML has it: dates are dates."""
    value = entry["value"]
    dated = expected is date or date in get_args(expected)
    return {**entry, "value": date.fromisoformat(value) if dated and type(value) is str and value != NOT_SET else value}


def _checked(data: Mapping[str, Any], *, name: str, version: str | None = None) -> Policy:
    try:
        loaded = _schema().load(data)
    except ValidationError as error:
        raise _invalid(name, [{"key": key, "message": text} for key, text in _flat(error.messages_dict)]) from None
    entries: dict[str, Entry] = {}
    sections: dict[str, Any] = {}
    for section, kind in _sections().items():
        raw = loaded[section]
        sections[section] = kind(**{field.name: raw[field.name]["value"] for field in fields_of(kind)})
        for key, entry in raw.items():
            entries[f"{section}.{key}"] = Entry(**{**entry, "alternatives": tuple(entry["alternatives"])})
    header = {key: loaded[key] for key in _HEADER}
    header |= {"extends": loaded.get("extends"), "districts": tuple(loaded.get("districts", ()))}
    policy = Policy(**header, **sections, version=version or version_of(data), entries=MappingProxyType(entries))
    problems = list(_contradictions(policy))
    if problems:
        raise _invalid(name, problems)
    return policy


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


def _invalid(name: str, problems: list[dict[str, str]]) -> Invalid:
    shown = "；".join(f"{problem['key']}：{problem['message']}" for problem in problems[:5])
    more = f"；另有{len(problems) - 5}处" if len(problems) > 5 else ""
    return Invalid("POLICY_INVALID", f"政策文件 {name} 有误：{shown}{more}。", errors=problems)
