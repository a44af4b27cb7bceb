"""The chain of a claim, from the beats to what was paid: every link that an operator could forge in the records themselves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records.evidence import services as evidence
from tests.learning_records.phones import Phone
from tests.learning_records.verify.bundled import bundle_of, codes, imported, verified
from tests.learning_records.verify.claimed import RATES, Claim, a_claim_with_history, a_paid_claim


def test_an_honest_claim_is_verified_to_the_fen(app: Flask, clock: FixedCalendar) -> None:
    claim = a_paid_claim(clock)
    report = verified(claim.bundle())
    assert codes(report) == []
    totals = report.totals()
    assert (totals["class_hours"], totals["amount_fen"], totals["drawn_seconds"]) == (4, 6000, 240)
    assert totals["recounted_seconds"] == 300
    first = report.people[str(claim.people[0])]
    assert (first.label, first.recounted_ms, first.amount_fen) == ("张*", 240_000, 6000)
    assert report.people[str(claim.people[1])].amount_fen == 0


def test_cuts_several_payments_a_moved_notice_and_a_recovery_are_verified(app: Flask, clock: FixedCalendar) -> None:
    claim = a_claim_with_history(clock)
    report = verified(claim.bundle())
    assert codes(report) == []
    assert {note.code for note in report.notes} == {"KEY_NOT_PINNED", "CONDITIONS_TRUSTED"}
    assert [report.people[str(person)].amount_fen for person in claim.people] == [3_700, 5_550, 0]
    totals = report.totals()
    assert (totals["class_hours"], totals["amount_fen"], totals["drawn_seconds"]) == (5, 9_250, 300)
    summary = summary_of(claim.bundle())
    assert "核减：一人由60.00元减为3课时、55.50元" in summary
    assert "追回：18.50元" in summary


def test_what_is_not_there_yet_is_said_without_doubt(app: Flask, clock: FixedCalendar) -> None:
    claim = Claim(clock)
    claim.learn(2)
    claim.certify(claim.learn(2))
    claim.submit()
    claim.review("first")
    claim.review("second")
    claim.post()
    claim.pay(claim.held()[0])
    report = verified(claim.bundle())
    assert codes(report) == []
    assert {"LINES_UNPAID", "UNCERTIFIED"} <= {note.code for note in report.notes}


def test_a_person_taken_out_after_the_notice_is_no_longer_due(app: Flask, clock: FixedCalendar) -> None:
    claim = Claim(clock)
    for _ in range(2):
        claim.certify(claim.learn(2))
    claim.submit()
    claim.review("first")
    claim.review("second")
    claim.post()
    first, second = claim.held()
    claim.release(second)
    claim.pay(first)
    report = verified(claim.bundle())
    assert codes(report) == []
    assert "LINES_UNPAID" not in {note.code for note in report.notes}


def test_kinds_this_program_does_not_know_are_proved_and_not_doubted(app: Flask, clock: FixedCalendar) -> None:
    claim = a_paid_claim(clock)
    claim.seal("inspection", {"claim": str(claim.id), "found": "无异常"}, f"inspection:{uuid4()}")
    order = uuid4()
    advance = {"order": str(order), "new_hire": str(uuid4()), "amount_fen": 30_000, "lines": []}
    claim.seal("payment", advance, f"payment:{order}")
    report = verified(claim.bundle())
    assert codes(report) == []
    assert "NOT_RECOUNTED" in {note.code for note in report.notes}


def test_a_released_hold_leaves_its_seconds_for_the_next_claim(app: Flask, clock: FixedCalendar) -> None:
    claim = Claim(clock)
    claim.learn(2)
    claim.submit()
    claim.release(claim.held()[0])
    again = Claim(clock, context=claim.context, people=claim.people, records=claim.records, deposits=claim.deposits)
    again.submit()
    report = verified(again.bundle())
    assert codes(report) == []
    assert [note.code for note in report.notes] == ["KEY_NOT_PINNED", "CLAIM_UNPAID", "CONDITIONS_TRUSTED"]


def test_seconds_held_by_two_claims_are_overdrawn(app: Flask, clock: FixedCalendar) -> None:
    claim = Claim(clock)
    claim.learn(2)
    claim.submit()
    again = Claim(clock, context=claim.context, people=claim.people, records=claim.records, deposits=claim.deposits)
    again.submit()
    assert "OVERDRAWN" in codes(verified(again.bundle()))


def summary_of(bundle: bytes) -> str:
    """What the bundle tells people."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        return opened.read("summary.txt").decode()


def _of(
    kind: str, change: Callable[[dict[str, Any]], object], **where: object
) -> Callable[[str, dict[str, Any]], None]:
    def forge(sealed: str, body: dict[str, Any]) -> None:
        if sealed == kind and all(body.get(name) == value for name, value in where.items()):
            change(body)

    return forge


def _first_line(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["lines"][0].update(values)


FORGED: dict[str, tuple[Callable[[str, dict[str, Any]], None], str]] = {
    "a deposit is larger than its session": (
        _of("transfer", lambda body: body.update(amount_seconds=body["amount_seconds"] + 60), to="claimable"),
        "DEPOSIT_AMOUNT",
    ),
    "a session says more than its beats": (
        _of("session", lambda body: body.update(checked_in_seconds=body["checked_in_seconds"] + 60)),
        "SUM_DIFFERS",
    ),
    "a deposit of another class": (
        _of("transfer", lambda body: body.update(context="00000000-0000-0000-0000-000000000001"), to="claimable"),
        "EVIDENCE_OTHER",
    ),
    "a deposit of nobody's evidence": (
        _of("transfer", lambda body: body.update(evidence="00000000-0000-0000-0000-000000000001"), to="claimable"),
        "EVIDENCE_MISSING",
    ),
    "learned seconds are drawn": (
        _of(
            "transfer",
            lambda body: body["draws"][0].__setitem__(0, body["draws"][0][0].replace("claimable", "learned")),
            transfer="hold",
        ),
        "DRAW_OTHER",
    ),
    "a deposit nobody knows is drawn": (
        _of("transfer", lambda body: body["draws"][0].__setitem__(0, "session:x:claimable"), transfer="hold"),
        "DEPOSIT_MISSING",
    ),
    "a hold draws less than it says": (
        _of("transfer", lambda body: body["draws"].pop(), transfer="hold"),
        "DRAW_SUM",
    ),
    "a hold of another person": (
        _of("transfer", lambda body: body.update(person="00000000-0000-0000-0000-000000000001"), transfer="hold"),
        "LINE_OTHER",
    ),
    "a settlement without its hold": (
        _of("transfer", lambda body: body.update(hold="claim:x:y:hold"), transfer="settle"),
        "HOLD_MISSING",
    ),
    "more is settled than was held": (
        _of(
            "transfer",
            lambda body: (body.update(amount_seconds=300), body["draws"][0].__setitem__(1, 180)),
            transfer="settle",
        ),
        "RESOLVE_OTHER",
    ),
    "a line has more hours": (_of("claim", _first_line(class_hours=5)), "LINE_OTHER"),
    "a line has more money": (_of("claim", _first_line(amount_fen=7400)), "LINE_OTHER"),
    "a line has more claimable seconds": (_of("claim", _first_line(claimable_seconds=300)), "LINE_OTHER"),
    "a line has a cap of its own": (_of("claim", _first_line(cap_fen=9000)), "LINE_OTHER"),
    "a line pays without a hold": (_of("claim", _first_line(hold=None)), "LINE_UNHELD"),
    "a line names a hold nobody knows": (_of("claim", _first_line(hold="claim:x:y:hold")), "HOLD_MISSING"),
    "a person who has too few hours is paid": (
        _of("claim", lambda body: body["lines"][1].update(eligible=True, amount_fen=1850, seconds=60)),
        "LINE_OTHER",
    ),
    "a person stands twice": (_of("claim", lambda body: body["lines"].append(body["lines"][0])), "LINE_TWICE"),
    "the total is another": (_of("claim", lambda body: body.update(total_fen=6001)), "TOTAL_OTHER"),
    "a class hour has no length": (
        _of("claim", lambda body: body.update(rates={**RATES, "class_hour_seconds": 0})),
        "RATES_WRONG",
    ),
    "more is paid than claimed": (_of("payment", lambda body: body.update(amount_fen=6100)), "TOTAL_OTHER"),
    "another line is paid": (
        _of("payment", _first_line(line="00000000-0000-0000-0000-000000000001")),
        "PAYMENT_OTHER",
    ),
    "a line is paid more": (_of("payment", _first_line(amount_fen=6100)), "LINE_OTHER"),
    "a line is paid without its settlement": (_of("payment", _first_line(settle="claim:x:y:settle")), "PAYMENT_OTHER"),
    "one person pays alone": (
        _of("payment", lambda body: body.update(released_by=body["created_by"])),
        "PAYMENT_OTHER",
    ),
    "another claim is paid": (
        _of("payment", lambda body: body.update(claim="00000000-0000-0000-0000-000000000001")),
        "SUBJECT_MISSING",
    ),
    "one reviewer approves twice": (
        _of("review", lambda body: body.update(staff="00000000-0000-0000-0000-000000000001")),
        "REVIEW_OTHER",
    ),
    "the second reviewer refused": (
        _of("review", lambda body: body.update(verdict="reject"), stage="second"),
        "REVIEW_OTHER",
    ),
}

HISTORY_FORGED: dict[str, tuple[Callable[[str, dict[str, Any]], None], str]] = {
    "a cut of more than was left": (_of("adjustment", lambda body: body.update(from_fen=9_999)), "ADJUSTMENT_OTHER"),
    "a cut of a line nobody has": (
        _of("adjustment", lambda body: body.update(line="00000000-0000-0000-0000-000000000001")),
        "ADJUSTMENT_OTHER",
    ),
    "a cut of another person": (
        _of("adjustment", lambda body: body.update(person="00000000-0000-0000-0000-000000000001")),
        "ADJUSTMENT_OTHER",
    ),
    "a cut that raises": (
        _of("adjustment", lambda body: body.update(class_hours=5, amount_fen=9_250), class_hours=3),
        "ADJUSTMENT_OTHER",
    ),
    "a cut that leaves more money than hours": (
        _of("adjustment", lambda body: body.update(amount_fen=5_900), class_hours=3),
        "ADJUSTMENT_OTHER",
    ),
    "the rest of a cut is held for another class": (
        _of("transfer", lambda body: body.update(context="00000000-0000-0000-0000-000000000001"), amount_seconds=180),
        "ADJUSTMENT_OTHER",
    ),
    "what was cut stays held": (
        _of("transfer", lambda body: body.update(hold="claim:x:y:hold"), transfer="release"),
        "ADJUSTMENT_OTHER",
    ),
    "a line cut to nothing is paid": (
        _of(
            "payment",
            lambda body: body["lines"].append({**body["lines"][0], "line": "00000000-0000-0000-0000-000000000001"}),
        ),
        "PAYMENT_OTHER",
    ),
    "what was claimed is paid, not what was granted": (
        _of("payment", lambda body: (body.update(amount_fen=6_000), body["lines"][0].update(amount_fen=6_000))),
        "LINE_OTHER",
    ),
    "a line is paid twice": (
        _of("payment", lambda body: body["lines"].append(dict(body["lines"][0]))),
        "PAYMENT_OTHER",
    ),
    "the notice named another amount": (_of("notice", _first_line(amount_fen=3_600)), "NOTICE_OTHER"),
    "a line was on no notice": (
        _of("notice", _first_line(line="00000000-0000-0000-0000-000000000001")),
        "NOTICE_OTHER",
    ),
    "paid while the notice ran": (
        _of("notice", lambda body: body.update(closes_ms=body["closes_ms"] + 30 * 86_400_000)),
        "NOTICE_OTHER",
    ),
    "paid before the moved end of the notice": (
        _of("redating", lambda body: body.update(closes_ms=body["closes_ms"] + 30 * 86_400_000)),
        "NOTICE_OTHER",
    ),
    "a certificate below the pass mark": (
        _of("certificate", lambda body: body["says"].update(score=59)),
        "CERTIFICATE_OTHER",
    ),
    "more is claimed back than was paid": (
        _of("recovery", lambda body: body.update(amount_fen=3_701)),
        "RECOVERY_OTHER",
    ),
    "one person claims back alone": (
        _of("recovery", lambda body: body.update(demanded_by=body["proposed_by"])),
        "RECOVERY_OTHER",
    ),
    "more came back than was claimed": (
        _of("recovery_receipt", lambda body: body.update(amount_fen=1_851)),
        "RECOVERY_OTHER",
    ),
    "the second reviewer only asked again": (
        _of("review", lambda body: body.update(verdict="return"), stage="second"),
        "REVIEW_OTHER",
    ),
}


@pytest.mark.parametrize("forged", list(HISTORY_FORGED))
def test_what_is_forged_in_cuts_notices_payments_and_recoveries_is_named(
    app: Flask, clock: FixedCalendar, forged: str
) -> None:
    forge, code = HISTORY_FORGED[forged]
    report = verified(a_claim_with_history(clock, forge).bundle())
    assert code in codes(report)
    assert report.status == 1
    assert "UNEXPECTED" not in codes(report)


@pytest.mark.parametrize("forged", list(FORGED))
def test_what_an_operator_forges_in_the_records_is_named(app: Flask, clock: FixedCalendar, forged: str) -> None:
    forge, code = FORGED[forged]
    report = verified(a_paid_claim(clock, forge).bundle())
    assert code in codes(report)
    assert report.status == 1
    named = next(finding for finding in report.findings if finding.code == code)
    assert named.record
    assert "UNEXPECTED" not in codes(report)


@pytest.mark.parametrize(
    ("claimable", "deposited", "code"),
    [(600, 600, None), (0, None, None), (600, 601, "DEPOSIT_AMOUNT"), (99_999, 99_999, "SUM_DIFFERS")],
)
def test_time_of_another_platform_deposits_what_it_says_and_no_more_than_it_proves(
    app: Flask, clock: FixedCalendar, claimable: int, deposited: int | None, code: str | None
) -> None:
    clock.set("2020-03-04T15:00:00+08:00")
    phone = Phone(clock, context=uuid4())
    interval = evidence.trace(record_public_id=imported(phone, clock)[0]).body
    interval |= {"platform": "xuexi", "external_id": "r-1", "claimable_seconds": claimable}
    del interval["kind"], interval["suite"]
    claim = Claim(clock, context=phone.context, people=[phone.person])  # type: ignore[arg-type]
    record = claim.seal("import", interval, "import:xuexi:r-1")
    for use, seconds in (("learned", interval["learned_seconds"]), ("claimable", deposited)):
        if seconds is not None:
            key = f"import:xuexi:r-1:{use}"
            claim.transfer(key, "deposit", phone.person, "issued", use, seconds, evidence=str(record.public_id))
    found = codes(verified(bundle_of(claim.records, [phone.person])))
    assert found == [] if code is None else code in found
