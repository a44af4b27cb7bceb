"""The driver's reading of the notice's money."""

import pytest

from demo.notice import Due, Facts, credits_of, due, yuan

HOUR = 2_700


def facts(hours: float, **changed: object) -> Facts:
    given = {"checked_in": True, "quiz_passed": True, "filed": True, **changed}
    return Facts(claimable_seconds=int(hours * HOUR), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "fen"),
    [
        (0, 0),
        (23, 0),
        (23.99, 0),
        (24, 44_400),
        (24.99, 44_400),
        (25, 46_250),
        (26, 48_100),
        (27, 49_950),
        (28, 50_000),
    ],
)
def test_an_hour_is_worth_18_50_from_24_hours_up_to_500_yuan(hours: float, fen: int) -> None:
    assert due(facts(hours)).amount_fen == fen


@pytest.mark.parametrize("missing", ["checked_in", "quiz_passed", "filed"])
def test_each_condition_is_needed_and_named(missing: str) -> None:
    answer = due(facts(26, **{missing: False}))

    assert answer.amount_fen == 0
    assert answer.reason
    assert answer.held_seconds == 0


def test_what_was_drawn_before_lowers_the_cap() -> None:
    assert due(facts(24, drawn_fen=44_400)).amount_fen == 5_600


def test_whole_class_hours_are_held() -> None:
    assert due(facts(24.5)) == Due(24, 44_400, "24课时×18.50元")
    assert due(facts(24.5)).held_seconds == 24 * HOUR


def test_credits_and_yuan() -> None:
    assert [credits_of(seconds) for seconds in (0, 16 * HOUR - 1, 16 * HOUR, 32 * HOUR)] == [0, 0, 1, 2]
    assert [yuan(fen) for fen in (0, 46_250, 335_000, -5)] == ["0.00", "462.50", "3,350.00", "-0.05"]
