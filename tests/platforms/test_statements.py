"""xAPI statements of the video profile, one by one: what is read of them and why one is refused."""

from __future__ import annotations

import copy
import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.platforms import services as platforms
from backend.platforms.statements import MOST_BYTES, Refused, read_line, read_statement
from config.errors import Invalid
from learning_records.sessions.rules import Interval

EXTENSIONS = "https://w3id.org/xapi/video/extensions/"
VERBS = "https://w3id.org/xapi/video/verbs/"
LATER = 2**45


def statement(verb: str = VERBS + "paused", **changes: Any) -> dict[str, Any]:
    """A paused statement as a conforming player sends it; ``changes`` replace what stands at the top."""
    raw: dict[str, Any] = {
        "id": "28f17835-138f-409e-afac-49352badbfc3",
        "actor": {"objectType": "Agent", "account": {"name": "d91dc055", "homePage": "http://platform.example"}},
        "verb": {"id": verb},
        "object": {"id": "uuid://video-1", "definition": {"type": "https://w3id.org/xapi/video/activity-type/video"}},
        "context": {"extensions": {EXTENSIONS + "session-id": "s-1", EXTENSIONS + "length": 254}},
        "result": {
            "extensions": {
                EXTENSIONS + "time": 196.275,
                EXTENSIONS + "played-segments": "0[.]3.175[,]3.243[.]73.277[,]80",
            }
        },
        "timestamp": "2021-11-25T13:56:14.644080+00:00",
    }
    return {**copy.deepcopy(raw), **changes}


def with_extension(name: str, value: object) -> dict[str, Any]:
    raw = statement()
    raw["result"]["extensions"][EXTENSIONS + name] = value
    return raw


def refusal(raw: object) -> str:
    with pytest.raises(Refused) as caught:
        read_statement(raw)
    assert caught.value.detail
    return caught.value.code


def test_a_statement_is_read_whole() -> None:
    seen = read_statement(statement())
    assert (seen.statement, seen.verb) == ("28f17835-138f-409e-afac-49352badbfc3", "paused")
    assert (seen.person, seen.session, seen.lesson) == ("d91dc055@http://platform.example", "s-1", "uuid://video-1")
    assert (seen.at_ms, seen.position_ms, seen.media_ms) == (1_637_848_574_644, 196_275, 254_000)
    assert seen.segments == (Interval(0, 3_175), Interval(3_243, 73_277)), "a segment that is still open has no end"


def test_a_seek_says_from_where_to_where() -> None:
    raw = statement(VERBS + "seeked")
    raw["result"]["extensions"] = {EXTENSIONS + "time-from": 10, EXTENSIONS + "time-to": 100.5}
    seen = read_statement(raw)
    assert (seen.position_ms, seen.target_ms, seen.segments) == (10_000, 100_500, None)


def test_the_registration_stands_for_a_session_that_is_not_named() -> None:
    assert read_statement(statement(context={"registration": "r-1"})).session == "r-1"
    assert read_statement(statement(context={})).session == ""


@pytest.mark.parametrize(
    "actor",
    [
        {"mbox": "mailto:a@b.example"},
        {"mbox_sha1sum": "ab" * 20},
        {"openid": "http://a.example"},
        {"account": {"name": "n", "homePage": "h"}},
    ],
)
def test_every_kind_of_actor_is_a_person(actor: dict[str, Any]) -> None:
    assert read_statement(statement(actor=actor)).person


@pytest.mark.parametrize(
    ("timestamp", "at_ms"),
    [
        ("2020-03-02T01:00:00Z", 1_583_110_800_000),
        ("2020-03-02T09:00:00+08:00", 1_583_110_800_000),
        ("2020-03-02T01:00:00.1234567Z", 1_583_110_800_123),
        ("2020-03-02t01:00:00z", 1_583_110_800_000),
    ],
)
def test_timestamps_are_instants(timestamp: str, at_ms: int) -> None:
    assert read_statement(statement(timestamp=timestamp)).at_ms == at_ms


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "NOT_XAPI"),
        ([], "NOT_XAPI"),
        ("x", "NOT_XAPI"),
        (statement(id="no-uuid"), "NOT_XAPI"),
        (statement(id=7), "NOT_XAPI"),
        (statement(actor={}), "NOT_XAPI"),
        (statement(actor={"mbox": "mailto:a@b", "openid": "c"}), "NOT_XAPI"),
        (statement(actor={"mbox": "mailto:a@b", "member": []}), "NOT_XAPI"),
        (statement(actor={"account": {"name": ""}}), "NOT_XAPI"),
        (statement(actor={"account": {"name": "x" * 501, "homePage": "h"}}), "NOT_XAPI"),
        (statement(actor={"account": {"name": "a\nb", "homePage": "h"}}), "NOT_XAPI"),
        (statement(object={}), "NOT_XAPI"),
        (statement(context={"extensions": {EXTENSIONS + "session-id": 7}}), "NOT_XAPI"),
        (statement(context=[]), "NOT_XAPI"),
        (statement("http://id.tincanapi.com/verb/downloaded"), "NOT_VIDEO"),
        (statement("http://adlnet.gov/expapi/verbs/completed", object={"id": "quiz"}), "NOT_VIDEO"),
        (statement(timestamp=None), "TIMESTAMP_INVALID"),
        (statement(timestamp=1_583_110_800), "TIMESTAMP_INVALID"),
        (statement(timestamp="2020-03-02T01:00:00"), "TIMESTAMP_INVALID"),
        (statement(timestamp="2020-03-02T01:00:00-00:00"), "TIMESTAMP_INVALID"),
        (statement(timestamp="2020-02-30T01:00:00Z"), "TIMESTAMP_INVALID"),
        (statement(timestamp="1969-12-31T01:00:00Z"), "TIMESTAMP_INVALID"),
        (statement(result={}), "POSITION_INVALID"),
        (statement(VERBS + "seeked"), "POSITION_INVALID"),
        (with_extension("time", True), "POSITION_INVALID"),
        (with_extension("time", "7"), "POSITION_INVALID"),
        (with_extension("time", -0.001), "POSITION_INVALID"),
        (with_extension("time", 10**400), "POSITION_INVALID"),
        (with_extension("time", float("inf")), "POSITION_INVALID"),
        (with_extension("length", "long"), "POSITION_INVALID"),
        (with_extension("played-segments", 7), "SEGMENTS_INVALID"),
        (with_extension("played-segments", "0[.]1[.]2"), "SEGMENTS_INVALID"),
        (with_extension("played-segments", "a[.]b"), "SEGMENTS_INVALID"),
        (with_extension("played-segments", "nan[.]5"), "SEGMENTS_INVALID"),
        (with_extension("played-segments", "-1[.]5"), "SEGMENTS_INVALID"),
    ],
)
def test_what_is_no_video_statement_is_refused_with_its_reason(raw: object, code: str) -> None:
    assert refusal(raw) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(key=st.sampled_from(["id", "actor", "verb", "object", "context", "result", "timestamp"]), value=JSON, raw=JSON)
def test_nothing_that_is_json_breaks_the_reader(key: str, value: object, raw: object) -> None:
    for item in ({**statement(), key: value}, raw):
        with suppress(Refused):
            assert read_statement(item).statement


@given(line=st.binary(max_size=200))
def test_no_bytes_break_the_reader(line: bytes) -> None:
    with pytest.raises(Refused):
        read_line(line)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "NOT_JSON"),
        (b"\xff\xfe", "NOT_JSON"),
        (b'{"id": NaN}', "NOT_JSON"),
        (b"[" * 100_000, "NOT_JSON"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "NOT_JSON"),
        (b" " * (MOST_BYTES + 1), "LINE_TOO_LONG"),
        (b"7", "NOT_XAPI"),
    ],
)
def test_a_line_that_is_no_statement_is_refused(line: bytes, code: str) -> None:
    with pytest.raises(Refused, match=code):
        read_line(line)


def _good(number: int, **changes: Any) -> bytes:
    raw = statement(VERBS + ("paused" if number % 2 else "played"), **changes)
    raw["id"] = f"28f17835-138f-409e-afac-{number:012d}"
    return json.dumps(raw).encode() + b"\n"


def test_faulty_lines_are_named_and_the_others_go_in(tmp_path: Path) -> None:
    future = _good(9, timestamp="2099-01-01T00:00:00Z")
    lines = [
        b"\xef\xbb\xbf" + _good(1),
        b"\n",
        b"nonsense\n",
        b"x" * 3 * MOST_BYTES + b"\n",
        future,
        _good(2),
        _good(3).strip(),
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines))
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(b"".join(lines)))
    for file in (path, packed):
        read = platforms.read_statements(file, now_ms=1_700_000_000_000)
        assert [(line.line, line.code) for line in read.refused] == [
            (3, "NOT_JSON"),
            (4, "LINE_TOO_LONG"),
            (5, "FUTURE"),
        ]
        assert [item.statement[-1] for item in read.observations] == ["1", "2", "3"]
        assert read.lines == 6


@pytest.mark.parametrize("cut", [30, 12, 3])
def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(_good(1) * 200)[:-cut])
    with pytest.raises(Invalid, match="FILE_DAMAGED"):
        platforms.read_statements(path, now_ms=LATER)


def test_a_packed_file_with_a_changed_byte_is_refused_or_read_the_same(tmp_path: Path) -> None:
    path, whole = tmp_path / "a.jsonl.gz", gzip.compress(b"".join(map(_good, range(1, 60))))
    path.write_bytes(whole)
    good = platforms.read_statements(path, now_ms=LATER)
    for place in range(10, len(whole), 17):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with suppress(Invalid):
            assert platforms.read_statements(path, now_ms=LATER) == good


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n\n")
    read = platforms.read_statements(path, now_ms=LATER)
    assert (read.lines, read.observations, read.refused) == (0, (), ())
