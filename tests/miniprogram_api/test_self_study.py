"""The training of new hires on the phone: the trainee writes and confirms, the mentor writes, everybody else finds nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from backend.new_hires import services as new_hires
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast import new_hires as cast
from tests.cast.enterprises import an_enterprise
from tests.cast.files import a_jpeg, a_pdf
from tests.cast.people import a_staff_member, an_id_number
from tests.cast.plans import Person
from tests.miniprogram_api.conftest import API, Phone, assert_problem


@dataclass
class Hire:
    """A paid new hire with a phone, and the phone of their mentor or of a colleague."""

    line_id: UUID
    trainee: Phone
    mentor: Phone


def a_hire(client: FlaskClient, clock: FixedCalendar, form: str) -> Hire:
    clock.set("2020-04-10T09:00:00+08:00")
    enterprise = an_enterprise()
    numbers = [an_id_number(11), an_id_number(13)]
    cast.hired(enterprise, [Person(0, "张师傅", numbers[0])], on=date(2019, 6, 1))
    cast.hired(enterprise, [Person(0, "李小红", numbers[1])])
    mentor_id, trainee_id = cast.entry_ids(enterprise)
    draft = cast.a_draft(enterprise, form=form, mentor_id=mentor_id)
    for line in draft.lines:
        if line.roster_entry_id != trainee_id:
            gone = partial(new_hires.remove_person, application_id=draft.application_id, line_id=line.line_id)
            transaction(gone)
    made = cast.approved(draft, a_staff_member("reviewer"), a_staff_member("second_reviewer"))
    (line,) = cast.paid(made)
    mentor, trainee = Phone(client, "oMentor"), Phone(client, "oTrainee")
    mentor.register("张师傅", numbers[0])
    trainee.register("李小红", numbers[1])
    return Hire(line.line_id, trainee, mentor)


def entry(**changes: Any) -> dict[str, Any]:
    said = {"key": "entry-0001", "trained_on": "2020-04-10", "minutes": 90, "content": "work_safety"}
    return said | {"words": "学习机床安全操作规程"} | changes


def test_self_study_with_a_photo(client: FlaskClient, clock: FixedCalendar) -> None:
    hire = a_hire(client, clock, "self_study")
    path = f"/new-hires/{hire.line_id}"
    sent = {"photo": (io.BytesIO(a_jpeg()), "学习.jpg")}
    headers = {"Authorization": f"Bearer {hire.trainee.token}"}
    photo = client.post(f"{API}{path}/photos", data=sent, headers=headers)
    assert photo.status_code == 200, photo.text
    assert photo.json is not None
    body = entry(photo_id=photo.json["photo_id"])
    first, again = (hire.trainee.post(f"{path}/self-study", body) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.json == again.json
    (mine,) = hire.trainee.get("/new-hires").json["mine"]
    assert (mine["amount_fen"], mine["training"]["counted_seconds"]) == (30_000, 5_400)
    assert mine["training"]["logs"] == [first.json]
    assert mine["training_due_on"] == "2020-07-09"
    assert_problem(hire.mentor.post(f"{path}/self-study", entry()), 404, "NEW_HIRE_NOT_FOUND")
    back = hire.trainee.post(f"/training-logs/{first.json['log_id']}/take-back")
    assert back.json["answer"] == "withdrawn"


def test_a_mentor_writes_and_the_trainee_answers(client: FlaskClient, clock: FixedCalendar) -> None:
    hire = a_hire(client, clock, "mentor")
    (trainee,) = hire.mentor.get("/new-hires").json["trainees"]
    assert (trainee["trainee_name"], trainee["line_id"]) == ("李*红", str(hire.line_id))
    written = hire.mentor.post(f"/new-hires/{hire.line_id}/mentor-log", entry())
    assert (written.status_code, written.json["counts"]) == (200, False)
    path = f"/training-logs/{written.json['log_id']}/answer"
    assert_problem(hire.mentor.post(path, {"confirmed": True}), 404, "LOG_NOT_FOUND")
    assert_problem(hire.trainee.post(path, {"confirmed": False}), 422, "LOG_WORDS_INVALID")
    assert hire.trainee.post(path, {"confirmed": True}).json["counts"] is True
    assert_problem(hire.trainee.post(path, {"confirmed": False, "words": "没有这次"}), 409, "LOG_ANSWERED")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"trained_on": "2020-04-11"}, "LOG_DAY_INVALID"),
        ({"trained_on": "2020-04-01"}, "LOG_TOO_LATE"),
        ({"minutes": 361}, "LOG_MINUTES_INVALID"),
        ({"content": "cooking"}, "LOG_CONTENT_INVALID"),
    ],
)
def test_a_wrong_entry_says_what_to_do(
    client: FlaskClient, clock: FixedCalendar, change: dict[str, Any], code: str
) -> None:
    hire = a_hire(client, clock, "self_study")
    assert_problem(hire.trainee.post(f"/new-hires/{hire.line_id}/self-study", entry(**change)), 422, code)


def test_only_pictures_are_photos(client: FlaskClient, clock: FixedCalendar) -> None:
    hire = a_hire(client, clock, "self_study")
    path, headers = f"{API}/new-hires/{hire.line_id}/photos", {"Authorization": f"Bearer {hire.trainee.token}"}
    assert_problem(client.post(path, headers=headers), 422, "PHOTO_REQUIRED")
    named_so = {"photo": (io.BytesIO(a_pdf()), "学习.jpg")}
    assert_problem(client.post(path, data=named_so, headers=headers), 422, "FILE_TYPE")
    large = {"photo": (io.BytesIO(a_jpeg() + bytes(12 * 1024**2)), "学习.jpg")}
    assert client.post(path, data=large, headers=headers).status_code == 413
