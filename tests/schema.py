"""Builds the schema a test database starts from."""

from __future__ import annotations

from pathlib import Path

import app as house
from config.database import Base, db
from config.settings import load


def build_schema(url: str, folder: Path) -> None:
    """Create every table and guard in the empty database at ``url``."""
    application = house.create_app(load({}, database_url=url, data_dir=str(folder), log_level="WARNING"))
    with application.app_context():
        Base.metadata.create_all(db.engine)
        db.session.remove()
        db.engine.dispose()
