"""The driver's own counter gives the figures that were announced for every kind of phone."""

from collections.abc import Iterable

import pytest

from demo.calendar_loop import at
from demo.counting import count
from demo.earned import Counted
from demo.log import Answered, CheckedIn, Closed, Event, Moved, Opened, Played, QuizTaken

NINE = at("2020-03-03T09:00")
SECOND = 1_000
MINUTE = 60 * SECOND
MEDIA = 2_700 * SECOND
FILED = "filed"


class Log:
    """Writes down what one phone did, with a clock of its own."""

    def __init__(self, now: int = NINE, check_in: bool = True) -> None:
        self.now = now
        self.events: list[Event] = [CheckedIn(now, FILED)] if check_in else []

    def open(self, session: str = "s1", lesson: str = "l1", class_id: str | None = FILED) -> "Log":
        self.events.append(Opened(self.now, session, lesson, MEDIA, class_id))
        return self

    def post(self, seconds: float, positions: Iterable[float], session: str = "s1", check: bool | None = None) -> "Log":
        """A batch that arrives `seconds` later. A check comes with it after a silence, unless said otherwise."""
        self.now += int(seconds * SECOND)
        issued = seconds > 60 if check is None else check
        self.events.append(Played(self.now, session, tuple(int(place * SECOND) for place in positions), issued))
        return self

    def watch(self, start: int, stop: int, session: str = "s1") -> "Log":
        """Honest beats every ten seconds in batches of fifty; a check every ten minutes, answered at once."""
        for position in range(start, stop, 50):
            last = min(position + 50, stop)
            check = (last - start) % 600 == 0
            self.post(last - position, [*range(position + 10, last, 10), last], session, check)
            if check:
                self.answer()
        return self

    def answer(self) -> "Log":
        self.events.append(Answered(self.now))
        return self

    def close(self, session: str = "s1") -> "Log":
        self.events.append(Closed(self.now, session))
        return self

    def result(self) -> Counted:
        return count(self.events, filed_classes=(FILED,))

    def seconds(self) -> int:
        result = self.result()
        assert not result.oddities
        return result.learned


def test_an_honest_phone_earns_all_of_its_time() -> None:
    counted = Log().open().watch(0, 2_700).close().result()

    assert counted.learned == 2_700
    assert counted.claimable == {FILED: 2_700}
    assert counted.oddities == ()


def test_five_minutes_without_network_count_when_the_check_on_return_is_answered() -> None:
    log = Log().open().watch(0, 500)

    log.post(300, range(510, 801, 10)).answer().watch(800, 1_000).close()

    assert log.seconds() == 1_000


def test_the_gap_is_void_when_the_check_on_return_is_not_answered() -> None:
    log = Log().open().watch(0, 500).post(300, range(510, 801, 10)).close()

    assert log.seconds() == 500


def test_a_jump_to_the_end_covers_nothing() -> None:
    assert Log().open().post(10, [2_700]).close().seconds() == 0


@pytest.mark.parametrize(("speed", "seconds"), [(4, 0), (16, 0), (1.25, 20)])
def test_a_fast_phone_that_ignores_the_answers(speed: float, seconds: int) -> None:
    log = Log().open()
    for beat in range(1, 13):
        log.post(10, [beat * 10 * speed])

    assert log.close().seconds() == seconds


def test_thirty_beats_in_three_seconds_earn_at_most_three() -> None:
    log = Log().open()
    for batch in range(3):
        log.post(1, range(batch * 10 + 1, batch * 10 + 11))

    assert log.close().seconds() <= 3


def test_the_newest_of_two_sessions_wins() -> None:
    log = Log().open("s1", "l1").open("s2", "l2").post(50, range(10, 51, 10), "s2").close("s2")

    assert log.seconds() == 50


def test_beats_the_server_should_not_have_taken_are_an_oddity() -> None:
    log = Log().open("s1", "l1").open("s2", "l2").post(50, range(10, 51, 10), "s1")

    assert log.result().oddities


def test_the_same_minute_five_times_is_one_minute() -> None:
    log = Log().open()
    for _ in range(5):
        log.post(60, [0, *range(10, 61, 10)])

    assert log.close().seconds() == 60


def test_after_an_hours_silence_nothing_may_be_taken() -> None:
    log = Log().open().post(3_600, range(10, 1_810, 10))

    assert log.result().learned == 0
    assert log.result().oddities


def test_fourteen_minutes_of_silence_earn_ten_at_most() -> None:
    assert Log().open().post(840, range(10, 841, 10)).answer().close().seconds() == 600
    assert Log().open().post(840, range(10, 841, 10)).close().seconds() == 0


def test_time_that_waits_for_an_answer_counts_when_it_comes_in_time() -> None:
    log = Log().open().watch(0, 550).post(50, range(560, 601, 10), check=True)

    log.post(50, range(610, 651, 10)).post(5, [655]).answer().watch(655, 700).close()

    assert log.seconds() == 700


def test_the_first_miss_of_a_day_loses_only_what_came_after_the_check() -> None:
    log = Log().open().watch(0, 550).post(50, range(560, 601, 10), check=True)

    for start in range(600, 1_200, 50):
        log.post(50, range(start + 10, start + 51, 10), check=False)

    assert log.close().seconds() == 600


def test_the_second_miss_of_a_day_falls_back_to_the_last_confirmation() -> None:
    log = Log().open().watch(0, 550).post(50, range(560, 601, 10), check=True)
    log.post(50, range(610, 651, 10), check=False).post(50, range(660, 701, 10), check=False)
    log.answer().post(0, [600], check=False)
    log.watch(600, 950).post(50, range(960, 1_001, 10), check=True)

    log.post(50, range(1_010, 1_051, 10), check=False).post(50, range(1_060, 1_101, 10), check=False).close()

    assert log.seconds() == 600


def test_without_a_confirmation_at_most_one_presence_interval_counts() -> None:
    log = Log().open()
    for start in range(0, 870, 50):
        log.post(50 if start else 30, range(start + 10, start + 51, 10) if start else [10, 20, 30], check=False)
    log.post(50, range(890, 931, 10), check=True)
    for start in range(930, 1_200, 50):
        log.post(50, range(start + 10, start + 51, 10), check=False)

    assert log.close().seconds() == 900


def test_after_a_miss_counting_goes_on_where_the_void_time_began() -> None:
    log = Log().open().watch(0, 550).post(50, range(560, 601, 10), check=True)
    log.post(50, range(610, 651, 10), check=False).post(50, range(660, 701, 10), check=False).answer()

    log.post(50, range(610, 651, 10), check=False)

    assert log.close().seconds() == 650


def test_time_without_a_check_in_is_learned_and_not_claimable() -> None:
    counted = Log(check_in=False).open().watch(0, 600).close().result()

    assert counted.learned == 600
    assert counted.claimable_total == 0


def test_time_in_an_unfiled_class_is_learned_and_not_claimable() -> None:
    counted = Log().open(class_id="another").watch(0, 600).close().result()

    assert counted.learned == 600
    assert counted.claimable_total == 0


def test_after_midnight_a_new_check_in_is_needed() -> None:
    log = Log(at("2020-03-03T23:55")).open().watch(0, 300)
    log.post(50, range(310, 351, 10), check=False)
    log.events.append(Moved(log.now, "s1", "s2"))

    counted = log.post(50, range(360, 401, 10), "s2", check=False).close("s2").result()

    assert counted.learned == 400
    assert counted.claimable_total == 300


def test_a_lesson_seen_to_98_percent_counts_whole() -> None:
    assert Log().open().watch(0, 2_646).close().seconds() == 2_700
    assert Log().open().watch(0, 2_645).close().seconds() == 2_645


def test_a_check_that_comes_too_early_is_an_oddity() -> None:
    assert Log().open().post(50, range(10, 51, 10), check=True).result().oddities


def test_a_check_that_never_comes_is_an_oddity() -> None:
    log = Log().open()
    for start in range(0, 1_000, 50):
        log.post(50, range(start + 10, start + 51, 10), check=False)

    assert log.result().oddities


def test_a_passed_quiz_earns_its_time_up_to_the_limit() -> None:
    log = Log()
    log.events.append(QuizTaken(log.now, log.now + 50 * MINUTE, 45 * MINUTE, passed=True, class_id=FILED))

    assert log.seconds() == 45 * 60


def test_a_failed_quiz_earns_nothing() -> None:
    log = Log()
    log.events.append(QuizTaken(log.now, log.now + 50 * MINUTE, 45 * MINUTE, passed=False, class_id=FILED))

    assert log.seconds() == 0
