"""WeChat's access token, shared: one lock for the threads of a process, one table for all processes.

Shaped as the session store wechatpy expects (`get`, `set`, `delete`), with the time to live its own memory store forgets.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from wechatpy.session import SessionStorage

from backend.messages import services as messages
from config.database import db, transaction
from config.errors import Unavailable

T = TypeVar("T")
SECONDS_BEFORE_EXPIRY = 60
PAUSE_SECONDS = 0.05


class SharedTokens(SessionStorage):
    """The token table as a store. Each call is a short transaction of its own."""

    def __init__(self, *, patience_seconds: float) -> None:
        self._lock = threading.Lock()
        self._patience = patience_seconds

    def get(self, key: str, default: str | None = None) -> str | None:
        found = _read(lambda: messages.channel_token(name=key))
        return default if found is None else found

    def set(self, key: str, value: str | None, ttl: int | None = None) -> None:
        if value is not None:
            seconds = 7200 if ttl is None else ttl
            transaction(lambda: messages.store_channel_token(name=key, token=value, seconds=seconds))

    def delete(self, key: str) -> None:
        transaction(lambda: messages.drop_channel_token(name=key))

    def ensure(self, key: str, fetch: Callable[[bool], tuple[str, int]], *, refused: str | None = None) -> None:
        """See to it that the table holds a valid token other than `refused`, fetching one if nobody else just did.

        `fetch(force)` gives a token and its seconds. Raises what `fetch` raises, and Unavailable when another process holds
        the lease and does not come back in time.
        """
        with self._lock:
            if refused is not None:
                transaction(lambda: messages.drop_channel_token(name=key, token=refused))
            deadline = time.monotonic() + self._patience
            while self.get(key) is None:
                if transaction(lambda: messages.lease_channel_token(name=key, seconds=int(self._patience) + 1)):
                    self._fetch(key, fetch, refused)
                elif time.monotonic() > deadline:
                    raise Unavailable("WECHAT_UNAVAILABLE", "微信服务暂时没有响应，请稍后再试。")
                else:
                    time.sleep(PAUSE_SECONDS)

    def _fetch(self, key: str, fetch: Callable[[bool], tuple[str, int]], refused: str | None) -> None:
        try:
            token, seconds = fetch(False)
            if token == refused:  # the endpoint still trusts a token that the others refuse
                token, seconds = fetch(True)
        except BaseException:
            transaction(lambda: messages.end_channel_lease(name=key))
            raise
        self.set(key, token, max(seconds - SECONDS_BEFORE_EXPIRY, 1))


def _read(work: Callable[[], T]) -> T:
    """Read and end the reading transaction at once: the network is waited for next."""
    try:
        return work()
    finally:
        db.session.rollback()
