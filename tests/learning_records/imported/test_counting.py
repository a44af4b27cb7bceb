"""Intervals of other platforms by themselves: what each wall millisecond of them came to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Invalid
from learning_records.sessions.coverage import include, length, union
from learning_records.sessions.imported import (
    CountedIntervals,
    ImportedInterval,
    check_in_days,
    checked,
    count_intervals,
)
from learning_records.sessions.reasons import (
    AHEAD_OF_TIME,
    ALREADY_COUNTED,
    DAY_FULL,
    NOT_PLAYING,
    OVERLAP,
)
from learning_records.sessions.rules import DAY_MS, Interval, Span, day_start_ms

SECOND = 1_000
T = day_start_ms(18_323) + 9 * 3_600 * SECOND  # nine o'clock of 2020-03-02


def seconds(
    started: float, ended: float, media_from: float | None = None, media_to: float | None = None
) -> ImportedInterval:
    """An interval, everything in seconds after nine o'clock."""
    media = (
        None if media_from is None else round(media_from * SECOND),
        None if media_to is None else round(media_to * SECOND),
    )
    return ImportedInterval(T + round(started * SECOND), T + round(ended * SECOND), *media)


def count(
    *intervals: ImportedInterval,
    taken: tuple[Interval, ...] = (),
    seen: tuple[Interval, ...] = (),
    rooms: dict[int, int] | None = None,
) -> CountedIntervals:
    return count_intervals(intervals, taken=taken, seen=seen, rooms=rooms or {}, tolerance_ms=5_000)


def counted_seconds(counted: CountedIntervals) -> float:
    return sum(stretch.ended_ms - stretch.started_ms for stretch in counted.stretches) / SECOND


def reasons(counted: CountedIntervals) -> list[tuple[str, float, float]]:
    return [(code, (start - T) / SECOND, (end - T) / SECOND) for code, start, end in counted.spans]


def test_what_was_played_at_normal_speed_counts_whole() -> None:
    counted = count(seconds(0, 600, 0, 600))
    assert counted_seconds(counted) == 600
    assert counted.spans == ()
    assert counted.seen == (Interval(0, 600_000),)


def test_without_media_the_wall_time_itself_counts() -> None:
    counted = count(seconds(0, 600), seconds(900, 1000))
    assert counted_seconds(counted) == 700
    assert counted.seen == ()


def test_the_same_minute_earns_once() -> None:
    counted = count(seconds(0, 60, 0, 60), seconds(100, 160, 0, 60), seconds(200, 290, 30, 120))
    assert counted_seconds(counted) == 120
    assert reasons(counted) == [(ALREADY_COUNTED, 100, 160), (ALREADY_COUNTED, 260, 290)]


def test_two_tabs_at_once_count_once() -> None:
    counted = count(seconds(0, 60, 0, 60), seconds(30, 90, 600, 660))
    assert counted_seconds(counted) == 90
    assert reasons(counted) == [(OVERLAP, 30, 60)]


def test_time_that_counted_elsewhere_does_not_count_again() -> None:
    counted = count(seconds(0, 100, 0, 100), taken=(Interval(T - 5_000, T + 20_000), Interval(T + 50_000, T + 60_000)))
    assert counted_seconds(counted) == 70
    assert reasons(counted) == [(OVERLAP, 0, 20), (OVERLAP, 50, 60)]


def test_a_pause_inside_an_interval_is_no_learning() -> None:
    counted = count(seconds(0, 3600, 0, 600))
    assert counted_seconds(counted) == 600
    assert reasons(counted) == [(NOT_PLAYING, 600, 3600)]


@pytest.mark.parametrize("speed", [1.5, 2.0, 4.0, 16.0])
def test_played_faster_than_time_counts_nothing(speed: float) -> None:
    counted = count(seconds(0, 600, 0, 600 * speed))
    assert counted_seconds(counted) == 0
    assert reasons(counted) == [(AHEAD_OF_TIME, 0, 600)]


def test_a_slow_quarter_faster_counts_its_first_twenty_seconds_and_then_nothing() -> None:
    counted = count(*(seconds(10 * n, 10 * n + 10, 12.5 * n, 12.5 * n + 12.5) for n in range(60)))
    assert counted_seconds(counted) == 20


def test_normal_speed_counts_again_after_a_fast_part() -> None:
    counted = count(seconds(0, 60, 0, 240), seconds(60, 120, 240, 300))
    assert counted_seconds(counted) == 60
    assert reasons(counted) == [(AHEAD_OF_TIME, 0, 60)]


def test_a_player_that_rounds_loses_nothing_that_time_allows() -> None:
    counted = count(seconds(0, 59, 0, 60), seconds(59, 120, 60, 120), seconds(120, 180, 120, 180))
    assert counted_seconds(counted) == 59 + 60 + 60


def test_moving_fast_over_what_was_seen_is_free() -> None:
    counted = count(seconds(0, 60, 0, 600), seen=(Interval(0, 540_000),))
    assert counted_seconds(counted) == 60


def test_a_day_with_little_room_takes_only_that() -> None:
    day = 18_323
    counted = count(seconds(0, 100, 0, 100), seconds(200, 300, 100, 200), rooms={day: 150_000})
    assert counted_seconds(counted) == 150
    assert reasons(counted) == [(DAY_FULL, 250, 300)]


def test_room_is_kept_day_by_day_over_midnight() -> None:
    day = 18_323
    midnight = day_start_ms(day + 1)
    interval = ImportedInterval(midnight - 60_000, midnight + 60_000)
    counted = count(interval, rooms={day: 10_000})
    assert counted_seconds(counted) == 70
    assert counted.spans == (Span(DAY_FULL, midnight - 50_000, midnight),)


@pytest.mark.parametrize(
    ("intervals", "media_ms", "code"),
    [
        ([], None, "NO_INTERVALS"),
        ([seconds(0, 1)] * 1_001, None, "TOO_MANY_INTERVALS"),
        ([seconds(5, 5)], None, "TIME_REVERSED"),
        ([seconds(5, 4)], None, "TIME_REVERSED"),
        ([ImportedInterval(T, T + DAY_MS + 1)], None, "INTERVAL_TOO_LONG"),
        ([seconds(0, 5, 0)], None, "MEDIA_INCOMPLETE"),
        ([ImportedInterval(T, T + 5_000, None, 5_000)], None, "MEDIA_INCOMPLETE"),
        ([seconds(0, 5, 0, 5), seconds(6, 8)], None, "MEDIA_INCOMPLETE"),
        ([seconds(0, 5, 5, 0)], None, "MEDIA_REVERSED"),
        ([seconds(0, 5, -1, 4)], None, "MEDIA_REVERSED"),
        ([seconds(0, 5, 0, 5)], 3_999, "MEDIA_BEYOND_END"),
    ],
)
def test_what_cannot_be_is_refused(intervals: list[ImportedInterval], media_ms: int | None, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        checked(intervals, media_ms, 1_000)


def test_a_player_may_overshoot_the_end_by_a_second_which_counts_nothing() -> None:
    assert checked([seconds(0, 6, 0, 5.9)], 5_000, 1_000) == [seconds(0, 6, 0, 5)]


def test_the_first_interval_of_each_day_is_the_platforms_check_in_where_it_states_none() -> None:
    midnight = day_start_ms(18_324)
    over_midnight = ImportedInterval(midnight - 60_000, midnight + 60_000)
    assert check_in_days([seconds(0, 10), over_midnight], None) == {18_323: T, 18_324: midnight}
    assert check_in_days([seconds(0, 10), over_midnight], T + 5_000) == {18_323: T + 5_000}
    assert check_in_days([ImportedInterval(midnight - 5, midnight)], None) == {18_323: midnight - 5}


WALL = st.integers(0, 2 * 86_400)
SPANS = st.tuples(WALL, st.integers(1, 7_200)).map(lambda pair: (T + pair[0] * 1_000, T + sum(pair) * 1_000))
INTERVALS = st.lists(
    st.tuples(SPANS, st.one_of(st.none(), st.tuples(st.integers(0, 5_000), st.integers(0, 9_000)))),
    min_size=1,
    max_size=12,
)
TAKEN = st.lists(SPANS, max_size=6).map(union)
ROOMS = st.dictionaries(st.integers(18_323, 18_326), st.integers(0, 86_400_000), max_size=3)


@given(raw=INTERVALS, taken=TAKEN, seen=st.lists(SPANS, max_size=4), rooms=ROOMS, with_media=st.booleans())
def test_every_millisecond_is_counted_once_or_has_one_reason(
    raw: list[tuple[tuple[int, int], tuple[int, int] | None]],
    taken: tuple[Interval, ...],
    seen: list[tuple[int, int]],
    rooms: dict[int, int],
    with_media: bool,
) -> None:
    intervals = [
        ImportedInterval(*span, media[0] * 1_000, sum(media) * 1_000)
        if with_media and media
        else ImportedInterval(*span, 0, 0)
        if with_media
        else ImportedInterval(*span)
        for span, media in raw
    ]
    covered = union((start - T, end - T) for start, end in seen)
    ordered = checked(intervals, None, 0)
    counted = count(*ordered, taken=taken, seen=covered, rooms=rooms)
    stretches = counted.stretches
    assert all(before.ended_ms <= after.started_ms for before, after in pairwise(stretches))
    walls = union((part.started_ms, part.ended_ms) for part in stretches)
    medias = [(part.media_from_ms, part.media_to_ms) for part in stretches]
    assert all(part.ended_ms - part.started_ms == part.media_to_ms - part.media_from_ms for part in stretches)
    assert length(walls) + length(taken) == length(union([*walls, *taken])), "nothing is taken twice"
    assert length(union(medias)) == length(medias), "no media twice"
    if with_media:
        assert length(union(medias)) + length(covered) == length(union([*medias, *covered])), "nothing seen counts"
    all_time = union((item.started_ms, item.ended_ms) for item in ordered)
    explained = union([*walls, *((span.started_ms, span.ended_ms) for span in counted.spans)])
    assert explained == all_time, "every millisecond is counted or explained, and none is made up"
    for day, room in rooms.items():
        whole = Interval(day_start_ms(day), day_start_ms(day + 1))
        inside = (min(end, whole.end) - max(start, whole.start) for start, end in walls)
        assert sum(max(0, part) for part in inside) <= room


@given(parts=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=30))
def test_including_one_by_one_is_the_union(parts: list[tuple[int, int]]) -> None:
    whole: list[Interval] = []
    for start, size in parts:
        include(whole, start, start + size)
    assert tuple(whole) == union((start, start + size) for start, size in parts)


def test_room_is_used_up_by_an_interval_that_began_the_day_before() -> None:
    day = 18_324
    midnight = day_start_ms(day)
    counted = count(
        ImportedInterval(midnight - 60_000, midnight + 60_000),
        ImportedInterval(midnight + 90_000, midnight + 190_000),
        rooms={day: 100_000},
    )
    assert counted_seconds(counted) == 60 + 100
