"""Who calls: the worker behind the bearer token, remembered for a few seconds so that a beat costs no query for it.

`WorkerBlueprint` is where the guard is attached, once for the whole audience: every route of this door that is not
`/login` (or a media file under its own ticket) is made with it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import g, request

from backend.people import services as people
from backend.people.services import Caller
from config import clock, crypto
from wire.api import JsonBlueprint, bearer_token, limit_body
from wire.problems import Unauthenticated

PREFIX = "/api/v1/phone"
REMEMBERED_SECONDS = 30  # a token revoked elsewhere works here for at most this long; 60 is promised
REMEMBERED_CALLERS = 50_000
UPLOAD_LIMIT_BYTES = 11 * 1024**2  # a photo of 10 MB and what a form adds


class RememberedCallers:
    """Callers by the digest of their token: no token is kept in memory, and none beyond its own end."""

    def __init__(self) -> None:
        self._callers: OrderedDict[str, tuple[Caller, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str, at: datetime) -> Caller | None:
        kept = self._callers.get(digest)
        return kept[0] if kept is not None and at < kept[1] else None

    def put(self, digest: str, caller: Caller, at: datetime) -> None:
        until = min(at + timedelta(seconds=REMEMBERED_SECONDS), caller.token_expires_at)
        with self._lock:
            self._callers[digest] = (caller, until)
            self._callers.move_to_end(digest)
            if len(self._callers) > REMEMBERED_CALLERS:
                self._callers.popitem(last=False)

    def forget(self, digest: str) -> None:
        with self._lock:
            self._callers.pop(digest, None)

    def clear(self) -> None:
        with self._lock:
            self._callers.clear()


_remembered = RememberedCallers()


def forget_all() -> None:
    """A new application begins without memories."""
    _remembered.clear()


def forget_token() -> None:
    """The present request's token ends now, in this process too."""
    _remembered.forget(crypto.digest(bearer_token(request)))


def require_worker() -> None:
    """Let a signed-in worker pass. Raises Unauthenticated for a missing, unknown, expired or revoked token."""
    limit_body(request)
    _recognize()


def require_worker_who_uploads() -> None:
    """The same where a photo may be sent."""
    limit_body(request, UPLOAD_LIMIT_BYTES)
    _recognize()


def _recognize() -> None:
    token = bearer_token(request)
    digest, at = crypto.digest(token), clock.real_now()
    found = _remembered.get(digest, at)
    if found is None:
        found = people.authenticate(token)
        if found is None:
            raise Unauthenticated("UNAUTHENTICATED", "登录已失效，请重新登录。")
        _remembered.put(digest, found, at)
    g.caller = found


def caller() -> Caller:
    """The signed-in worker of this request."""
    found: Caller = g.caller
    return found


class OpenBlueprint(JsonBlueprint):
    """Routes anybody may call."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"phone_{name}", __name__, url_prefix=PREFIX, description=description)
        self.before_request(self.guard)

    guard = staticmethod(lambda: limit_body(request))


class WorkerBlueprint(OpenBlueprint):
    """Routes for a signed-in worker."""

    guard = staticmethod(require_worker)

    def route(self, rule: str, **options: Any) -> Callable[..., Any]:
        """As of any blueprint; the description says that a token is needed."""
        register = super().route(rule, **options)

        def decorate(function: Callable[..., Any]) -> Any:
            return register(self.doc(security=[{"workerToken": []}])(function))

        return decorate


class UploadBlueprint(WorkerBlueprint):
    """Routes that take a photo from a signed-in worker."""

    guard = staticmethod(require_worker_who_uploads)
