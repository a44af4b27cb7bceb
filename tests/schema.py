"""Builds the schema a test database starts from: by the migrations, as everywhere."""

from __future__ import annotations

from pathlib import Path

import flask_migrate

import app as house
from config.database import db
from config.settings import load


def build_schema(url: str, folder: Path) -> None:
    """Migrate the empty database at ``url`` to the newest schema of both branches."""
    application = house.create_app(load({}, database_url=url, data_dir=str(folder), log_level="WARNING"))
    with application.app_context():
        flask_migrate.upgrade(revision="heads")
        db.session.remove()
        db.engine.dispose()
