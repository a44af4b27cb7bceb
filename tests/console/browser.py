"""A browser without scripts: signs in through the form, sends the page's CSRF token, and can see the text of a page."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


def text_of(response: TestResponse) -> str:
    """What a person reads: tags away, entities decoded, white space collapsed."""
    return " ".join(html.unescape(_TAGS.sub(" ", response.get_data(as_text=True))).split())


class Browser:
    """One person at one browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def sign_in(self, username: str, password: str) -> TestResponse:
        """Through the real form."""
        return self.post("/sign-in", {"username": username, "password": password})

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page, following redirects."""
        return self.client.get(path, follow_redirects=True, **kwargs)

    def token(self) -> str:
        """A CSRF token of this session, from a page that shows a form."""
        found = _TOKEN.search(self.client.get("/sign-in?wanted=/").get_data(as_text=True))
        assert found is not None
        return html.unescape(found[1])

    def post(self, path: str, fields: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form with the session's CSRF token; redirects are followed."""
        return self.client.post(
            path, data={"csrf_token": self.token(), **(fields or {})}, follow_redirects=True, **kwargs
        )
