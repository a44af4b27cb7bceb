"""What the log's door answers: types, caching, what is not there, and pages elsewhere that verify."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

import learning_records
from config.database import transaction
from learning_records.evidence import log
from learning_records.evidence.notes import Verifier, open_checkpoint
from tests.learning_records.by_hand import by_hand
from tests.learning_records.sealed import seal_notes
from tests.miniprogram_api.conftest import assert_problem

FOR_EVER = "public, max-age=31536000, immutable"
FOR_SECONDS = "public, max-age=2"
OCTETS = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def grown(door: FlaskClient) -> Any:
    """The door of a log of 300 entries; the records of the last ten."""
    records = seal_notes(300)
    log.sequence()
    return records[-10:]


def test_an_empty_log_says_so(door: FlaskClient) -> None:
    answer = door.get("/log/checkpoint")
    assert_problem(answer, 404, "LOG_EMPTY")
    assert answer.headers["Cache-Control"] == "no-store"
    assert_problem(door.get("/log/tile/0/000.p/1"), 404, "LOG_TILE_NOT_FOUND")
    assert_problem(door.get("/log/consistency?from=1"), 404, "LOG_CHECKPOINT_NOT_FOUND")


def test_types_and_caching_are_those_of_the_specification(door: FlaskClient, grown: Any) -> None:
    proof = f"proofs/{grown[0].public_id}"
    for address, content_type, cache in (
        ("checkpoint", TEXT, FOR_SECONDS),
        ("tile/0/000", OCTETS, FOR_EVER),
        ("tile/0/001.p/44", OCTETS, FOR_EVER),
        ("tile/1/000.p/1", OCTETS, FOR_EVER),
        ("tile/entries/000", OCTETS, FOR_EVER),
        ("tile/entries/001.p/44", OCTETS, FOR_EVER),
        (proof, TEXT, FOR_SECONDS),
        ("consistency?from=300&to=300", "application/json", FOR_EVER),
        ("consistency?from=300", "application/json", FOR_SECONDS),
        ("keys", "application/json", "public, max-age=300"),
    ):
        answer = door.get(f"/log/{address}")
        assert answer.status_code == 200, (address, answer.text)
        assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (content_type, cache), address
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Cookie" not in answer.headers.get("Vary", "")
        head = door.head(f"/log/{address}")
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Type"] == content_type
        assert head.headers["Content-Length"] == str(len(answer.data))
        if content_type != "application/json":
            assert head.headers["ETag"] == answer.headers["ETag"]
            again = door.get(f"/log/{address}", headers={"If-None-Match": answer.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["Cache-Control"] == cache


def test_a_new_checkpoint_has_a_new_tag(door: FlaskClient, grown: Any) -> None:
    before = door.get("/log/checkpoint")
    seal_notes(1)
    log.sequence()
    after = door.get("/log/checkpoint", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data.split(b"\n")[1] == b"301"


def test_a_partial_tile_stays_what_it_was_when_the_tile_is_full(door: FlaskClient) -> None:
    seal_notes(200)
    log.sequence()
    tile, bundle = door.get("/log/tile/0/000.p/200").data, door.get("/log/tile/entries/000.p/200").data
    assert len(tile) == 200 * 32
    assert_problem(door.get("/log/tile/0/000"), 404, "LOG_TILE_NOT_FOUND")
    assert_problem(door.get("/log/tile/0/000.p/201"), 404, "LOG_TILE_NOT_FOUND")
    seal_notes(100)
    log.sequence()
    assert door.get("/log/tile/0/000.p/200").data == tile
    assert door.get("/log/tile/entries/000.p/200").data == bundle
    whole = door.get("/log/tile/0/000").data
    assert (len(whole), whole[: len(tile)]) == (8192, tile)
    assert door.get("/log/tile/entries/000").data.startswith(bundle)


def test_what_is_not_signed_yet_is_not_there(door: FlaskClient, grown: Any) -> None:
    (record,) = seal_notes(1)
    assert_problem(door.get(f"/log/proofs/{record.public_id}"), 409, "NOT_YET_IN_LOG")
    assert transaction(log.integrate) == 1
    for address in ("tile/0/001.p/45", "tile/entries/001.p/45"):
        assert_problem(door.get(f"/log/{address}"), 404, "LOG_TILE_NOT_FOUND")
    answer = door.get(f"/log/proofs/{record.public_id}")
    assert_problem(answer, 409, "NOT_YET_IN_LOG")
    assert answer.headers["Cache-Control"] == "no-store"
    transaction(log.sign)
    assert len(door.get("/log/tile/0/001.p/45").data) == 45 * 32
    assert door.get(f"/log/proofs/{record.public_id}").text.startswith("c2sp.org/tlog-proof@v1\nindex 300\n")


@pytest.mark.parametrize(
    "address",
    [
        "tile/0/002", "tile/1/000", "tile/1/000.p/2", "tile/2/000.p/1", "tile/8/000.p/1", "tile/63/000.p/1",
        "tile/64/000.p/1", "tile/00/000", "tile/-1/000", "tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/x000/000", "tile/0/x999/x999/x999/x999/999.p/1", "tile/0/" + "x001/" * 9 + "001", "tile/0/%2e%2e/000",
        "tile/entries/001", "tile/entries/001.p/45", "tile/entries/x001/000.p/1", "tile/0", "tile", "tile/0/000/",
        "checkpoint/", "keys/", "tile/entries/000/", "proofs/", "proofs/x", "", "nothing",
    ],
)  # fmt: skip
def test_what_the_tree_does_not_have_is_not_found(door: FlaskClient, grown: Any, address: str) -> None:
    answer = door.get(f"/log/{address}")
    assert_problem(answer, 404)
    assert_problem(door.get(f"/log/proofs/{uuid4()}"), 404, "EVIDENCE_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("from=299", 404, "LOG_CHECKPOINT_NOT_FOUND"),
        ("from=300&to=299", 404, "LOG_CHECKPOINT_NOT_FOUND"),
        ("from=300&to=200", 422, "LOG_SIZES_REFUSED"),
        ("from=200&to=999999999999999", 404, "LOG_CHECKPOINT_NOT_FOUND"),
        ("", 422, "INVALID_BODY"),
        ("to=300", 422, "INVALID_BODY"),
        ("from=0", 422, "INVALID_BODY"),
        ("from=-1", 422, "INVALID_BODY"),
        ("from=0300", 422, "INVALID_BODY"),
        ("from=3_0", 422, "INVALID_BODY"),
        ("from=1e2", 422, "INVALID_BODY"),
        ("from=٣", 422, "INVALID_BODY"),
        ("from=9999999999999999999", 422, "INVALID_BODY"),
        ("from=300&to=", 422, "INVALID_BODY"),
        ("from=300&more=1", 422, "INVALID_BODY"),
    ],
)
def test_sizes_nobody_signed_are_refused(door: FlaskClient, query: str, status: int, code: str) -> None:
    for more in (200, 100):
        seal_notes(more)
        log.sequence()
    assert_problem(door.get(f"/log/consistency?{query}"), status, code)


def test_the_keys_open_what_is_signed(door: FlaskClient, grown: Any) -> None:
    keys = door.get("/log/keys").get_json()
    verifiers = [Verifier.parse(vkey) for vkey in keys["verifiers"]]
    note = door.get("/log/checkpoint").text
    assert open_checkpoint(note, verifiers, origin=keys["origin"]).size == 300
    (key_id, key), *_ = keys["receipt_keys"].items()
    assert hashlib.sha256(base64.b64decode(key)).hexdigest()[:16] == key_id


def test_bundles_are_compressed_for_whoever_asks(door: FlaskClient, grown: Any) -> None:
    plain = door.get("/log/tile/entries/000")
    packed = door.get("/log/tile/entries/000", headers={"Accept-Encoding": "gzip, identity"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) * 0.7
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_entries_hold_commitments_and_nothing_of_a_person(door: FlaskClient, grown: Any) -> None:
    bundle = door.get("/log/tile/entries/000.p/1").data
    assert set(json.loads(bundle[2:])) == {"commitment", "kind", "suite"}


def test_a_tile_cut_short_in_the_database_is_a_refusal_not_a_crash(door: FlaskClient, grown: Any) -> None:
    by_hand(
        "UPDATE log_tile SET hashes = :short WHERE level = 0 AND number = 1", unguarding=("log_tile",), short=bytes(64)
    )
    for address in ("tile/0/001.p/44", f"proofs/{grown[0].public_id}"):
        problem = assert_problem(door.get(f"/log/{address}"), 409, "LOG_DAMAGED")
        assert "flask evidence audit" in problem["detail"]


def test_a_page_elsewhere_may_read_and_not_write(door: FlaskClient, grown: Any) -> None:
    assert door.get("/log/tile/0/009").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in door.post("/log/receipts", json={}).headers
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert_problem(door.open("/log/checkpoint", method=method), 405)


def test_the_verifier_is_given_out_as_it_lies_there(door: FlaskClient) -> None:
    answer = door.get("/log/verify.py")
    assert answer.data == Path(learning_records.__file__).with_name("verify.py").read_bytes()
    assert answer.headers["Content-Type"] == "text/x-python; charset=utf-8"


def test_the_records_floor_alone_knows_nothing_of_the_desk(alone: Flask) -> None:
    visitor = alone.test_client()
    assert visitor.get("/healthz").status_code == 200
    paths = visitor.get("/openapi.json").get_json()["paths"]
    assert {path.split("/")[1] for path in paths} == {"log"}
    assert visitor.get("/api-docs").status_code == 200
    for address in ("/", "/enterprise/", "/sign-in", "/api/v1/phone/me", "/demonstration/state"):
        assert visitor.get(address).status_code == 404
