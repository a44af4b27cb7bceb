"""Every route of the phone's door, walked by people who hold a worker's ids and have no business there."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from backend.courses.services import CourseView, Owner
from config.clock import FixedCalendar
from config.database import db
from tests.cast.courses import a_course
from tests.miniprogram_api.conftest import API, Phone, Playing, School

ENTERPRISE = "无锡惠山机械有限公司"


@pytest.fixture
def own_course(school: School) -> CourseView:
    """A course of the worker's enterprise, for its own people."""
    enterprise_id = UUID(str(db.session.scalar(text("SELECT public_id FROM enterprise"))))
    return a_course(title="本厂工艺", owner=Owner("enterprise", ENTERPRISE, enterprise_id))


@pytest.fixture
def playing(school: School, clock: FixedCalendar) -> Playing:
    """The worker's open session with ten counted seconds."""
    playing = school.play()
    clock.advance(10)
    assert playing.post(10_000).status_code == 200
    return playing


def bodies(school: School, playing: Playing, course: CourseView) -> dict[tuple[str, str], Any]:
    """What the outsider sends to each route: the worker's ids wherever an id fits."""
    in_class = {"class_id": str(school.class_id), "device_id": "d"}
    identity = {"name": "王小明", "id_number": school.id_number}
    lesson_id = str(course.lessons[0].public_id)
    entry = {"key": "entry-0001", "trained_on": "2020-03-09", "minutes": 60, "content": "law", "words": "学习安全操作"}
    return {
        ("POST", "/login"): {"code": "code-oWangXiaoming-phone-1", "device_id": "d"},  # the worker's code, used already
        ("GET", "/me"): None,
        ("PUT", "/me/consent"): {"version": "2020-03"},
        ("PUT", "/me/identity"): identity,
        ("PUT", "/me/phone"): {"code": "nonsense"},
        ("POST", "/me/move-code"): {},
        ("POST", "/me/move"): {"id_number": school.id_number, "code": "ABCDEFGH", "device_id": "d"},
        ("POST", "/me/desk-code"): identity,
        ("POST", "/classes/join"): {"class_code": school.class_code},
        ("GET", "/classes"): None,
        ("GET", "/courses"): None,
        ("GET", "/courses/<uuid:course_id>"): None,
        ("GET", "/media/<string(length=64):sha256>"): None,
        ("POST", "/check-ins"): in_class,
        ("POST", "/sessions"): in_class | {"class_id": None, "lesson_id": lesson_id},
        ("GET", "/sessions/<uuid:session_id>"): None,
        ("POST", "/sessions/<uuid:session_id>/beats"): {"beats": playing.beats(20_000)},
        ("POST", "/sessions/<uuid:session_id>/presence-checks/<uuid:check_id>"): {"answer": "3"},
        ("POST", "/sessions/<uuid:session_id>/close"): {},
        ("POST", "/sessions/<uuid:session_id>/appeals"): {"reason": "我在看"},
        ("GET", "/sessions/<uuid:session_id>/evidence"): None,
        ("GET", "/evidence"): None,
        ("POST", "/quizzes"): {"course_id": str(course.public_id)},
        ("POST", "/quizzes/<uuid:attempt_id>/submit"): {"answers": []},
        ("GET", "/credit"): None,
        ("GET", "/credit/statement"): None,
        ("POST", "/credit/code"): {},
        ("GET", "/claims"): None,
        ("GET", "/messages"): None,
        ("POST", "/messages/read"): {"message_ids": [playing.session_id]},
        ("GET", "/messages/templates"): None,
        ("POST", "/messages/consents"): {"key": "tap-1", "answers": {"class-ends": "accept"}},
        ("GET", "/certificates"): None,
        ("GET", "/certificates/<uuid:certificate_id>/pdf"): None,
        ("GET", "/notices"): None,
        ("POST", "/objections"): {"line_id": playing.session_id, "text": "我没有参加。"},
        ("GET", "/disputes"): None,
        ("POST", "/disputes/not-taken-part"): {"class_id": str(school.class_id), "text": "我没有参加。"},
        ("POST", "/disputes/identity"): identity | {"text": "我的身份证号被别人登记了。", "contact": "0510-81234567"},
        ("POST", "/disputes/<uuid:dispute_id>/withdraw"): {},
        ("GET", "/new-hires"): None,
        ("POST", "/new-hires/<uuid:line_id>/self-study"): entry,
        ("POST", "/new-hires/<uuid:line_id>/mentor-log"): entry,
        ("POST", "/new-hires/<uuid:line_id>/photos"): {},
        ("POST", "/training-logs/<uuid:log_id>/answer"): {"confirmed": True},
        ("POST", "/training-logs/<uuid:log_id>/take-back"): {},
        ("POST", "/logout"): {},
    }


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule.removeprefix(API))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(API)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


@pytest.mark.parametrize("who", ["a worker of no enterprise", "somebody without an identity"])
def test_whoever_holds_the_workers_ids_reads_and_changes_nothing(
    app: Flask, client: FlaskClient, school: School, playing: Playing, own_course: CourseView, who: str
) -> None:
    """A new route must be put into the table, and so be walked here."""
    attempt = school.worker.post("/quizzes", {"class_id": str(school.class_id)}).json
    outsider = school.outsider
    if who == "somebody without an identity":
        outsider = Phone(client, "oNewcomer")
        assert outsider.put("/me/consent", {"version": "2020-03"}).status_code == 200
    table = bodies(school, playing, own_course)
    assert set(table) == routes(app)
    paths = {
        "<uuid:course_id>": str(own_course.public_id),
        "<uuid:session_id>": playing.session_id,
        "<uuid:check_id>": playing.session_id,
        "<uuid:attempt_id>": attempt["attempt_id"],
        "<uuid:certificate_id>": str(school.class_id),
        "<uuid:dispute_id>": str(school.class_id),
        "<uuid:line_id>": str(school.class_id),
        "<uuid:log_id>": str(school.class_id),
        "<string(length=64):sha256>": own_course.lessons[0].sha256 + "?expires=99999999999&ticket=" + "a" * 32,
    }
    secrets = {
        school.worker.get("/me").json["worker_id"],
        "王*明",
        school.id_number[-4:] + '"',
        ENTERPRISE,
        own_course.title,
        *(str(lesson.public_id) for lesson in own_course.lessons),
        str(school.class_id),
        *(question["stem"] for question in attempt["questions"]),
        "13812345678",
    }
    before = state(school, playing)
    for (method, rule), body in sorted(table.items(), key=lambda item: item[0] == ("POST", "/logout")):
        path = re.sub(r"<[^>]+>", lambda found: paths[found[0]], rule)
        headers = {"Authorization": f"Bearer {outsider.token}"}
        answer = client.open(API + path, method=method, json=body, headers=headers)
        assert answer.status_code < 500, (method, rule)
        told = {ENTERPRISE} if rule == "/classes/join" else set()  # who holds the class code may know whose class it is
        assert not [secret for secret in secrets - told if secret in answer.text], (method, rule, answer.text)
        if "<" in rule:
            assert answer.status_code in (401, 404), (method, rule, answer.text)
    assert state(school, playing) == before
    assert school.worker.post("/quizzes", {"class_id": str(school.class_id)}).json == attempt, (
        "still open, still theirs"
    )


def state(school: School, playing: Playing) -> list[Any]:
    """What the worker sees of their own."""
    worker = school.worker
    seen = [worker.get(path) for path in ("/me", "/classes", "/credit", "/claims", f"/sessions/{playing.session_id}")]
    assert [answer.status_code for answer in seen] == [200] * 5
    return [answer.json for answer in seen]


def test_a_worker_of_the_enterprise_sees_its_course(school: School, own_course: CourseView) -> None:
    titles = {item["title"] for item in school.worker.get("/courses").json["items"]}
    assert own_course.title in titles
    assert school.worker.get(f"/courses/{own_course.public_id}").status_code == 200


@pytest.mark.parametrize("in_class", [True, False])
def test_nothing_of_an_open_attempt_tells_an_answer(school: School, in_class: bool) -> None:
    """Not in the attempt, not in the same attempt asked for again, not in the course: only once it is closed."""
    subject = {"class_id": str(school.class_id)} if in_class else {"course_id": str(school.course.public_id)}
    opened = school.worker.post("/quizzes", subject)
    seen = [opened, school.worker.post("/quizzes", subject), school.worker.get(f"/courses/{school.course.public_id}")]
    for answer in seen:
        assert answer.status_code in (200, 201)
        assert not [word for word in ("right", "explanation", "answer", "只有乙对", "本来如此") if word in answer.text]
    closed = school.worker.post(f"/quizzes/{opened.json['attempt_id']}/submit", {"answers": []})
    assert all(correction["right_keys"] for correction in closed.json["corrections"])
