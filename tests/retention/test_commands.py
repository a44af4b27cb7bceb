"""``flask retention`` and ``flask evidence archive``: look first, two persons, a certificate that can be printed."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask

from backend.people import services as people
from commands.evidence import evidence as evidence_commands
from commands.jobs import jobs_of, run
from commands.retention import retention_commands
from config.clock import FixedCalendar
from config.database import db
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from tests.cast.claims import Class, an_office
from tests.cast.enterprises import PASSWORD
from tests.cast.retention import a_desk, a_photo, a_studied_class, unit_of

LATER = "2022-06-01T09:00:00+08:00"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture
def group(app: Flask, clock: FixedCalendar) -> Class:
    """A class that two people learned in, with a picture; reviewer and bureau may destroy together."""
    office = an_office()
    a_desk(office)
    made = a_studied_class(clock, office)
    a_photo(made)
    log.sequence()
    return made


def ask(app: Flask, *arguments: Any, code: int = 0, group: Any = retention_commands, password: str = PASSWORD) -> str:
    """What the command prints; the password is typed where it asks."""
    db.session.rollback()
    done: Result = app.test_cli_runner().invoke(group, [str(one) for one in arguments], input=f"{password}\n")
    assert done.exit_code == code, done.output
    return done.output


def first_id(text: str) -> str:
    found = ID.search(text)
    assert found is not None, text
    return found[0]


def test_from_due_to_the_certificate(app: Flask, clock: FixedCalendar, group: Class) -> None:
    assert "可销毁：0个" in ask(app, "due")
    assert f"保存中  班级“数控加工提升班”（无锡第1机械有限公司） {group.class_id}：5份" in ask(app, "due", "--all")
    clock.set(LATER)
    assert "可以销毁" in ask(app, "due")
    shown = json.loads(ask(app, "due", "--json"))
    assert [(unit["records"], unit["is_due"]) for unit in shown["units"]] == [(5, True)]
    assert shown["personal"]["phones"] == 2
    assert unit_of(group.class_id).records == 5
    proposal = first_id(ask(app, "propose", "--reason", "保存期满", "--as", "reviewer"))
    assert "换一个账号" in ask(app, "approve", proposal, "--as", "reviewer", code=1)
    assert "密码不对" in ask(app, "approve", proposal, "--as", "bureau", password="wrong", code=1)
    assert "待批准" in ask(app, "proposals")
    printed = ask(app, "approve", proposal, "--as", "bureau")
    for said in (
        "销毁证明",
        "四.2",
        "保存期满",
        "提出人　　reviewer",
        "批准人　　bureau",
        "session 2份",
        "2022-06-01 09:00:00",
    ):
        assert said in printed
    certificate = first_id(printed.split("编号", 1)[1])
    assert certificate in ask(app, "proposals")
    again = ask(app, "certificate", certificate)
    assert again.strip() == printed.split("密码: ", 1)[1].strip()
    facts = json.loads(ask(app, "certificate", certificate, "--json"))
    assert len(facts["records"]) == 5
    assert (facts["intact"], facts["list_sha256"] in again, len(facts["files"])) == (True, True, 2)
    for record_id, _, leaf_hash, index, _ in facts["records"]:
        record = evidence.trace(record_public_id=UUID(record_id))
        assert (record.leaf_hash, record.log_index) == (leaf_hash, index)
        assert record.erased is not None
    assert "没有这个编号" in ask(app, "certificate", group.class_id, code=1)
    trace = ask(app, "trace", facts["records"][0][0], group=evidence_commands)
    assert f"销毁证明 {certificate}" in trace
    assert "没有到期" in ask(app, "propose", "--reason", "保存期满", "--as", "reviewer", code=1)


def test_holds_at_a_terminal(app: Flask, clock: FixedCalendar, group: Class) -> None:
    worker = people.worker_view(group.persons[0].worker_id).public_id
    reason = ("--reason", "国家审计", "--as", "bureau")
    placed = ask(app, "hold", "--class", group.class_id, *reason)
    assert "班级“数控加工提升班”" in placed
    ask(app, "hold", "--worker", worker, *reason)
    ask(app, "hold", "--everything", *reason)
    ask(app, "hold", *reason, code=2)
    ask(app, "hold", "--everything", "--class", group.class_id, *reason, code=2)
    assert "没有找到这个人" in ask(app, "hold", "--worker", group.class_id, *reason, code=1)
    clock.set(LATER)
    assert "依法保留：全部" in ask(app, "due", "--all")
    for line in ask(app, "holds").splitlines():
        ask(app, "lift", first_id(line), "--reason", "审计结束", "--as", "reviewer")
    assert ask(app, "holds") == ""
    assert ask(app, "holds", "--all").count("解除，审计结束") == 3
    assert "可以销毁" in ask(app, "due")
    assert "只有审核人员" in ask(app, "hold", "--everything", "--reason", "试试", "--as", "cashier", code=1)


def test_a_month_is_archived_only_when_asked_to(app: Flask, clock: FixedCalendar, group: Class) -> None:
    def archive(*arguments: str, code: int = 0) -> str:
        return ask(app, "archive", "--month", "2020-03", *arguments, group=evidence_commands, code=code)

    assert "结束满30天后才能归档，请在2020-05-01以后" in archive()
    assert "2020-05-01以后" in archive("--write", code=1)
    clock.set("2020-05-01T00:00:00+08:00")
    assert "可以归档" in archive()
    assert "已归档0份" in archive()
    said = archive("--write")
    assert said.count("归档 0") == 2
    assert "表中0份正文" in archive()
    assert "不是月份" in ask(app, "archive", "--month", "2020-3", group=evidence_commands, code=1)


def test_the_jobs_erase_personal_fields(app: Flask, clock: FixedCalendar, group: Class) -> None:
    clock.set("2021-03-31T00:00:00+08:00")
    for job in jobs_of(app):
        if job.name in ("erase personal fields past their time", "remove files of destroyed evidence"):
            run(job)
    assert json.loads(ask(app, "due", "--json"))["personal"]["phones"] == 0
