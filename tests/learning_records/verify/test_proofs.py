"""From a record into the log: what was changed, exchanged or cut on the way is named; keys old, new, foreign and pinned."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from config.clock import FixedCalendar
from config.crypto import public_bytes_of
from config.errors import Conflict
from config.settings import Settings
from learning_records import verify
from learning_records.evidence import bundles, log
from learning_records.evidence.notes import Signer
from tests.learning_records.by_hand import by_hand
from tests.learning_records.log.logs import opened as reopened
from tests.learning_records.phones import Phone, lesson
from tests.learning_records.verify.bundled import bundle_of, codes, seal_sessions, studied, verified
from tests.learning_records.verify.zips import (
    Files,
    closed,
    manifest_of,
    opened,
    rehashed,
    signed_by_attacker,
    summarized,
)


@pytest.fixture
def files(app: Flask, clock: FixedCalendar) -> Files:
    """Three sessions of one person in a log of five entries."""
    phone = Phone(clock, context=uuid4())
    for _ in range(3):
        phone.open(lesson(5))
        phone.play(60)
        phone.close()
    records = seal_sessions(phone.person)
    for _ in range(2):
        other = Phone(clock)
        other.open(lesson(5))
        other.close()
        seal_sessions(other.person)
    return opened(bundle_of(records, [phone.person]))


def of(files: Files, folder: str) -> list[str]:
    """The names in that folder."""
    return [name for name in files if name.startswith(f"{folder}/")]


def as_the_attacker(files: Files) -> bytes:
    """Everything outside the log made to fit."""
    rehashed(files)
    summarized(files)
    signed_by_attacker(files)
    summarized(files)
    signed_by_attacker(files)
    return closed(files)


def test_a_record_changed_by_one_byte(files: Files) -> None:
    name = of(files, "records")[1]
    files[name] = files[name].replace(b'"device":"phone"', b'"device":"phono"')
    report = verified(as_the_attacker(files))
    assert codes(report) == ["NOT_IN_LOG"]
    assert report.findings[0].record in name


def _swapped(files: Files) -> None:
    one, two = of(files, "proofs")[:2]
    files[one], files[two] = files[two], files[one]


def _relabeled(files: Files) -> None:
    one, two = of(files, "proofs")[:2]
    index = files[one].split(b"\n")[1]
    files[one] = files[two].replace(files[two].split(b"\n")[1], index)


def _cut(files: Files) -> None:
    name = of(files, "proofs")[0]
    lines = files[name].split(b"\n")
    files[name] = b"\n".join([*lines[:2], *lines[3:]])


def _longer(files: Files) -> None:
    name = of(files, "proofs")[0]
    lines = files[name].split(b"\n")
    files[name] = b"\n".join([*lines[:3], lines[2], *lines[3:]])


def _half_a_hash(files: Files) -> None:
    name = of(files, "proofs")[0]
    lines = files[name].split(b"\n")
    files[name] = b"\n".join([*lines[:2], lines[2][:20], *lines[3:]])


def _extra(files: Files) -> None:
    name = of(files, "proofs")[0]
    files[name] = files[name].replace(b"\nindex", b"\nextra AAAA\nindex", 1)


def _no_checkpoint(files: Files) -> None:
    name = of(files, "proofs")[0]
    files[name] = files[name].partition(b"\n\n")[0]


def _leading_zero(files: Files) -> None:
    name = of(files, "proofs")[0]
    files[name] = files[name].replace(b"\nindex ", b"\nindex 0", 1)


def _far_index(files: Files) -> None:
    name = of(files, "proofs")[0]
    files[name] = files[name].replace(b"\nindex 0", b"\nindex 7", 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_swapped, "PROOF_OTHER"),
        (_relabeled, "NOT_IN_LOG"),
        (_cut, "NOT_IN_LOG"),
        (_longer, "NOT_IN_LOG"),
        (_half_a_hash, "PROOF_MALFORMED"),
        (_extra, "PROOF_MALFORMED"),
        (_no_checkpoint, "PROOF_MALFORMED"),
        (_leading_zero, "PROOF_MALFORMED"),
        (_far_index, "NOT_IN_LOG"),
    ],
)
def test_a_proof_of_something_else(files: Files, change: Callable[[Files], None], code: str) -> None:
    change(files)
    report = verified(as_the_attacker(files))
    assert code in codes(report)
    named = {finding.record for finding in report.findings}
    assert any(record in of(files, "proofs")[0] for record in named)


def _index_in_manifest(manifest: dict[str, object]) -> None:
    manifest["records"][0]["index"] = 4  # type: ignore[index]


def _salt(manifest: dict[str, object]) -> None:
    manifest["records"][0]["salt"] = "0" * 64  # type: ignore[index]


def _kind(manifest: dict[str, object]) -> None:
    manifest["records"][0]["kind"] = "quiz"  # type: ignore[index]


def _suite(manifest: dict[str, object]) -> None:
    manifest["records"][0]["suite"] = "sha256-2"  # type: ignore[index]


def _subject(manifest: dict[str, object]) -> None:
    manifest["records"][0]["subject"] = "session:other"  # type: ignore[index]


def _twice(manifest: dict[str, object]) -> None:
    manifest["records"].append(manifest["records"][0])  # type: ignore[attr-defined, index]


def _more(manifest: dict[str, object]) -> None:
    manifest["approved"] = True


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_index_in_manifest, "PROOF_OTHER"),
        (_salt, "NOT_IN_LOG"),
        (_kind, "RECORD_KIND"),
        (_suite, "RECORD_SUITE"),
        (_subject, "RECORD_SUBJECT"),
        (_twice, "RECORD_TWICE"),
        (_more, "MANIFEST_SHAPE"),
    ],
)
def test_a_manifest_that_says_otherwise(files: Files, change: Callable[[dict[str, object]], None], code: str) -> None:
    manifest = manifest_of(files)
    change(manifest)
    changed = dict(files) | {"manifest.json": verify.canonical(manifest)}
    assert code in codes(verified(as_the_attacker(changed)))


def _resigned(files: Files, origin: str, signer: Signer, **changes: int) -> None:
    """A checkpoint of the same tree, or of another size, under another name or key."""
    lines = files["checkpoint"].decode().split("\n")
    text = f"{origin}\n{changes.get('size', int(lines[1]))}\n{lines[2]}\n"
    note = f"{text}\n{signer.sign(text)}".encode()
    for name in of(files, "proofs"):
        files[name] = files[name].partition(b"\n\n")[0] + b"\n\n" + note
    files["checkpoint"] = note


def test_a_checkpoint_of_another_key_another_log_or_another_size(files: Files, settings: Settings) -> None:
    origin = manifest_of(files)["origin"]
    stranger, ours = Signer(origin, b"s" * 32), Signer(origin, settings.log_key)
    foreign, renamed, larger = dict(files), dict(files), dict(files)
    _resigned(foreign, origin, stranger)
    assert "CHECKPOINT_SIGNATURE" in codes(verified(as_the_attacker(foreign)))
    _resigned(renamed, "log.example/elsewhere", ours)
    assert codes(verified(as_the_attacker(renamed))) == ["CHECKPOINT_ORIGIN"]
    _resigned(larger, origin, ours, size=9)
    assert set(codes(verified(as_the_attacker(larger)))) == {"NOT_IN_LOG"}


def test_a_log_of_the_attackers_own_is_believed_only_without_a_trusted_key(files: Files) -> None:
    """Whoever brings records, log and keys of his own is told apart by the keys alone: that is why they are to be compared."""
    origin = manifest_of(files)["origin"]
    real = manifest_of(files)["verifiers"]
    stranger = Signer(origin, b"s" * 32)
    _resigned(files, origin, stranger)
    files["manifest.json"] = verify.canonical({**manifest_of(files), "verifiers": [stranger.verifier.vkey]})
    forged = as_the_attacker(files)
    report = verified(forged)
    assert codes(report) == []
    assert report.keys["pinned"] is False
    assert "KEY_NOT_PINNED" in [note.code for note in report.notes]
    assert "CHECKPOINT_SIGNATURE" in codes(verified(forged, keys=real))


def test_the_services_key_is_pinned_too(files: Files) -> None:
    manifest = manifest_of(files)
    (service,) = manifest["receipt_keys"].values()
    keys = [*manifest["verifiers"], service]
    honest = verified(closed(files), keys=keys)
    assert (codes(honest), honest.notes) == ([], [])
    assert honest.keys == {
        "pinned": True,
        "service_pinned": True,
        "log": manifest["verifiers"],
        "service": list(manifest["receipt_keys"]),
    }
    files["manifest.json"] = files["manifest.json"].replace("某某公司".encode(), "别的公司".encode())
    retitled = as_the_attacker(files)
    assert codes(verified(retitled)) == []
    assert codes(verified(retitled, keys=keys)) == ["MANIFEST_SIGNATURE"]
    other = base64.b64encode(public_bytes_of(Ed25519PrivateKey.generate().public_key())).decode()
    assert "MANIFEST_SIGNATURE" in codes(verified(closed(files), keys=[*manifest["verifiers"], other]))


def test_lines_of_witnesses_are_said_to_be_unchecked(files: Files) -> None:
    origin = manifest_of(files)["origin"]
    witness = Signer("witness.example", b"w" * 32)
    note = files["checkpoint"].decode()
    line = witness.sign(note.partition("\n\n")[0] + "\n")
    for name in (*of(files, "proofs"), "checkpoint"):
        files[name] = files[name] + line.encode()
    report = verified(as_the_attacker(files))
    assert codes(report) == []
    assert "CHECKPOINT_OTHER_LINES" in [note.code for note in report.notes]
    assert report.checkpoint["origin"] == origin
    broken = line.replace(line[-20:-10], "AAAAAAAAAA")
    ours = note.partition("\n\n")[2]
    for name in (*of(files, "proofs"), "checkpoint"):
        files[name] = files[name].replace(
            ours.encode(), broken.replace("witness.example", origin).encode() + ours.encode()
        )
    assert codes(verified(as_the_attacker(files))) == []  # a key of that name, but not ours


def test_keys_change_and_old_bundles_stay_good(app: Flask, clock: FixedCalendar, settings: Settings) -> None:
    phone = studied(clock)
    records = seal_sessions(phone.person)
    first = bundle_of(records, [phone.person])
    old = log.verifier_keys()[0]
    with reopened(settings, log_next_key=b"n" * 32):
        seal_sessions(studied(clock).person)
        both = bundle_of(records, [phone.person])
        new = log.verifier_keys()[1]
    with reopened(settings, log_key=b"n" * 32, log_retired_verifiers=(old,)):
        seal_sessions(studied(clock).person)
        later = bundle_of(records, [phone.person])
    for data, good, bad in ((first, [old], [new]), (both, [old, new], []), (later, [new], [old])):
        assert all(codes(verified(data, keys=[key])) == [] for key in good)
        assert all("CHECKPOINT_SIGNATURE" in codes(verified(data, keys=[key])) for key in bad)
        assert codes(verified(data)) == []


def test_a_tile_cut_in_the_database_gives_no_bundle(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    records = seal_sessions(phone.person)
    seal_sessions(studied(clock).person)
    log.sequence()
    by_hand("UPDATE log_tile SET hashes = :cut WHERE level = 0", unguarding=("log_tile",), cut=bytes(32))
    with pytest.raises(Conflict, match="EVIDENCE_DAMAGED"):
        bundles.build(kind="worker", id="1", title="", record_ids=records, people={}, into=io.BytesIO())


def test_a_body_changed_in_the_database_gives_no_bundle(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    records = seal_sessions(phone.person)
    log.sequence()
    by_hand("UPDATE evidence_record SET salt = :other", unguarding=("evidence_record",), other=bytes(32))
    with pytest.raises(Conflict, match="EVIDENCE_DAMAGED"):
        bundle_of(records, [phone.person])


def test_the_fingerprints_are_those_of_the_keys(files: Files) -> None:
    ((key_id, encoded),) = manifest_of(files)["receipt_keys"].items()
    assert key_id == hashlib.sha256(base64.b64decode(encoded)).hexdigest()[:16]
