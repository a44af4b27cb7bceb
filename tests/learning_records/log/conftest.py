"""Copies of the database under test, to be put back."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import db
from config.settings import Settings


def _on_server(url: sa.URL, statement: str) -> None:
    server = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(statement)
    server.dispose()


@pytest.fixture
def copied(settings: Settings, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes a copy of the database as it stands and gives its address."""
    url = sa.make_url(settings.database_url)
    made = []

    def copy() -> str:
        db.session.remove()
        db.engine.dispose()
        name = f"backup_{uuid.uuid4().hex[:12]}"
        if url.get_backend_name() == "sqlite":
            assert url.database
            source, target = sqlite3.connect(url.database), sqlite3.connect(tmp_path / name)
            source.backup(target)
            source.close()
            target.close()
            return f"sqlite:///{tmp_path / name}"
        _on_server(url, f"CREATE DATABASE {name} TEMPLATE {url.database}")
        made.append(name)
        return url.set(database=name).render_as_string(hide_password=False)

    yield copy
    for name in made:
        _on_server(url, f"DROP DATABASE {name} WITH (FORCE)")
