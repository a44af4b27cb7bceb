"""追溯: every credited second leads back to the beat that counted it, and a changed record is seen."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import text, update

from backend.credit_bank import services as bank
from backend.study import services as study
from commands.evidence import evidence as command
from config.clock import FixedCalendar
from config.database import db, is_sqlite, transaction
from config.errors import Invalid, NotFound
from learning_records.evidence import services as evidence
from learning_records.evidence.models import EvidenceRecord
from tests.cast.study import a_schoolroom
from tests.study.phones import a_learner


def test_a_claimed_second_leads_back_to_its_beat(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    phone = a_learner(clock, me, room.class_id)
    phone.begin(room.lessons[0])
    phone.play(300)
    phone.sign_in_for_the_day()
    phone.play(600)
    phone.finish()
    second = phone.watch(room.lessons[1], 600)
    transaction(lambda: bank.hold(worker_id=me, amount_seconds=900, context_ref=room.class_id, key="claim:1:hold"))
    found = study.trace(transfer_key="claim:1:hold")
    assert [record.seconds for record in found.records] == [600, 300]
    assert all(record.problems == () for record in found.records)
    assert found.records[1].record_id == second.record_id
    for number in (0, 9, 10, 299, 300, 599, 600, 899):
        traced = study.trace(transfer_key="claim:1:hold", second=number).second
        assert traced is not None
        assert len(traced.beats) == 1
        beat = traced.beats[0]
        assert beat.counted_from <= traced.at <= beat.arrived_at
        if number < 600:  # counted only after the check-in, 300 s into the lesson
            assert (300 + number) * 1000 <= beat.position_ms <= (310 + number) * 1000
    with pytest.raises(Invalid, match="SECOND_OUT_OF_RANGE"):
        study.trace(transfer_key="claim:1:hold", second=900)
    with pytest.raises(NotFound, match="TRANSFER_NOT_FOUND"):
        study.trace(transfer_key="nothing")


def test_time_after_midnight_leads_back_to_beats_before_it(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    me = room.worker.worker_id
    clock.set("2020-03-09T23:58:35+08:00")
    phone = a_learner(clock, me, room.class_id)
    phone.begin(room.lessons[0])
    phone.play(300)
    phone.finish()
    transaction(lambda: study.bank_closed_sessions())
    learned = [line for line in bank.statement(worker_id=me) if line.to_kind == "learned"]
    assert sorted(line.amount_seconds for line in learned) == [85, 215]
    for line in learned:
        for number in range(0, line.amount_seconds, 5):
            traced = study.trace(transfer_key=line.key, second=number).second
            assert traced is not None
            assert len(traced.beats) == 1


def test_an_allowance_has_no_beat_of_its_own(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    closed = phone.watch(room.lessons[0], 8000)
    found = study.trace(transfer_key=f"allowance:{closed.session_id}:learned", second=0)
    assert found.second is None
    assert found.records[0].record_id == closed.record_id


def test_the_command_prints_the_way_back(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    phone = a_learner(clock, room.worker.worker_id, room.class_id)
    closed = phone.watch(room.lessons[0], 600)
    runner = app.test_cli_runner()
    key = f"session:{closed.session_id}:learned"
    shown = runner.invoke(command, ["trace", key, "--second", "15"])
    assert shown.exit_code == 0
    assert f"存证 {closed.record_id}" in shown.output
    assert "完好" in shown.output
    assert "心跳 2：" in shown.output
    as_json = json.loads(runner.invoke(command, ["trace", str(closed.record_id), "--json"]).output)
    assert as_json["records"][0]["seconds"] == 600
    assert as_json["records"][0]["pieces"][0]["beats"][0]["seq"] == 1
    assert runner.invoke(command, ["trace", "session:nothing"]).exit_code == 1
    assert "没有找到这笔交易" in runner.invoke(command, ["trace", "session:nothing"]).output
    assert runner.invoke(command, ["trace", str(closed.record_id), "--second", "1"]).exit_code == 2


def test_a_record_changed_behind_our_back_is_named(app: Flask, clock: FixedCalendar) -> None:
    room = a_schoolroom()
    closed = a_learner(clock, room.worker.worker_id, room.class_id).watch(room.lessons[0], 60)
    changed = evidence.trace(record_public_id=closed.record_id).canonical_body.replace(b"60000", b"61000")
    on_sqlite, on_postgresql = "DROP TRIGGER {0}_no_update", "ALTER TABLE {0} DISABLE TRIGGER USER"
    unguarded = (on_sqlite if is_sqlite() else on_postgresql).format("evidence_record")

    def tamper() -> None:
        db.session.execute(text(unguarded))
        db.session.execute(update(EvidenceRecord).values(body=changed))

    transaction(tamper)
    found = study.trace_record(record_id=closed.record_id).records[0]
    assert "the entry does not commit to this record" in found.problems
    shown = app.test_cli_runner().invoke(command, ["trace", str(closed.record_id)])
    assert shown.exit_code == 1
    assert "有问题" in shown.output
