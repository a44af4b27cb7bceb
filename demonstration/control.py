"""The control of the demonstration's calendar, for a driver that steps it between requests.

``POST /demonstration/clock`` takes one of ``{"advance_seconds": n}``, ``{"stop": true}``, ``{"run": true}``; each step also
runs the jobs that have fallen due, as the job process does elsewhere. It answers ``{"now": …}``.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from marshmallow import ValidationError, fields, validate, validates_schema

from config import clock
from config.errors import Invalid
from demonstration.jobs import run_due
from wire.problems import field_errors
from wire.schemas import StrictSchema, WholeNumber

blueprint = Blueprint("demonstration", __name__, url_prefix="/demonstration")
LONGEST_STEP_SECONDS = 400 * 86_400


class StepIn(StrictSchema):
    """Exactly one of the three moves."""

    advance_seconds = WholeNumber(at_most=LONGEST_STEP_SECONDS)
    stop = fields.Boolean(validate=validate.Equal(True))
    run = fields.Boolean(validate=validate.Equal(True))

    @validates_schema
    def _one_move(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("只能给出 advance_seconds、stop、run 中的一项")


@blueprint.post("/clock")
def step() -> Response:
    """Move, stop or start the calendar."""
    try:
        move = StepIn().load(request.get_json(silent=True) or {})
    except ValidationError as error:
        raise Invalid("INVALID_BODY", "演示日历的步进参数不对。", errors=field_errors(error.messages)) from error
    calendar: clock.SteppedCalendar = current_app.config["CALENDAR"]
    if "advance_seconds" in move:
        calendar.advance(move["advance_seconds"])
        run_due()
    elif "stop" in move:
        calendar.stop()
    else:
        calendar.run()
    return jsonify(now=clock.now().isoformat())


@blueprint.get("/state")
def state() -> Response:
    """The calendar's present instant and day."""
    return jsonify(now=clock.now().isoformat(), today=clock.today().isoformat())
