"""What WeChat sends sealed: pushed events (XML or JSON inside the envelope) and user data encrypted with a session key."""

import binascii
import json
from collections.abc import Mapping
from typing import Any

from defusedxml import ElementTree
from wechatpy.crypto import WeChatCrypto, WeChatWxaCrypto
from wechatpy.exceptions import WeChatException

from config.errors import Invalid

_FAULTS = (WeChatException, ValueError, KeyError, TypeError, IndexError, AssertionError, binascii.Error, OverflowError)


class PushSeal:
    """Opens pushed events. `token` and `aes_key` (43 characters) are those set in the mini-program's push settings."""

    def __init__(self, *, app_id: str, token: str, aes_key: str) -> None:
        self._crypto = WeChatCrypto(token, aes_key, app_id)

    def open(self, body: bytes, *, signature: str, timestamp: str, nonce: str) -> Mapping[str, Any]:
        """The event inside an envelope; which of the two formats it has, its first character says.

        Raises Invalid WECHAT_PUSH_INVALID for anything not sealed for us.
        """
        try:
            envelope = _fields(body.decode())
            opened = self._crypto.decrypt_message(dict(envelope), signature, timestamp, nonce)
            return _fields(opened)
        except (*_FAULTS, ElementTree.ParseError) as error:
            raise Invalid("WECHAT_PUSH_INVALID", "推送消息无法验证。") from error


def open_user_data(*, app_id: str, session_key: str, data: str, iv: str) -> Mapping[str, Any]:
    """User data encrypted by the phone with its session key. Raises Invalid WECHAT_DATA_INVALID when tampered with."""
    try:
        opened: Mapping[str, Any] = WeChatWxaCrypto(session_key, iv, app_id).decrypt_message(data)
    except _FAULTS as error:
        raise Invalid("WECHAT_DATA_INVALID", "微信数据无法验证，请重新授权。") from error
    return opened


def _fields(text: str) -> Mapping[str, Any]:
    if text.lstrip().startswith("{"):
        parsed: dict[str, Any] = json.loads(text)
        return parsed
    return {child.tag: child.text or "" for child in ElementTree.fromstring(text)}
