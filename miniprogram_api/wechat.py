"""The gateway to WeChat: the only place that talks to it, through wechatpy, and the only one that knows its error codes.

Every call has a timeout, nothing of WeChat's texts or addresses (they carry secrets) goes on, and what went wrong becomes an
error of ours. Never call it inside a database transaction: it waits for the network.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import structlog
from urllib3.exceptions import ProtocolError
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from config.errors import DomainError, Invalid, NotAllowed, Unavailable
from miniprogram_api.wechat_tokens import SharedTokens

TIMEOUT_SECONDS = 5.0
TOKEN_REFUSED = {40001, 40014, 42001}
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}
_log = structlog.get_logger("wechat")
logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)  # its debug lines carry whole addresses
T = TypeVar("T")

_UNAVAILABLE = ("WECHAT_UNAVAILABLE", "微信服务暂时没有响应，请稍后再试。")
_BUSY = ("WECHAT_BUSY", "微信服务繁忙，请一分钟后再试。")
_CODE_USED = ("LOGIN_CODE_INVALID", "微信登录凭证已失效，请重新打开小程序再登录。")
_ERRORS: dict[int, tuple[type[DomainError], str, str]] = {
    -1: (Unavailable, *_BUSY),
    45009: (Unavailable, *_BUSY),
    45011: (Unavailable, *_BUSY),
    40029: (Invalid, *_CODE_USED),
    40163: (Invalid, *_CODE_USED),
    40226: (
        NotAllowed,
        "WECHAT_ACCOUNT_BLOCKED",
        "微信认为这个账号有风险，暂时不能登录，请在微信里完成安全验证后再试。",
    ),
    43101: (NotAllowed, "MESSAGE_NOT_SUBSCRIBED", "劳动者没有订阅这类提醒。"),
    87014: (Invalid, "CONTENT_REFUSED", "内容含有不允许发布的文字，请修改后再提交。"),
}


@dataclass(frozen=True)
class WechatSettings:
    """What the gateway is told: the mini-program's id and secret, and WeChat's address (or the simulator's)."""

    app_id: str
    app_secret: str
    base_url: str
    timeout_seconds: float = TIMEOUT_SECONDS


class _Client(WeChatClient):
    """wechatpy's client with its token fetch, its retry and its addresses put right."""

    def __init__(self, settings: WechatSettings, tokens: SharedTokens) -> None:
        # auto_retry would call itself for as long as WeChat answers 40001
        super().__init__(
            settings.app_id, settings.app_secret, session=tokens, timeout=settings.timeout_seconds, auto_retry=False
        )
        self.API_BASE_URL = settings.base_url.rstrip("/") + "/"
        self.wxa.API_BASE_URL = self.API_BASE_URL  # it has an address of its own
        if urlsplit(settings.base_url).hostname in LOCAL_HOSTS:
            self._http.trust_env = False  # no proxy of the surroundings between us and loopback
        self._tokens = tokens

    def fetch_access_token(self) -> None:
        """One fetch for all threads and processes; who comes second finds the first one's token."""
        self._tokens.ensure(self.access_token_key, self._stable_token)

    def renewed_access_token(self, refused: str) -> Any:
        """The token after the one that WeChat refused; perhaps somebody already fetched it."""
        self._tokens.ensure(self.access_token_key, self._stable_token, refused=refused)
        return self.access_token

    def _stable_token(self, force: bool) -> tuple[str, int]:
        """Token and seconds it lives. The secret travels in the body; `force` at most every 30 seconds."""
        response = self._http.post(
            self.API_BASE_URL + "cgi-bin/stable_token",
            json={
                "grant_type": "client_credential",
                "appid": self.appid,
                "secret": self.secret,
                "force_refresh": force,
            },
            timeout=self.timeout,
        )
        response.raise_for_status()
        answer = self._handle_result(response)
        if not isinstance(answer, dict):
            raise ValueError("not an object")
        return str(answer["access_token"]), int(answer["expires_in"])


class WechatGateway:
    """What the product asks of WeChat. Safe to share between threads."""

    def __init__(self, settings: WechatSettings) -> None:
        self._settings = settings
        self._tokens = SharedTokens(patience_seconds=settings.timeout_seconds)
        self._local = threading.local()  # requests' sessions are not promised to be thread-safe

    def openid_of_code(self, code: str) -> str:
        """The openid behind a login code, which works once. The session key is dropped: nothing here needs it.

        Raises Invalid LOGIN_CODE_INVALID, NotAllowed WECHAT_ACCOUNT_BLOCKED, Unavailable.
        """
        # A list, because wechatpy adds an access token to parameters in a dict, and this call needs none.
        parameters = [
            ("appid", self._settings.app_id),
            ("secret", self._settings.app_secret),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ]
        path = "sns/jscode2session"
        answer = self._guarded(path, lambda: self._client.get(path, params=parameters))
        return _text(answer, "openid")

    def phone_number_of_code(self, code: str) -> str:
        """The number the worker chose to share; a phone code works once, for five minutes.

        Raises Invalid PHONE_CODE_INVALID, Unavailable.
        """
        try:
            answer = self._post("wxa/business/getuserphonenumber", {"code": code})
        except Invalid as error:
            if error.code != _CODE_USED[0]:
                raise
            raise Invalid("PHONE_CODE_INVALID", "手机号授权已失效，请重新点击“获取手机号”。") from None
        info = answer.get("phone_info")
        return _text(info if isinstance(info, dict) else {}, "purePhoneNumber")

    def class_code_picture(self, *, scene: str, page: str) -> bytes:
        """A mini-program code (PNG or JPEG) that opens `page` with `scene` (at most 32 characters). Raises Unavailable."""
        path = "wxa/getwxacodeunlimit"
        answer = self._post_any(path, {"scene": scene, "page": page, "check_path": False})
        if not isinstance(answer, requests.Response) or not answer.headers.get("Content-Type", "").startswith("image/"):
            raise _unavailable(path, "no picture")
        return answer.content

    def send_subscribe_message(self, *, openid: str, template_id: str, data: Mapping[str, Any], page: str = "") -> None:
        """Send one message the worker subscribed to: one consent, one message. `data` maps fields to texts.

        Raises NotAllowed MESSAGE_NOT_SUBSCRIBED, Unavailable.
        """
        values = {name: {"value": str(value)} for name, value in data.items()}
        message = {"touser": openid, "template_id": template_id, "page": page, "data": values}
        self._post("cgi-bin/message/subscribe/send", message)

    def check_text(self, *, openid: str, text: str) -> None:
        """Let WeChat look at a text others will read (its rules ask for it). Raises Invalid CONTENT_REFUSED, Unavailable."""
        body = {"version": 2, "scene": 2, "openid": openid, "content": text[:2500]}
        result = self._post("wxa/msg_sec_check", body).get("result")
        if not isinstance(result, dict) or result.get("suggest") != "pass":
            _, code, detail = _ERRORS[87014]
            raise Invalid(code, detail)

    @property
    def _client(self) -> _Client:
        client: _Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = _Client(self._settings, self._tokens)
        return client

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._post_any(path, body)
        if not isinstance(answer, dict):
            raise _unavailable(path, "not an object")
        return answer

    def _post_any(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST with the shared access token; a refused token is renewed once, and the call made once more."""
        client = self._client
        token = self._guarded(path, lambda: client.access_token)
        try:
            return self._guarded(path, lambda: _post_with(client, path, token, body), with_token=True)
        except _TokenRefusedError:
            renewed = self._guarded(path, lambda: client.renewed_access_token(refused=token))
        try:
            return self._guarded(path, lambda: _post_with(client, path, renewed, body), with_token=True)
        except _TokenRefusedError:
            raise _unavailable(path, "token refused twice") from None

    def _guarded(self, path: str, call: Callable[[], T], *, with_token: bool = False) -> T:
        """Turn every way a call can fail into an error of ours, without the address and its secrets."""
        try:
            return call()
        except WeChatClientException as error:
            if with_token and error.errcode in TOKEN_REFUSED:
                raise _TokenRefusedError from None
            raise _translated(path, error.errcode) from None
        except (requests.RequestException, ValueError, TypeError, KeyError) as error:
            refusal = _unavailable(path, type(error).__name__)
            raise (UnansweredError(refusal.code, refusal.detail) if _was_sent(error) else refusal) from None


class UnansweredError(Unavailable):
    """The request went out and no answer came back: what was asked for may have been done."""


class _TokenRefusedError(Exception):
    """WeChat does not know the access token (any more)."""


def _was_sent(error: Exception) -> bool:
    """Whether the connection stood when it failed; a refused one has a retry error inside, a broken one a protocol error."""
    broken = isinstance(error, requests.ConnectionError) and isinstance(next(iter(error.args), None), ProtocolError)
    return broken or isinstance(error, requests.ReadTimeout)


def _post_with(client: _Client, path: str, token: str, body: Mapping[str, Any]) -> Any:
    return client.post(path, params={"access_token": token}, data=dict(body))


def _translated(path: str, errcode: int | None) -> DomainError:
    if errcode is None or errcode not in _ERRORS:
        return _unavailable(path, f"errcode {errcode}")
    kind, code, detail = _ERRORS[errcode]
    if kind is Unavailable:
        _log.warning("wechat busy", endpoint=path, errcode=errcode)
    return kind(code, detail)


def _unavailable(path: str, reason: str) -> Unavailable:
    _log.error("wechat call failed", endpoint=path, reason=reason)
    return Unavailable(*_UNAVAILABLE)


def _text(answer: object, key: str) -> str:
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise _unavailable(key, "missing in the answer")
    return value
