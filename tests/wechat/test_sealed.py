"""Pushed events in both formats, and sealed user data, whole and tampered with."""

from __future__ import annotations

import base64
import json
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto

from config.errors import Invalid
from miniprogram_api.wechat_sealed import PushSeal, open_user_data
from simulators.wechat import APP_ID

TOKEN = "push-token"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
SEAL = PushSeal(app_id=APP_ID, token=TOKEN, aes_key=AES_KEY)


def sealed(event: str, *, app_id: str = APP_ID) -> tuple[bytes, dict[str, str]]:
    """An envelope as WeChat pushes it, and what stands in its address."""
    envelope = WeChatCrypto(TOKEN, AES_KEY, app_id).encrypt_message(event, "nonce", "1583110800")
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]")[0]
    return envelope.encode(), {"signature": signature, "timestamp": "1583110800", "nonce": "nonce"}


@pytest.mark.parametrize(
    "event",
    [
        "<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_sent_event]]></Event></xml>",
        '{"MsgType": "event", "Event": "subscribe_msg_sent_event"}',
    ],
)
def test_both_formats_are_read(event: str) -> None:
    body, address = sealed(event)
    assert SEAL.open(body, **address) == {"MsgType": "event", "Event": "subscribe_msg_sent_event"}


def test_a_json_envelope_is_read() -> None:
    body, address = sealed('{"Event": "x"}')
    encrypted = body.decode().split("<Encrypt><![CDATA[")[1].split("]")[0]
    envelope = json.dumps({"ToUserName": "gh", "Encrypt": encrypted}).encode()
    assert SEAL.open(envelope, **address) == {"Event": "x"}


def test_what_is_not_sealed_for_us_is_refused() -> None:
    body, address = sealed('{"Event": "x"}')
    foreign, foreign_address = sealed('{"Event": "x"}', app_id="wx9999999999999999")
    broken, broken_address = sealed("neither")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
    for raw, where in (
        (body, address | {"signature": "0" * 40}),
        (body, address | {"nonce": "other"}),
        (foreign, foreign_address),
        (broken, broken_address),
        (b"", address),
        (b"{}", address),
        (b"<xml>", address),
        (b"\xff", address),
        (b"[1]", address),
        (bomb, address),
    ):
        with pytest.raises(Invalid) as refusal:
            SEAL.open(raw, **where)
        assert refusal.value.code == "WECHAT_PUSH_INVALID"


def encrypted(data: bytes, key: bytes, iv: bytes) -> str:
    padding = 32 - len(data) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return base64.b64encode(cipher.update(data + bytes([padding]) * padding) + cipher.finalize()).decode()


def test_user_data_is_read_and_tampering_noticed() -> None:
    key, iv = os.urandom(16), os.urandom(16)
    good = {"purePhoneNumber": "13812345678", "watermark": {"appid": APP_ID}}
    known = {"app_id": APP_ID, "session_key": base64.b64encode(key).decode(), "iv": base64.b64encode(iv).decode()}
    data = encrypted(json.dumps(good).encode(), key, iv)
    assert open_user_data(data=data, **known) == good
    foreign = encrypted(json.dumps(good | {"watermark": {"appid": "wx9"}}).encode(), key, iv)
    unmarked = encrypted(b'{"purePhoneNumber": "1"}', key, iv)
    tampered = base64.b64encode(bytes(b ^ 1 for b in base64.b64decode(data))).decode()
    for wrong in (
        tampered,
        foreign,
        unmarked,
        "",
        "x",
        data[:-8],
        encrypted(b"[]", key, iv),
        encrypted(b"\xff", key, iv),
    ):
        with pytest.raises(Invalid) as refusal:
            open_user_data(data=wrong, **known)
        assert refusal.value.code == "WECHAT_DATA_INVALID"
    with pytest.raises(Invalid):
        open_user_data(data=data, **(known | {"session_key": "short"}))
