"""The job that sequences every two seconds says why it does not go on, and does not drown everything else in it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from commands.jobs import REPEATED_SECONDS, SEQUENCING, run
from config.settings import Settings
from learning_records.evidence import log
from tests.learning_records.log.logs import by_hand, seal


@pytest.fixture(autouse=True)
def _nothing_said_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a job said last is kept by the process, whatever test it was in."""
    monkeypatch.setattr("commands.jobs._said", {})


def _lines(caplog: pytest.LogCaptureFixture, event: str) -> list[Any]:
    """What was logged since the last look under an event that begins so."""
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    caplog.clear()
    return [line for line in lines if line["event"].startswith(event)]


def test_a_refusal_is_said_once_without_a_traceback_and_that_it_is_over(
    app: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    seal(2)
    log.sequence()
    (kept,) = settings.log_dir.iterdir()
    note = kept.read_bytes()
    kept.unlink()
    for _ in range(5):
        run(SEQUENCING)
    (line,) = _lines(caplog, "job")
    assert (line["event"], line["refusal"]) == ("job refused", "LOG_CHECKPOINT_MISSING")
    assert "keep-checkpoint" in line["detail"]
    assert "exc_info" not in line
    assert "exception" not in line
    kept.write_bytes(note)
    run(SEQUENCING)
    run(SEQUENCING)
    assert [line["event"] for line in _lines(caplog, "job")] == ["job goes on again"]


def test_a_refusal_is_said_again_after_a_while_and_another_at_once(
    app: Flask, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(2)
    log.sequence()
    (kept,) = settings.log_dir.iterdir()
    note = kept.read_bytes()
    kept.unlink()
    run(SEQUENCING)
    kept.write_bytes(b"nonsense")
    run(SEQUENCING)
    monkeypatch.setattr("commands.jobs.REPEATED_SECONDS", 0)
    run(SEQUENCING)
    codes = [line["refusal"] for line in _lines(caplog, "job refused")]
    assert codes == ["LOG_CHECKPOINT_MISSING", "LOG_CHECKPOINT_UNREADABLE", "LOG_CHECKPOINT_UNREADABLE"]
    assert REPEATED_SECONDS == 600
    kept.write_bytes(note)
    run(SEQUENCING)


def test_an_entry_that_stays_out_is_named_once(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    seal(3)
    by_hand("UPDATE evidence_entry SET entry = :forged WHERE id = 2", forged=b"{}")
    for _ in range(5):
        run(SEQUENCING)
    (line,) = _lines(caplog, "an entry was changed")
    assert line["evidence_entry"] == 2
