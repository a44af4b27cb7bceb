"""An installation that decided before decisions became evidence: its old rows are counted once, and held to that ever after."""

from __future__ import annotations

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from backend.credit_bank import services as credit_bank
from backend.study import services as study
from config.database import db, transaction
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.before import BEGAN
from migrations.desk import desk_0002_decisions
from tests.cast.claims import a_class, an_office, submitted_claim
from tests.cast.payments import pay
from tests.cast.plans import a_person
from tests.evidence_audit.asking import audit, change, first, tear_out, value
from tests.evidence_audit.story import hours_elsewhere, take_quiz

DECISIONS = "kind IN ('transfer', 'review', 'claim', 'payment')"


@pytest.fixture
def old(app: Flask) -> Flask:
    """A claim was paid before anything of it was sealed; then the guards came."""
    office = an_office()
    group = a_class([a_person(1)], office)
    person = group.persons[0]
    transaction(lambda: study.check_in(worker_id=person.worker_id, class_id=group.class_id, device="phone"))
    hours_elsewhere(person.worker_id, group.class_id)
    take_quiz(person.worker_id, group.class_id)
    pay(submitted_claim(group.plan), office)
    tear_out("evidence_entry", where=f"record_id IN (SELECT id FROM evidence_record WHERE {DECISIONS})")
    tear_out("evidence_record", where=DECISIONS)
    db.session.remove()
    down_and_up_again()
    log.sequence()
    return app


def down_and_up_again() -> None:
    """Take this one revision back and bring it again; what later ones made stays."""
    with db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        desk_0002_decisions.downgrade()
        desk_0002_decisions.upgrade()


def test_old_rows_are_counted_and_are_no_difference(old: Flask) -> None:
    status, report = audit(old)
    assert (status, report["differences"]) == (0, [])
    assert report["before_sealing"] == {"transfer": 4, "claim": 1, "review": 4, "payment": 1}
    assert value(f"SELECT COUNT(*) FROM evidence_record WHERE kind = '{BEGAN}'") == 1
    outcome = old.test_cli_runner().invoke(args=["evidence", "audit"])
    assert "存证开始之前的行（before sealing began）：transfer 4，claim 1，review 4，payment 1。" in outcome.stdout


def test_what_comes_after_is_sealed_and_compared(old: Flask) -> None:
    worker_id = value("SELECT MIN(worker_id) FROM account WHERE worker_id IS NOT NULL")
    class_id = credit_bank.statement(worker_id=worker_id)[0].context_ref
    assert class_id is not None
    hours_elsewhere(worker_id, class_id)
    _, report = audit(old)
    assert [difference["sentence"] for difference in report["differences"]] == []
    assert (report["before_sealing"]["transfer"], report["rows"]["transfer"]) == (4, 6)
    change("transfer", "UPDATE transfer SET reason = '改' WHERE id = (SELECT MAX(id) FROM transfer)")
    assert first(old)["field"] == "reason"


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("transfer", "UPDATE transfer SET amount_seconds = 1 WHERE id = 1"),
        ("transfer", "UPDATE transfer SET at = '2020-01-01 00:00:00+00:00' WHERE id = 2"),
        ("lot_draw", "UPDATE lot_draw SET amount_seconds = 1 WHERE id = 1"),
        ("review", "UPDATE review SET reason = '改' WHERE id = 1"),
        ("subsidy_claim", "UPDATE subsidy_claim SET claimed_on = '2020-01-01' WHERE id = 1"),
        ("claim_line", "UPDATE claim_line SET class_hours = 27 WHERE id = 1"),
        ("fund_entry", "UPDATE fund_entry SET amount_fen = 1 WHERE id = 1"),
        ("fund_entry", "DELETE FROM fund_entry"),
    ],
)
def test_an_old_row_that_changes_afterwards_is_seen(old: Flask, table: str, statement: str) -> None:
    last = value(f"SELECT MAX(id) FROM {table}")
    change(table, statement)
    difference = first(old)
    assert (difference["part"], difference["row"]) == ("before sealing began", f"{table} up to id {last}")
    assert f"in the sealed record {difference['record_id']} from before sealing began" in difference["sentence"]


COPY = (
    "INSERT INTO transfer (id, idempotency_key, fingerprint, kind, source_account_id, destination_account_id, "
    "amount_seconds, evidence_record_id, reason, source_text, at) SELECT {id}, 'slipped', fingerprint, kind, "
    "source_account_id, destination_account_id, amount_seconds, evidence_record_id, reason, source_text, at FROM transfer "
    "WHERE id = 1"
)


def test_a_row_slipped_in_among_the_old_ones_is_seen(old: Flask) -> None:
    change("transfer", COPY.format(id=-1))
    assert first(old)["row"] == "transfer up to id 4"


def test_a_new_row_does_not_pass_as_an_old_one(old: Flask) -> None:
    change("transfer", COPY.format(id=99))
    assert first(old)["sentence"] == (
        "transfer slipped: the row is in the table, no record transfer:slipped was ever sealed"
    )


def test_rows_are_not_made_old_by_a_record_that_comes_later(app: Flask) -> None:
    """Whoever can seal cannot seal "all this is old" once decisions are evidence."""
    group = a_class([a_person(1)], an_office())
    hours_elsewhere(group.persons[0].worker_id, group.class_id)
    change("transfer", COPY.format(id=99))
    columns = [["id", "integer"], ["idempotency_key", "text"]]
    tables = [{"table": "transfer", "columns": columns, "rows": 3, "last_id": 99, "sha256": "ab" * 32}]
    transaction(lambda: evidence.seal(kind=BEGAN, body={"tables": tables}, subject=BEGAN))
    status, report = audit(app)
    sentences = [difference["sentence"] for difference in report["differences"]]
    assert status == 1
    assert "rows were counted as older than sealing when decisions were already sealed" in sentences[0]
    assert any(said.startswith("transfer slipped: the row is in the table, no record") for said in sentences)


def test_a_new_installation_has_nothing_old(app: Flask) -> None:
    assert value(f"SELECT COUNT(*) FROM evidence_record WHERE kind = '{BEGAN}'") == 0
    assert audit(app)[1]["before_sealing"] == {}


def test_going_down_and_up_again_counts_nothing_twice(old: Flask) -> None:
    body = value(f"SELECT body FROM evidence_record WHERE kind = '{BEGAN}'")
    down_and_up_again()
    assert value(f"SELECT COUNT(*) FROM evidence_record WHERE kind = '{BEGAN}'") == 1
    assert value(f"SELECT body FROM evidence_record WHERE kind = '{BEGAN}'") == body
    assert audit(old)[0] == 0
