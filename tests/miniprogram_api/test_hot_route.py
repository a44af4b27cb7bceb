"""The route called all day: what it answers is what its description says, and it asks the database little."""

from __future__ import annotations

from flask import Flask
from marshmallow import RAISE
from sqlalchemy import event

from config.clock import FixedCalendar
from config.database import db
from miniprogram_api.session_schemas import BeatsOut
from tests.miniprogram_api.conftest import School


def test_the_answer_is_as_described(school: School, clock: FixedCalendar) -> None:
    """Beats are answered without a schema for speed; here the schema reads every shape the answer takes."""
    playing = school.play()
    shapes = []
    for position_ms in (10_000, 2_000_000, 20_000):
        clock.advance(400)
        shapes.append(playing.post(position_ms).json)
    for answer in shapes:
        assert answer.keys() == BeatsOut().fields.keys()
        BeatsOut(unknown=RAISE).load(answer)
    assert any(answer["uncounted"] for answer in shapes)
    assert any(answer["presence_check"] for answer in shapes)


def test_a_batch_costs_three_statements(app: Flask, school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    clock.advance(10)
    playing.post(10_000)
    clock.advance(50)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    answer = playing.post(20_000, 30_000, 40_000, 50_000, 60_000)
    assert answer.json["counted_seconds"] == 60
    verbs = [statement.split()[0] for statement in statements if not statement.startswith(("BEGIN", "COMMIT"))]
    assert verbs == ["SELECT", "INSERT", "UPDATE"] or sorted(verbs) == ["INSERT", "SELECT", "UPDATE"]
