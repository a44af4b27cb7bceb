"""Days and times of day as people and spreadsheets write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from backend.enterprises.cells import day_of, id_number_of, moment_of
from config.clock import SHANGHAI
from config.errors import Invalid

NINE = "2020-03-05T09:00:00+08:00"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (datetime.fromisoformat("2020-03-05T09:00:00"), NINE),  # as a spreadsheet gives it
        (datetime.fromisoformat("2020-03-05T08:59:59.999999"), NINE),  # a fraction of a day, a little off
        (43_895.375, NINE),
        ("2020-03-05 09:00", NINE),
        ("2020/3/5 9:00:00", NINE),
        ("2020年3月5日9时0分", NINE),
        ("2020年3月5日 9时00分00秒", NINE),
        ("２０２０－０３－０５　０９：００", NINE),
        ("2020-03-05T01:00:00Z", NINE),
        ("2020-03-05T09:00:00.250+08:00", "2020-03-05T09:00:00.250+08:00"),
    ],
)
def test_a_moment_is_read_as_it_was_meant(cell: Any, said: str) -> None:
    assert moment_of(cell, local=SHANGHAI) == datetime.fromisoformat(said)


@pytest.mark.parametrize(
    "cell",
    [None, "", 5, True, float("inf"), float("nan"), date(2020, 3, 5), "2020-03-05", "9:00", "2020-13-05 09:00",
     "2020-02-30 9:00", "2020-03-05 25:00", "2020-03-111:30", "=NOW()", "2020-03-05T09:00:00+99:00", "昨天上午"],
)  # fmt: skip
def test_what_names_no_moment_is_none(cell: Any) -> None:
    assert moment_of(cell, local=SHANGHAI) is None


def test_days() -> None:
    assert {day_of(cell) for cell in (date(2020, 3, 5), "2020.3.5", 43_895, "20200305", "2020年3月5日")} == {
        date(2020, 3, 5)
    }
    assert day_of("2020-02-30") is None


@pytest.mark.parametrize(
    ("cell", "code"),
    [(None, "id_number_missing"), (3.202e17, "id_number_lost_digits"), ("3.202E+17", "id_number_lost_digits"),
     ("32020019900101", "id_number_length")],
)  # fmt: skip
def test_an_id_number_that_cannot_be_read_says_why(cell: Any, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        id_number_of(cell, on=date(2020, 3, 1))
    assert refusal.value.code == code
