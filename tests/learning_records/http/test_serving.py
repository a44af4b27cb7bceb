"""``flask --app app:create_records_app records serve``: the log alone, migrated, sequenced and served by one command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect

import app as house
from commands.records import begin_log
from config.database import db
from config.settings import Settings, load
from demonstration.serve import free_port
from learning_records.evidence import log
from tests.learning_records.http.monitor import Monitor
from tests.learning_records.http.test_third_party import verify
from tests.learning_records.sealed import seal_notes

ROOT = Path(__file__).parents[3]


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The command as a process of its own; the address of its log."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "CHUANGKE_DATA_DIR": str(settings.data_dir),
        "CHUANGKE_LOG_LEVEL": "WARNING",
    }
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "app:create_records_app",
        "records",
        "serve",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/log/checkpoint" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}/log/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_one_command_serves_a_log_that_grows(database_kind: str, database_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'of-its-own.sqlite3'}" if database_kind == "sqlite" else database_url
    settings = load({}, database_url=url, data_dir=str(tmp_path / "alone"), log_level="WARNING")
    with serving(settings) as address:

        def fetch(path: str) -> bytes:
            with urllib.request.urlopen(address + path, timeout=20) as answer:
                return bytes(answer.read())

        alone = house.create_records_app(settings)
        with alone.app_context():
            assert ("worker" in inspect(db.engine).get_table_names()) == (database_kind == "postgresql")
            monitor = Monitor(fetch, log.verifier_keys()[0], verify)
            assert monitor.follow().size == 1  # a log begins with a record of its start
            assert b'"kind":"log_started"' in monitor.entries[0]
            seal_notes(3)
            db.session.remove()
            db.engine.dispose()
        give_up, pause = time.monotonic() + 20, threading.Event()
        while monitor.follow().size < 4 and time.monotonic() < give_up:
            pause.wait(0.2)  # the sequencer of the serving process comes round every two seconds
        assert monitor.heads[-1].size == 4


def test_a_log_that_refuses_to_go_on_is_said_and_served_as_it_was_signed(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The checkpoint kept outside is gone, as after a restored backup."""
    seal_notes(2)
    log.sequence()
    signed = app.test_client().get("/log/checkpoint").text
    (kept,) = settings.log_dir.iterdir()
    kept.unlink()
    seal_notes(1)
    begin_log()
    assert "数据库外没有保存" in capsys.readouterr().err
    alone = house.create_records_app(settings)
    assert alone.test_cli_runner().invoke(args=["jobs", "--once"]).exit_code == 0
    assert alone.test_client().get("/log/checkpoint").text == signed


def test_a_log_begins_once(app: Flask) -> None:
    for _ in range(2):
        begin_log()
        checkpoint = log.latest_checkpoint()
        assert checkpoint is not None
        assert checkpoint.size == 1
