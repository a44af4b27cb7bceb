"""The log does not sign below or against what it signed: restored backups, hands in the database, lost files; the ways out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config.database import db, transaction
from config.errors import Conflict, Invalid
from config.settings import Settings
from learning_records.evidence import log, outside, services, tiles
from learning_records.evidence.log import LogRefused
from learning_records.evidence.notes import NoteError, Verifier, open_checkpoint
from learning_records.evidence.proofs import check_proof, parse_proof
from learning_records.evidence.sequencer import configured
from tests.learning_records.log.logs import (
    assert_the_log_is_what_its_entries_say,
    by_hand,
    checkpoints,
    opened,
    seal,
)

NEW = "log.chuangke.example/wuxi-2"


def _kept(settings: Settings) -> Path:
    return outside.path_of(settings.log_dir, settings.log_origin)


def _refusal() -> str:
    """The code with which the log refuses to go on, and that it changed nothing."""
    before = log.latest_checkpoint(), tiles.entries_size()
    with pytest.raises(LogRefused) as refused:
        log.sequence()
    db.session.rollback()
    assert (log.latest_checkpoint(), tiles.entries_size()) == before
    return refused.value.code


@pytest.fixture
def backup(app: Flask, copied: Callable[[], str]) -> str:
    """A copy of the database at 300 entries; the log went on to 320 and published that."""
    seal(300)
    log.sequence()
    copy = copied()
    seal(20)
    log.sequence()
    db.session.remove()
    return copy


def test_a_restored_backup_signs_nothing_however_it_goes_on(backup: str, settings: Settings) -> None:
    kept = _kept(settings).read_bytes()
    with opened(settings, database_url=backup):
        assert _refusal() == "LOG_BEHIND_CHECKPOINT"
        waiting = seal(50)  # learning goes on meanwhile; its entries wait
        assert _refusal() == "LOG_BEHIND_CHECKPOINT"
        assert services.get_record(record_id=waiting[0].record_id).log_index is None
        assert [checkpoint.size for checkpoint in checkpoints()] == [300]
    assert _kept(settings).read_bytes() == kept


def test_the_right_database_put_back_goes_on_by_itself(backup: str, app: Flask, settings: Settings) -> None:
    with opened(settings, database_url=backup):
        assert _refusal() == "LOG_BEHIND_CHECKPOINT"
    with opened(settings):
        seal(1)
        assert log.sequence() == 1
        assert [checkpoint.size for checkpoint in checkpoints()] == [300, 320, 321]


def test_a_backup_that_grew_past_the_checkpoint_with_other_entries_is_refused(
    backup: str, settings: Settings, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"  # where nobody kept the newest checkpoint, so the backup grew
    elsewhere.mkdir()
    with opened(settings, database_url=backup, data_dir=elsewhere):
        transaction(lambda: log.keep_checkpoint(log.checkpoint_at(300).note))
        seal(50)
        assert log.sequence() == 50
    with opened(settings, database_url=backup):
        assert _refusal() == "LOG_AGAINST_CHECKPOINT"


def test_after_a_restored_backup_the_log_goes_on_under_a_new_name_and_says_so(backup: str, settings: Settings) -> None:
    lost = open_checkpoint(_kept(settings).read_text(), configured().verifiers, origin=settings.log_origin)
    assert lost.size == 320
    with opened(settings, database_url=backup):
        waiting = seal(50)
    with opened(settings, database_url=backup, log_origin=NEW) as house:
        assert _refusal() == "LOG_ORIGIN_CHANGED"
        outcome = house.test_cli_runner().invoke(
            args=["evidence", "restart-log", "--origin", NEW, "--reason", "磁盘损坏，丢失20条"]
        )
        assert outcome.exit_code == 0, outcome.output
        assert log.verifier_keys()[0] in outcome.output
        leaves = assert_the_log_is_what_its_entries_say()
        assert len(leaves) == 351
        latest = log.latest_checkpoint()
        assert latest is not None
        assert (latest.origin, latest.size) == (NEW, 351)
        said = json.loads(_body_at(300))
        assert (said["kind"], said["origin"], said["former_origin"]) == ("log_restarted", NEW, settings.log_origin)
        assert (said["kept_size"], said["reason"]) == (300, "磁盘损坏，丢失20条")
        named = [Verifier(settings.log_origin, verifier.public) for verifier in configured().verifiers]
        assert open_checkpoint(said["former_checkpoint"], named, origin=settings.log_origin) == lost
        proof = log.inclusion(waiting[0].public_id)
        check_proof(
            parse_proof(proof.text),
            leaf=bytes.fromhex(waiting[0].leaf_hash),
            verifiers=[Verifier.parse(log.verifier_keys()[0])],
            origin=NEW,
        )
        seal(3)
        assert log.sequence() == 3
    assert _kept(settings).is_file()
    with opened(settings, database_url=backup):  # a process that still has the old name
        assert _refusal() == "LOG_AGAINST_CHECKPOINT"


def _body_at(index: int) -> bytes:
    bundle = log.entry_bundle(index // 256, index % 256 + 1)
    entry = b""
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entry, bundle = bundle[2 : 2 + length], bundle[2 + length :]
    committed = json.loads(entry)["commitment"]
    for number in range(1, 400):
        record = services.get_record(record_id=number)
        if json.loads(record.entry)["commitment"] == committed:
            return record.canonical_body
    raise AssertionError("no record with that entry")


def test_a_restart_needs_the_new_name_in_the_settings_and_a_reason_and_happens_once(
    backup: str, settings: Settings
) -> None:
    with opened(settings, database_url=backup):
        with pytest.raises(Invalid, match="LOG_ORIGIN_NOT_SET"):
            transaction(lambda: log.restart(origin=NEW, reason="丢失"))
        with pytest.raises(Conflict, match="LOG_ALREADY_STARTED"):
            transaction(lambda: log.restart(origin=settings.log_origin, reason="丢失"))
    with opened(settings, database_url=backup, log_origin=NEW):
        with pytest.raises(Invalid, match="LOG_REASON_MISSING"):
            transaction(lambda: log.restart(origin=NEW, reason=" "))
        transaction(lambda: log.restart(origin=NEW, reason="丢失"))
        with pytest.raises(Conflict, match="LOG_ALREADY_STARTED"):
            transaction(lambda: log.restart(origin=NEW, reason="丢失"))
        log.sequence()
        with pytest.raises(Conflict, match="LOG_ALREADY_STARTED"):
            transaction(lambda: log.restart(origin=NEW, reason="丢失"))


def test_a_database_from_before_the_first_checkpoint_names_the_former_log(
    app: Flask, settings: Settings, copied: Callable[[], str]
) -> None:
    copy = copied()
    seal(3)
    log.sequence()
    db.session.remove()
    with opened(settings, database_url=copy):
        assert _refusal() == "LOG_BEHIND_CHECKPOINT"
    with opened(settings, database_url=copy, log_origin=NEW):
        with pytest.raises(Invalid, match="LOG_FORMER_UNKNOWN"):
            transaction(lambda: log.restart(origin=NEW, reason="丢失"))
        begun = transaction(lambda: log.restart(origin=NEW, reason="丢失", former=settings.log_origin))
        assert begun.kept_size == 0
        assert begun.former_checkpoint is not None
        assert begun.former_checkpoint.size == 3
        log.sequence()
        assert len(assert_the_log_is_what_its_entries_say()) == 1


@pytest.mark.parametrize(("place", "byte"), [((0, 1), 0), ((0, 1), 32 * 44 - 1), ((1, 0), 31)])
def test_a_tile_changed_by_hand_under_the_last_root_stops_the_log(
    app: Flask, place: tuple[int, int], byte: int
) -> None:
    seal(300)
    log.sequence()
    _change_tile(place, byte)
    seal(1)
    assert _refusal() == "LOG_AGAINST_CHECKPOINT"


def _change_tile(place: tuple[int, int], byte: int) -> None:
    hashes = bytearray(log.tile(*place, 44 if place == (0, 1) else 1))
    hashes[byte] ^= 1
    by_hand(
        "UPDATE log_tile SET hashes = :hashes WHERE level = :level AND number = :number",
        hashes=bytes(hashes),
        level=place[0],
        number=place[1],
    )


def test_a_node_changed_between_two_checkpoints_stops_the_log(app: Flask) -> None:
    seal(300)
    log.sequence()
    seal(300)
    transaction(log.integrate)
    by_hand(
        "UPDATE log_tile SET hashes = :hashes WHERE level = 1",
        hashes=log.tile(1, 0, 1) + b"\x00" * 32,
    )
    assert _refusal() == "LOG_AGAINST_CHECKPOINT"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM log_tile WHERE level = 0 AND number = 1", "LOG_DAMAGED"),
        ("DELETE FROM log_tile WHERE level = 1", "LOG_AGAINST_CHECKPOINT"),
        ("UPDATE evidence_entry SET log_index = NULL WHERE log_index = 299", "LOG_DAMAGED"),
    ],
)
def test_a_log_cut_short_by_hand_stops(app: Flask, database_kind: str, statement: str, code: str) -> None:
    seal(300)
    log.sequence()
    if "DELETE" in statement and database_kind == "sqlite":
        transaction(lambda: db.session.execute(db.text("DROP TRIGGER log_tile_no_delete")))
    by_hand(statement)
    seal(1)
    assert _refusal() == code


def test_proofs_from_changed_tiles_or_entries_are_not_handed_out(app: Flask) -> None:
    records = seal(300)
    log.sequence()
    by_hand("UPDATE evidence_entry SET entry = :forged WHERE log_index = 5", forged=b"{}")
    with pytest.raises(LogRefused, match="LOG_DAMAGED"):
        log.inclusion(records[5].public_id)
    assert log.inclusion(records[6].public_id).index == 6
    _change_tile((0, 1), 3)
    with pytest.raises(LogRefused, match="LOG_DAMAGED"):
        log.inclusion(records[299].public_id)
    with pytest.raises(LogRefused, match="LOG_DAMAGED"):
        log.consistency(290, 300)


def test_a_restart_does_not_begin_with_a_wrong_tree(app: Flask, settings: Settings) -> None:
    seal(300)
    log.sequence()
    middle = bytearray(log.tile(0, 0))
    middle[40] ^= 1
    by_hand("UPDATE log_tile SET hashes = :hashes WHERE level = 0 AND number = 0", hashes=bytes(middle))
    db.session.remove()
    with opened(settings, log_origin=NEW), pytest.raises(LogRefused, match="0/0"):
        transaction(lambda: log.restart(origin=NEW, reason="换名"))


def test_without_the_kept_checkpoint_the_log_waits_for_the_newest_anybody_has(app: Flask, settings: Settings) -> None:
    runner = app.test_cli_runner()
    seal(5)
    log.sequence()
    early = log.checkpoint_at(5).note
    seal(5)
    log.sequence()
    newest = log.checkpoint_at(10).note
    _kept(settings).unlink()
    seal(1)
    assert _refusal() == "LOG_CHECKPOINT_MISSING"
    given = settings.data_dir / "given"
    for text, code in ((early, 1), (newest.replace("10\n", "11\n"), 1), ("nonsense", 1), (newest, 0)):
        given.write_text(text)
        outcome = runner.invoke(args=["evidence", "keep-checkpoint", str(given)])
        assert outcome.exit_code == code, outcome.output
    assert log.sequence() == 1


def test_a_newer_checkpoint_from_outside_stops_a_database_that_is_behind_it(backup: str, settings: Settings) -> None:
    newest = _kept(settings).read_text()
    _kept(settings).unlink()
    with opened(settings, database_url=backup):
        assert _refusal() == "LOG_CHECKPOINT_MISSING"
        transaction(lambda: log.keep_checkpoint(newest))
        assert _refusal() == "LOG_BEHIND_CHECKPOINT"


@pytest.mark.parametrize(
    "damage",
    [lambda raw: b"", lambda raw: raw[:40], lambda raw: raw.replace(b"\n5\n", b"\n6\n"), lambda raw: b"\xff" * 100],
)
def test_a_kept_checkpoint_nobody_can_read_stops_the_log(
    app: Flask, settings: Settings, damage: Callable[[bytes], bytes]
) -> None:
    seal(5)
    log.sequence()
    good = _kept(settings).read_bytes()
    _kept(settings).write_bytes(damage(good))
    seal(1)
    assert _refusal() == "LOG_CHECKPOINT_UNREADABLE"
    transaction(lambda: log.keep_checkpoint(good.decode()))
    assert log.sequence() == 1


def test_another_log_in_the_settings_by_mistake_stops_until_it_is_put_right(app: Flask, settings: Settings) -> None:
    seal(5)
    log.sequence()
    db.session.remove()
    with opened(settings, log_origin="log.chuangke.example/wuxl"):
        seal(1)
        assert _refusal() == "LOG_ORIGIN_CHANGED"
        assert log.latest_checkpoint() is None
    with opened(settings):
        assert log.sequence() == 1


def test_keys_change_without_a_gap(app: Flask, settings: Settings) -> None:
    old, new = settings.log_key, b"n" * 32
    old_vkey = log.verifier_keys()[0]
    seal(2)
    log.sequence()
    db.session.remove()
    with opened(settings, log_next_key=new):
        seal(1)
        log.sequence()
        assert _signed_by() == 2
        first, second = log.verifier_keys()
        assert first == old_vkey
    with opened(settings, log_key=new, log_retired_verifiers=(old_vkey,)):
        seal(1)
        log.sequence()
        assert _signed_by() == 1
        assert log.verifier_keys() == [second, old_vkey]
        assert [checkpoint.size for checkpoint in checkpoints()] == [2, 3, 4]
    with opened(settings, log_key=b"m" * 32):
        seal(1)
        assert _refusal() == "LOG_CHECKPOINT_UNREADABLE"
    with pytest.raises(NoteError), opened(replace(settings, log_key=old), log_retired_verifiers=("nonsense",)):
        pass


def _signed_by() -> int:
    latest = log.latest_checkpoint()
    assert latest is not None
    return latest.note.split("\n\n")[1].count("— ")


def test_a_new_name_that_a_lost_database_used_already_is_not_used_again(
    backup: str, settings: Settings, copied: Callable[[], str]
) -> None:
    with opened(settings, database_url=backup, log_origin=NEW):
        transaction(lambda: log.restart(origin=NEW, reason="丢失"))
        log.sequence()
    with opened(settings, log_origin=NEW):  # the first backup was put back again, and nobody remembers the second name
        size = tiles.entries_size()
        with pytest.raises(Conflict, match="LOG_ALREADY_STARTED"):
            transaction(lambda: log.restart(origin=NEW, reason="丢失"))
        assert tiles.entries_size() == size


def test_a_checkpoint_that_contradicts_the_kept_one_does_not_take_its_place(
    backup: str, settings: Settings, tmp_path: Path
) -> None:
    elsewhere, file = tmp_path / "elsewhere", tmp_path / "given"
    elsewhere.mkdir()
    with opened(settings, database_url=backup, data_dir=elsewhere):
        transaction(lambda: log.keep_checkpoint(log.checkpoint_at(300).note))
        seal(20)
        log.sequence()
        file.write_text(log.checkpoint_at(320).note)
    kept = _kept(settings).read_bytes()
    with opened(settings) as house:
        outcome = house.test_cli_runner().invoke(args=["evidence", "keep-checkpoint", str(file)])
        assert outcome.exit_code == 1
        assert "曾有两个数据库以同一名称签名" in outcome.output
        assert _kept(settings).read_bytes() == kept
        seal(1)
        assert log.sequence() == 1
        file.write_bytes(b"\xff\xfenothing")
        outcome = house.test_cli_runner().invoke(args=["evidence", "keep-checkpoint", str(file)])
        assert "不是日志" in outcome.output
