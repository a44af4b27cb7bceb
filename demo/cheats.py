"""Every way of cheating that counting has to stop, each played out by somebody with a phone."""

from demo import schedule
from demo.calendar_loop import at
from demo.honest import Habits, Place, answer_at_once, sign_up, study, take_quiz, watch
from demo.phone import BATCH, BEAT, Class, Learner, Phone, Steps

SECOND = 1_000
MINUTE = 60 * SECOND


def jump_to_the_end(place: Place, learner: Learner) -> Steps[None]:
    """Ten seconds of each lesson, then a beat at its end and a finish call that claims a duration. Appeals, too."""
    phone, attended = yield from begin(place, learner)
    for lesson in attended.lessons[:24]:
        player = yield from phone.open(lesson, attended.class_id)
        yield from phone.wait(BEAT)
        player.beat(lesson.media)
        finish = {"beats": player.pending, "duration": 999_999}
        refused = yield from phone.try_call("POST", f"/sessions/{player.session}/close", finish)
        learner.expect(refused, 422)
        yield from player.close()
        if lesson is attended.lessons[0]:
            yield from player.appeal("我从头看到尾了，请核实。")
    yield from try_the_quiz(place, phone, attended)


def fast(place: Place, learner: Learner, *, speed: float, lessons: int) -> Steps[None]:
    """Plays faster than the clock, a beat every ten seconds, and ignores what the answers say."""
    phone, attended = yield from begin(place, learner)
    for lesson in attended.lessons[:lessons]:
        player = yield from phone.open(lesson, attended.class_id)
        while not player.at_end(lesson.media):
            yield from player.play(BEAT, speed=speed)
            yield from player.post()
            if player.check is not None:
                yield from player.confirm()
        yield from player.close()
    yield from try_the_quiz(place, phone, attended)


def scripted(place: Place, learner: Learner) -> Steps[None]:
    """Thirty beats in three seconds, lesson after lesson, without any player."""
    phone, attended = yield from begin(place, learner)
    for lesson in attended.lessons[:24]:
        player = yield from phone.open(lesson, attended.class_id)
        for _ in range(3):
            yield from phone.wait(SECOND)
            for position in range(player.position + SECOND, player.position + 11 * SECOND, SECOND):
                player.beat(position)
            yield from player.post()
        yield from player.close()
    yield from try_the_quiz(place, phone, attended)


def ten_phones(place: Place, learner: Learner) -> Steps[None]:
    """Ten lessons on ten phones at once. Only the newest session is open; the others are told so at every beat."""
    phone, attended = yield from begin(place, learner)
    phones = [phone, *(place.phone(learner, number) for number in range(2, 11))]
    for other in phones[1:]:
        yield from other.sign_in()
    players = []
    for other, lesson in zip(phones, attended.lessons, strict=False):
        players.append((yield from other.open(lesson, attended.class_id)))
    newest = players[-1]
    if newest.check is not None:
        yield from newest.confirm()
    length = newest.lesson.media
    while not newest.at_end(length):
        yield from newest.play(min(BATCH, length - newest.position))
        for player in players[:-1]:
            for position in range(player.position + BEAT, newest.position + 1, BEAT):
                player.beat(position)
            if player.pending:
                learner.expect((yield from player.post()), 409, "SESSION_CLOSED")
        said = yield from newest.post()
        yield from answer_at_once(newest, said)
    yield from newest.close()
    yield from try_the_quiz(place, phone, attended)


def same_minute(place: Place, learner: Learner) -> Steps[None]:
    """The first minute of a lesson five times over."""
    phone, attended = yield from begin(place, learner)
    player = yield from phone.open(attended.lessons[0], attended.class_id)
    for _ in range(5):
        if player.position:
            player.beat(0)
        yield from player.play(BATCH)
        yield from answer_at_once(player, (yield from player.post()))
        yield from player.play(BEAT)
        yield from answer_at_once(player, (yield from player.post()))
    yield from player.close()
    yield from try_the_quiz(place, phone, attended)


def changed_batch(place: Place, learner: Learner, *, lessons: int) -> Steps[None]:
    """Plays honestly, but sends every batch again with one beat changed."""
    phone, attended = yield from begin(place, learner)
    for lesson in attended.lessons[:lessons]:
        player = yield from phone.open(lesson, attended.class_id)
        if player.check is not None:
            yield from player.confirm()
        while not player.at_end(lesson.media):
            yield from player.play(min(BATCH, lesson.media - player.position))
            if player.at_end(lesson.media):
                break
            said = yield from player.post()
            changed = [dict(beat) for beat in player.last_batch]
            changed[-1]["position_ms"] = min(changed[-1]["position_ms"] + 5 * MINUTE, lesson.media)
            again = yield from phone.try_call("POST", f"/sessions/{player.session}/beats", {"beats": changed})
            learner.expect(again, 409, "BEAT_CHANGED")
            yield from answer_at_once(player, said)
        yield from player.close()
    yield from try_the_quiz(place, phone, attended)


def silent_then_all_at_once(place: Place, learner: Learner) -> Steps[None]:
    """An hour of silence and then an hour of beats: the session has closed itself. Fourteen minutes: ten count."""
    phone, attended = yield from begin(place, learner)
    player = yield from phone.open(attended.lessons[0], attended.class_id)
    yield from phone.wait(60 * MINUTE)
    for batch in range(2):
        for beat in range(1, 181):
            player.beat(min((batch * 180 + beat) * BEAT, player.lesson.media))
        learner.expect((yield from player.post()), 409, "SESSION_CLOSED")
    for lesson, answers in zip(attended.lessons[1:3], (True, False), strict=True):
        player = yield from phone.open(lesson, attended.class_id)
        yield from player.play(14 * MINUTE)
        yield from player.post()
        if answers:
            yield from player.confirm()
        yield from player.close()
    yield from try_the_quiz(place, phone, attended)


def alone_overnight(place: Place, learner: Learner) -> Steps[None]:
    """Checks in at twenty past nine in the evening, starts the video and goes to bed; lesson follows on lesson."""
    phone, attended = yield from begin(place, learner, at("2020-03-03T21:20"))
    morning = at("2020-03-04T06:00")
    for lesson in attended.lessons:
        player = yield from phone.open(lesson, attended.class_id)
        while not player.at_end(lesson.media) and player.closed is None and place.calendar.now < morning:
            yield from player.play(min(BATCH, lesson.media - player.position))
            yield from player.post()
        if player.closed is None:
            yield from player.close()
        if place.calendar.now >= morning:
            return


def missed_twice(place: Place, learner: Learner, *, lessons: int) -> Steps[None]:
    """Lets two presence checks of one day pass, comes back late both times, and plays on from where it says."""
    phone, attended = yield from begin(place, learner)
    yield from phone.check_in(attended.class_id)
    player = yield from phone.open(attended.lessons[0], attended.class_id)
    misses = 0
    while not player.at_end(player.lesson.media) and misses < 2:
        yield from player.play(min(BATCH, player.lesson.media - player.position))
        said = yield from player.post()
        if player.check is not None:
            for _ in range(5):
                yield from player.play(min(BATCH, player.lesson.media - player.position))
                said = yield from player.post()
            confirmed = yield from player.confirm()
            player.resume_from(confirmed if confirmed.json().get("resume_at_ms") is not None else said)
            misses += 1
    yield from player.close()
    rest = attended.lessons[1:lessons]
    for begins, part in schedule.half_days([attended.lessons[0], *rest]):
        yield from phone.wait_until(begins)
        yield from phone.check_in(attended.class_id)
        for lesson in part:
            if lesson is not attended.lessons[0]:
                yield from watch(phone, lesson, attended.class_id, Habits(), lesson.media)
    yield from take_quiz(place, phone, attended, Habits())


def replayed(place: Place, learner: Learner, *, lessons: int) -> Steps[None]:
    """Sends every tenth batch twice, otherwise honest."""
    yield from study(place, learner, "main", lessons, Habits(batches_sent_twice=10))


def begin(place: Place, learner: Learner, instant: int = schedule.LEARNING_STARTS) -> Steps[tuple[Phone, Class]]:
    phone = place.phone(learner)
    attended = yield from sign_up(place, phone, "main")
    yield from phone.wait_until(instant)
    yield from phone.check_in(attended.class_id)
    return phone, attended


def try_the_quiz(place: Place, phone: Phone, attended: Class) -> Steps[None]:
    """A cheat knows the answers too; what is missing is the time."""
    yield from take_quiz(place, phone, attended, Habits())
