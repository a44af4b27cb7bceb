"""A browser without scripts: signs in through the form, sends the page's CSRF token, and can see the text of a page."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.database import db

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


def text_of(response: TestResponse) -> str:
    """What a person reads: tags away, entities decoded, white space collapsed."""
    return " ".join(html.unescape(_TAGS.sub(" ", response.get_data(as_text=True))).split())


class Client(FlaskClient):
    """A test client whose every request has an application context of its own, as on a server.

    Under the context that the ``app`` fixture keeps open, ``flask.g`` (and who is signed in) would live from one request,
    and one browser, to the next.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.rollback()  # the test reads afresh
        db.session.expire_all()
        return answer


class Browser:
    """One person at one browser."""

    def __init__(self, app: Flask) -> None:
        self.client = Client(app, app.response_class, use_cookies=True)

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
