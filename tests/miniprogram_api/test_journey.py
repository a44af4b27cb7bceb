"""A worker's whole way on the phone, over HTTP."""

from config.clock import FixedCalendar
from simulators.wechat import WechatSimulator
from tests.miniprogram_api.conftest import Phone, School, assert_problem


def test_sign_in_consent_identity_and_phone(school: School, wechat: WechatSimulator) -> None:
    me = school.worker.get("/me").json
    assert me["masked_name"] == "王*明"
    assert me["consented"]
    assert me["identified"]
    assert len(me["worker_id"]) == 36
    answer = school.worker.put("/me/phone", {"code": "phone-13812345678"})
    assert answer.json["masked_phone"] == "138****5678"
    assert_problem(school.worker.put("/me/phone", {"code": "phone-13812345678"}), 422, "PHONE_CODE_INVALID")


def test_a_class_as_its_worker_sees_it(school: School) -> None:
    (item,) = school.worker.get("/classes").json["items"]
    assert item["class_id"] == str(school.class_id)
    assert item["filed"] is True
    assert item["courses"] == [{"course_id": str(school.course.public_id), "title": school.course.title}]
    assert (item["starts_on"], item["ends_on"]) == ("2020-03-09", "2020-06-30")
    assert school.outsider.get("/classes").json == {"items": []}


def test_studying_for_a_minute(school: School, clock: FixedCalendar) -> None:
    check_in = school.worker.post("/check-ins", {"class_id": str(school.class_id), "device_id": "phone-1"})
    assert check_in.status_code == 201
    assert check_in.json["local_date"] == "2020-03-09"
    again = school.worker.post(
        "/check-ins", {"class_id": str(school.class_id), "device_id": "phone-1", "method": "tap"}
    )
    assert again.json == check_in.json
    playing = school.play()
    for start in range(0, 60_000, 20_000):
        clock.advance(20)
        answer = playing.post(start + 10_000, start + 20_000)
        assert answer.status_code == 200, answer.text
    assert answer.json["counted_seconds"] == 60
    assert answer.json["uncounted"] == []
    assert answer.json["receipt"]["signature"]
    assert answer.json["closed"] is None
    clock.advance(10)
    closed = school.worker.post(f"/sessions/{playing.session_id}/close", {"beats": playing.beats(70_000)})
    assert closed.status_code == 200, closed.text
    assert (closed.json["counted_seconds"], closed.json["claimable_seconds"]) == (70, 70)
    credit = school.worker.get("/credit").json
    assert credit == {
        "claimable_seconds": 70,
        "held_seconds": 0,
        "settled_seconds": 0,
        "learned_seconds": 70,
        "class_hours": 0,
        "credits": 0,
    }
    lines = school.worker.get("/credit/statement").json
    assert sorted((line["to_kind"], line["amount_seconds"]) for line in lines["items"]) == [
        ("claimable", 70),
        ("learned", 70),
    ]
    assert lines["next_cursor"] is None
    course = school.worker.get(f"/courses/{school.course.public_id}").json
    assert course["lessons"][0]["progress"]["covered_ms"] == 70_000
    explained = school.worker.get(f"/sessions/{playing.session_id}").json
    assert explained["counted_seconds"] == 70
    assert explained["closed"]["reason"] == closed.json["closed_reason"]


def test_studying_alone_earns_nothing_to_claim(school: School, clock: FixedCalendar) -> None:
    playing = school.play(in_class=False)
    clock.advance(20)
    assert playing.post(10_000, 20_000).json["counted_seconds"] == 20
    closed = school.worker.post(f"/sessions/{playing.session_id}/close").json
    assert (closed["learned_seconds"], closed["claimable_seconds"]) == (20, 0)


def test_a_jump_is_explained_and_can_be_appealed(school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    clock.advance(600)
    answer = playing.post(10_000).json
    assert answer["counted_seconds"] <= 10
    assert all(reason["sentence"] and reason["next_step"] for reason in answer["uncounted"])
    clock.advance(10)
    school.worker.post(f"/sessions/{playing.session_id}/close")
    spans = school.worker.get(f"/sessions/{playing.session_id}").json["uncounted"]
    assert spans
    assert all(span["sentence"] and span["next_step"] and span["appeal_by"] for span in spans)
    appeal = school.worker.post(f"/sessions/{playing.session_id}/appeals", {"reason": "当时手机没有信号"})
    assert appeal.status_code == 201, appeal.text
    assert appeal.json["answer_due_on"] == "2020-03-12"
    again = school.worker.post(f"/sessions/{playing.session_id}/appeals", {"reason": "当时手机没有信号"})
    assert_problem(again, 409, "APPEAL_ALREADY_FILED")


def test_a_presence_check_is_answered(school: School, clock: FixedCalendar) -> None:
    playing = school.play()
    position, check = 0, None
    while check is None and position < 1_000_000:
        clock.advance(50)
        answer = playing.post(*range(position + 10_000, position + 60_000, 10_000)).json
        position += 50_000
        check = answer["presence_check"]
    assert check is not None, "a check falls due within fifteen minutes"
    confirmed = school.worker.post(
        f"/sessions/{playing.session_id}/presence-checks/{check['check_id']}", {"answer": None}
    )
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json["confirmed"] is True


def test_the_quiz_tells_no_answer_before_it_is_closed(school: School, clock: FixedCalendar) -> None:
    opened = school.worker.post("/quizzes", {"class_id": str(school.class_id)})
    assert opened.status_code == 201, opened.text
    for question in opened.json["questions"]:
        assert question.keys() == {"question_id", "kind", "stem", "options"}
        assert all(option.keys() == {"key", "text"} for option in question["options"])
    right = [
        {
            "question_id": question["question_id"],
            "keys": [option["key"] for option in question["options"] if option["text"].startswith("正确")],
        }
        for question in opened.json["questions"]
    ]
    clock.advance(300)
    path = f"/quizzes/{opened.json['attempt_id']}/submit"
    finished = school.worker.post(path, {"answers": right})
    assert finished.status_code == 200, finished.text
    assert finished.json["passed"] is True
    assert finished.json["counted_seconds"] == 300
    assert finished.json["corrections"][0]["right_keys"]
    assert school.worker.post(path, {"answers": right}).json == finished.json
    assert_problem(school.worker.post(path, {"answers": right[1:]}), 409, "QUIZ_ALREADY_SUBMITTED")
    assert_problem(school.outsider.post(path, {"answers": right}), 404, "QUIZ_NOT_FOUND")


def test_a_new_phone_takes_the_account_along(school: School) -> None:
    new = Phone(school.worker.client, "oNewAccount", "phone-2")
    new.put("/me/consent", {"version": "2020-03"})
    me = school.worker.get("/me").json
    identity = {"name": "王小明", "id_number": school.id_number}
    taken = assert_problem(new.put("/me/identity", identity), 409, "IDENTITY_TAKEN")
    assert [error["way"] for error in taken["errors"]] == ["old_phone", "desk"]
    code = school.worker.post("/me/move-code")
    assert code.status_code == 201
    moved = new.post("/me/move", {"id_number": school.id_number, "code": code.json["code"], "device_id": "phone-2"})
    assert moved.status_code == 200, moved.text
    assert moved.json["worker"]["worker_id"] == me["worker_id"]
    assert_problem(new.get("/me"), 401, "UNAUTHENTICATED")
    new.token = moved.json["token"]
    assert [item["class_id"] for item in new.get("/classes").json["items"]] == [str(school.class_id)]


def test_a_lost_phone_gets_a_code_for_the_desk(school: School) -> None:
    new = Phone(school.worker.client, "oNewAccount", "phone-2")
    new.put("/me/consent", {"version": "2020-03"})
    code = new.post("/me/desk-code", {"name": "王小明", "id_number": school.id_number})
    assert code.status_code == 201, code.text
    assert len(code.json["code"]) == 8


def test_the_center_code_and_claims_in_my_name(school: School) -> None:
    code = school.worker.post("/credit/code")
    assert code.status_code == 201
    assert code.json["code"]
    assert school.worker.get("/claims").json == {"items": []}
