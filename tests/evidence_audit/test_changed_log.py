"""Records, entries, tiles, checkpoints and the file outside, each changed by hand: the audit says which, and where."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import app as house
from config.database import db, transaction
from config.settings import Settings
from learning_records.evidence import log
from learning_records.evidence.rules import SALT_BYTES, commitment, entry_of, leaf_hash
from learning_records.evidence.tree import grown
from tests.evidence_audit.asking import audit, change, first, tear_out, value
from tests.learning_records.by_hand import by_hand
from tests.learning_records.sealed import seal_notes

SESSION_RECORD = "(SELECT evidence_record_id FROM learning_session WHERE id = 1)"


def entry_at(index: int) -> str:
    return f"(SELECT record_id FROM evidence_entry WHERE log_index = {index})"


def name_of(record: str) -> str:
    public_id = value(f"SELECT public_id FROM evidence_record WHERE id = {record}")
    return f"record {public_id} ({value(f'SELECT COALESCE(subject, kind) FROM evidence_record WHERE id = {record}')})"


@pytest.mark.parametrize("column", ["body", "salt"])
def test_a_record_changed_by_one_byte_is_named(app: Flask, column: str) -> None:
    name = name_of(SESSION_RECORD)
    raw = value(f"SELECT {column} FROM evidence_record WHERE id = {SESSION_RECORD}")
    changed = bytes([raw[0] ^ 1]) + raw[1:]
    change(
        "evidence_record",
        f"UPDATE evidence_record SET {column} = :changed WHERE id = {SESSION_RECORD}",
        changed=changed,
    )
    difference = first(app)
    assert (difference["part"], difference["row"], difference["field"]) == ("records", name, "body")
    assert "the entry does not commit to this record" in difference["sentence"]


def test_a_body_and_its_row_changed_together_are_named(app: Flask) -> None:
    """The row says what the record says, and both were changed: the entry still knows."""
    key = "SELECT idempotency_key FROM transfer WHERE id = 1"
    record = f"(SELECT id FROM evidence_record WHERE subject = 'transfer:' || ({key}))"
    body = json.loads(value(f"SELECT body FROM evidence_record WHERE id = {record}")) | {"amount_seconds": 2_700}
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    by_hand(
        "UPDATE transfer SET amount_seconds = 2700 WHERE id = 1",
        f"UPDATE evidence_record SET body = :body WHERE id = {record}",
        unguarding=("transfer", "evidence_record"),
        body=canonical,
    )
    difference = first(app)
    assert (difference["part"], difference["row"]) == ("records", name_of(record))


def test_a_record_rewritten_with_its_entry_is_caught_by_the_tile(app: Flask) -> None:
    record, salt, body = entry_at(5), bytes(SALT_BYTES), b'{"kind":"note","suite":"sha256-1"}'
    entry = entry_of("note", commitment(salt, body))
    by_hand(
        f"UPDATE evidence_record SET salt = :salt, body = :body, kind = 'note', subject = NULL WHERE id = {record}",
        f"UPDATE evidence_entry SET entry = :entry, leaf_hash = :leaf WHERE record_id = {record}",
        unguarding=("evidence_record", "evidence_entry"),
        salt=salt,
        body=body,
        entry=entry,
        leaf=leaf_hash(entry),
    )
    difference = first(app)
    assert (difference["part"], difference["row"], difference["field"]) == ("tiles", "tile 0/0", "hash 5")
    assert difference["expected"] == leaf_hash(entry)
    assert f"(entry 5, {name_of(record)})" in difference["sentence"]


def test_a_log_rewritten_down_to_its_tiles_is_caught_by_what_was_signed(app: Flask) -> None:
    """Records, entries and tiles all grown anew: the signed checkpoints, in the table and outside, say otherwise."""
    record, salt, body = entry_at(5), bytes(SALT_BYTES), b'{"kind":"note","suite":"sha256-1"}'
    entry = entry_of("note", commitment(salt, body))
    by_hand(
        f"UPDATE evidence_record SET salt = :salt, body = :body, kind = 'note', subject = NULL WHERE id = {record}",
        f"UPDATE evidence_entry SET entry = :entry, leaf_hash = :leaf WHERE record_id = {record}",
        "DELETE FROM log_tile",
        "UPDATE evidence_entry SET log_index = NULL",
        unguarding=("evidence_record", "evidence_entry", "log_tile"),
        salt=salt,
        body=body,
        entry=entry,
        leaf=leaf_hash(entry),
    )
    signed = value("SELECT MIN(tree_size) FROM log_checkpoint")
    _grow_again()
    _, report = audit(app)
    found = {difference["part"]: difference for difference in report["differences"]}
    assert found["checkpoints"]["row"].startswith(f"checkpoint {signed} of ")
    assert found["checkpoints"]["field"] == "root"
    assert found["outside checkpoint"]["field"] == "root"


def _grow_again() -> None:
    """Give all entries their places again and write their tiles, as the sequencer would for a new log."""
    rows = db.session.execute(sa.text("SELECT id, leaf_hash FROM evidence_entry ORDER BY id")).all()[:-3]
    made = grown(0, [bytes.fromhex(row.leaf_hash) for row in rows], lambda places: {})
    place = sa.text("UPDATE evidence_entry SET log_index = :place WHERE id = :id")
    tile = sa.text("INSERT INTO log_tile (level, number, hashes) VALUES (:level, :number, :hashes)")

    def write() -> None:
        db.session.execute(place, [{"place": number, "id": row.id} for number, row in enumerate(rows)])
        db.session.execute(
            tile, [{"level": level, "number": number, "hashes": hashes} for (level, number), hashes in made.items()]
        )

    transaction(write)


def test_an_entry_that_was_changed_is_named(app: Flask) -> None:
    record = entry_at(7)
    change("evidence_entry", f"UPDATE evidence_entry SET leaf_hash = :leaf WHERE record_id = {record}", leaf="ab" * 32)
    difference = first(app)
    assert (difference["part"], difference["row"], difference["field"]) == ("entries", name_of(record), "leaf_hash")
    assert (difference["found"], len(difference["expected"])) == ("ab" * 32, 64)


def test_a_waiting_entry_that_was_changed_is_named(app: Flask) -> None:
    record = "(SELECT record_id FROM evidence_entry WHERE log_index IS NULL ORDER BY id LIMIT 1)"
    change("evidence_record", f"UPDATE evidence_record SET body = :body WHERE id = {record}", body=b"{}")
    assert (first(app)["part"], first(app)["row"]) == ("records", name_of(record))


def test_an_entry_that_is_gone_is_named(app: Flask) -> None:
    record = value("SELECT record_id FROM evidence_entry WHERE log_index = 9")
    tear_out("evidence_entry", where="log_index = 9")
    _, report = audit(app)
    found = {difference["part"]: difference["sentence"] for difference in report["differences"]}
    assert found["entries"] == "entry 9 is missing: no row of evidence_entry has that log_index"
    assert found["records"].startswith(name_of(str(record)))


def test_a_record_that_is_gone_is_named(app: Flask) -> None:
    record = value("SELECT record_id FROM evidence_entry WHERE log_index = 9")
    tear_out("evidence_record", where=f"id = {record}")
    assert first(app)["sentence"] == (
        f"entry 9: its record is gone (evidence_record {record}); its entry is still in the log"
    )


def test_entries_cut_off_at_the_end_with_their_tiles_are_missed(app: Flask) -> None:
    """A database put back to an earlier day by hand: the checkpoints in it and outside know better."""
    tear_out("evidence_entry", where="log_index >= 300 OR log_index IS NULL")
    kept = 300 - 256
    change("log_tile", "UPDATE log_tile SET hashes = substr(hashes, 1, :length) WHERE number = 1", length=kept * 32)
    _, report = audit(app)
    found = {difference["part"]: difference["sentence"] for difference in report["differences"]}
    size = value("SELECT MAX(tree_size) FROM log_checkpoint")
    assert f"checkpoint {size} of " in found["checkpoints"]
    assert "but the tables hold only 300 integrated entries: later ones are gone" in found["checkpoints"]
    assert f"size {size} was signed, the tables hold 300" in found["outside checkpoint"]


@pytest.mark.parametrize(
    ("place", "name"), [("level = 0 AND number = 0", "tile 0/0"), ("level = 0 AND number = 1", "tile 0/1")]
)
def test_a_tile_cut_short_is_named(app: Flask, place: str, name: str) -> None:
    change("log_tile", f"UPDATE log_tile SET hashes = substr(hashes, 1, 64) WHERE {place}")
    difference = first(app)
    assert (difference["row"], difference["field"], difference["found"]) == (name, "hash 2", "nothing")


def test_a_tile_of_an_upper_level_that_was_changed_is_named(app: Flask) -> None:
    change("log_tile", "UPDATE log_tile SET hashes = :hashes WHERE level = 1", hashes=bytes(32))
    difference = first(app)
    assert (difference["row"], difference["field"], difference["found"]) == ("tile 1/0", "hash 0", "00" * 32)


def test_a_missing_tile_and_one_too_many_are_named(app: Flask) -> None:
    change("log_tile", "INSERT INTO log_tile (level, number, hashes) VALUES (0, 2, :hashes)", hashes=bytes(32))
    assert first(app)["row"] == "tile 0/2"
    change("log_tile", "DELETE FROM log_tile WHERE level = 0 AND number = 0")
    assert first(app)["sentence"] == "tile 0/0 is missing"


def test_a_checkpoint_whose_root_was_changed_is_named(app: Flask) -> None:
    size = value("SELECT MIN(tree_size) FROM log_checkpoint")
    change("log_checkpoint", f"UPDATE log_checkpoint SET root = :root WHERE tree_size = {size}", root=bytes(32))
    difference = first(app)
    assert difference["row"].startswith(f"checkpoint {size} of ")
    assert (difference["field"], difference["found"]) == ("root", "00" * 32)


def test_a_checkpoint_signed_by_somebody_else_is_named(app: Flask) -> None:
    size, note = value("SELECT MIN(tree_size) FROM log_checkpoint"), value("SELECT MIN(note) FROM log_checkpoint")
    text, _, signature = note.rpartition("\n\n")
    forged = f"{text}\n\n{signature[:-12]}AAAAAAAAAA=\n"
    change("log_checkpoint", "UPDATE log_checkpoint SET note = :note WHERE note = :old", note=forged, old=note)
    difference = first(app)
    assert (difference["part"], difference["field"]) == ("checkpoints", "note")
    assert difference["row"].startswith(f"checkpoint {size} of ")


def test_a_note_of_another_checkpoint_is_named(app: Flask) -> None:
    sizes = value("SELECT MIN(tree_size) FROM log_checkpoint"), value("SELECT MAX(tree_size) FROM log_checkpoint")
    note = value(f"SELECT note FROM log_checkpoint WHERE tree_size = {sizes[0]}")
    change("log_checkpoint", f"UPDATE log_checkpoint SET note = :note WHERE tree_size = {sizes[1]}", note=note)
    difference = first(app)
    assert (difference["part"], difference["field"]) == ("checkpoints", "note")
    assert f"its signed note says size {sizes[0]}" in difference["sentence"]


def kept(settings: Settings) -> Path:
    (path,) = settings.log_dir.glob("*.checkpoint")
    return path


def test_the_checkpoint_outside_is_held_against_the_tables_too(app: Flask, settings: Settings) -> None:
    first_note = value("SELECT note FROM log_checkpoint ORDER BY tree_size LIMIT 1")
    size = value("SELECT MAX(tree_size) FROM log_checkpoint")
    kept(settings).write_text(first_note, encoding="utf-8")
    difference = first(app)
    assert difference["part"] == "outside checkpoint"
    assert f"{size} in the database; the file was put back or lost" in difference["sentence"]
    kept(settings).write_text("nothing of a note", encoding="utf-8")
    assert (first(app)["part"], first(app)["field"]) == ("outside checkpoint", "note")
    kept(settings).unlink()
    assert "size none in the file" in first(app)["sentence"]


@pytest.mark.parametrize("column", ["person_ref", "context_ref"])
def test_a_record_filed_under_somebody_else_is_named(app: Flask, column: str) -> None:
    name = name_of(SESSION_RECORD)
    change("evidence_record", f"UPDATE evidence_record SET {column} = NULL WHERE id = {SESSION_RECORD}")
    difference = first(app)
    assert (difference["part"], difference["row"], difference["field"]) == ("records", name, column)


def test_a_log_begun_anew_after_a_restored_backup_agrees(app: Flask, settings: Settings) -> None:
    renamed = house.create_app(replace(settings, log_origin="log.example/wuxi-2"))
    with renamed.app_context():
        begun = renamed.test_cli_runner().invoke(
            args=["evidence", "restart-log", "--origin", "log.example/wuxi-2", "--reason", "恢复了备份"]
        )
        assert begun.exit_code == 0, begun.output
        status, report = audit(renamed)
        assert (status, report["differences"]) == (0, [])
        assert report["checkpoints"] == 4
        db.session.remove()
        db.engine.dispose()


def test_entries_that_come_while_it_runs_are_no_difference(app: Flask) -> None:
    """What the sequencer takes in between two audits agrees as well."""
    seal_notes(600)
    log.sequence()
    status, report = audit(app)
    assert (status, report["waiting"]) == (0, 0)
    assert report["tree_size"] == report["entries"] > 900
