"""What the gateway does when WeChat behaves."""

import pytest
from flask import Flask

from config.errors import Invalid, NotAllowed
from miniprogram_api.wechat import WechatGateway
from simulators.wechat import WechatSimulator
from simulators.wechat_answers import RISKY_WORD
from tests.wechat.conftest import SECRET


def test_a_login_code_gives_the_openid_once(gateway: WechatGateway) -> None:
    assert gateway.openid_of_code("code-oWangXiaoming-1") == "oWangXiaoming"
    with pytest.raises(Invalid) as refusal:
        gateway.openid_of_code("code-oWangXiaoming-1")
    assert refusal.value.code == "LOGIN_CODE_INVALID"
    assert gateway.openid_of_code("code-oWangXiaoming-2") == "oWangXiaoming"


def test_a_code_that_wechat_never_gave_is_refused(gateway: WechatGateway) -> None:
    for code in ("", "code-", "nonsense", "phone-13812345678"):
        with pytest.raises(Invalid) as refusal:
            gateway.openid_of_code(code)
        assert refusal.value.code == "LOGIN_CODE_INVALID"


def test_signing_in_needs_no_access_token(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    gateway.openid_of_code("code-o1")
    assert wechat.paths() == ["/sns/jscode2session"]
    assert wechat.calls[0].query.keys() == {"appid", "secret", "js_code", "grant_type"}


def test_the_phone_number_comes_once(gateway: WechatGateway) -> None:
    assert gateway.phone_number_of_code("phone-13812345678-a") == "13812345678"
    with pytest.raises(Invalid) as refusal:
        gateway.phone_number_of_code("phone-13812345678-a")
    assert refusal.value.code == "PHONE_CODE_INVALID"


def test_a_class_code_is_a_picture(gateway: WechatGateway) -> None:
    assert gateway.class_code_picture(scene="WX20200302", page="pages/join").startswith(b"\x89PNG")


def test_a_subscribed_message_arrives(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    gateway.send_subscribe_message(openid="o1", template_id="class-ends", data={"thing1": "安全生产知识", "number2": 3})
    assert wechat.sent == [
        {
            "touser": "o1",
            "template_id": "class-ends",
            "page": "",
            "data": {"thing1": {"value": "安全生产知识"}, "number2": {"value": "3"}},
        }
    ]


def test_a_message_nobody_subscribed_to_is_not_tried_again(gateway: WechatGateway, wechat: WechatSimulator) -> None:
    wechat.fail("not_subscribed")
    with pytest.raises(NotAllowed) as refusal:
        gateway.send_subscribe_message(openid="o1", template_id="t", data={})
    assert refusal.value.code == "MESSAGE_NOT_SUBSCRIBED"


def test_risky_text_is_refused(gateway: WechatGateway) -> None:
    gateway.check_text(openid="o1", text="这一分钟我在看")
    with pytest.raises(Invalid) as refusal:
        gateway.check_text(openid="o1", text=f"看 {RISKY_WORD}")
    assert refusal.value.code == "CONTENT_REFUSED"


def test_the_secret_never_stands_in_an_address_save_where_wechat_demands_it(
    gateway: WechatGateway, wechat: WechatSimulator
) -> None:
    gateway.openid_of_code("code-o1")
    gateway.phone_number_of_code("phone-13812345678")
    with_secret = {call.path for call in wechat.calls if SECRET in call.query.values()}
    assert with_secret == {"/sns/jscode2session"}


def test_the_simulator_takes_a_port_no_outgoing_connection_takes(app: Flask, wechat: WechatSimulator) -> None:
    assert 1024 < wechat.port < 32_768
