"""The log's door, in the whole house and on the records floor alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

import app as house
from config.database import db
from config.settings import Settings
from tests.client import Client


@pytest.fixture
def alone(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The records floor alone, over the same database."""
    application = house.create_records_app(settings)
    application.test_client_class = Client
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=["whole", "alone"])
def door(request: pytest.FixtureRequest, app: Flask, alone: Flask) -> FlaskClient:
    """A visitor of the log, in either application."""
    return (app if request.param == "whole" else alone).test_client()
