"""2,599 real statements of 147 learners, read in whole: every one is accounted for, and what counts is bounded by the raw file.

The bounds are worked out here from the JSON itself, with nothing of the code under test.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config.clock import FixedCalendar

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "fun-mooc-video-sample.jsonl.gz"
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of real statements is not on this machine")
VIDEO = "https://w3id.org/xapi/video/extensions/"


@pytest.fixture
def explained(app: Flask, clock: FixedCalendar) -> dict[str, Any]:
    """What ``flask platforms import`` says of the sample, as JSON."""
    clock.set("2021-12-02T00:00:00+08:00")
    result = app.test_cli_runner().invoke(args=["platforms", "import", str(SAMPLE), "--json"])
    assert result.exit_code == 0, result.output
    said: dict[str, Any] = json.loads(result.output)
    return said


@pytest.fixture(scope="module")
def raw() -> dict[str, dict[str, Any]]:
    """The statements by id."""
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        return {item["id"]: item for item in map(json.loads, lines)}


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _session_id(item: dict[str, Any]) -> str:
    named: str = item["context"]["extensions"][VIDEO + "session-id"]
    return named


def test_every_statement_is_used_or_named_with_its_reason(
    explained: dict[str, Any], raw: dict[str, dict[str, Any]]
) -> None:
    accounted = [name for session in explained["sessions"] for name in session["used"]]
    accounted += [entry["statement"] for session in explained["sessions"] for entry in session["unused"]]
    accounted += [line["statement"] for line in explained["refused"]]
    assert Counter(accounted) == Counter(raw.keys()), "each of the statements once"
    assert len(accounted) == 2_599
    named = [*explained["refused"], *(entry for session in explained["sessions"] for entry in session["unused"])]
    assert all(entry["code"] and entry["detail"] for entry in named)
    assert {line["code"] for line in explained["refused"]} == {"NOT_VIDEO"}
    for session in explained["sessions"]:
        for name in [*session["used"], *(entry["statement"] for entry in session["unused"])]:
            assert _session_id(raw[name]) == session["session"]


def _union_length(parts: list[tuple[int, int]]) -> int:
    total, until = 0, -1
    for start, end in sorted(parts):
        total += max(0, end - max(start, until))
        until = max(until, end)
    return total


def _segments(item: dict[str, Any]) -> list[tuple[int, int]]:
    text = item.get("result", {}).get("extensions", {}).get(VIDEO + "played-segments", "")
    pairs = (part.split("[.]") for part in text.split("[,]") if "[.]" in part)
    return [(round(float(start) * 1000), round(float(end) * 1000)) for start, end in pairs]


def test_no_session_counts_more_than_its_real_time_or_what_its_player_lists(
    explained: dict[str, Any], raw: dict[str, dict[str, Any]]
) -> None:
    items = defaultdict(list)
    for item in raw.values():
        items[_session_id(item)].append(item)
    covered: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    bounded = 0
    for session in explained["sessions"]:
        mine = items[session["session"]]
        times = [_ms(item["timestamp"]) for item in mine]
        assert session["counted_ms"] <= max(times) - min(times)
        media = [(part["media_from_ms"], part["media_to_ms"]) for part in session["counted"]]
        assert _union_length(media) == session["counted_ms"], "counted media are as long as counted time"
        before = covered[session["actor"], session["lesson"]]
        listed = [segment for item in mine for segment in _segments(item)]
        if any("played-segments" in json.dumps(item) for item in mine):
            newly = _union_length([*before, *listed]) - _union_length(before)
            assert session["counted_ms"] <= newly
            bounded += session["counted_ms"] > 0
        before += media
        assert _union_length(before) == sum(end - start for start, end in before), "the same minute earns once"
    assert bounded > 70


def test_a_person_counts_in_one_place_at_a_time(explained: dict[str, Any]) -> None:
    walls: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for session in explained["sessions"]:
        parts = [(_ms(part["from"]), _ms(part["to"])) for part in session["counted"]]
        spans = [(_ms(part["from"]), _ms(part["to"])) for part in session["uncounted"]]
        whole = _ms(session["to"]) - _ms(session["from"])
        assert sum(end - start for start, end in [*parts, *spans]) == whole == _union_length([*parts, *spans])
        walls[session["actor"]] += parts
    for parts in walls.values():
        assert _union_length(parts) == sum(end - start for start, end in parts)


def test_the_sums_are_these(explained: dict[str, Any]) -> None:
    sums = explained["totals"]
    assert (sums["lines"], sums["used"], sums["repeated"]) == (2_599, 914, 0)
    assert (sum(sums["unused"].values()), sums["refused"]) == (1_680, {"NOT_VIDEO": 5})
    assert (sums["persons"], sums["sessions"], sums["sessions_counted"]) == (145, 376, 86)
    assert sums["counted_ms"] == sum(session["counted_ms"] for session in explained["sessions"]) == 26_389_954
    assert sums["stored_seconds"] == 0
    assert {session["outcome"]["code"] for session in explained["sessions"]} == {"UNKNOWN_PERSON"}
