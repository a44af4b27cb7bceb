"""Receipts held against a bundle: kept, contradicted, vanished, forged, given twice, not due yet."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from config import crypto
from config.clock import FixedCalendar
from learning_records import verify
from learning_records.evidence import services as evidence
from learning_records.sessions import services
from learning_records.sessions.chain import chain_head
from learning_records.sessions.views import Receipt
from learning_records.verify import Report
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.verify.bundled import bundle_of, codes, seal_sessions, studied, verified

SIX_HOURS = 6 * 3600


def kept(receipt: Receipt, **changes: str) -> verify.Receipt:
    """The receipt as a phone kept it in a file."""
    return verify.Receipt("receipt.json", json.dumps(asdict(receipt) | changes).encode())


def against(data: bytes, *receipts: verify.Receipt) -> Report:
    """The bundle verified with these receipts."""
    return verified(data, receipts=receipts)


def said(report: Report) -> list[str]:
    """What is said of receipts, findings and notes."""
    return [item.code for item in (*report.findings, *report.notes) if item.code.startswith("RECEIPT")]


def test_every_receipt_of_an_honest_session_was_kept(app: Flask, clock: FixedCalendar) -> None:
    clock.set("2020-03-02T23:40:00+08:00")
    phone = Phone(clock, context=uuid4(), batch=5)
    phone.open(lesson(45))
    phone.play(2000)
    receipts = [kept(answer.receipt) for answer in phone.answers]
    clock.advance(3)
    receipts.append(kept(phone.close().receipt))
    report = against(bundle_of(seal_sessions(phone.person), [phone.person]), *receipts)
    assert codes(report) == []
    assert said(report) == ["RECEIPT_KEPT"] * len(receipts)
    assert len(receipts) > 40


def test_a_receipt_contradicts_a_record_whose_beats_were_rewritten_with_their_chain(
    app: Flask, clock: FixedCalendar
) -> None:
    phone = studied(clock)
    receipts = [kept(answer.receipt) for answer in phone.answers]

    def seal_forged() -> UUID:
        body: dict[str, Any] = dict(services.closed_unsealed(person_ref=phone.person)[0].facts)
        body["beats"][6][1] += 1  # the jump, which counted nothing: the sums stay the same
        body["chain_head"] = chain_head(
            body["session"], body["chain_start"], ((beat[0], beat[1]) for beat in body["beats"])
        )
        return evidence.seal(kind="session", body=body).public_id

    data = bundle_of([call(seal_forged)], [phone.person])
    assert codes(verified(data)) == []
    report = against(data, *receipts)
    assert codes(report) == ["RECEIPT_CONTRADICTED"] * 2
    assert [finding.beat for finding in report.findings] == [7, 8]
    assert said(report).count("RECEIPT_KEPT") == 6


def test_a_receipt_of_a_session_that_vanished_proves_it(app: Flask, clock: FixedCalendar) -> None:
    first, second = studied(clock), studied(clock)
    receipt = kept(first.answers[-1].receipt)
    records = seal_sessions(second.person)
    early = bundle_of(records, [second.person])
    assert said(against(early, receipt)) == ["RECEIPT_WAITING"]
    assert against(early, receipt).status == 0
    clock.advance(SIX_HOURS)
    late = against(bundle_of(records, [second.person]), receipt)
    assert (codes(late), late.status) == (["RECEIPT_VANISHED"], 1)
    assert str(first.session_id) in late.findings[0].zh
    report = against(bundle_of(records, [second.person], kind="report"), receipt)
    assert said(report) == ["RECEIPT_ELSEWHERE"]


@pytest.mark.parametrize("change", ["payload", "signature", "key_id", "other service"])
def test_a_forged_receipt_is_none(app: Flask, clock: FixedCalendar, change: str) -> None:
    phone = studied(clock)
    receipt = phone.answers[-1].receipt
    data = bundle_of(seal_sessions(phone.person), [phone.person])
    if change == "payload":
        forged = kept(receipt, payload=receipt.payload.replace('"counted_ms":70000', '"counted_ms":90000'))
        assert forged != kept(receipt)
    elif change == "signature":
        forged = kept(receipt, signature=phone.answers[0].receipt.signature)
    elif change == "key_id":
        forged = kept(receipt, key_id="0" * 16)
    else:
        keys = crypto.Keys(*(bytes([number]) * 32 for number in range(4)))
        crypto.configure(keys)
        signature = crypto.sign(receipt.payload.encode())
        forged = kept(receipt, signature=signature.signature_b64, key_id=signature.key_id)
    assert codes(against(data, forged)) == ["RECEIPT_FORGED"]


@pytest.mark.parametrize(
    ("name", "value"), [("counted_ms", 90_000), ("seq", 99), ("server_time", "2020-03-02T09:00:00.000+00:00")]
)
def test_what_the_service_signed_otherwise_contradicts(
    app: Flask, clock: FixedCalendar, name: str, value: object
) -> None:
    phone = studied(clock)
    payload = crypto.canonical_json(json.loads(phone.answers[-1].receipt.payload) | {name: value})
    signature = crypto.sign(payload)
    receipt = Receipt(payload.decode(), signature.signature_b64, signature.key_id)
    data = bundle_of(seal_sessions(phone.person), [phone.person])
    assert codes(against(data, kept(receipt))) == ["RECEIPT_CONTRADICTED"]


def test_a_receipt_given_twice_counts_once(app: Flask, clock: FixedCalendar) -> None:
    phone = studied(clock)
    receipt = kept(phone.answers[-1].receipt)
    data = bundle_of(seal_sessions(phone.person), [phone.person])
    assert said(against(data, receipt, receipt)) == ["RECEIPT_KEPT", "RECEIPT_REPEATED"]


ODD = [b"", b"[]", b"{}", b"null", b"\xff", b'{"payload":1,"signature":"","key_id":""}', b"[" * 200_000]


@pytest.mark.parametrize("data", ODD)
def test_what_is_no_receipt_is_said_to_be_none(app: Flask, clock: FixedCalendar, data: bytes) -> None:
    phone = studied(clock)
    bundle = bundle_of(seal_sessions(phone.person), [phone.person])
    assert codes(against(bundle, verify.Receipt("odd.json", data))) == ["RECEIPT_MALFORMED"]


@pytest.mark.parametrize("payload", [b"{}", b"1", b'{"a": 1}', b'{"server_time":"never"}'])
def test_signed_words_that_are_no_receipt_are_said_to_be_none(app: Flask, clock: FixedCalendar, payload: bytes) -> None:
    phone = studied(clock)
    bundle = bundle_of(seal_sessions(phone.person), [phone.person])
    signature = crypto.sign(payload)
    receipt = Receipt(payload.decode(), signature.signature_b64, signature.key_id)
    assert codes(against(bundle, kept(receipt))) == ["RECEIPT_MALFORMED"]
