"""The sequencer: places without gaps whatever the order, batches, processes and crashes; no checkpoint contradicts another."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

import app as house
from config.database import db, transaction
from config.errors import Conflict, Invalid, NotFound
from config.settings import Settings
from learning_records.evidence import log, outside, services
from learning_records.evidence.models import EvidenceEntry
from learning_records.evidence.proofs import check_proof, parse_proof
from learning_records.evidence.sequencer import configured
from tests.cast.at_once import at_once
from tests.learning_records.log.logs import assert_the_log_is_what_its_entries_say, by_hand, checkpoints, opened, seal

ROOT = Path(__file__).parents[3]
SEQUENCING = "tests.learning_records.log.sequencing_process"

STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),  # which of two processes
        st.one_of(
            st.tuples(st.just("seal"), st.integers(1, 300)),
            st.tuples(st.just("integrate"), st.sampled_from([1, 3, 7, 101, 257, 10_000])),
            st.tuples(st.just("sign"), st.just(0)),
            st.tuples(st.just("sequence"), st.just(0)),
        ),
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=12)
@given(STEPS)
def test_any_order_of_work_in_any_process_gives_the_log_of_its_entries(
    app: Flask, settings: Settings, steps: list[tuple[int, tuple[str, int]]]
) -> None:
    """Each example goes on with the log the one before left, so it grows past several tiles."""
    db.session.remove()
    processes = (app, house.create_app(settings))
    for process, (name, number) in steps:
        with processes[process].app_context():
            if name == "seal":
                seal(number)
            elif name == "integrate":
                transaction(partial(log.integrate, limit=number))
            elif name == "sign":
                transaction(log.sign)
            else:
                log.sequence()
            db.session.remove()
    with processes[1].app_context():
        log.sequence()
        leaves = assert_the_log_is_what_its_entries_say()
        kept = outside.read(configured().folder, configured().origin, configured().verifiers)
        latest = log.latest_checkpoint()
        assert (kept.note if kept else None) == (latest.note if latest else None)
        assert (latest.size if latest else 0) == len(leaves)
        db.session.remove()
        db.engine.dispose()


def test_sequencing_takes_everything_in_the_order_it_was_sealed(app: Flask) -> None:
    records = seal(20) + seal(300)
    assert log.sequence() == 320
    assert log.sequence() == 0
    assert [log.inclusion(record.public_id).index for record in records] == list(range(320))
    assert services.trace(record_public_id=records[5].public_id).log_index == 5


def test_what_is_not_signed_yet_is_not_there_yet(app: Flask) -> None:
    first = seal(3)
    assert log.latest_checkpoint() is None
    with pytest.raises(Conflict, match="NOT_YET_IN_LOG"):
        log.inclusion(first[0].public_id)
    transaction(log.integrate)
    with pytest.raises(Conflict, match="NOT_YET_IN_LOG"):
        log.inclusion(first[0].public_id)
    with pytest.raises(NotFound, match="LOG_TILE_NOT_FOUND"):
        log.tile(0, 0, 3)
    with pytest.raises(NotFound, match="LOG_TILE_NOT_FOUND"):
        log.entry_bundle(0, 3)
    with pytest.raises(Invalid, match="LOG_SIZES_REFUSED"):
        log.consistency(1, 3)
    transaction(log.sign)
    assert log.inclusion(first[0].public_id).index == 0


@pytest.mark.parametrize(
    "place", [(0, 0, 4), (0, 0, 0), (0, 1, 1), (1, 0, 1), (-1, 0, 1), (0, -1, 1), (8, 0, 1), (0, 0, 257)]
)
def test_tiles_beyond_the_log_are_not_found(app: Flask, place: tuple[int, int, int]) -> None:
    seal(3)
    log.sequence()
    with pytest.raises(NotFound, match="LOG_TILE_NOT_FOUND"):
        log.tile(*place)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 2), (2, 4), (-1, 3)])
def test_consistency_is_refused_for_sizes_that_do_not_follow(app: Flask, sizes: tuple[int, int]) -> None:
    seal(3)
    log.sequence()
    with pytest.raises(Invalid, match="LOG_SIZES_REFUSED"):
        log.consistency(*sizes)


def test_a_proof_can_be_had_under_an_earlier_checkpoint(app: Flask) -> None:
    record = seal(5)[2]
    log.sequence()
    later = seal(400)[7]
    log.sequence()
    early = log.checkpoint_at(5)
    proof = log.inclusion(record.public_id, checkpoint=early)
    assert proof.checkpoint == early.note
    keys, origin = configured().verifiers, configured().origin
    found = check_proof(parse_proof(proof.text), leaf=bytes.fromhex(record.leaf_hash), verifiers=keys, origin=origin)
    assert found.size == 5
    with pytest.raises(Conflict, match="NOT_YET_IN_LOG"):
        log.inclusion(later.public_id, checkpoint=early)
    with pytest.raises(NotFound, match="LOG_CHECKPOINT_NOT_FOUND"):
        log.checkpoint_at(6)


def test_an_entry_whose_transaction_commits_late_takes_a_later_place(app: Flask, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("left out: SQLite has one writer, so ids commit in their order")
    sealed, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        def work() -> None:
            services.seal(kind="note", body={"who": "slow"})
            sealed.set()
            assert go_on.wait(60)

        with app.app_context():
            transaction(work)
            db.session.remove()

    thread = threading.Thread(target=slow)
    thread.start()
    assert sealed.wait(60)
    quick = seal(1)[0]
    assert log.sequence() == 1
    go_on.set()
    thread.join()
    assert log.sequence() == 1
    assert log.inclusion(quick.public_id).index == 0
    assert len(assert_the_log_is_what_its_entries_say()) == 2


def test_several_sequencers_at_once_give_one_log(app: Flask) -> None:
    batches = [1, 300, 7, 40, 2, 256, 90, 11]
    done = threading.Event()

    errors: list[Exception] = []

    def run(work: str) -> None:
        with app.app_context():
            try:
                if work == "seal":
                    for batch in batches:
                        seal(batch)
                    done.set()
                else:
                    while not done.is_set() or log.sequence(limit=33):
                        log.sequence(limit=61)
            except Exception as error:
                errors.append(error)
                done.set()
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in ("seal", "one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    while log.sequence():
        pass
    assert len(assert_the_log_is_what_its_entries_say()) == sum(batches)
    sizes = [checkpoint.size for checkpoint in checkpoints()]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == sum(batches)


def test_while_one_process_sequences_another_leaves_it_alone(app: Flask, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("left out: SQLite lets the second writer wait for its turn")
    seal(5)
    holding, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        def work() -> None:
            assert log.integrate(limit=2) == 2
            holding.set()
            assert go_on.wait(60)

        with app.app_context():
            transaction(work)
            db.session.remove()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(60)
    assert log.sequence() == 0
    assert log.latest_checkpoint() is None
    go_on.set()
    thread.join()
    assert log.sequence() == 3
    assert len(assert_the_log_is_what_its_entries_say()) == 5


def test_killed_between_integrating_and_signing_the_next_process_signs(app: Flask, settings: Settings) -> None:
    seal(9)
    transaction(log.integrate)
    db.session.remove()
    with opened(settings):
        assert log.sequence() == 0
        latest = log.latest_checkpoint()
        assert latest is not None
        assert latest.size == 9
        assert_the_log_is_what_its_entries_say()


def test_a_checkpoint_written_outside_whose_transaction_fails_is_signed_again_and_never_contradicted(
    app: Flask,
) -> None:
    seal(9)
    transaction(log.integrate)

    def work() -> None:
        log.sign()
        raise RuntimeError("power failure")

    with pytest.raises(RuntimeError):
        transaction(work)
    assert log.latest_checkpoint() is None
    kept = outside.read(configured().folder, configured().origin, configured().verifiers)
    assert kept is not None
    log.sequence()
    latest = log.latest_checkpoint()
    assert latest is not None
    assert latest.note == kept.note
    seal(1)
    log.sequence()
    assert [checkpoint.size for checkpoint in checkpoints()] == [9, 10]


def test_processes_killed_at_any_moment_leave_a_log_the_next_one_continues(app: Flask, settings: Settings) -> None:
    sealed = 0
    for lines in (2, 5, 8):
        process = subprocess.Popen(
            [sys.executable, "-m", SEQUENCING, settings.database_url, str(settings.data_dir)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for _ in range(lines):
            seal(50)
            sealed += 50
            assert process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()
        assert_the_log_is_what_its_entries_say()
    while (
        latest := log.latest_checkpoint()
    ) is None or latest.size < sealed:  # the killed one's lock may outlive it a bit
        log.sequence()
    assert len(assert_the_log_is_what_its_entries_say()) == sealed


def test_an_entry_changed_before_it_entered_stays_out_and_holds_up_nothing(app: Flask) -> None:
    records = seal(5)
    by_hand("UPDATE evidence_entry SET entry = :forged WHERE record_id = :at", forged=b"{}", at=records[2].record_id)
    assert log.sequence() == 4
    assert log.inclusion(records[3].public_id).index == 2
    with pytest.raises(Conflict, match="NOT_YET_IN_LOG"):
        log.inclusion(records[2].public_id)
    assert len(assert_the_log_is_what_its_entries_say()) == 4


def test_services_of_the_log_wait_for_their_turn_among_other_writers(app: Flask) -> None:
    assert at_once(app, [log.integrate, log.sign, *[lambda: services.seal(kind="note", body={})] * 4]) == []
    while log.sequence():
        pass
    assert db.session.scalar(sa.select(sa.func.count(EvidenceEntry.log_index))) == 4
