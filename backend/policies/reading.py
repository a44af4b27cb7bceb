"""Reading a policy file: TOML, checked key by key against ``values``, into one frozen ``Policy``.

An unknown key, a missing key, a wrong type or an unknown switch is an ``Invalid`` POLICY_INVALID that names each bad key.
A file with ``extends`` is a variant: the other file's values, but for those it names itself, each again with its clause.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

from backend.policies.checking import (
    HEADER,
    NOT_SET,
    OF_VARIANTS,
    check,
    content_of,
    invalid,
    sections_of_policy,
    version_of,
)
from backend.policies.values import Policy
from config.errors import Invalid


def read_policy(path: Path, *, bases: Path | None = None) -> Policy:
    """The policy in ``path``; what it extends stands beside it or in ``bases``.

    Raises ``Invalid`` POLICY_INVALID with one error for each bad key.
    """
    policy = parse_policy(read_data(path, bases=bases), name=path.name)
    if policy.id != path.stem:
        raise invalid(path.name, [{"key": "id", "message": f"应与文件名一致：{path.stem}"}])
    return policy


def read_data(path: Path, *, bases: Path | None = None) -> dict[str, Any]:
    """The file's parsed TOML, unchecked, over that of the policy it extends. Raises ``Invalid`` POLICY_INVALID."""
    data = _toml(path)
    if "extends" not in data:
        return data
    places = [folder / f"{data['extends']}.toml" for folder in (path.parent, bases) if folder is not None]
    found = [place for place in places if str(data["extends"]).isprintable() and place.is_file()]
    if not found or "/" in str(data["extends"]):
        raise invalid(path.name, [{"key": "extends", "message": f"没有编号为“{data['extends']}”的政策文件"}])
    base = _toml(found[0])
    if "extends" in base:
        raise invalid(path.name, [{"key": "extends", "message": "只能继承一份完整的政策，不能继承另一份变通版本"}])
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
    return check(data, name=name)


def changed(policy: Policy, settings: Mapping[str, str]) -> Policy:
    """The policy with each ``section.key`` set to what its text means, as it would stand in the file; a bare word is text.

    Raises ``Invalid`` POLICY_INVALID naming every key that is unknown and every value that cannot be meant.
    """
    unknown = [key for key in settings if key not in policy.entries]
    if unknown:
        problems = [{"key": key, "message": "不认识的键"} for key in unknown]
        raise invalid(f"{policy.id}（试算）", problems)
    content: dict[str, Any] = json.loads(content_of(policy))
    whole = _known(content, {})
    for key, text in settings.items():
        section, name = key.split(".")
        whole[section][name]["value"] = _meant(text)
    return check(whole, name=f"{policy.id}（试算）")


def _meant(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def parse_content(content: Mapping[str, Any], *, version: str, today: Mapping[str, Any]) -> Policy:
    """A policy from content that was kept under ``version``, for as long as it still is that version's content.

    Keys that the programme did not know then have the value of ``today``, the parsed file in place; keys that it does not
    know any more are left out. Raises ``Invalid`` POLICY_VERSION_ALTERED, POLICY_INVALID.
    """
    if version_of(content) != version:
        raise Invalid("POLICY_VERSION_ALTERED", f"政策版本 {version} 的留存内容与版本号不符，请从备份中恢复。")
    return check(_known(content, today), name=version, version=version)


def _known(content: Mapping[str, Any], today: Mapping[str, Any]) -> dict[str, Any]:
    """What the programme knows of some content, as TOML would have it; what it lacks is as ``today``."""
    known = {key: content[key] for key in (*HEADER, *OF_VARIANTS) if key in content}
    for section, kind in sections_of_policy().items():
        known[section] = {
            key: _revived(content.get(section, {}).get(key) or today[section][key], expected)
            for key, expected in get_type_hints(kind).items()
        }
    return known


def _revived(entry: Mapping[str, Any], expected: Any) -> dict[str, Any]:
    """An entry of canonical JSON as TOML has it: dates are dates."""
    value = entry["value"]
    dated = expected is date or date in get_args(expected)
    return {**entry, "value": date.fromisoformat(value) if dated and type(value) is str and value != NOT_SET else value}
