"""A sealed record of another platform, counted again from itself alone. Pure: an auditor needs no database for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning_records.sessions.earning import pieces_of
from learning_records.sessions.imported import ImportedInterval, count_intervals
from learning_records.sessions.reasons import DAY_FULL, TOO_MUCH_A_DAY
from learning_records.sessions.rules import Interval, Piece


def problems_of_imported_record(body: Mapping[str, Any]) -> list[str]:
    """What does not fit inside the sealed record of imported intervals. Empty when all fits."""
    before = body["before"]
    counted = count_intervals(
        [ImportedInterval(*item) for item in body["intervals"]],
        taken=tuple(Interval(*item) for item in before["taken"]),
        seen=tuple(Interval(*item) for item in before["covered"]),
        rooms=dict(before["rooms"]),
        tolerance_ms=body["ahead_tolerance_ms"],
    )
    pieces = pieces_of(counted.stretches, dict(body["check_in"]["days"]))
    counted_ms = sum(piece.counted_ms for piece in pieces)
    checked_in_ms = sum(piece.counted_ms for piece in pieces if piece.under_check_in)
    learned_rest, checked_in_rest = before["rests"]
    problems = []
    if pieces != tuple(Piece(*item) for item in body["pieces"]):
        problems.append("the intervals count other pieces")
    if [list(span) for span in counted.spans] != body["uncounted"]:
        problems.append("the reasons for what did not count differ")
    if counted_ms != body["counted_ms"]:
        problems.append("the sum of the pieces differs")
    if (learned_rest + counted_ms) // 1000 != body["learned_seconds"]:
        problems.append("the learned seconds differ")
    if (checked_in_rest + checked_in_ms) // 1000 != body["checked_in_seconds"]:
        problems.append("the seconds under check-in differ")
    return problems


def problems_of_attested_record(body: Mapping[str, Any]) -> list[str]:
    """What does not fit inside the sealed record of an attested day. Empty when all fits."""
    stated = body["class_hours"] * body["class_hour_seconds"]
    allowed = min(stated, max(0, body["limit_seconds"] - body["before"]["attested_seconds"]))
    counted = min(allowed, body["before"]["room_seconds"])
    problems = []
    if counted != body["learned_seconds"]:
        problems.append("the learned seconds differ")
    if body["uncounted_seconds"] != {TOO_MUCH_A_DAY: stated - allowed, DAY_FULL: allowed - counted}:
        problems.append("the reasons for what did not count differ")
    return problems
