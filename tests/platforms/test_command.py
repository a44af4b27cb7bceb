"""``flask platforms …`` as an operator sees it: the directory, a batch, and what a file of statements counts and stores."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.platforms import services as platforms
from config.clock import FixedCalendar
from config.database import db
from tests.cast.imports import Room, a_room
from tests.cast.plans import a_person, a_staff

VIDEO = "https://w3id.org/xapi/video/"
EXTENSIONS = f"{VIDEO}extensions/"


@pytest.fixture
def flask(app: Flask) -> Any:
    """Runs one command."""

    def run(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=["platforms", *arguments])

    return run


def said(verb: str, at: datetime, position: float, actor: str = "u-1", session: str = "s-1") -> str:
    """A line: a statement of that actor's player."""
    return json.dumps(
        {
            "id": str(uuid.uuid4()),
            "actor": {"account": {"name": actor, "homePage": "http://platform.example"}},
            "verb": {"id": f"{VIDEO}verbs/{verb}"},
            "object": {"id": "uuid://video-1"},
            "context": {"extensions": {EXTENSIONS + "session-id": session, EXTENSIONS + "length": 2_700}},
            "result": {"extensions": {EXTENSIONS + "time": position}},
            "timestamp": at.isoformat(),
        }
    )


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """A class with a filed plan and one worker; it is the tenth of March, noon."""
    made = a_room([a_person(1)])
    clock.set("2020-03-10T12:00:00+08:00")
    return made


@pytest.fixture
def files(room: Room, clock: FixedCalendar, tmp_path: Path) -> tuple[Path, Path]:
    """The worker watched half an hour this morning, and somebody unknown too; and who is who."""
    began = clock() - timedelta(hours=3)
    lines = [
        said(verb, began + timedelta(seconds=seconds), seconds, actor, session)
        for actor, session in (("u-1", "s-1"), ("u-2", "s-2"))
        for verb, seconds in (("played", 0), ("paused", 1_800))
    ]
    statements, persons = tmp_path / "statements.jsonl", tmp_path / "persons.csv"
    statements.write_text("\n".join([*lines, "nonsense"]), encoding="utf-8")
    person = room.persons[0]
    row = ("u-1@http://platform.example", person.name, person.id_number, room.class_code, room.course.title)
    persons.write_text(f"actor,name,id_number,class_code,course\n{','.join(row)}\n", encoding="utf-8")
    return statements, persons


def _balance(room: Room) -> tuple[int, int]:
    view = credit_bank.balance(worker_id=room.persons[0].worker_id)
    db.session.rollback()
    return view.learned_seconds, view.claimable_seconds


def _import(flask: Any, files: tuple[Path, Path], *more: str) -> dict[str, Any]:
    statements, persons = files
    result = flask("import", str(statements), "--platform", "kjcxchina", "--persons", str(persons), "--json", *more)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.output)
    return answer


def test_known_persons_are_credited_and_unknown_ones_only_explained(
    flask: Any, room: Room, files: tuple[Path, Path]
) -> None:
    answer = _import(flask, files)
    known, unknown = answer["sessions"]
    assert (known["outcome"]["code"], known["outcome"]["stored_seconds"]) == ("OK", 1_800)
    assert unknown["outcome"]["code"] == "UNKNOWN_PERSON"
    assert unknown["counted_seconds"] == 1_800
    assert [line["code"] for line in answer["refused"]] == ["NOT_JSON"]
    assert answer["totals"]["stored_seconds"] == 1_800
    assert _balance(room) == (1_800, 1_800)
    assert db.session.scalar(sa.text("SELECT COUNT(*) FROM learner")) == 1, "nothing is stored of somebody unknown"
    assert db.session.scalar(sa.text("SELECT COUNT(*) FROM import_verdict")) == 1


def test_the_same_file_again_stores_nothing_more(flask: Any, room: Room, files: tuple[Path, Path]) -> None:
    _import(flask, files)
    again = _import(flask, files)
    assert again["sessions"][0]["outcome"]["code"] == "DUPLICATE"
    assert again["totals"]["stored_seconds"] == 0
    assert _balance(room) == (1_800, 1_800)


def test_a_session_that_went_on_counts_what_is_new(
    flask: Any, room: Room, files: tuple[Path, Path], clock: FixedCalendar
) -> None:
    _import(flask, files)
    began = clock() - timedelta(hours=2)
    with files[0].open("a", encoding="utf-8") as more:
        more.write("\n" + said("played", began, 1_800) + "\n" + said("paused", began + timedelta(seconds=600), 2_400))
    answer = _import(flask, files)
    outcome = answer["sessions"][0]["outcome"]
    assert (outcome["code"], outcome["stored_seconds"]) == ("OVERLAP", 600)
    assert _balance(room) == (2_400, 2_400)


def test_a_dry_run_says_the_same_and_stores_nothing(flask: Any, room: Room, files: tuple[Path, Path]) -> None:
    tried = _import(flask, files, "--dry-run")
    assert _balance(room) == (0, 0)
    assert db.session.scalar(sa.text("SELECT COUNT(*) FROM import_batch")) == 0
    db.session.rollback()
    assert _import(flask, files) == tried


def test_the_text_names_session_actor_times_statements_and_reasons(
    flask: Any, room: Room, files: tuple[Path, Path]
) -> None:
    result = flask("import", str(files[0]))
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith(
        "播放 s-1 学习者 u-1@http://platform.example 课程 uuid://video-1 2020-03-10 09:00:00.000+08:00"
    )
    assert lines[1] == (
        "  计入1800秒；记录2条，用于计时2条；没有对应到本系统的人员，只作说明，没有存入任何内容 [UNKNOWN_PERSON]"
    )
    assert "拒收 第5行  NOT_JSON 这一行不是JSON，请核对导出的文件。" in lines
    assert "合计 2人2次播放，其中2次有计入，计入3600秒，存入0秒" in lines


@pytest.mark.parametrize(
    ("persons", "code"),
    [
        ("", "PERSONS_UNREADABLE"),
        ("actor,name\n", "PERSONS_UNREADABLE"),
        ("actor,name,id_number,class_code,course\na,b,c,d\n", "ROW_INVALID"),
        ("actor,name,id_number,class_code,course\na,b,c,d,e,f\n", "ROW_INVALID"),
        ("actor,name,id_number,class_code,course\na,b,c,,e\n", "ROW_INVALID"),
        ("actor,name,id_number,class_code,course\na,b,c,d,e\na,b,c,d,e\n", "ACTOR_TWICE"),
        ("actor,name,id_number,class_code,course\nu-1@http://platform.example,b,c,nowhere,e\n", "CLASS_CODE_UNKNOWN"),
    ],
)
def test_a_faulty_list_of_persons_is_refused_whole(
    flask: Any, room: Room, files: tuple[Path, Path], persons: str, code: str
) -> None:
    files[1].write_text(persons, encoding="utf-8")
    result = flask("import", str(files[0]), "--platform", "kjcxchina", "--persons", str(files[1]))
    assert result.exit_code == 1
    assert code in result.output
    assert _balance(room) == (0, 0)


def test_persons_need_a_platform_that_is_known_and_not_ours(flask: Any, room: Room, files: tuple[Path, Path]) -> None:
    statements, persons = map(str, files)
    assert "--persons needs --platform" in flask("import", statements, "--persons", persons).output
    for platform, code in (("nowhere", "PLATFORM_UNKNOWN"), ("wxck", "PLATFORM_IS_OURS")):
        result = flask("import", statements, "--persons", persons, "--platform", platform)
        assert (result.exit_code, code in result.output) == (1, True)
    assert _balance(room) == (0, 0)


def test_a_damaged_file_is_refused(flask: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00rest")
    result = flask("import", str(path))
    assert (result.exit_code, "FILE_DAMAGED" in result.output) == (1, True)


def test_the_bureau_publishes_a_batch_and_the_directory_shows_it_from_its_day_on(
    flask: Any, clock: FixedCalendar, tmp_path: Path
) -> None:
    a_staff("bureau", "bureau")
    a_staff("agent", "agent")
    path = tmp_path / "second.toml"
    path.write_text('[[platform]]\ncode = "skill-cloud"\nname = "技能云课堂"\nkind = "provider"\n', encoding="utf-8")
    refused = flask("publish", str(path), "--on", "2020-03-16", "--staff", "agent")
    assert (refused.exit_code, "BUREAU_ROLE_REQUIRED" in refused.output) == (1, True)
    assert "STAFF_UNKNOWN" in flask("publish", str(path), "--on", "2020-03-16", "--staff", "nobody").output
    done = flask("publish", str(path), "--on", "2020-03-16", "--staff", "bureau", "--note", "第二批")
    assert done.output == "第2批已发布：2020-03-16，1个平台\n"
    assert "skill-cloud" not in flask("directory").output.split("第1批")[0]
    shown = flask("directory", "--on", "2020-03-16").output
    assert "skill-cloud      技能云课堂  第三方互联网培训课程服务商  （未给出网址）" in shown
    assert "第1批 公布日期不详 9个平台" in shown
    assert "第2批 2020-03-16 1个平台 第二批" in shown
    listed = json.loads(flask("directory", "--on", "2020-03-16", "--json").output)
    assert [item["code"] for item in listed["platforms"]][-1] == "skill-cloud"


def test_a_faulty_batch_is_told_row_by_row(flask: Any, tmp_path: Path) -> None:
    a_staff("bureau", "bureau")
    path = tmp_path / "second.csv"
    path.write_text("code,name,kind\nok,名称,city\nBAD CODE,名称,city\n", encoding="utf-8")
    result = flask("publish", str(path), "--on", "2020-03-16", "--staff", "bureau")
    assert result.exit_code == 1
    assert "row 2: 平台代码用小写字母、数字和连字符，不超过40个字符。 [PLATFORM_CODE_INVALID]" in result.output


def test_a_platform_is_registered_and_gets_a_key(flask: Any) -> None:
    assert "plant 工厂平台" in flask("register", "plant", "--name", "工厂平台", "--kind", "enterprise").output
    assert "PLATFORM_KNOWN" in flask("register", "plant", "--name", "工厂平台", "--kind", "enterprise").output
    secret = flask("key", "plant", "--name", "记录上传").output.strip()
    key = people.authenticate_api_key(secret)
    assert key is not None
    assert (key.subject_kind, key.subject_id) == ("platform", platforms.find_platform("plant").public_id)
    assert "PLATFORM_UNKNOWN" in flask("key", "nowhere", "--name", "x").output
