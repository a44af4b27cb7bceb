"""The few WeChat endpoints the product uses, on loopback, with a switch for every fault the gateway must survive.

    python -m simulators.wechat --port 8100

In tests: ``with WechatSimulator() as wechat: … wechat.base_url``. A login code `code-<openid>[-nonce]` signs in as that
openid (which holds no dash) and works once; a phone code `phone-<11 digits>[-nonce]` gives that number once. Faults are
switched on with ``wechat.fail(kind, times, path)`` or ``POST /_simulator/faults {"kind", "times", "path"}``.
"""

import argparse
import json
import random
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from simulators.wechat_answers import FAULTS, RISKY_WORD, Answer, Call, Fault, white_png

APP_ID = "wx0000000000000000"
FORCED_REFRESH_PAUSE_SECONDS = 30
SCENE_LENGTH = 32


@dataclass
class _State:
    token: str | None = None
    token_ends: float = 0.0
    issued: int = 0
    forced_at: float = float("-inf")
    used_codes: set[str] = field(default_factory=set)


class WechatSimulator:
    """One simulated WeChat. Thread-safe; everything a test asks about is a plain attribute."""

    def __init__(self, *, app_id: str = APP_ID, secret: str | None = None, port: int | None = None) -> None:
        self.app_id = app_id
        self.secret = secret  # None: any secret will do
        self.token_seconds = 7200
        self.calls: list[Call] = []
        self.sent: list[dict[str, Any]] = []
        self.released = threading.Event()
        self._faults: list[Fault] = []
        self._state = _State()
        self._lock = threading.Lock()
        self._server = _listen(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tokens_issued(self) -> int:
        """How many different access tokens were handed out."""
        return self._state.issued

    def fail(self, kind: str, times: int | None = 1, path: str | None = None) -> None:
        """Answer the next `times` calls (None: all) to `path` (None: any but the token's) with this fault."""
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        with self._lock:
            self._faults.append(Fault(kind, times, path))

    def heal(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()

    def void_token(self) -> None:
        """The present access token stops working, as when another program fetched one."""
        with self._lock:
            self._state.token = None

    def paths(self) -> list[str]:
        """The paths called so far, in order."""
        return [call.path for call in self.calls]

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fault_for(self, path: str) -> str | None:
        with self._lock:
            for fault in self._faults:
                if path == fault.path or (fault.path is None and not path.endswith("token")):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times == 0:
                            self._faults.remove(fault)
                    return fault.kind
        return None

    def answer(self, call: Call) -> Answer:
        if call.path == "/_simulator/faults":
            self.fail(call.body["kind"], call.body.get("times", 1), call.body.get("path"))
            return {"errcode": 0}
        open_endpoints = {
            "/cgi-bin/token": self._token,
            "/cgi-bin/stable_token": self._stable_token,
            "/sns/jscode2session": self._session,
        }
        if call.path in open_endpoints:
            return open_endpoints[call.path](call)
        endpoints = {
            "/wxa/business/getuserphonenumber": self._phone,
            "/wxa/getwxacodeunlimit": self._picture,
            "/cgi-bin/message/subscribe/send": self._send,
            "/wxa/msg_sec_check": self._check,
        }
        if call.path not in endpoints:
            return {"errcode": 40066, "errmsg": "invalid url"}
        if refusal := self._refused_token(call):
            return refusal
        if not isinstance(call.body, dict):
            return {"errcode": 47001, "errmsg": "data format error"}
        return endpoints[call.path](call)

    def _refused_token(self, call: Call) -> Answer | None:
        token = call.query.get("access_token")
        if not token:
            return {"errcode": 41001, "errmsg": "access_token missing"}
        with self._lock:
            if token != self._state.token:
                return FAULTS["invalid_credential"]
            if time.monotonic() >= self._state.token_ends:
                return FAULTS["expired_token"]
        return None

    def _known(self, values: dict[str, Any]) -> bool:
        return values.get("appid") == self.app_id and (self.secret is None or values.get("secret") == self.secret)

    def _token(self, call: Call) -> Answer:
        """The old endpoint: every call makes a token and voids the one before."""
        if not self._known(call.query):
            return FAULTS["wrong_secret"]
        with self._lock:
            return self._issue()

    def _stable_token(self, call: Call) -> Answer:
        """The same token while it is valid; `force_refresh` makes a new one, at most every 30 seconds."""
        body = call.body if isinstance(call.body, dict) else {}
        if not self._known(body) or body.get("grant_type") != "client_credential":
            return FAULTS["wrong_secret"]
        with self._lock:
            at = time.monotonic()
            forced = body.get("force_refresh") is True and at - self._state.forced_at >= FORCED_REFRESH_PAUSE_SECONDS
            if forced:
                self._state.forced_at = at
            if self._state.token is None or forced or at >= self._state.token_ends:
                return self._issue()
            return {"access_token": self._state.token, "expires_in": int(self._state.token_ends - at)}

    def _issue(self) -> Answer:
        self._state.issued += 1
        self._state.token = f"simulated-token-{self._state.issued}-{random.getrandbits(64):016x}"
        self._state.token_ends = time.monotonic() + self.token_seconds
        return {"access_token": self._state.token, "expires_in": self.token_seconds}

    def _session(self, call: Call) -> Answer:
        if not self._known(call.query) or call.query.get("grant_type") != "authorization_code":
            return FAULTS["wrong_secret"]
        openid = self._use(call.query.get("js_code", ""), "code-")
        if isinstance(openid, dict):
            return openid
        return {"openid": openid, "session_key": "c2ltdWxhdGVkLXNlc3Npb24ta2V5"}

    def _use(self, code: str, prefix: str) -> str | dict[str, Any]:
        value = code.removeprefix(prefix).partition("-")[0] if code.startswith(prefix) else ""
        if not value:
            return {"errcode": 40029, "errmsg": "invalid code"}
        with self._lock:
            if code in self._state.used_codes:
                return {"errcode": 40163, "errmsg": "code been used"}
            self._state.used_codes.add(code)
        return value

    def _phone(self, call: Call) -> Answer:
        number = self._use(str(call.body.get("code", "")), "phone-")
        if isinstance(number, dict):
            return number
        info = {"phoneNumber": f"+86{number}", "purePhoneNumber": number, "countryCode": "86"}
        return {"errcode": 0, "errmsg": "ok", "phone_info": {**info, "watermark": {"appid": self.app_id}}}

    def _picture(self, call: Call) -> Answer:
        if not 1 <= len(str(call.body.get("scene", ""))) <= SCENE_LENGTH:
            return {"errcode": 40169, "errmsg": "invalid length for scene"}
        return white_png(int(call.body.get("width", 430)))

    def _send(self, call: Call) -> Answer:
        if not {"touser", "template_id", "data"} <= call.body.keys():
            return {"errcode": 47003, "errmsg": "argument invalid"}
        self.sent.append(call.body)
        return {"errcode": 0, "errmsg": "ok"}

    def _check(self, call: Call) -> Answer:
        if call.body.get("version") != 2 or not call.body.get("openid"):
            return {"errcode": 47001, "errmsg": "data format error"}
        risky = RISKY_WORD in call.body.get("content", "")
        result = {"suggest": "risky" if risky else "pass", "label": 20001 if risky else 100}
        return {"errcode": 0, "errmsg": "ok", "result": result, "trace_id": "simulated"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    wechat: WechatSimulator


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        wechat = self.server.wechat
        address = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        call = Call(self.command, address.path, dict(parse_qsl(address.query)), body)
        wechat.calls.append(call)
        kind = wechat.fault_for(address.path)
        if kind == "hang":
            wechat.released.wait()
        if kind in ("hang", "drop"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        answer = FAULTS[kind] if kind else wechat.answer(call)
        self._send(500 if kind == "http_500" else 200, answer)

    def _send(self, status: int, answer: Answer) -> None:
        content = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "image/png" if content[:4] == b"\x89PNG" else "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests carry codes and tokens."""


def _listen(port: int | None, wechat: WechatSimulator) -> _Server:
    """A server on `port`, or on a free port below 32768, where no outgoing connection will take it."""
    for candidate in [port] if port is not None else random.sample(range(20_000, 32_768), 200):
        try:
            server = _Server(("127.0.0.1", candidate), _Handler)
        except OSError:
            if port is not None:
                raise
            continue
        server.wechat = wechat
        return server
    raise OSError("no free port below 32768")


def main() -> None:
    parser = argparse.ArgumentParser(description="WeChat on loopback, for development and the demonstration")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--app-id", default=APP_ID)
    chosen = parser.parse_args()
    simulator = WechatSimulator(app_id=chosen.app_id, port=chosen.port)
    print(f"simulated WeChat at {simulator.base_url}", file=sys.stderr, flush=True)
    simulator.start()
    try:
        simulator.released.wait()
    except KeyboardInterrupt:
        simulator.stop()


if __name__ == "__main__":
    main()
