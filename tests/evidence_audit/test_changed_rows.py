"""Whoever has the database's password changes a row, guards taken away: the audit names that row, and what it said before."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from flask import Flask

from tests.evidence_audit.asking import audit, change, first, value

DEPOSIT = "(SELECT MIN(id) FROM transfer WHERE idempotency_key LIKE 'session%claimable')"
PAID = "(SELECT id FROM subsidy_claim WHERE status = 'paid')"
BEAT = "session_id = (SELECT MIN(session_id) FROM beat) AND seq = 12"
FIRST_SESSION = "(SELECT MIN(id) FROM learning_session)"


class Change(NamedTuple):
    """A statement on one table; what the audit must call the row, and the values it must tell."""

    table: str
    statement: str
    row: str
    named: str
    field: str
    found: str | None = None
    expected: str | None = None


def of(table: str, assignment: str, where: str, named: str, row: str, *told: str) -> Change:
    return Change(table, f"UPDATE {table} SET {assignment} WHERE {where}", row, named, *told)


TRANSFER = "SELECT idempotency_key FROM transfer WHERE id = "
CHANGES = {
    "the seconds of a deposit": of(
        "transfer", "amount_seconds = 2700", f"id = {DEPOSIT}", TRANSFER + DEPOSIT, "transfer {}",
        "amount_seconds", "2700", "1200",
    ),
    "the reason of a deposit": of(
        "transfer", "reason = '另有原因'", "kind = 'appeal' AND idempotency_key LIKE '%learned'",
        "SELECT idempotency_key FROM transfer WHERE kind = 'appeal' AND idempotency_key LIKE '%learned'",
        "transfer {}", "reason", "另有原因", "申诉成立：设备日志属实",
    ),
    "the class a deposit is for": of(
        "transfer", "context_ref = NULL", f"id = {DEPOSIT}", TRANSFER + DEPOSIT, "transfer {}", "context", "null"
    ),
    "the record a deposit cites": of(
        "transfer", "evidence_record_id = (SELECT MAX(id) FROM evidence_record)", f"id = {DEPOSIT}",
        TRANSFER + DEPOSIT, "transfer {}", "evidence",
    ),
    "the person of a deposit": of(
        "transfer",
        "destination_account_id = (SELECT MAX(id) FROM account WHERE kind = 'claimable')",
        f"id = {DEPOSIT}", TRANSFER + DEPOSIT, "transfer {}", "person",
    ),
    "the day of a hold": of(
        "transfer", "at = '2020-02-01 00:00:00+00:00'", "id = (SELECT MIN(id) FROM transfer WHERE kind = 'hold')",
        TRANSFER + "(SELECT MIN(id) FROM transfer WHERE kind = 'hold')", "transfer {}", "at_ms", "1580515200000",
    ),
    "the lot a hold drew on": of(
        "lot_draw", "amount_seconds = 1", "id = (SELECT MIN(id) FROM lot_draw)",
        "SELECT t.idempotency_key FROM transfer t JOIN lot_draw d ON d.transfer_id = t.id "
        "WHERE d.id = (SELECT MIN(id) FROM lot_draw)",
        "transfer {}", "draws[0][1]", "1", "1200",
    ),
    "the reason of a review": of(
        "review", "reason = '材料齐全'", "id = (SELECT MAX(id) FROM review)",
        "SELECT public_id FROM review WHERE id = (SELECT MAX(id) FROM review)",
        "review {}", "reason", "材料齐全", "请补材料",
    ),
    "the verdict of a review": of(
        "review", "verdict = 'approve'", "id = (SELECT MAX(id) FROM review)",
        "SELECT public_id FROM review WHERE id = (SELECT MAX(id) FROM review)",
        "review {}", "verdict", "approve", "send_back",
    ),
    "who reviewed": of(
        "review", "staff_id = (SELECT MAX(id) FROM staff_account)", "id = (SELECT MAX(id) FROM review)",
        "SELECT public_id FROM review WHERE id = (SELECT MAX(id) FROM review)", "review {}", "staff",
    ),
    "the total of a claim": of(
        "subsidy_claim", "total_fen = total_fen + 5600", f"id = {PAID}",
        f"SELECT public_id FROM subsidy_claim WHERE id = {PAID}", "claim {}", "total_fen", "96250", "90650",
    ),
    "the policy of a claim": of(
        "subsidy_claim", "policy_version = 'jiangyin'", f"id = {PAID}",
        f"SELECT public_id FROM subsidy_claim WHERE id = {PAID}", "claim {}", "policy_version", "jiangyin",
    ),
    "the amount of a line": of(
        "claim_line", "amount_fen = 50000", f"id = (SELECT MAX(id) FROM claim_line WHERE claim_id = {PAID})",
        f"SELECT public_id FROM subsidy_claim WHERE id = {PAID}", "claim {}", "lines[1].amount_fen", "50000", "44400",
    ),
    "what a line was decided on": of(
        "claim_line", "decision = REPLACE(CAST(decision AS TEXT), 'true', 'false')::json",
        f"id = (SELECT MIN(id) FROM claim_line WHERE claim_id = {PAID})",
        f"SELECT public_id FROM subsidy_claim WHERE id = {PAID}", "claim {}", "lines[0].decision_sha256",
    ),
    "the amount of an order": of(
        "payment_order", "amount_fen = 99999", "status = 'paid'",
        "SELECT public_id FROM payment_order WHERE status = 'paid'", "payment {}", "amount_fen", "99999", "90650",
    ),
    "who released a payment": of(
        "payment_batch", "released_by_id = (SELECT MIN(id) FROM staff_account)", "status = 'paid'",
        "SELECT public_id FROM payment_order WHERE status = 'paid'", "payment {}", "released_by",
    ),
    "the money of one person": of(
        "fund_entry", "amount_fen = 1", "id = (SELECT MAX(id) FROM fund_entry)",
        "SELECT public_id FROM payment_order WHERE status = 'paid'", "payment {}", "lines[1].amount_fen", "1", "44400",
    ),
    "the fund of one person": of(
        "fund_entry", "fund = '别的资金'", "id = (SELECT MAX(id) FROM fund_entry)",
        "SELECT public_id FROM payment_order WHERE status = 'paid'", "payment {}", "fund",
        "别的资金、职业技能提升行动专账资金", "职业技能提升行动专账资金",
    ),
    "where the video stood": of(
        "beat", "position_ms = position_ms + 1", BEAT,
        f"SELECT public_id FROM learning_session WHERE id = {FIRST_SESSION}", "session {}",
        "beats[11].position_ms", "120001", "120000",
    ),
    "what a beat counted": of(
        "beat", "counted_ms = counted_ms - 1", BEAT,
        f"SELECT public_id FROM learning_session WHERE id = {FIRST_SESSION}", "session {}", "beats[11].counted_ms",
    ),
    "what a session counted": of(
        "learning_session", "learned_seconds = 1800", f"id = {FIRST_SESSION}",
        f"SELECT public_id FROM learning_session WHERE id = {FIRST_SESSION}", "session {}",
        "learned_seconds", "1800", "1200",
    ),
    "the class of a session": of(
        "learning_session", "context_ref = NULL", f"id = {FIRST_SESSION}",
        f"SELECT public_id FROM learning_session WHERE id = {FIRST_SESSION}", "session {}", "context", "null",
    ),
    "whose session it was": of(
        "learning_session", "learner_id = (SELECT MAX(id) FROM learner)", f"id = {FIRST_SESSION}",
        f"SELECT public_id FROM learning_session WHERE id = {FIRST_SESSION}", "session {}", "person",
    ),
    "when somebody checked in": of(
        "check_in", "checked_in_at = '2020-03-02 00:30:00+00:00'", "id = (SELECT MIN(id) FROM check_in)",
        f"SELECT public_id FROM learning_session WHERE id = {FIRST_SESSION}", "session {}",
        "check_in.at_ms", "1583109000000", "1583110800000",
    ),
    "the score of a quiz": of(
        "quiz_attempt", "score = 60", "id = (SELECT MIN(id) FROM quiz_attempt)",
        "SELECT public_id FROM quiz_attempt WHERE id = (SELECT MIN(id) FROM quiz_attempt)", "quiz {}",
        "score", "60", "100",
    ),
    "whether a quiz was passed": of(
        "quiz_attempt", "passed = FALSE", "id = (SELECT MIN(id) FROM quiz_attempt)",
        "SELECT public_id FROM quiz_attempt WHERE id = (SELECT MIN(id) FROM quiz_attempt)", "quiz {}",
        "passed", "false", "true",
    ),
    "the answer to an appeal": of(
        "appeal_decision", "reason = '未见异常'", "id = 1", "SELECT appeal_ref FROM appeal_case", "appeal {}",
        "decision_reason", "未见异常", "设备日志属实",
    ),
    "what was appealed": of(
        "session_appeal", "uncounted_seconds = 1", "id = 1", "SELECT appeal_ref FROM appeal_case", "appeal {}",
        "uncounted_seconds", "1",
    ),
    "the size of an attachment": of(
        "attachment", "size_bytes = size_bytes + 1", "id = 1", "SELECT public_id FROM attachment WHERE id = 1",
        "attachment {}", "size_bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES, ids=lambda name: name.replace(" ", "_"))
def test_a_changed_row_is_named(app: Flask, database_kind: str, name: str) -> None:
    changed = CHANGES[name]
    statement = changed.statement.replace("::json", "") if database_kind == "sqlite" else changed.statement
    row = changed.row.format(value(changed.named))
    change(changed.table, statement)
    difference = first(app)
    assert (difference["row"], difference["field"]) == (row, changed.field)
    assert difference["record_id"] in difference["sentence"]
    if changed.found is not None:
        assert difference["found"] == changed.found
    if changed.expected is not None:
        assert difference["expected"] == changed.expected
        told = f"{row}: {changed.field} {changed.found} in the table, {changed.expected} in the sealed record "
        assert difference["sentence"] == told + difference["record_id"]


RECOUNTED = {
    "wall time that a session counted": (
        "counted_interval", "UPDATE counted_interval SET ended_ms = ended_ms - 1000 WHERE session_id = 1", "session",
        "counted_interval 1583110800000 to 1583111999000 of ",
    ),
    "whose wall time it was": (
        "counted_interval", "UPDATE counted_interval SET person_ref = (SELECT person_ref FROM learner WHERE id = 2) "
        "WHERE session_id = 1", "session", "counted_interval 1583110800000 to 1583112000000 of ",
    ),
    "wall time that an appeal gave back": (
        "counted_interval", "DELETE FROM counted_interval WHERE kind = 'appeal'", "wall time",
        "counted_interval nothing in the table, ",
    ),
    "what an appeal counted": (
        "outside_time", "DELETE FROM outside_time WHERE kind = 'appeal'", "wall time",
        "the row is in the table, nothing that was recorded counted it",
    ),
    "the balance of an account": (
        "account", "UPDATE account SET balance_seconds = balance_seconds + 3600 WHERE id = 2", "books", "account 2",
    ),
    "what is left of a lot": (
        "lot", "UPDATE lot SET remaining_seconds = 600 WHERE id = 1", "books", "lot 1 keeps 600, its draws leave 0",
    ),
    "a claim that was sent back": (
        "subsidy_claim", "UPDATE subsidy_claim SET status = 'rejected' WHERE status = 'sent_back'", "decisions",
        "status rejected in the table, sent_back by the decisions about it",
    ),
    "who approved a claim": (
        "subsidy_claim", "UPDATE subsidy_claim SET first_reviewer_id = (SELECT MAX(id) FROM staff_account) "
        f"WHERE id = {PAID}", "decisions", "first_reviewer_id",
    ),
    "the reason a claim shows": (
        "subsidy_claim", f"UPDATE subsidy_claim SET decision_reason = '都好' WHERE id = {PAID}", "decisions",
        "decision_reason 都好 in the table, 材料齐全，符合要求。 in review",
    ),
    "when a claim was paid": (
        "subsidy_claim", f"UPDATE subsidy_claim SET paid_at = '2020-02-01 00:00:00+00:00' WHERE id = {PAID}", "payments",
        "paid_at 2020-02-01",
    ),
    "a line that was settled": (
        "claim_line", f"UPDATE claim_line SET status = 'held' WHERE claim_id = {PAID}", "claim lines",
        "status held in the table, its seconds are settled",
    ),
    "the total of a batch": (
        "payment_batch", "UPDATE payment_batch SET total_fen = 90651", "payments", "total_fen 90651 in the table, 90650 by",
    ),
    "an approval of a plan": (
        "training_plan", "UPDATE training_plan SET approved_at = '2020-02-01 00:00:00+00:00' WHERE id = 1", "decisions",
        "approved_at 2020-02-01",
    ),
    "what was banked": (
        "banked_evidence", "UPDATE banked_evidence SET learned_seconds = learned_seconds + 60 "
        "WHERE source_kind = 'session' AND id = 1", "banked time", "learned_seconds 1260 in the table, 1200 by its sealed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECOUNTED, ids=lambda name: name.replace(" ", "_"))
def test_a_changed_row_that_follows_from_others_is_named(app: Flask, name: str) -> None:
    table, statement, part, told = RECOUNTED[name]
    change(table, statement)
    difference = first(app)
    assert difference["part"] == part
    assert told in difference["sentence"]


def test_the_house_as_it_was_told_agrees(app: Flask) -> None:
    status, report = audit(app)
    assert (status, report["agrees"], report["differences"]) == (0, True, [])
    assert report["waiting"] == 3
    assert report["entries"] == report["tree_size"] + 3
    assert report["checkpoints"] == 3
    assert {name for name, count in report["rows"].items() if count} >= {
        "session", "quiz", "appeal", "attachment", "transfer", "claim", "review", "payment"
    }  # fmt: skip


def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_looked_at(app: Flask) -> None:
    change("claim_line", "UPDATE claim_line SET decision = '{}' WHERE id = (SELECT MAX(id) FROM claim_line)")
    difference = first(app)
    claims = value("SELECT MAX(id) FROM subsidy_claim")
    assert (difference["part"], difference["row"]) == ("claim", f"claim after id {claims - 1}")
    assert "KeyError" in difference["sentence"]


def test_it_says_it_in_words_too(app: Flask) -> None:
    change("transfer", f"UPDATE transfer SET amount_seconds = 2700 WHERE id = {DEPOSIT}")
    key = value(TRANSFER + DEPOSIT)
    outcome = app.test_cli_runner().invoke(args=["evidence", "audit"])
    assert outcome.exit_code == 1
    assert f"第一处不符：transfer {key}: amount_seconds 2700 in the table, 1200 in the sealed record " in outcome.stdout
    assert "其他部分的第一处：" in outcome.stdout
    assert "全部一致" not in outcome.stdout
