"""One address for each tile, and everything else is not found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import NotFound
from learning_records.http.addresses import level_of, place_of
from tests.learning_records.http.monitor import number_path


@given(st.integers(0, 10**15 - 1), st.integers(1, 255))
def test_every_number_is_read_back(number: int, width: int) -> None:
    assert place_of(number_path(number)) == (number, 256)
    assert place_of(f"{number_path(number)}.p/{width}") == (number, width)


def test_the_example_of_the_specification() -> None:
    assert place_of("x001/x234/067") == (1_234_067, 256)


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "00", "0000", "x000", "x000/000", "x000/x001/000", "1000", "001/234", "x001/x234", "x001/234/067",
        "x001//067", "x001/067/", "/067", "067/", "X001/067", "067.p", "067.p/", "067.p/0", "067.p/00", "067.p/01",
        "067.p/256", "067.p/999", "067.p/1000", "067.p/-1", "067.p/+1", "067.p/1/", "067.p/1.p/1", "067.P/1", "-01",
        "+01", " 067", "067 ", "067\n", "٠٦٧", "x001/x001/x001/x001/x001/001", "1_0", "0x1", "000.p/1\n", "..", "000.q/1",
    ],
)  # fmt: skip
def test_no_other_way_to_write_it(text: str) -> None:
    with pytest.raises(NotFound, match="LOG_TILE_NOT_FOUND"):
        place_of(text)


def test_levels_are_0_to_63() -> None:
    assert [level_of(str(level)) for level in range(64)] == list(range(64))
    for text in ("64", "00", "01", "-1", "+1", "", "1 ", "٣", "1\n", "100", "x"):
        with pytest.raises(NotFound):
            level_of(text)
