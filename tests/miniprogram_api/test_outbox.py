"""The desk's messages go out through WeChat: once, later when WeChat fails, never when nobody subscribed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from backend.messages import rules
from backend.messages import services as messages
from backend.messages.models import OutboxMessage
from config.clock import real_now
from config.database import db, transaction
from config.errors import Conflict
from miniprogram_api import send_due_messages
from simulators.wechat import WechatSimulator
from tests.cast.people import Person, a_person

SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def person(app: Flask) -> Person:
    return a_person(openid="oWang")


def queue(person: Person, *, key: str = "class-ends:1", class_title: str = "数控加工提升班") -> messages.MessageView:
    return transaction(
        lambda: messages.queue(worker_id=person.worker_id, template="class-ends", data={"thing1": class_title}, key=key)
    )


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
    assert wechat.sent[0]["data"] == {"thing1": {"value": "数控加工提升班"}}
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
    wechat.fail("http_500", path=SEND)
    assert send_due_messages() == 2


def test_a_message_taken_by_a_sender_that_died_is_taken_again(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    assert len(transaction(messages.take_due)) == 1
    assert send_due_messages() == 0, "another sender has it"
    make_due()
    assert send_due_messages() == 1


def test_who_has_no_wechat_account_any_more_gets_no_message(person: Person, wechat: WechatSimulator) -> None:
    queue(person)
    transaction(lambda: db.session.execute(text("DELETE FROM wechat_account")))
    assert send_due_messages() == 0
    assert status_of(person) == ["given_up"]
    assert wechat.sent == []
