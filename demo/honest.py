"""What honest people do: learn half-day by half-day, answer when asked, take the quiz. With the mishaps of real life."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from demo import schedule
from demo.calendar_loop import Calendar
from demo.documents import AnswerKey
from demo.phone import BATCH, OUTAGE, Class, Learner, Lesson, Phone, Player, Steps
from demo.wire import Answer


@dataclass(frozen=True)
class Place:
    """Where the demonstration takes place: the server, its calendar, the classes and what their author knows."""

    base_url: str
    calendar: Calendar
    class_codes: dict[str, str]
    answers: AnswerKey
    class_ids: dict[str, str]

    def phone(self, learner: Learner, number: int = 1) -> Phone:
        return Phone(learner, self.calendar, self.base_url, f"{learner.person.openid}-phone-{number}")

    def join(self, phone: Phone, enterprise: str) -> Steps[Class]:
        attended = yield from phone.join(self.class_codes[enterprise])
        self.class_ids[enterprise] = attended.class_id
        return attended


Attend = Callable[[Player, Answer], Steps[None]]


def answer_at_once(player: Player, said: Answer) -> Steps[None]:
    """Follow what the server said: answer a presence check, go back to where counting stands."""
    if player.check is not None:
        yield from player.confirm()


def answer_late_but_in_time(player: Player, said: Answer) -> Steps[None]:
    """Answers 55 seconds later, with a batch in between: that batch waits for the answer and then counts."""
    if player.check is None:
        return
    yield from player.play(BATCH)
    yield from player.post()
    yield from player.play(5_000)
    if player.check is not None:
        yield from player.confirm()


@dataclass(frozen=True)
class Habits:
    """How a person learns. `outage` is how long the network is away in the middle of every lesson."""

    attend: Attend = answer_at_once
    outage: int = 0
    checks_in: bool = True
    batches_sent_twice: int = 0
    last_lesson_until: float = 1.0
    at_night: bool = False
    quiz_minutes: int = 10
    quiz_attempts: int = 1
    knows: Callable[[int], bool] = field(default=lambda place: True)


def sign_up(place: Place, phone: Phone, enterprise: str) -> Steps[Class]:
    """Sign in, agree, give name and number, join the enterprise's class."""
    yield from phone.wait_until(schedule.SIGN_UP)
    yield from phone.sign_in()
    yield from phone.identify()
    return (yield from place.join(phone, enterprise))


def learn(phone: Phone, attended: Class, lessons: Sequence[Lesson], habits: Habits) -> Steps[None]:
    for begins, part in schedule.half_days(lessons):
        yield from phone.wait_until(begins + schedule.NIGHT_SHIFT if habits.at_night else begins)
        if habits.checks_in:
            yield from phone.check_in(attended.class_id)
        for lesson in part:
            share = habits.last_lesson_until if lesson is lessons[-1] else 1.0
            yield from watch(phone, lesson, attended.class_id, habits, int(lesson.media * share))


def watch(phone: Phone, lesson: Lesson, class_id: str | None, habits: Habits, target: int) -> Steps[None]:
    """One lesson at its own speed, in batches of up to 50 seconds; the last slice goes with the close."""
    player = yield from phone.open(lesson, class_id)
    if player.check is not None:
        yield from player.confirm()
    outages = [target // 2] if habits.outage else []
    batches = 0
    while not player.at_end(target):
        away = bool(outages) and player.position >= outages[0]
        length = min(habits.outage if away else BATCH, target - player.position)
        if away:
            outages.clear()
        yield from player.play(length)
        if player.at_end(target) and length <= OUTAGE:
            break
        said = yield from player.post()
        batches += 1
        if habits.batches_sent_twice and batches % habits.batches_sent_twice == 0:
            yield from send_again(player, said)
        yield from habits.attend(player, said)
        if player.moved and class_id is not None and habits.checks_in:
            yield from phone.check_in(class_id)  # a new day began in the middle of the lesson
    yield from player.close()


def send_again(player: Player, first: Answer) -> Steps[None]:
    """The same batch once more: the same answer, and nothing more counted."""
    path = f"/sessions/{player.session}/beats"
    again = yield from player.phone.try_call("POST", path, {"beats": player.last_batch})
    if not again.ok or again.json()["counted_seconds"] != first.json()["counted_seconds"]:
        player.phone.learner.oddities.append(f"重发的批次得到了不同的回答：{again.describe()}")


def take_quiz(place: Place, phone: Phone, attended: Class, habits: Habits) -> Steps[None]:
    yield from phone.wait(3_600_000)
    for _ in range(habits.quiz_attempts):
        passed = yield from phone.take_quiz(
            attended.class_id, place.answers, minutes=habits.quiz_minutes, knows=habits.knows
        )
        if passed:
            return
        yield from phone.wait(3_600_000)


def study(place: Place, learner: Learner, enterprise: str, lessons: int, habits: Habits) -> Steps[None]:
    """The whole of an honest worker's part: `lessons` of 45 minutes, then the quiz."""
    phone = place.phone(learner)
    attended = yield from sign_up(place, phone, enterprise)
    yield from learn(phone, attended, attended.lessons[:lessons], habits)
    yield from take_quiz(place, phone, attended, habits)


def two_enterprises(place: Place, learner: Learner, first: str, second: str, lessons: int) -> Steps[None]:
    """Learns for one enterprise on one phone and, over the same clock time, for another on a second phone."""
    phone, other = place.phone(learner, 1), place.phone(learner, 2)
    attended = yield from sign_up(place, phone, first)
    yield from other.sign_in()
    elsewhere = yield from place.join(other, second)
    for begins, part in schedule.half_days(range(lessons)):
        yield from phone.wait_until(begins)
        yield from phone.check_in(attended.class_id)
        yield from other.check_in(elsewhere.class_id)
        for number in part:
            beside = yield from other.open(elsewhere.lessons[(number + 1) % lessons], elsewhere.class_id)
            yield from watch_with_a_second(phone, attended.lessons[number], attended.class_id, beside)
    yield from take_quiz(place, phone, attended, Habits())


def watch_with_a_second(phone: Phone, lesson: Lesson, class_id: str, beside: Player) -> Steps[None]:
    """The newest session wins: the second phone's beats over the same time are refused."""
    player = yield from phone.open(lesson, class_id)
    if player.check is not None:
        yield from player.confirm()
    while not player.at_end(lesson.media):
        start = player.position
        yield from player.play(min(BATCH, lesson.media - start))
        if beside.closed is None:
            for position in range(start + 10_000, player.position + 1, 10_000):
                beside.beat(position)
            said = yield from beside.post()
            phone.learner.expect(said, 409, "SESSION_CLOSED")
        if player.at_end(lesson.media):
            break
        said = yield from player.post()
        yield from answer_at_once(player, said)
    yield from player.close()
