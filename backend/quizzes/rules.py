"""Drawing, grading and resits: pure; chance, time and the policy's numbers are arguments (domain.md A22, clause 四.2)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LETTERS = "ABCDEF"


@dataclass(frozen=True)
class QuizRules:
    """The policy's numbers for a quiz. ``pass_mark`` is of 100; ``resits`` come after the first attempt."""

    question_count: int
    time_limit_seconds: int
    pass_mark: int
    resits: int

    def __post_init__(self) -> None:
        if not (1 <= self.question_count <= 200 and 60 <= self.time_limit_seconds <= 6 * 3600):
            raise ValueError("a quiz has 1 to 200 questions and lasts from a minute to six hours")
        if not (1 <= self.pass_mark <= 100 and 0 <= self.resits <= 20):
            raise ValueError("a pass mark is 1 to 100, and there are at most 20 resits")


@dataclass(frozen=True)
class Candidate:
    """A question that may be drawn. ``group`` is its course: the draw is spread over the courses."""

    id: int
    group: int
    option_count: int
    ordered: bool  # 正确, 错误 keep their order


@dataclass(frozen=True)
class Drawn:
    """A drawn question: ``order[i]`` is the pool's index of the option shown in place i."""

    id: int
    order: tuple[int, ...]


def deadline(opened_at: datetime, rules: QuizRules) -> datetime:
    """The last instant at which answers are taken."""
    return opened_at + timedelta(seconds=rules.time_limit_seconds)


def draw(candidates: Sequence[Candidate], rules: QuizRules, seen: frozenset[int], chance: random.Random) -> list[Drawn]:
    """Draw the questions of one attempt: as evenly from each course as there are questions, unseen ones first.

    Gives fewer than ``question_count`` only when the pools hold fewer.
    """
    groups: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.group, []).append(candidate)
    queues = []
    for members in groups.values():
        chance.shuffle(members)
        queues.append(sorted(members, key=lambda member: member.id in seen))
    chance.shuffle(queues)
    taken: list[Candidate] = []
    while any(queues) and len(taken) < rules.question_count:
        for queue in queues:
            if queue and len(taken) < rules.question_count:
                taken.append(queue.pop(0))
    chance.shuffle(taken)
    return [Drawn(candidate.id, _option_order(candidate, chance)) for candidate in taken]


def _option_order(candidate: Candidate, chance: random.Random) -> tuple[int, ...]:
    order = list(range(candidate.option_count))
    if not candidate.ordered:
        chance.shuffle(order)
    return tuple(order)


def shown_keys(answer: Sequence[str], order: Sequence[int]) -> frozenset[str]:
    """The letters under which the pool's right options were shown."""
    return frozenset(LETTERS[order.index(LETTERS.index(letter))] for letter in answer)


def score(right: int, asked: int) -> int:
    """Of 100, floored: 59.9 is never rounded up into a pass. A multiple-choice question is right only when it is whole."""
    return right * 100 // asked


def attempts_left(made: int, rules: QuizRules) -> int:
    """How many attempts remain: the first, and the resits."""
    return max(0, 1 + rules.resits - made)


def normalized(answers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Answers in one form, whatever order they came in, so that two submissions can be compared."""
    return {question: sorted(set(keys)) for question, keys in sorted(answers.items()) if keys}
