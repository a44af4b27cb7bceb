"""The test client of the whole house."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.database import db


class Client(FlaskClient):
    """A client whose every request has an application context of its own, as on a server.

    Under the context that the ``app`` fixture keeps open, ``flask.g`` and the database session would live from one request,
    and one visitor, to the next.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """As of any test client; afterwards the test's own session reads afresh."""
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.rollback()
        db.session.expire_all()
        return answer
