"""HTTP as the visitors speak it: keep-alive connections for phones, and a small browser for people at a desk.

Only the standard library: a request of a phone costs the driver well under a millisecond.
"""

import http.client
import json
import urllib.parse
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 60

Json = dict[str, Any]


class Broken(Exception):
    """Something the demonstration cannot go on without did not work. The text says what, in words."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Json:
        parsed = json.loads(self.content or b"{}")
        return parsed if isinstance(parsed, dict) else {"items": parsed}

    @property
    def code(self) -> str:
        """The stable code of a problem, or an empty text."""
        try:
            return str(self.json().get("code", ""))
        except ValueError:
            return ""

    def describe(self) -> str:
        return f"HTTP {self.status} {self.text[:600]}"


@dataclass(frozen=True)
class Call:
    """One request still to be made."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Connection:
    """One keep-alive connection. Sending and receiving are apart, so that several phones can be in flight."""

    def __init__(self, base_url: str) -> None:
        parts = urllib.parse.urlsplit(base_url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._http: http.client.HTTPConnection | None = None
        self._pending: Call | None = None

    def send(self, call: Call) -> None:
        self._pending = call
        try:
            self._transmit(call)
        except (ConnectionError, http.client.HTTPException):
            self._reconnect(call)

    def receive(self) -> Answer:
        call, self._pending = self._pending, None
        if call is None or self._http is None:
            raise Broken("an answer was awaited before anything was sent")
        try:
            response = self._http.getresponse()
        except (ConnectionError, http.client.BadStatusLine):
            # An idle connection that the server had given up before this call came: nothing was done with it.
            self._reconnect(call)
            response = self._http.getresponse()
        content = response.read()
        if response.will_close:
            self.close()
        return Answer(response.status, response.headers, content)

    def ask(self, call: Call) -> Answer:
        self.send(call)
        return self.receive()

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def _transmit(self, call: Call) -> None:
        if self._http is None:
            self._http = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        self._http.request(call.method, call.path, body=call.body, headers=dict(call.headers))

    def _reconnect(self, call: Call) -> None:
        self.close()
        self._transmit(call)


def json_call(method: str, path: str, body: Json | None, token: str | None = None) -> Call:
    headers = {"Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if body is None:
        return Call(method, path, None, headers)
    headers["Content-Type"] = "application/json"
    return Call(method, path, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), headers)


def form_body(fields: list[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form as a browser would send it: (body, content type). `files` maps a field to (file name, content)."""
    if not files:
        return urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
    boundary = uuid.uuid4().hex
    parts: list[bytes] = []
    for name, value in fields:
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (filename, content) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
