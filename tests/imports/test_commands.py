"""``flask platforms import-table`` and a platform's signing keys."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from backend.imports import services as imports
from config.clock import FixedCalendar
from config.errors import Invalid
from tests.cast.imports import Room, a_day, a_room, paper_picture, row, table
from tests.cast.plans import a_person


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class on 2 March; it is 10 March, in the evening, now."""
    made = a_room([a_person(1)])
    clock.set("2020-03-10T20:00:00+08:00")
    return made


def _flask(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["platforms", *arguments])


def test_a_table_is_taken_in_and_given_back_with_its_verdicts(app: Flask, room: Room, tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(table([row(room, 18), row(room, 19, course="别的")]))
    (tmp_path / "paper.png").write_bytes(paper_picture())
    answer = _flask(
        app, "import-table", str(tmp_path / "in.xlsx"), "--platform", "kjcxchina", "--class-code", room.class_code,
        "--paper", str(tmp_path / "paper.png"), "--result", str(tmp_path / "out.csv"),
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert "已收录1行，以前已收录0行，未收录1行，计入1740秒" in answer.output
    assert "UNKNOWN_COURSE（课程不在备案计划里）：1行" in answer.output
    told = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert told[0].endswith("结果,原因,计入秒数,可申领秒数")
    assert ",已收录," in told[1]
    assert ",未收录," in told[2]
    (batch,) = imports.batches_of_enterprise(room.enterprise.id)
    assert (batch.status, batch.file_name) == ("done", "in.xlsx")


def test_what_is_no_table_or_no_class_says_so(app: Flask, room: Room, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("天气,晴\n", encoding="utf-8")
    (tmp_path / "good.xlsx").write_bytes(table([row(room, 18)]))
    (tmp_path / "paper.png").write_bytes(paper_picture())
    for file, code, class_code, said in (
        ("in.csv", "kjcxchina", room.class_code, "IMPORT_HEADER_NOT_FOUND"),
        ("good.xlsx", "kjcxchina", "ZZZZZZZZ", "CLASS_CODE_UNKNOWN"),
        ("good.xlsx", "nobody", room.class_code, "PLATFORM_UNKNOWN"),
        ("good.xlsx", "wxck", room.class_code, "PLATFORM_IS_OURS"),
    ):
        answer = _flask(
            app, "import-table", str(tmp_path / file), "--platform", code, "--class-code", class_code,
            "--paper", str(tmp_path / "paper.png"),
        )  # fmt: skip
        assert answer.exit_code == 1
        assert said in answer.output


def test_a_key_that_was_ended_signs_nothing_any_more(app: Flask, room: Room) -> None:
    key = Ed25519PrivateKey.generate()
    public_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    added = _flask(app, "signing-key", "kjcxchina", public_key)
    assert added.exit_code == 0, added.output
    said = {"class_code": room.class_code, "records": [a_day(room, 2)]}
    signature = key.sign(imports.statement_of(said))
    imports.check_statement(platform_id=room.platform.public_id, said=said, signature=signature)
    assert "SIGNING_KEY_KNOWN" in _flask(app, "signing-key", "px-class", public_key).output
    assert "SIGNING_KEY_INVALID" in _flask(app, "signing-key", "kjcxchina", "AAAA").output
    assert "SIGNING_KEY_INVALID" in _flask(app, "signing-key", "kjcxchina", "?").output
    assert "SIGNING_KEY_UNKNOWN" in _flask(app, "end-signing-key", "px-class", added.output.strip()).output
    assert _flask(app, "end-signing-key", "kjcxchina", added.output.strip()).exit_code == 0
    with pytest.raises(Invalid) as refusal:
        imports.check_statement(platform_id=room.platform.public_id, said=said, signature=signature)
    assert refusal.value.code == "SIGNATURE_INVALID"
