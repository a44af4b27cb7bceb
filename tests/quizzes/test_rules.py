"""Drawing and grading, without a database."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.quizzes.rules import (
    Candidate,
    QuizRules,
    attempts_left,
    deadline,
    draw,
    normalized,
    score,
    shown_keys,
)

RULES = QuizRules(question_count=20, time_limit_seconds=1800, pass_mark=60, resits=2)


def pool(*sizes: int) -> list[Candidate]:
    candidates = []
    for group, size in enumerate(sizes):
        candidates += [Candidate(1000 * group + number, group, 4, False) for number in range(size)]
    return candidates


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.integers(0, 2**32), st.data())
def test_a_draw_is_what_was_asked_for(sizes: list[int], seed: int, data: st.DataObject) -> None:
    candidates = pool(*sizes)
    seen = frozenset(data.draw(st.lists(st.sampled_from([c.id for c in candidates] or [0]))))
    drawn = draw(candidates, RULES, seen, random.Random(seed))
    ids = [item.id for item in drawn]
    assert len(ids) == len(set(ids)) == min(20, len(candidates))
    assert all(sorted(item.order) == [0, 1, 2, 3] for item in drawn)


def test_the_draw_is_spread_over_the_courses() -> None:
    drawn = draw(pool(40, 40, 3), RULES, frozenset(), random.Random(1))
    counts = Counter(item.id // 1000 for item in drawn)
    assert counts[2] == 3
    assert abs(counts[0] - counts[1]) <= 1


def test_a_resit_asks_what_was_not_asked_yet() -> None:
    first = {item.id for item in draw(pool(40), RULES, frozenset(), random.Random(1))}
    second = {item.id for item in draw(pool(40), RULES, frozenset(first), random.Random(2))}
    assert not first & second


def test_two_people_get_different_questions_in_different_order() -> None:
    one, other = (draw(pool(40), RULES, frozenset(), random.Random(seed)) for seed in (1, 2))
    assert [item.id for item in one] != [item.id for item in other]
    assert len({item.order for item in one}) > 1


def test_true_and_false_keep_their_places() -> None:
    candidates = [Candidate(number, 0, 2, True) for number in range(30)]
    assert {item.order for item in draw(candidates, RULES, frozenset(), random.Random(3))} == {(0, 1)}


@given(st.permutations(range(4)), st.sets(st.sampled_from("ABCD"), min_size=1))
def test_shown_letters_point_at_the_same_options(order: list[int], answer: set[str]) -> None:
    shown = shown_keys(sorted(answer), order)
    assert {"ABCD"[order["ABCD".index(key)]] for key in shown} == answer


@pytest.mark.parametrize(
    ("right", "asked", "points"), [(0, 20, 0), (12, 20, 60), (20, 20, 100), (2, 3, 66), (179, 299, 59)]
)
def test_a_score_is_never_rounded_up(right: int, asked: int, points: int) -> None:
    assert score(right, asked) == points


def test_one_attempt_and_two_resits() -> None:
    assert [attempts_left(made, RULES) for made in range(5)] == [3, 2, 1, 0, 0]


def test_the_deadline_is_the_limit_after_opening() -> None:
    assert deadline(datetime(2020, 3, 2, 1, tzinfo=UTC), RULES) == datetime(2020, 3, 2, 1, 30, tzinfo=UTC)


def test_answers_compare_whatever_their_order() -> None:
    assert normalized({"b": ["C", "A"], "a": ["B"]}) == normalized({"a": ["B", "B"], "b": ["A", "C"], "c": []})


@pytest.mark.parametrize(
    "wrong", [(0, 600, 60, 2), (10, 5, 60, 2), (10, 600, 0, 2), (10, 600, 101, 2), (10, 600, 60, -1)]
)
def test_impossible_rules_are_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError):
        QuizRules(*wrong)
