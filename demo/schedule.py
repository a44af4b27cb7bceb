"""The days of the demonstration: when papers are filed, when people learn, when the claim is made."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from demo.calendar_loop import at

T = TypeVar("T")

CLASS_STARTS_ON = "2020-03-03"
CLASS_ENDS_ON = "2020-03-13"
SIGN_UP = at("2020-03-03T08:30")
LEARNING_STARTS = at("2020-03-03T09:00")
CLAIM_DAY = at("2020-03-16T09:00")
POSTED_ON = "2020-03-16"
NOTICE_OVER = at("2020-03-24T00:05")  # five working days after the posting, which is not counted
PAYMENT_DAY = at("2020-04-01T09:00")

DAY = 24 * 3_600_000
AFTERNOON = 4 * 3_600_000
NIGHT_SHIFT = 10 * 3_600_000 + 30 * 60_000  # half past seven in the evening, and half past eleven
LESSONS_A_DAY = 8
LESSONS_A_HALF_DAY = 4


def half_days(lessons: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """Four lessons from nine, four from one o'clock: (when to begin, what to watch), never over 8 class hours a day."""
    for half, start in enumerate(range(0, len(lessons), LESSONS_A_HALF_DAY)):
        day, afternoon = divmod(half, LESSONS_A_DAY // LESSONS_A_HALF_DAY)
        begins = LEARNING_STARTS + day * DAY + afternoon * AFTERNOON
        yield begins, lessons[start : start + LESSONS_A_HALF_DAY]
