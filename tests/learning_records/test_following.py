"""Receipts followed: to the record, its entry and a checkpoint; and what is proved when they lead nowhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from config import crypto
from config.clock import FixedCalendar, epoch_ms, now
from config.crypto import Signature, canonical_json
from config.database import db, transaction
from config.errors import Invalid
from config.settings import Settings
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.notes import Verifier
from learning_records.evidence.proofs import check_proof, parse_proof
from learning_records.sessions import services
from learning_records.sessions.chain import chain_head
from learning_records.sessions.receipts import read_receipt
from learning_records.sessions.services import Followed, Receipt
from tests.learning_records.by_hand import by_hand
from tests.learning_records.phones import Phone, lesson
from tests.learning_records.retention import keeping
from tests.learning_records.sealed import seal_closed

pytestmark = pytest.mark.usefixtures("app")
MINUTE = 60


def follow(receipt: Receipt) -> Followed:
    """Follow it, and hold the signed statement to what was answered."""
    found = services.follow_receipt(receipt=receipt)
    statement = found.statement
    assert crypto.verify(statement.payload.encode(), Signature(statement.key_id, statement.signature))
    said = json.loads(statement.payload)
    assert canonical_json(said) == statement.payload.encode()
    assert said["format"] == "chuangke-statement@1"
    assert said["receipt"] == hashlib.sha256(receipt.payload.encode()).hexdigest()
    assert (said["outcome"], said["problems"]) == (found.outcome, list(found.problems))
    assert said["found"] == (found.record is not None)
    assert said["at"] == now().isoformat(timespec="milliseconds")
    latest = log.latest_checkpoint()
    assert said["checkpoint"] == (None if latest is None else latest.note)
    assert any("\u4e00" <= character <= "\u9fff" for character in found.sentence)
    db.session.rollback()
    return found


def studied(clock: FixedCalendar, seconds: int = 60) -> Phone:
    """A phone in an open session, with a receipt for every beat."""
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(seconds)
    return phone


def test_a_receipt_leads_to_the_record_its_entry_and_the_checkpoint(clock: FixedCalendar) -> None:
    phone = studied(clock)
    receipts = [answer.receipt for answer in phone.answers]
    closing = phone.close().receipt
    (sealed,) = seal_closed(phone)
    waiting = follow(receipts[0])
    assert (waiting.outcome, waiting.proof) == ("sealed", None)
    assert log.sequence() == 1
    keys = [Verifier.parse(vkey) for vkey in log.verifier_keys()]
    for receipt in (*receipts, closing):
        found = follow(receipt)
        assert (found.outcome, found.problems) == ("sealed", ())
        assert found.record is not None
        assert found.proof is not None
        assert found.record.public_id == sealed.public_id
        leaf = hashlib.sha256(b"\x00" + found.record.entry).digest()
        assert leaf.hex() == json.loads(found.statement.payload)["leaf"]
        signed = check_proof(
            parse_proof(found.proof.text), leaf=leaf, verifiers=keys, origin="log.chuangke.example/wuxi"
        )
        assert signed.size == 1


def test_before_it_is_sealed_a_receipt_is_held_against_the_beats(clock: FixedCalendar) -> None:
    phone = studied(clock)
    found = follow(phone.answers[2].receipt)
    assert (found.outcome, found.record, found.proof) == ("open", None, None)
    assert found.receipt.seq == 3


def test_the_promise_is_kept_by_whatever_a_phone_does(clock: FixedCalendar) -> None:
    """Beats to the last, silence, confirmations that go on for a day: the session closes an hour before it must be sealed."""

    def play_on(phone: Phone) -> None:
        while not (phone.answers and phone.answers[-1].closed):
            phone.play(50)

    def confirm_for_a_day(phone: Phone) -> None:
        phone.play(50)
        for _ in range(24 * 6):
            clock.advance(10 * MINUTE)
            transaction(lambda: services.confirm_presence(person_ref=phone.person))
            transaction(services.close_idle_sessions)

    for day, behavior in enumerate((play_on, lambda phone: phone.play(50), confirm_for_a_day), start=1):
        clock.set(f"2020-04-{day * 3:02d}T08:00:00+08:00")
        phone = Phone(clock, batch=5)
        opened = phone.open(lesson(6 * 60))
        behavior(phone)
        promised = read_receipt(phone.answers[0].receipt).sealed_by
        assert {read_receipt(answer.receipt).sealed_by for answer in phone.answers} == {promised}
        clock.set(max(now(), datetime.fromisoformat(f"2020-04-{day * 3:02d}T12:16:00+08:00")))
        transaction(services.close_idle_sessions)
        closed = {item.session_id: item for item in services.closed_unsealed(person_ref=phone.person)}
        at_latest = epoch_ms(closed[opened.session_id].closed_at)
        assert at_latest <= epoch_ms(promised) - 3_600_000


def test_a_session_that_only_confirmations_keep_open_closes_itself(clock: FixedCalendar) -> None:
    phone = studied(clock)
    for _ in range(30):
        clock.advance(10 * MINUTE)
        transaction(lambda: services.confirm_presence(person_ref=phone.person))
    assert transaction(services.close_idle_sessions) == []  # the confirmation after 4 h 15 min has closed it
    assert [item.session_id for item in services.closed_unsealed(person_ref=phone.person)] == [phone.session_id]


def test_receipts_over_midnight_lead_each_to_its_own_session(clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:50:00+08:00")
    phone = Phone(clock)
    phone.open(lesson(45))
    first = phone.session_id
    phone.play(20 * MINUTE)
    assert phone.session_id != first
    phone.close()
    records = seal_closed(phone)
    log.sequence()
    found = [follow(answer.receipt) for answer in phone.answers]
    assert {item.outcome for item in found} == {"sealed"}
    assert {item.receipt.session_id for item in found} == {first, phone.session_id}
    assert {item.record.public_id for item in found if item.record} == {record.public_id for record in records}
    moved = next(answer for answer in phone.answers if answer.moved_to)
    assert read_receipt(moved.receipt).session_id == first
    assert read_receipt(phone.answers[-1].receipt).sealed_by == datetime.fromisoformat("2020-03-03T05:15:00+08:00")


def test_a_replayed_batch_gives_the_receipt_of_before(clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    beats = []
    for _ in range(3):
        clock.advance(10)
        phone.position_ms += 10_000
        beats.append(phone.mark())
    first = phone.post(beats)
    phone.kept = []
    phone.play(60)
    assert phone.post(beats).receipt == first.receipt
    phone.close()
    seal_closed(phone)
    assert phone.post(beats).receipt == first.receipt
    assert follow(first.receipt).outcome == "sealed"


def test_a_session_not_sealed_in_time_is_late_and_says_so_under_our_signature(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    receipt = phone.answers[-1].receipt
    clock.set(read_receipt(receipt).sealed_by)
    assert follow(receipt).outcome == "open"
    clock.advance(1)
    assert follow(receipt).outcome == "late"
    seal_closed(phone)
    assert follow(receipt).outcome == "late"  # sealed, but in no signed log yet
    log.sequence()
    assert follow(receipt).outcome == "sealed"


ROWS = ("beat", "counted_interval", "learning_session")


def test_a_session_that_vanished_is_proved_by_receipt_and_statement(clock: FixedCalendar) -> None:
    phone = studied(clock)
    by_hand(*(f"DELETE FROM {table}" for table in ROWS), unguarding=ROWS)
    found = follow(phone.answers[-1].receipt)
    assert (found.outcome, found.record) == ("vanished", None)
    said, promised = json.loads(found.statement.payload), json.loads(phone.answers[-1].receipt.payload)
    assert said["found"] is False
    assert said["session"] == promised["session"]
    assert found.statement.key_id == phone.answers[-1].receipt.key_id


def test_a_sealed_record_that_vanished_is_proved_even_when_the_rows_are_gone_too(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    seal_closed(phone)
    receipt = phone.answers[-1].receipt
    by_hand(
        "UPDATE evidence_record SET subject = NULL",
        "DELETE FROM evidence_entry",
        unguarding=("evidence_record", "evidence_entry"),
    )
    assert follow(receipt).outcome == "vanished"  # the session's row still says that it was sealed
    by_hand(*(f"DELETE FROM {table}" for table in ROWS), unguarding=ROWS)
    assert follow(receipt).outcome == "vanished"


def test_a_sealed_session_is_found_without_its_rows(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    seal_closed(phone)
    log.sequence()
    by_hand(*(f"DELETE FROM {table}" for table in ROWS), unguarding=ROWS)
    assert follow(phone.answers[-1].receipt).outcome == "sealed"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE beat SET hash = '" + "0" * 64 + "' WHERE seq = 3", "CHAIN_DIFFERS"),
        ("DELETE FROM beat WHERE seq = 3", "BEATS_MISSING"),
    ],
)
def test_beats_that_changed_before_sealing_contradict_the_receipt(
    clock: FixedCalendar, statement: str, problem: str
) -> None:
    phone = studied(clock)
    by_hand(statement, unguarding=("beat",))
    assert (follow(phone.answers[2].receipt).outcome, follow(phone.answers[1].receipt).outcome) == (
        "contradicted",
        "open",
    )
    assert follow(phone.answers[2].receipt).problems == (problem,)


def test_a_record_changed_by_one_byte_contradicts_the_receipt(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    (sealed,) = seal_closed(phone)
    body = evidence.trace(record_public_id=sealed.public_id).canonical_body
    db.session.rollback()
    changed = body.replace(b'"counted_ms":60000', b'"counted_ms":61000')
    by_hand("UPDATE evidence_record SET body = :body", unguarding=("evidence_record",), body=changed)
    found = follow(phone.answers[-1].receipt)
    assert (found.outcome, found.problems) == ("contradicted", ("RECORD_CHANGED",))


def forge(facts: dict[str, Any], kept_beats: int) -> dict[str, Any]:
    """Facts whose beats after ``kept_beats`` stand elsewhere, with a chain that fits them."""
    beats = [[seq, position + 1_000 * (seq > kept_beats), *rest] for seq, position, *rest in facts["beats"]]
    head = chain_head(facts["session"], facts["chain_start"], ((beat[0], beat[1]) for beat in beats))
    return {**facts, "beats": beats, "chain_head": head}


def test_a_record_rewritten_before_sealing_contradicts_the_receipts_it_rewrote(clock: FixedCalendar) -> None:
    """Sealed, logged, in itself consistent, and still against what the phone holds."""
    phone = studied(clock)
    phone.close()
    (closed,) = services.closed_unsealed(person_ref=phone.person)

    def seal(facts: dict[str, Any]) -> None:
        record = evidence.seal(kind="session", body=facts, subject=f"session:{closed.session_id}")
        services.mark_sealed(session_id=closed.session_id, evidence_record_id=record.record_id)

    transaction(lambda: seal(forge(closed.facts, kept_beats=2)))
    log.sequence()
    outcomes = [follow(answer.receipt) for answer in phone.answers]
    assert [item.outcome for item in outcomes] == ["sealed", "sealed", *["contradicted"] * 4]
    assert outcomes[-1].problems == ("CHAIN_DIFFERS",)
    assert outcomes[-1].proof is not None


def test_a_record_that_lost_its_last_beats_contradicts_their_receipts(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    (closed,) = services.closed_unsealed(person_ref=phone.person)
    cut = {**closed.facts, "beats": closed.facts["beats"][:4]}
    transaction(lambda: evidence.seal(kind="session", body=cut, subject=f"session:{closed.session_id}"))
    found = [follow(answer.receipt) for answer in phone.answers]
    assert [item.outcome for item in found] == [*["sealed"] * 4, *["contradicted"] * 2]
    assert found[-1].problems == ("BEATS_MISSING",)


def test_an_entry_changed_in_the_log_is_said(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    seal_closed(phone)
    transaction(lambda: evidence.seal(kind="note", body={}))
    log.sequence()
    by_hand("UPDATE log_tile SET hashes = :hashes", unguarding=("log_tile",), hashes=bytes(64))
    assert follow(phone.answers[-1].receipt).problems == ("NOT_IN_LOG",)


def test_a_session_in_an_archive_is_followed_as_any_other(clock: FixedCalendar) -> None:
    phone = keeping.studied(clock)
    keeping.sealed(phone)
    clock.set("2020-04-02T09:00:00+08:00")
    keeping.archived()
    assert db.session.execute(sa.text("SELECT count(*) FROM beat")).scalar_one() == 0
    assert {follow(answer.receipt).outcome for answer in phone.answers} == {"sealed"}
    other = replace(phone.answers[0], receipt=signed({**json.loads(phone.answers[0].receipt.payload), "seq": 2}))
    assert follow(other.receipt).problems == ("CHAIN_DIFFERS",)


def test_a_destroyed_record_leaves_its_entry_and_the_certificate(clock: FixedCalendar) -> None:
    phone = keeping.studied(clock)
    record = keeping.sealed(phone)
    clock.set("2022-06-02T09:00:00+08:00")
    certificate = keeping.destroyed(record)
    log.sequence()
    found = follow(phone.answers[-1].receipt)
    assert (found.outcome, found.problems) == ("erased", ())
    assert found.proof is not None
    assert json.loads(found.statement.payload)["certificate"] == str(certificate.certificate_id)


def signed(said: dict[str, Any]) -> Receipt:
    payload = canonical_json(said)
    signature = crypto.sign(payload)
    return Receipt(payload.decode(), signature.signature_b64, signature.key_id)


def test_a_receipt_from_before_the_promise_is_held_to_the_same_one(clock: FixedCalendar) -> None:
    phone = studied(clock)
    said = json.loads(phone.answers[-1].receipt.payload)
    del said["sealed_by"]
    old = signed(said)
    clock.set(read_receipt(phone.answers[-1].receipt).sealed_by)
    clock.advance(60)
    assert follow(old).outcome == "open"  # an hour after its own time, its session's opening is not in it
    clock.advance(60)
    assert follow(old).outcome == "late"


def test_receipts_of_a_retired_key_still_hold(clock: FixedCalendar, settings: Settings) -> None:
    phone = studied(clock)
    keys = crypto.Keys(settings.encryption_key, settings.index_key, settings.token_key, b"n" * 32)
    before = crypto.verifying_keys()
    crypto.configure(keys, retired=list(before.values()))
    found = follow(phone.answers[-1].receipt)
    assert found.outcome == "open"
    assert found.statement.key_id not in before
    crypto.configure(keys)
    with pytest.raises(Invalid, match="RECEIPT_NOT_OURS"):
        services.follow_receipt(receipt=phone.answers[-1].receipt)


def test_what_we_did_not_sign_as_a_receipt_is_refused(clock: FixedCalendar) -> None:
    phone = studied(clock)
    receipt = phone.answers[-1].receipt
    statement = follow(receipt).statement
    for forged in (
        replace(receipt, payload=receipt.payload.replace("60000", "90000")),
        replace(receipt, payload=" " + receipt.payload),
        replace(receipt, payload="\ud800"),
        replace(receipt, signature=phone.answers[0].receipt.signature),
        replace(receipt, signature="签"),
        replace(receipt, signature=""),
        replace(receipt, key_id="0" * 16),
        Receipt(statement.payload, statement.signature, statement.key_id),  # signed by us, but no receipt
        signed({**json.loads(receipt.payload), "more": 1}),
        signed({"session": str(phone.session_id)}),
    ):
        with pytest.raises(Invalid, match="RECEIPT_NOT_OURS") as refused:
            services.follow_receipt(receipt=forged)
        assert "回执" in refused.value.detail


def test_following_writes_nothing(clock: FixedCalendar) -> None:
    phone = studied(clock)
    phone.close()
    seal_closed(phone)
    log.sequence()
    written: list[str] = []
    db.session.rollback()

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def _note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "ROLLBACK")):
            written.append(statement)

    follow(phone.answers[-1].receipt)
    assert written == []
