"""The desk's messages go out through WeChat: once, later when WeChat fails, never when nobody subscribed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from backend.messages import rules
from backend.messages import services as messages
from backend.messages.models import OutboxMessage
from config.clock import FixedCalendar, real_now
from config.database import db, transaction
from config.errors import Conflict, Invalid
from miniprogram_api import send_due_messages
from simulators.wechat import WechatSimulator
from tests.cast.people import Person, a_person

SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody who consented to one message."""
    person = a_person(openid="oWang")
    consent(person)
    return person


def queue(person: Person, *, key: str = "class-ends:1", class_title: str = "数控加工提升班") -> messages.MessageView:
    data = {"thing1": class_title, "date2": "2020年3月31日", "thing3": "还差3课时"}
    return transaction(lambda: messages.queue(worker_id=person.worker_id, template="class-ends", data=data, key=key))


def consent(person: Person, key: str = "tap-1", answer: str = "accept") -> int:
    """The worker answers; how many messages are left."""
    answers = {"class-ends": answer}
    views = transaction(lambda: messages.answer_consents(worker_id=person.worker_id, answers=answers, key=key))
    return next(view.left for view in views if view.code == "class-ends")


def status_of(person: Person) -> list[str]:
    db.session.rollback()
    return [message.status for message in messages.messages_of(worker_id=person.worker_id)]


def make_due() -> None:
    past = real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(update(OutboxMessage).values(next_try_at=past)))


def test_a_message_arrives_once(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    queue(person)
    assert send_due_messages() == 1
    assert send_due_messages() == 0
    assert [(sent["touser"], sent["template_id"]) for sent in wechat.sent] == [("oWang", "class-ends")]
    assert wechat.sent[0]["data"]["thing1"] == {"value": "数控加工提升班"}
    assert wechat.sent[0]["page"] == "pages/class/index"
    assert status_of(person) == ["sent"]


def test_the_same_key_with_other_content_is_a_conflict(person: Person) -> None:
    queue(person)
    with pytest.raises(Conflict) as refusal:
        queue(person, class_title="另一个班")
    assert refusal.value.code == "MESSAGE_KEY_REUSED"


def test_an_outage_delays_a_message(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    wechat.fail("http_500", path=SEND)
    assert send_due_messages() == 0
    assert status_of(person) == ["queued"]
    assert send_due_messages() == 0, "it waits its turn"
    make_due()
    assert send_due_messages() == 1
    assert status_of(person) == ["sent"]


def test_a_message_nobody_subscribed_to_is_given_up(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    wechat.fail("not_subscribed", path=SEND)
    assert send_due_messages() == 0
    assert status_of(person) == ["given_up"]
    make_due()
    assert send_due_messages() == 0


def test_an_endless_outage_is_given_up_in_the_end(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    wechat.fail("busy", times=None, path=SEND)
    for _ in range(rules.ATTEMPTS):
        assert status_of(person) == ["queued"]
        make_due()
        send_due_messages()
    assert status_of(person) == ["given_up"]
    assert db.session.scalar(select(OutboxMessage.last_error)) == "WECHAT_BUSY"


def test_one_failing_message_stops_no_other(person: Person, wechat: WechatSimulator) -> None:
    for number in range(3):
        queue(person, key=f"class-ends:{number}")
        consent(person, f"tap-of-{number}")
    wechat.fail("http_500", path=SEND)
    assert send_due_messages() == 2


def test_a_message_taken_by_a_sender_that_died_is_not_sent_again(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    assert len(transaction(messages.take_due)) == 1
    assert send_due_messages() == 0, "another sender has it"
    make_due()
    assert send_due_messages() == 0, "it may have sent it"
    (kept,) = messages.messages_of(worker_id=person.worker_id)
    assert (kept.status, kept.delivery) == ("given_up", "here_only")


def test_a_message_wechat_took_without_an_answer_is_not_sent_again(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    wechat.fail("drop", path=SEND)
    assert send_due_messages() == 0
    make_due()
    assert send_due_messages() == 0
    assert status_of(person) == ["given_up"]


def test_who_has_no_wechat_account_any_more_gets_no_message(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    transaction(lambda: db.session.execute(text("DELETE FROM wechat_account")))
    assert send_due_messages() == 0
    assert status_of(person) == ["given_up"]
    assert wechat.sent == []


def test_a_message_waits_for_a_consent_and_stands_in_the_list_meanwhile(app: Flask, wechat: WechatSimulator) -> None:
    person = a_person(openid="oLi")
    queue(person)
    assert send_due_messages() == 0
    assert wechat.sent == []
    (waiting,) = messages.messages_of(worker_id=person.worker_id)
    assert waiting.delivery == "waits_for_consent"
    assert waiting.sentence == "“数控加工提升班”2020年3月31日结束，您还差3课时，请抓紧学完。"
    assert consent(person) == 1
    assert send_due_messages() == 1
    assert status_of(person) == ["sent"]


def test_one_consent_is_one_message(person: Person, wechat: WechatSimulator) -> None:
    for number in range(3):
        queue(person, key=f"class-ends:{number}")
    assert consent(person, "tap-1") == 1, "the same tap again"
    assert consent(person, "tap-2") == 2
    assert send_due_messages() == 2
    assert status_of(person) == ["queued", "sent", "sent"]
    assert consent(person, "tap-3") == 1
    assert send_due_messages() == 1
    assert len(wechat.sent) == 3


def test_those_without_consent_hold_up_nobody(person: Person, wechat: WechatSimulator) -> None:
    other = a_person("李小红", openid="oLi")
    for number in range(5):
        queue(other, key=f"class-ends:other:{number}")
    queue(person)
    assert send_due_messages(limit=2) == 1


def test_a_lasting_consent_carries_all_to_come_until_it_ends(person: Person, wechat: WechatSimulator) -> None:
    data = {"thing1": "学习时间申诉", "phrase2": "成立", "thing3": "补计10分钟"}

    def answer(number: int) -> None:
        key = f"appeal-answered:{number}"
        transaction(lambda: messages.queue(worker_id=person.worker_id, template="appeal-answered", data=data, key=key))

    def consent_to_appeals(answer: str) -> None:
        answers = {"appeal-answered": answer}
        transaction(lambda: messages.answer_consents(worker_id=person.worker_id, answers=answers, key=answer))

    consent_to_appeals("accept")
    for number in (1, 2):
        answer(number)
    assert send_due_messages() == 2
    consent_to_appeals("ban")
    answer(3)
    assert send_due_messages() == 0


def test_where_wechat_says_that_nothing_is_left_our_count_follows(person: Person, wechat: WechatSimulator) -> None:
    assert consent(person, "tap-2") == 2
    queue(person)
    wechat.fail("not_subscribed", path=SEND)
    assert send_due_messages() == 0
    assert consent(person, "tap-3", "reject") == 0


def test_what_comes_too_late_is_not_sent(person: Person, wechat: WechatSimulator, clock: FixedCalendar) -> None:
    data = {"thing1": "数控加工提升班", "date2": "2020年3月31日", "thing3": "还差3课时"}
    until = clock() + timedelta(days=1)
    transaction(
        lambda: messages.queue(
            worker_id=person.worker_id, template="class-ends", data=data, key="class-ends:9", useful_until=until
        )
    )
    clock.advance(86_400)
    assert send_due_messages() == 0
    assert status_of(person) == ["given_up"]


def test_data_wechat_would_refuse_is_not_queued(person: Person) -> None:
    for title in ("", "二十一个字的班级名称二十一个字的班级名称啊", "两\n行"):
        with pytest.raises(Invalid) as refusal:
            queue(person, class_title=title)
        assert refusal.value.code == "MESSAGE_DATA_INVALID"
    assert len(messages.thing("二十一个字的班级名称二十一个字的班级名称啊")) == 20


def test_the_database_lets_no_message_go_out_twice_or_without_consent(person: Person) -> None:
    def sent(identity: int) -> None:
        statement = text("UPDATE outbox_message SET status = 'sent', sent_at = queued_at WHERE id = :id")
        transaction(lambda: db.session.execute(statement, {"id": identity}))

    queue(person)
    message_id = db.session.scalars(select(OutboxMessage.id)).one()
    with pytest.raises(DBAPIError):
        sent(message_id)
    transaction(messages.take_due)
    sent(message_id)
    for statement in (
        "UPDATE outbox_message SET status = 'queued', sent_at = NULL",
        "DELETE FROM consent_use",
        "UPDATE message_consent SET lasting = TRUE",
    ):
        with pytest.raises(DBAPIError):
            transaction(lambda statement=statement: db.session.execute(text(statement)))  # type: ignore[misc]
    queue(person, key="class-ends:2")
    with pytest.raises(DBAPIError):  # the only consent again
        transaction(
            lambda: db.session.execute(
                text(
                    "INSERT INTO consent_use (consent_id, message_id, used_at) "
                    "SELECT u.consent_id, m.id, u.used_at FROM consent_use u, outbox_message m WHERE m.key = 'class-ends:2'"
                )
            )
        )


def test_a_phone_reads_its_own_messages_and_gives_consents(
    client: FlaskClient, person: Person, wechat: WechatSimulator
) -> None:
    api = "/api/v1/phone"
    queue(person)
    other = a_person("李小红", openid="oLi")
    queue(other, key="class-ends:other")
    answer = client.get(f"{api}/messages", headers=person.headers)
    assert answer.json is not None
    (shown,) = answer.json["items"]
    assert answer.json["unread"] == 1
    read = {"message_ids": [shown["message_id"], str(messages.messages_of(worker_id=other.worker_id)[0].message_id)]}
    assert client.post(f"{api}/messages/read", json=read, headers=person.headers).status_code == 204
    db.session.rollback()
    assert messages.unread_count(worker_id=person.worker_id) == 0
    assert messages.unread_count(worker_id=other.worker_id) == 1
    tap = {"key": "tap-9", "answers": {"class-ends": "accept", "quiz-open": "reject"}}
    given = client.post(f"{api}/messages/consents", json=tap, headers=person.headers)
    assert given.json is not None
    assert {item["code"]: item["left"] for item in given.json["items"] if item["left"]} == {"class-ends": 2}
    assert client.get(f"{api}/messages/templates", headers=person.headers).json == given.json
    unknown = client.post(
        f"{api}/messages/consents", json={"key": "k", "answers": {"x": "accept"}}, headers=person.headers
    )
    assert unknown.status_code == 422
