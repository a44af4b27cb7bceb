"""Ten thousand random single changes to bundles: each is detected, none breaks the verifier.

Some change the file itself, byte by byte; the others change one thing inside and then make the outside fit again, as far as
somebody can who has everything but the log's key. ``MUTATIONS=100000 pytest …`` (``make mutations``) tries more.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records.evidence import log
from tests.learning_records.verify.bundled import a_whole_life, bundle_of, codes, seal_sessions, studied, verified
from tests.learning_records.verify.claimed import a_paid_claim
from tests.learning_records.verify.zips import (
    Files,
    canonical,
    closed,
    hashed,
    manifest_of,
    opened,
    rehashed,
    signed_by_attacker,
    summarized,
)

MUTATIONS = int(os.environ.get("MUTATIONS", "10000"))
SEED = 20200310


# bytes


def _a_byte(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    way = chance.choice(["change", "bit", "insert", "delete", "repeat", "cut"])
    if way == "change":
        return data[:at] + bytes([(data[at] + chance.randint(1, 255)) % 256]) + data[at + 1 :]
    if way == "bit":
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if way == "insert":
        return data[:at] + chance.randbytes(1) + data[at:]
    if way == "delete":
        return data[:at] + data[at + 1 :]
    if way == "repeat":
        return data[:at] + data[at : at + chance.randint(1, 40)] + data[at:]
    return data[:at]


# what a file says


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the value itself first."""
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += _places(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            found += _places(item, (*path, at))
    return found


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _json(content: bytes, chance: random.Random) -> bytes:
    """One change to one value of canonical JSON, written canonically again."""
    value: Any = json.loads(content)
    path = chance.choice(_places(value))
    if not path:
        path = chance.choice([(key,) for key in value])
    holder, key = _at(value, path[:-1]), path[-1]
    old, ways = holder[key], ["remove"]
    if isinstance(holder, list):
        ways += ["repeat", "swap"]
    if not isinstance(old, (dict, list)):
        ways += ["change"] * 4
    way = chance.choice(ways)
    if way == "remove":
        del holder[key]
    elif way == "repeat":
        holder.insert(key, deepcopy(old))
    elif way == "swap":
        other = chance.randrange(len(holder))
        holder[key], holder[other] = holder[other], holder[key]
    else:
        holder[key] = _other(old, chance)
    return canonical(value)


def _other(old: Any, chance: random.Random) -> Any:
    if isinstance(old, bool):
        return not old
    if old is None:
        return chance.choice([0, "", False, []])
    if isinstance(old, int):
        return chance.choice([old + 1, old - 1, old + 1000, -old, 0, old * 2, 2**53 - 1, str(old), None])
    at = chance.randrange(len(old) + 1)
    return chance.choice(
        [old[:at] + old[at + 1 :], f"{old[:at]}x{old[at:]}", f"{old[:at]}0{old[at + 1 :]}", "", None, 1]
    )


def _text(content: bytes, chance: random.Random) -> bytes:
    """One line or character of a text changed."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    way = chance.choice(["remove", "repeat", "swap", "change", "change", "change"])
    if way == "remove":
        del lines[at]
    elif way == "repeat":
        lines.insert(at, lines[at])
    elif way == "swap":
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        place = chance.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:place] + chance.choice([b"A", b"0", b" ", b"="]) + lines[at][place + 1 :]
    return b"\n".join(lines)


def _inside(files: Files, chance: random.Random) -> str | None:
    """One file changed, or one beat taken out of a session; its name."""
    name = chance.choice(list(files))
    if chance.random() < 0.3:
        name = chance.choice([name for name in files if name.startswith("records/")])
    content = files[name]
    if name.startswith("records/") and b'"beats":[[' in content and chance.random() < 0.3:
        body = json.loads(content)
        del body["beats"][chance.randrange(len(body["beats"]))]
        files[name] = canonical(body)
    elif name.endswith((".json", ".sig")):
        files[name] = _json(content, chance)
    else:
        files[name] = _text(content, chance)
    return name if files[name] != content else None


def _whole_files(files: Files, chance: random.Random) -> str | None:
    """A file removed, named otherwise, added, or two of them in each other's place."""
    names = list(files)
    one, other = chance.choice(names), chance.choice(names)
    way = chance.choice(["remove", "rename", "add", "swap", "move"])
    if way == "remove":
        del files[one]
    elif way == "rename":
        files[chance.choice([f"{one}x", f"x/{one}", one.upper(), f"../{one}"])] = files.pop(one)
    elif way == "add":
        files[chance.choice(["more.txt", "records/more.json", f"{one}.json"])] = files[one]
    elif way == "swap":
        if files[one] == files[other]:
            return None
        files[one], files[other] = files[other], files[one]
    else:
        if one == names[-1]:
            return None
        files[one] = files.pop(one)
    return one


def _change(data: bytes, chance: random.Random) -> tuple[str, bytes, bool] | None:
    """(what was done, the changed bundle, whether the reader has to know the service's key to see it)."""
    if chance.random() < 0.4:
        return "bytes", _a_byte(data, chance), False
    files = opened(data)
    name = (_inside if chance.random() < 0.8 else _whole_files)(files, chance)
    outside = chance.choice(["closed", "hashed", "signed", "summarized"])
    if name is None:
        return None
    known = False
    try:
        if outside in ("signed", "summarized") and name == "manifest.sig":
            return None  # it is made anew
        if outside == "summarized" and name == "summary.txt":
            return None  # so is this
        if outside != "closed" and name != "manifest.json":
            rehashed(files)
        if outside == "summarized":
            summarized(files)
            known = name == "manifest.json"
        if outside in ("signed", "summarized"):
            signed_by_attacker(files)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        outside, known = "closed", False  # too broken to make the outside fit
    return outside, closed(files), known


@pytest.fixture
def bundles(app: Flask, clock: FixedCalendar) -> list[bytes]:
    """A session, everything of a person, and a paid claim."""
    phone = studied(clock)
    session = bundle_of(seal_sessions(phone.person), [phone.person], kind="session", about=phone.session_id)
    life = a_whole_life(clock)
    return [session, bundle_of(life.records, [life.person]), a_paid_claim(clock).bundle()]


def test_every_single_change_is_detected_and_none_breaks_the_verifier(bundles: list[bytes]) -> None:
    chance = random.Random(SEED)
    keys = [*log.verifier_keys()]
    service = list(manifest_of(opened(bundles[0]))["receipt_keys"].values())
    for data in bundles:
        assert codes(verified(data)) == []
        assert codes(verified(closed(opened(data)))) == []
    tried: Counter[str] = Counter()
    missed: list[tuple[str, int]] = []
    while sum(tried.values()) < MUTATIONS:
        data = chance.choices(bundles, weights=[5, 1, 2])[0]
        changed = _change(data, chance)
        if changed is None or changed[1] == data:
            continue
        way, mutant, known = changed
        tried[way] += 1
        report = verified(mutant, keys=[*keys, *service] if known else [])
        if report.ok or report.status == 0:
            missed.append((way, sum(tried.values())))
        assert "UNEXPECTED" not in codes(report), report.findings
        assert all(finding.zh and finding.en for finding in report.findings)
    assert missed == []
    assert min(tried[way] for way in ("bytes", "closed", "hashed", "signed", "summarized")) > MUTATIONS // 20


def test_a_byte_of_the_container_changed_with_its_hash_is_seen_by_the_shape(bundles: list[bytes]) -> None:
    """Every header field is fixed: who changes one and hashes the file anew has no ZIP of the agreed shape any more."""
    data = bundles[0]
    files = opened(data)
    packed_at = set()
    at = 0
    for name in files:
        header = 30 + len(name)
        size = int.from_bytes(data[at + 18 : at + 22], "little")
        packed_at |= set(range(at + header, at + header + size))
        at += header + size
    for place in sorted(set(range(len(data) - 64)) - packed_at):
        mutant = hashed(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        report = verified(mutant)
        assert report.status != 0, place
        assert "UNEXPECTED" not in codes(report)
