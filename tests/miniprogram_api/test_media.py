"""Lessons' media: given out under a ticket that ends, in ranges."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from backend.courses.services import Owner
from config.clock import real_now
from tests.cast.courses import INSTITUTION, a_course, a_video
from tests.miniprogram_api.conftest import API, Phone, School, assert_problem


def test_a_lesson_plays_without_a_token_by_its_ticket(phone: Phone) -> None:
    course = a_course(lesson_seconds=(3,))
    (lesson,) = phone.get(f"/courses/{course.public_id}").json["lessons"]
    assert (lesson["kind"], lesson["media_ms"], lesson["captions_url"]) == ("video", 3000, None)
    whole = phone.client.get(lesson["media_url"])
    assert whole.status_code == 200
    assert whole.mimetype == "video/mp4"
    assert whole.data == a_video(3).read_bytes()
    part = phone.client.get(lesson["media_url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    kept = phone.client.get(lesson["media_url"], headers={"If-None-Match": whole.headers["ETag"]})
    assert kept.status_code == 304


def test_a_ticket_ends_and_opens_one_file_only(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    course = a_course(lesson_seconds=(3, 4))
    first, second = (lesson["media_url"] for lesson in phone.get(f"/courses/{course.public_id}").json["lessons"])
    path, query = first.split("?")
    other_path = second.split("?")[0]
    longer = re.sub(r"expires=\d+", "expires=99999999999", query)
    tickets = ("", "?expires=1", "?expires=x&ticket=y", "?expires=99999999999&ticket=王", f"?{longer}")
    for wrong in (*(path + ticket for ticket in tickets), f"{other_path}?{query}"):
        assert_problem(phone.client.get(wrong), 401, "MEDIA_TICKET_INVALID")
    later = real_now() + timedelta(hours=12, seconds=1)
    monkeypatch.setattr("config.clock.real_now", lambda: later)
    assert_problem(phone.client.get(first), 401, "MEDIA_TICKET_INVALID")


def test_no_path_leads_out_of_the_media(client: FlaskClient) -> None:
    for name in ("../" * 20 + "etc", "%2e%2e%2f" * 7, "a" * 63, "a" * 65, "A" * 64, "g" * 64):
        answer = client.get(f"{API}/media/{name}?expires=1&ticket=x")
        assert answer.status_code in (401, 404)


def test_courses_of_an_enterprise_are_for_its_own_workers(school: School) -> None:
    public = a_course(title="公开课", owner=INSTITUTION)
    secret = a_course(title="别家的课", owner=Owner("enterprise", "别家企业", uuid.uuid4()))
    listed = [item["course_id"] for item in school.worker.get("/courses").json["items"]]
    assert str(public.public_id) in listed
    assert str(secret.public_id) not in listed
    assert_problem(school.worker.get(f"/courses/{secret.public_id}"), 404, "COURSE_NOT_FOUND")
    lesson = {"lesson_id": str(secret.lessons[0].public_id), "device_id": "phone-1"}
    assert_problem(school.worker.post("/sessions", lesson), 404, "LESSON_NOT_FOUND")
    assert_problem(school.worker.post("/quizzes", {"course_id": str(secret.public_id)}), 404, "COURSE_NOT_FOUND")
