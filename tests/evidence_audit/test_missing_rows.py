"""Rows deleted and rows slipped in, guards taken away: the audit names what is gone and what nobody sealed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.credit_bank import services as credit_bank
from config.database import db, new_public_id, transaction
from learning_records.evidence import services as evidence
from tests.evidence_audit.asking import audit, change, first, tear_out, value

LAST_TRANSFER = "(SELECT MAX(id) FROM transfer)"
PAID = "(SELECT id FROM subsidy_claim WHERE status = 'paid')"

DELETED = {
    "a transfer": (("lot_draw", "transfer"), f"SELECT idempotency_key FROM transfer WHERE id = {LAST_TRANSFER}"),
    "a review": (("review",), "SELECT public_id FROM review WHERE id = (SELECT MAX(id) FROM review)"),
    "a claim": (("subsidy_claim",), "SELECT public_id FROM subsidy_claim WHERE id = (SELECT MAX(id) FROM subsidy_claim)"),
    "an attachment": (("attachment",), "SELECT public_id FROM attachment WHERE id = 1"),
    "the answer to an appeal": (("appeal_decision",), "SELECT appeal_ref FROM appeal_case"),
    "a quiz and its bank entry": (
        ("banked_evidence",), "SELECT source_ref FROM banked_evidence WHERE source_kind = 'quiz' ORDER BY id LIMIT 1"
    ),
}  # fmt: skip
WHERE = {
    "lot_draw": f"transfer_id = {LAST_TRANSFER}",
    "transfer": f"id = {LAST_TRANSFER}",
    "review": "id = (SELECT MAX(id) FROM review)",
    "subsidy_claim": "id = (SELECT MAX(id) FROM subsidy_claim)",
    "attachment": "id = 1",
    "appeal_decision": "id = 1",
    "banked_evidence": "id = (SELECT MIN(id) FROM banked_evidence WHERE source_kind = 'quiz')",
}


@pytest.mark.parametrize("name", DELETED, ids=lambda name: name.replace(" ", "_"))
def test_a_deleted_row_is_named(app: Flask, name: str) -> None:
    tables, named = DELETED[name]
    key = value(named)
    for table in tables:
        tear_out(table, where=WHERE[table])
    difference = first(app)
    assert difference["row"].endswith(f" {key}")
    assert difference["sentence"] == (
        f"{difference['row']}: the row is gone; the sealed record {difference['record_id']} says what it was"
    )


def test_a_deleted_session_is_named(app: Flask) -> None:
    session = value("SELECT public_id FROM learning_session WHERE id = 1")
    tear_out("learning_session", where="id = 1")
    assert first(app)["sentence"].startswith(f"session {session}: the row is gone; the sealed record ")


@pytest.mark.parametrize(("where", "place"), [("seq = 12", "beats[11].seq"), ("seq > 100", "beats[100]"), ("1=1", "")])
def test_deleted_beats_are_named(app: Flask, where: str, place: str) -> None:
    session = value("SELECT public_id FROM learning_session WHERE id = 1")
    change("beat", f"DELETE FROM beat WHERE session_id = 1 AND {where}")
    difference = first(app)
    assert difference["row"] == f"session {session}"
    assert difference["field"] == (place or "beats[0]")


def test_money_torn_out_of_a_payment_is_named(app: Flask) -> None:
    order = value("SELECT public_id FROM payment_order WHERE status = 'paid'")
    change("fund_entry", "DELETE FROM fund_entry WHERE id = (SELECT MAX(id) FROM fund_entry)")
    difference = first(app)
    assert (difference["row"], difference["field"]) == (f"payment {order}", "lines[1]")
    assert difference["found"] == "null"


def test_a_claim_line_torn_out_is_named(app: Flask) -> None:
    claim = value(f"SELECT public_id FROM subsidy_claim WHERE id = {PAID}")
    last = f"id = (SELECT MAX(id) FROM claim_line WHERE claim_id = {PAID})"
    tear_out("claim_line", where=last)
    assert (first(app)["row"], first(app)["field"]) == (f"claim {claim}", "lines[1]")


def test_an_order_set_back_to_unpaid_is_named(app: Flask) -> None:
    order = value("SELECT public_id FROM payment_order WHERE status = 'paid'")
    change("payment_order", "UPDATE payment_order SET status = 'created', paid_at = NULL")
    assert first(app)["sentence"].startswith(f"payment {order}: the row is gone; the sealed record ")


ADDED = {
    "transfer": "INSERT INTO transfer (idempotency_key, fingerprint, kind, source_account_id, destination_account_id, "
    "amount_seconds, evidence_record_id, context_ref, reason, source_text, at) SELECT 'session:slipped:claimable', "
    "fingerprint, kind, source_account_id, destination_account_id, amount_seconds, evidence_record_id, context_ref, reason, "
    "source_text, at FROM transfer WHERE id = (SELECT MIN(id) FROM transfer)",
    "review": "INSERT INTO review (public_id, subject_kind, subject_id, stage, verdict, reason, clause, staff_id, at) "
    "SELECT :id, 'plan', subject_id, stage, verdict, reason, clause, staff_id, at FROM review "
    "WHERE id = (SELECT MIN(id) FROM review)",
    "claim": "INSERT INTO subsidy_claim (public_id, plan_id, enterprise_id, status, policy_id, policy_version, "
    "idempotency_key, fingerprint, claimed_on, total_fen, submitted_at, decision_reason, decision_clause) SELECT :id, "
    "plan_id, enterprise_id, 'rejected', policy_id, policy_version, 'slipped-in', fingerprint, claimed_on, total_fen, "
    "submitted_at, '', '' FROM subsidy_claim WHERE id = (SELECT MIN(id) FROM subsidy_claim)",
    "payment": "UPDATE payment_order SET public_id = :id",
}


@pytest.mark.parametrize("kind", ADDED)
def test_a_row_slipped_in_is_named(app: Flask, kind: str) -> None:
    table = {"claim": "subsidy_claim", "payment": "payment_order"}.get(kind, kind)
    made = new_public_id()
    statement = sa.text(ADDED[kind])
    if ":id" in ADDED[kind]:
        statement = statement.bindparams(sa.bindparam("id", made, type_=sa.Uuid()))
    change(table, "SELECT 1")  # takes the guards away
    transaction(lambda: db.session.execute(statement))
    difference = first(app)
    key = "session:slipped:claimable" if kind == "transfer" else made
    assert difference["sentence"] == (f"{kind} {key}: the row is in the table, no record {kind}:{key} was ever sealed")


def test_a_row_slipped_in_below_all_others_is_named(app: Flask) -> None:
    below = ADDED["transfer"].replace("(idempotency_key", "(id, idempotency_key").replace("SELECT ", "SELECT -7, ", 1)
    change("transfer", below)
    assert first(app)["row"] == "transfer session:slipped:claimable"


def test_an_entry_at_a_place_no_log_has_is_named(app: Flask) -> None:
    """A record hidden from the tree, so that a row slipped in has one to show."""
    hidden = transaction(lambda: evidence.seal(kind="note", body={}))
    statement = f"UPDATE evidence_entry SET log_index = -1 WHERE record_id = {hidden.record_id}"
    change("evidence_entry", statement)
    assert first(app)["sentence"].endswith(": log_index -1 in the table, no log has that place")


def test_a_row_slipped_in_with_a_record_of_its_own_making_does_not_fit_it(app: Flask) -> None:
    """Whoever can seal can seal nonsense; the row has to say what was sealed."""
    transaction(lambda: evidence.seal(kind="transfer", body={}, subject="transfer:session:slipped:claimable"))
    change("transfer", "SELECT 1")
    transaction(lambda: db.session.execute(sa.text(ADDED["transfer"])))
    difference = first(app)
    assert difference["row"] == "transfer session:slipped:claimable"
    assert difference["found"] == "session:slipped:claimable"


def test_two_rows_do_not_pass_with_one_record(app: Flask) -> None:
    """A second row that says the same still names another key, which no record knows."""
    keys = "SELECT idempotency_key FROM transfer WHERE id = "
    original, other = value(keys + "(SELECT MIN(id) FROM transfer)"), value(keys + LAST_TRANSFER)
    change("transfer", f"UPDATE transfer SET idempotency_key = 'moved' WHERE id = {LAST_TRANSFER}")
    assert first(app)["row"] == "transfer moved"
    status, report = audit(app)
    assert status == 1
    assert original != other
    assert report["rows"]["transfer"] == value("SELECT COUNT(*) FROM transfer")


def test_seconds_deposited_on_a_record_that_brought_none_are_named(app: Flask) -> None:
    """Everything is done by the services: sealed, guarded, in balance. But what it cites brought nobody a second."""
    worker_id = value("SELECT MIN(worker_id) FROM account WHERE worker_id IS NOT NULL")
    note = transaction(lambda: evidence.seal(kind="note", body={}))
    transaction(
        lambda: credit_bank.deposit(
            worker_id=worker_id,
            use="learned",
            amount_seconds=3_600,
            context_ref=None,
            evidence_record_id=note.record_id,
            key="session:invented:learned",
        )
    )
    assert first(app)["sentence"] == (
        "transfer session:invented:learned: 3600 learned seconds in the table, its record brought nothing"
    )


def test_more_deposited_on_a_session_than_it_counted_is_named(app: Flask) -> None:
    session = value("SELECT public_id FROM learning_session WHERE id = 1")
    deposit = credit_bank.get_transfer(key=f"session:{session}:learned")
    assert deposit.evidence_record_id is not None
    record_id = deposit.evidence_record_id
    transaction(
        lambda: credit_bank.deposit(
            worker_id=deposit.worker_id,
            use="learned",
            amount_seconds=60,
            context_ref=deposit.context_ref,
            evidence_record_id=record_id,
            key=f"session:{session}:more",
        )
    )
    assert first(app)["sentence"] == (
        f"banked_evidence of session {session}: learned_seconds 1200 in the table, 1260 deposited"
    )


def test_a_quiz_passed_by_hand_is_named(app: Flask) -> None:
    made = new_public_id()
    statement = sa.text(
        "INSERT INTO quiz_attempt (public_id, worker_id, subject_ref, number, status, opened_at, deadline_at, closed_at, "
        "question_count, time_limit_seconds, pass_mark, resits, answers, score, passed) SELECT :id, worker_id, subject_ref, "
        "9, status, opened_at, deadline_at, closed_at, question_count, time_limit_seconds, pass_mark, resits, answers, 100, "
        "TRUE FROM quiz_attempt WHERE id = 1"
    ).bindparams(sa.bindparam("id", made, type_=sa.Uuid()))
    transaction(lambda: db.session.execute(statement))
    assert first(app)["sentence"] == f"quiz {made}: passed in the table, nothing was ever sealed of it"
