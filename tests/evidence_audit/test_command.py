"""The command itself: what it answers to scripts, where it shows its progress, and the records floor alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import app as house
from commands.audit import RECOUNTS, SOURCES
from config.database import db
from config.settings import Settings, load
from learning_records.evidence.audit import audit as audit_directly
from tests.evidence_audit.asking import change, value


def test_a_database_without_tables_is_no_difference_but_unusable(app: Flask, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    empty = house.create_app(load({}, mode="development", database_url=url, data_dir=str(tmp_path / "empty")))
    with empty.app_context():
        outcome = empty.test_cli_runner().invoke(args=["evidence", "audit"])
        db.engine.dispose()
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert "无法核查" in outcome.stderr


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_what_it_prints_for_scripts_has_no_progress_in_it(app: Flask, arguments: list[str]) -> None:
    outcome = app.test_cli_runner().invoke(args=["evidence", "audit", *arguments])
    assert outcome.exit_code == 0
    if arguments:
        assert json.loads(outcome.stdout)["agrees"] is True
    else:
        assert outcome.stdout.endswith("全部一致。\n")


class _Watch:
    def __init__(self) -> None:
        self.total, self.seen = 0, dict[str, int]()

    def begin(self, total: int) -> None:
        self.total = total

    def advance(self, part: str, count: int) -> None:
        self.seen[part] = self.seen.get(part, 0) + count


def test_progress_is_told_for_every_row_and_comes_to_the_total(app: Flask) -> None:
    watch = _Watch()
    report = audit_directly(sources=SOURCES, recounts=RECOUNTS, progress=watch)
    assert report.agrees
    assert sum(watch.seen.values()) == watch.total > report.entries
    assert watch.seen["entries"] == report.entries
    assert watch.seen["transfer"] == report.rows["transfer"]


def test_the_records_floor_audits_itself_alone(app: Flask, settings: Settings) -> None:
    records = house.create_records_app(settings)
    with records.app_context():
        outcome = records.test_cli_runner().invoke(args=["records", "audit", "--json"])
        report = json.loads(outcome.stdout)
        assert (outcome.exit_code, report["differences"]) == (0, [])
        assert (report["rows"]["session"], "transfer" in report["rows"]) == (2, False)
        session = value("SELECT public_id FROM learning_session WHERE id = 1")
        change("beat", "UPDATE beat SET arrived_ms = arrived_ms + 1 WHERE session_id = 1 AND seq = 3")
        outcome = records.test_cli_runner().invoke(args=["records", "audit"])
        assert outcome.exit_code == 1
        assert f"第一处不符：session {session}: beats[2].arrived_ms " in outcome.stdout
        db.session.remove()
        db.engine.dispose()


def test_it_writes_nothing(app: Flask) -> None:
    tables = sorted(sa.inspect(db.engine).get_table_names())
    counts = [value(f"SELECT COUNT(*) FROM {table}") for table in tables]
    assert app.test_cli_runner().invoke(args=["evidence", "audit"]).exit_code == 0
    assert [value(f"SELECT COUNT(*) FROM {table}") for table in tables] == counts
