"""The story is told once for each database and copied for every test, with the files that lie beside the database."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import app as house
from config import clock as house_clock
from config.database import db
from config.settings import Settings, load
from tests.evidence_audit import story


@dataclass(frozen=True)
class Told:
    """A database with the story in it (a file, or the name of a template) and the folder beside it."""

    database: str
    folder: Path


@pytest.fixture(scope="session")
def told(
    database_kind: str, database_template: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Told:
    folder = tmp_path_factory.mktemp("story")
    if database_kind == "sqlite":
        name = str(folder / "story.sqlite3")
        shutil.copyfile(database_template, name)
        url = f"sqlite:///{name}"
    else:
        name = f"story_{uuid.uuid4().hex[:12]}"
        server = sa.make_url(request.getfixturevalue("postgres_url"))
        _on_server(server, f"CREATE DATABASE {name} TEMPLATE {database_template}")
        url = server.set(database=name).render_as_string(hide_password=False)
    application = house.create_app(_settings(url, folder / "data"))
    clock = house_clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00"))
    house_clock.configure(clock)
    with application.app_context():
        story.tell(clock)
        db.session.remove()
        if database_kind == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    house_clock.configure()
    return Told(name, folder / "data")


@pytest.fixture
def database_url(database_kind: str, told: Told, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if database_kind == "sqlite":
        shutil.copyfile(told.database, tmp_path / "test.sqlite3")
        yield f"sqlite:///{tmp_path / 'test.sqlite3'}"
        return
    server = sa.make_url(request.getfixturevalue("postgres_url"))
    name = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {told.database}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database_url: str, told: Told, tmp_path: Path) -> Settings:
    shutil.copytree(told.folder, tmp_path / "data")
    return _settings(database_url, tmp_path / "data")


def _settings(url: str, folder: Path) -> Settings:
    return load(
        {}, mode="development", database_url=url, data_dir=str(folder), log_level="WARNING", cheap_passwords=True
    )


def _on_server(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
