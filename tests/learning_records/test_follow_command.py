"""``flask evidence follow`` as a person at a terminal sees it, in the house and on the records floor alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

import app as house
from config.clock import FixedCalendar
from config.settings import Settings
from learning_records.evidence import log
from tests.learning_records.by_hand import by_hand
from tests.learning_records.phones import Phone, lesson
from tests.learning_records.sealed import seal_closed


@pytest.fixture
def phone(app: Flask, clock: FixedCalendar) -> Phone:
    """A phone that has watched a minute and closed; sealed and in the log."""
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(60)
    phone.close()
    seal_closed(phone)
    log.sequence()
    return phone


def follow(app: Flask, file: Path, said: Any, *options: str, group: str = "evidence") -> Result:
    file.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")
    return app.test_cli_runner().invoke(args=[group, "follow", str(file), *options])


def test_from_a_phone_s_file_to_the_log(app: Flask, settings: Settings, phone: Phone, tmp_path: Path) -> None:
    file, receipt = tmp_path / "receipt.json", asdict(phone.answers[-1].receipt)
    for application, group in ((app, "evidence"), (house.create_records_app(settings), "records")):
        for said in (receipt, {"accepted_seq": 6, "receipt": receipt}):
            shown = follow(application, file, said, group=group)
            assert shown.exit_code == 0, shown.output
            for words in (
                "已封存入日志",
                f"学习 {phone.session_id}，第6条心跳",
                "2020-03-02 14:15:00前封存",
                "第0条，检查点共1条",
            ):
                assert words in shown.output
    found = json.loads(follow(app, file, receipt, "--json").output)
    assert (found["outcome"], found["log_index"], found["problems"]) == ("sealed", 0, [])
    assert found["proof"].startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
    assert json.loads(found["statement"]["payload"])["record"] == found["record_id"]


def test_a_vanished_record_ends_with_1_and_a_statement(app: Flask, phone: Phone, tmp_path: Path) -> None:
    tables = ("beat", "counted_interval", "learning_session", "evidence_entry", "evidence_record")
    by_hand(*(f"DELETE FROM {table}" for table in tables), unguarding=tables)
    shown = follow(app, tmp_path / "receipt.json", asdict(phone.answers[-1].receipt), "--json")
    assert shown.exit_code == 1
    found = json.loads(shown.output)
    assert (found["outcome"], json.loads(found["statement"]["payload"])["found"]) == ("vanished", False)


def test_a_changed_record_is_said_in_words(app: Flask, phone: Phone, tmp_path: Path) -> None:
    by_hand("UPDATE evidence_record SET salt = :salt", unguarding=("evidence_record",), salt=bytes(32))
    shown = follow(app, tmp_path / "receipt.json", asdict(phone.answers[-1].receipt))
    assert shown.exit_code == 1
    assert "不符：存证内容与日志中的承诺不符" in shown.output


@pytest.mark.parametrize("said", ["", "{", "[]", "1", "null", "{}", '{"receipt": 5}', '{"payload": 1}', "[" * 100_000])
def test_a_file_without_a_receipt_is_said(app: Flask, tmp_path: Path, said: str) -> None:
    shown = follow(app, tmp_path / "receipt.json", said)
    assert (shown.exit_code, "没有回执" in shown.output) == (1, True)


def test_a_forged_receipt_is_said(app: Flask, phone: Phone, tmp_path: Path) -> None:
    receipt = asdict(phone.answers[-1].receipt)
    for change in ({"payload": receipt["payload"].replace("60000", "90000")}, {"payload": "\ud800"}, {"key_id": "x"}):
        shown = follow(app, tmp_path / "receipt.json", receipt | change)
        assert (shown.exit_code, "不是本系统签发" in shown.output) == (1, True)
    shown = follow(app, tmp_path / "receipt.json", receipt | {"payload": 5})
    assert (shown.exit_code, "都必须是文字" in shown.output) == (1, True)
