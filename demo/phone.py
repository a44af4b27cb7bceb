"""A worker's phone: signs in, checks in, plays lessons with a beat every ten seconds, answers what it is asked.

Everything that touched counted time is written into the owner's log as it happens; `counting.count` reads that log.
"""

import hashlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from demo.calendar_loop import Asked, Calendar, Wait
from demo.documents import AnswerKey
from demo.log import Answered, CheckedIn, Closed, Event, Moved, Opened, Played, QuizTaken
from demo.people import Person
from demo.wire import Answer, Broken, Connection, Json, json_call

T = TypeVar("T")
Steps = Generator[Asked | Wait, Answer | None, T]

API = "/api/v1/phone"
BEAT = 10_000
BATCH = 50_000
OUTAGE = 60_000
CONSENT_VERSION = "2020-03"


@dataclass(frozen=True)
class Lesson:
    lesson_id: str
    title: str
    media: int


@dataclass(frozen=True)
class Class:
    class_id: str
    filed: bool
    lessons: tuple[Lesson, ...]


@dataclass
class Learner:
    """The owner of one or more phones: who they are and what happened to them."""

    key: str
    person: Person
    log: list[Event] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    quizzes_passed: set[str] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)
    sign_ins: int = 0
    open_check: str | None = None
    phones: list["Phone"] = field(default_factory=list)

    def expect(self, answer: Answer, status: int, code: str = "") -> bool:
        """Note whether a call that had to be refused was refused, and as what."""
        if answer.status == status and (not code or answer.code == code):
            self.refusals.append(answer.code or str(answer.status))
            return True
        self.oddities.append(f"应以 {status} {code} 拒绝，实际 {answer.describe()}")
        return False


class Phone:
    def __init__(self, learner: Learner, calendar: Calendar, base_url: str, device_id: str) -> None:
        self.learner = learner
        self.calendar = calendar
        self.connection = Connection(base_url)
        self.device_id = device_id
        self.token: str | None = None
        learner.phones.append(self)

    # ── calling ──

    def try_call(self, method: str, path: str, body: Json | None = None) -> Steps[Answer]:
        answer = yield Asked(self.connection, json_call(method, API + path, body, self.token))
        if answer is None:
            raise Broken("a phone was woken without an answer")
        return answer

    def call(self, method: str, path: str, body: Json | None = None) -> Steps[Json]:
        """A call that has to succeed."""
        answer = yield from self.try_call(method, path, body)
        if not answer.ok:
            raise Broken(f"{method} {path}：{answer.describe()}")
        return answer.json()

    def ask(self, method: str, path: str) -> Json:
        """A question outside any script, answered at once."""
        answer = self.connection.ask(json_call(method, API + path, None, self.token))
        if not answer.ok:
            raise Broken(f"{method} {path}：{answer.describe()}")
        return answer.json()

    def wait_until(self, instant: int) -> Steps[None]:
        if instant > self.calendar.now:
            yield Wait(instant)

    def wait(self, milliseconds: int) -> Steps[None]:
        yield Wait(self.calendar.now + milliseconds)

    # ── who I am, and my classes ──

    def sign_in(self) -> Steps[None]:
        self.learner.sign_ins += 1
        code = f"code-{self.learner.person.openid}-{self.learner.sign_ins}"
        answer = yield from self.call("POST", "/login", {"code": code, "device_id": self.device_id})
        self.token = str(answer["token"])

    def identify(self) -> Steps[None]:
        person = self.learner.person
        yield from self.call("PUT", "/me/consent", {"version": CONSENT_VERSION})
        yield from self.call("PUT", "/me/identity", {"name": person.name, "id_number": person.id_number})

    def join(self, class_code: str) -> Steps[Class]:
        joined = yield from self.call("POST", "/classes/join", {"class_code": class_code})
        lessons: list[Lesson] = []
        for course in joined["courses"]:
            view = yield from self.call("GET", f"/courses/{course['course_id']}")
            lessons += [
                Lesson(str(lesson["lesson_id"]), str(lesson["title"]), int(lesson["media_ms"]))
                for lesson in view["lessons"]
            ]
        return Class(str(joined["class_id"]), bool(joined["filed"]), tuple(lessons))

    def check_in(self, class_id: str) -> Steps[None]:
        body: Json = {"class_id": class_id, "device_id": self.device_id, "method": "tap"}
        yield from self.call("POST", "/check-ins", body)
        self.learner.log.append(CheckedIn(self.calendar.now, class_id))
        self.learner.open_check = None

    # ── playing ──

    def open(self, lesson: Lesson, class_id: str | None) -> Steps["Player"]:
        body: Json = {"lesson_id": lesson.lesson_id, "class_id": class_id, "device_id": self.device_id}
        opened = yield from self.call("POST", "/sessions", body)
        session = str(opened["session_id"])
        waits = opened["presence_check"] is not None
        self.learner.log.append(Opened(self.calendar.now, session, lesson.lesson_id, lesson.media, class_id, waits))
        player = Player(self, lesson, session, str(opened["prev"]), int(opened["next_seq"]))
        player.position = int(opened["resume_at_ms"] or 0)
        player.check = opened["presence_check"]
        self.learner.open_check = player.check["check_id"] if player.check else None
        return player

    def take_quiz(
        self, class_id: str, key: AnswerKey, *, minutes: int, knows: Callable[[int], bool] = lambda place: True
    ) -> Steps[bool]:
        """One attempt. `knows(place)` says which questions the person can answer; the others they get wrong."""
        opened = yield from self.call("POST", "/quizzes", {"class_id": class_id, "course_id": None})
        began = self.calendar.now
        yield from self.wait(minutes * 60_000)
        answers = [
            {"question_id": question["question_id"], "keys": _answer(question, key, right=knows(place))}
            for place, question in enumerate(opened["questions"])
        ]
        result = yield from self.call("POST", f"/quizzes/{opened['attempt_id']}/submit", {"answers": answers})
        passed = bool(result["passed"])
        limit = int(opened["time_limit_seconds"]) * 1_000
        self.learner.log.append(QuizTaken(began, self.calendar.now, limit, passed, class_id))
        if passed:
            self.learner.quizzes_passed.add(class_id)
        return passed


def _answer(question: Json, key: AnswerKey, *, right: bool) -> list[str]:
    """The keys of the right options by the author's workbook; or one option that is not the right answer."""
    stem = str(question["stem"]).strip()
    if stem not in key:
        raise Broken(f"题库里没有这道题：{stem}")
    options = {str(option["key"]): str(option["text"]).strip() for option in question["options"]}
    chosen = [letter for letter, text in options.items() if text in key[stem]]
    if not chosen and key[stem] <= {"对", "错"}:
        words = {"对": ("对", "正确", "true", "T"), "错": ("错", "错误", "false", "F")}
        wanted = words[next(iter(key[stem]))]
        chosen = [letter for letter, text in options.items() if text in wanted or letter in wanted]
    if not chosen:
        raise Broken(f"答案不在选项里：{stem}")
    if right:
        return chosen
    wrong = [letter for letter in options if [letter] != chosen]
    return wrong[:1]


class Player:
    """One session of one lesson on one phone, with its chain of beats."""

    def __init__(self, phone: Phone, lesson: Lesson, session: str, prev: str, next_seq: int) -> None:
        self.phone = phone
        self.lesson = lesson
        self.session = session
        self.prev = prev
        self.next_seq = next_seq
        self.position = 0
        self.check: Json | None = None
        self.closed: str | None = None
        self.moved = False
        self.pending: list[Json] = []
        self.last_batch: list[Json] = []
        self.arrived = phone.calendar.now

    def beat(self, position: int) -> None:
        """Keep one beat for the next batch. Its hash is what the beat after it carries as `prev`."""
        self.pending.append({"seq": self.next_seq, "position_ms": position, "prev": self.prev})
        text = '{"position_ms":%d,"prev":"%s","seq":%d,"session":"%s"}'
        self.prev = hashlib.sha256((text % (position, self.prev, self.next_seq, self.session)).encode()).hexdigest()
        self.next_seq += 1
        self.position = position

    def play(self, milliseconds: int, *, speed: float = 1.0) -> Steps[None]:
        """Let the video run, a beat every ten seconds of real time and one where it stops."""
        start = self.position
        yield from self.phone.wait(milliseconds)
        for elapsed in [*range(BEAT, milliseconds, BEAT), milliseconds]:
            self.beat(min(start + int(elapsed * speed), self.lesson.media))

    def post(self) -> Steps[Answer]:
        """Send what is pending; follow the answer (a check, a new session after midnight, where to resume)."""
        phone, batch = self.phone, self.pending
        self.pending = []
        answer = yield from phone.try_call("POST", f"/sessions/{self.session}/beats", {"beats": batch})
        if answer.status == 409 and answer.code == "SESSION_CLOSED":
            # Refused whole: the chain stands where it stood before this batch.
            self.next_seq, self.prev = int(batch[0]["seq"]), str(batch[0]["prev"])
            self.closed = answer.code
            return answer
        if not answer.ok:
            raise Broken(f"beats：{answer.describe()}")
        self.last_batch = batch
        self._take(answer.json(), tuple(int(beat["position_ms"]) for beat in batch))
        return answer

    def _take(self, said: Json, positions: tuple[int, ...]) -> None:
        learner, now = self.phone.learner, self.phone.calendar.now
        check = said["presence_check"]
        issued = check is not None and check["check_id"] != learner.open_check
        learner.log.append(Played(now, self.session, positions, issued))
        learner.open_check = check["check_id"] if check else None
        self.check = check
        self.arrived = now
        moved = said["moved_to"]
        if not moved and self.prev not in said["receipt"]["payload"]:
            learner.oddities.append(f"回执里没有本机心跳链的末端：{said['receipt']['payload']}")
        self.moved = moved is not None
        if moved:
            learner.log.append(Moved(now, self.session, str(moved["session_id"])))
            self.session, self.prev = str(moved["session_id"]), str(moved["prev"])
            self.next_seq = int(moved["next_seq"])
        if said["closed"] and not moved:
            self.closed = str(said["closed"]["reason"])

    def resume_from(self, answer: Answer) -> None:
        """Go back where the server says counting stands, if it says so."""
        said = answer.json()
        if said.get("resume_at_ms") is not None:
            self.beat(int(said["resume_at_ms"]))

    def confirm(self) -> Steps[Answer]:
        """Tap "I am here" (or answer the small question)."""
        if self.check is None:
            raise Broken("there is no presence check to answer")
        path = f"/sessions/{self.session}/presence-checks/{self.check['check_id']}"
        answer = yield from self.phone.try_call("POST", path, {"answer": small_answer(self.check.get("question"))})
        if not answer.ok:
            raise Broken(f"presence check：{answer.describe()}")
        self.phone.learner.log.append(Answered(self.phone.calendar.now))
        self.phone.learner.open_check = None
        self.check = None
        return answer

    def close(self) -> Steps[Json]:
        batch = self.pending
        self.pending = []
        said = yield from self.phone.call("POST", f"/sessions/{self.session}/close", {"beats": batch})
        positions = tuple(int(beat["position_ms"]) for beat in batch)
        self.phone.learner.log.append(Closed(self.phone.calendar.now, self.session, positions))
        self.closed = str(said["closed_reason"])
        return said

    def appeal(self, reason: str) -> Steps[Json]:
        """One tap on the time that did not count; a reviewer answers it."""
        return (
            yield from self.phone.call("POST", f"/sessions/{self.session}/appeals", {"seq": None, "reason": reason})
        )

    def at_end(self, target: int) -> bool:
        return self.position >= target


def small_answer(question: Json | str | None) -> str | None:
    """What a present person answers: nothing to a plain tap, the sum to a small sum."""
    if question is None:
        return None
    text = question if isinstance(question, str) else str(question.get("text", ""))
    numbers: Sequence[int] = [int(part) for part in _digits(text)]
    return str(sum(numbers)) if numbers else text


def _digits(text: str) -> list[str]:
    return "".join(char if char.isdigit() else " " for char in text).split()
