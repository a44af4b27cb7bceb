"""``flask registers replay``: every payment again from the evidence log; what somebody changed in the books is named."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import text

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.payments.services import BatchView
from backend.registers.replay import replay
from backend.registers.replaying import Replay
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, is_sqlite, transaction
from learning_records.evidence import log
from tests.cast.claims import Class, Office, a_class, an_office, approve_twice, hours, learn, submitted_claim
from tests.cast.notices import a_posted_notice, an_objection, run_out
from tests.cast.payments import a_batch, a_return, allotted, an_account, paid, released, taken
from tests.cast.people import PASSWORD, a_staff_member
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of

CUT_FEN, WHOLE_FEN = 44_400, 50_000


@dataclass(frozen=True)
class Story:
    """A claim of three: one cut from 28 to 24 class hours, one paid whole, one struck after an objection."""

    office: Office
    group: Class
    claim: ClaimView
    batch: BatchView


@pytest.fixture
def story(app: Flask, clock: FixedCalendar) -> Story:
    office = an_office()
    persons = [a_person(serial) for serial in (1, 2, 3)]
    group = a_class(persons, office)
    for person in persons:
        learn(person, group.class_id, hours(28))
    claim = submitted_claim(group.plan)
    cut, _, objected = claim.lines
    transaction(
        lambda: reviews.adjust_line(
            claim_id=claim.claim_id,
            line_id=cut.line_id,
            class_hours=24,
            reason="四课时与另一次培训重复。",
            clause="四.2",
            staff=office.reviewer,
        )
    )
    approve_twice(claim, office)
    an_account(group.enterprise, office)
    allotted(office)
    notice = a_posted_notice(office)
    filed = an_objection(notice, objected.line_id)
    run_out(clock, notice)
    transaction(
        lambda: reviews.decide_objection(
            objection_id=filed.view.objection_id, staff=office.reviewer, uphold=True, answer="经核实未参加培训。"
        )
    )
    clock.set("2020-04-01T09:00:00+08:00")
    failed = released(a_batch(office), office)
    code = {f"order_{failed.orders[0].number[-4:]}": "SYSTEM_ERROR"}
    taken(failed, a_return(failed, orders=None, **code), office)
    return Story(office, group, claims.claim_view(claim.claim_id), paid(office))


def test_the_whole_way_is_worked_out_again(story: Story, app: Flask) -> None:
    log.sequence()
    report = replay()
    assert report.difference is None
    assert (report.payments, report.lines, report.paid_fen) == (1, 2, CUT_FEN + WHOLE_FEN)
    answer = app.test_cli_runner().invoke(args=["registers", "replay", "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output.splitlines()[-1])["paid_fen"] == CUT_FEN + WHOLE_FEN


def test_the_page_says_it(story: Story, app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in(a_staff_member("bureau").username, PASSWORD)
    answer = browser.client.post("/registers/replay", data={"csrf_token": browser.token()})
    assert "重算结果与账目一致" in text_of(answer)
    assert "944.00 元" in text_of(answer)


def test_money_changed_in_the_books_is_named(story: Story, app: Flask) -> None:
    log.sequence()
    unguarded("fund_entry", f"UPDATE fund_entry SET amount_fen = amount_fen + 100 WHERE amount_fen = {CUT_FEN}")
    report = replay()
    assert not report.agrees
    assert "fund_entry" in str(report.difference)
    answer = app.test_cli_runner().invoke(args=["registers", "replay"])
    assert answer.exit_code == 1
    assert "第一处不符" in answer.output


def test_an_order_without_its_record_is_named(story: Story) -> None:
    """Only what is in the log counts: an order marked as paid by hand is nobody's payment."""
    log.sequence()
    paid_by_hand = "status = 'paid', paid_at = returned_at, failure_code = NULL, failure_text = NULL"
    unguarded("payment_order", f"UPDATE payment_order SET {paid_by_hand} WHERE status = 'failed'")
    assert "付款存证" in str(replay().difference)


def test_a_replay_finds_a_line_worth_more_than_its_hours() -> None:
    line = {
        "line": "l",
        "person": "p",
        "cap_ref": "person",
        "cap_fen": 50_000,
        "class_hours": 24,
        "claimable_seconds": 64_800,
        "seconds": 64_800,
        "amount_fen": 44_500,
        "eligible": True,
        "hold": "h",
    }
    rates = {"rate_fen": 1_850, "class_hour_seconds": 2_700}
    body = {"rates": rates, "policy_id": "wuxi", "lines": [line], "total_fen": 44_500}
    assert [str(found) for found in Replay().feed("claim:c", "claim", body)] == [
        "claim:c：l 金额应为44400，记录为44500"
    ]


def unguarded(table: str, statement: str) -> None:
    """Change a row as somebody who took the guards away would."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if is_sqlite():
            query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
            for (name,) in connection.execute(query, {"table": table}).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        assert connection.exec_driver_sql(statement).rowcount == 1
