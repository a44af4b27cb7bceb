"""申领材料: the documents of a claim as both doors hand them out, read back from the files themselves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass

import pypdfium2
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from backend.audit import services as audit
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.policies import services as policies
from backend.registers import pack
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict
from learning_records.evidence import log
from learning_records.verify import verify
from tests.cast import enterprises as companies
from tests.cast.claims import Class, Office, a_class, an_office, hours, learn, submitted_claim
from tests.cast.plans import Person, a_long_course, a_person
from tests.console.browser import Browser
from tests.study.phones import a_learner

NAMES = [
    "00-材料清单.txt",
    "01-培训补贴人员花名册.pdf",
    "01-培训补贴人员花名册.xlsx",
    "02-授课记录证明.pdf",
    "02-授课记录证明.csv",
    "02-授课记录存证包.zip",
    "03-培训合格证书.pdf",
    "04-开户银行账户信息.pdf",
]


@dataclass(frozen=True)
class Submitted:
    """A submitted claim of people with 24 class hours each."""

    office: Office
    group: Class
    claim: ClaimView


def submitted(*persons: Person) -> Submitted:
    office = an_office()
    group = a_class(persons, office)
    for person in persons:
        learn(person, group.class_id, hours(24))
    return Submitted(office, group, submitted_claim(group.plan))


def text_of(pdf: bytes) -> str:
    """What a reader sees, without the breaks that a narrow column makes."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    return "".join("".join(pages).split())


def rows_of(workbook: bytes) -> list[list[object]]:
    return [list(row) for row in CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()]


def made(made_for: Submitted) -> dict[str, bytes]:
    """The pack as the services make it, without the evidence."""
    packed = transaction(
        lambda: pack.claim_pack(
            claim_id=made_for.claim.claim_id,
            actor="staff:x",
            address_of=lambda shown: f"https://example.org/{shown.code}",
            with_evidence=False,
        )
    )
    return {"00-材料清单.txt": packed.manifest(), **packed.files}


def test_agent_and_reviewer_download_all_documents_in_order_and_each_making_is_noted(app: Flask) -> None:
    first, second = a_person(1), a_person(2, "李小红")
    given = submitted(first, second)
    home = f"/enterprise/{given.group.enterprise.public_id}/claims/{given.claim.claim_id}"
    agent, reviewer = Browser(app), Browser(app)
    agent.sign_in("agent.1", companies.PASSWORD)
    assert f'action="{home}/documents.zip"' in agent.get(home).get_data(as_text=True)
    answer = agent.post(f"{home}/documents.zip", {})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.namelist() == NAMES
        files = {name: packed.read(name) for name in NAMES}

    listed = [line for line in files["00-材料清单.txt"].decode().splitlines() if not line.startswith("#")]
    assert listed == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in NAMES[1:]]
    assert "缺少" not in files["00-材料清单.txt"].decode()
    roster = text_of(files["01-培训补贴人员花名册.pdf"])
    for person in (first, second):
        assert person.name in roster
        assert person.id_number in roster
    assert "捌佰捌拾捌元整" in roster
    assert "填报单位（盖章处）" in roster
    certificates = text_of(files["03-培训合格证书.pdf"])
    assert all(person.name in certificates for person in (first, second))
    account = text_of(files["04-开户银行账户信息.pdf"])
    assert given.group.enterprise.name in account
    assert f"尾号{given.group.enterprise.id:04d}" in account
    assert "3205016163360000" not in account
    bundle = verify(io.BytesIO(files["02-授课记录存证包.zip"]), keys=log.verifier_keys())
    assert bundle.about["id"] == str(given.claim.claim_id)

    reviewer.sign_in("reviewer", companies.PASSWORD)
    page = f"/reviewer/claims/{given.claim.claim_id}"
    assert f'action="{page}/documents.zip"' in reviewer.get(page).get_data(as_text=True)
    seen = reviewer.post(f"{page}/documents.zip", {})
    with zipfile.ZipFile(io.BytesIO(seen.data)) as packed:
        assert packed.read(NAMES[1]) == files[NAMES[1]]
    trail = [entry for entry in audit.entries(subject=f"claim:{given.claim.claim_id}") if "pack" in entry.action]
    assert [entry.detail["people"] for entry in trail] == [2, 2]
    assert len({entry.actor for entry in trail}) == 2
    assert first.id_number not in json.dumps([dict(entry.detail) for entry in trail])

    companies.an_enterprise("无锡新区电子有限公司", serial=7)
    stranger = Browser(app)
    stranger.sign_in("agent.7", companies.PASSWORD)
    assert stranger.post(f"{home}/documents.zip", {}).status_code in (403, 404)


def test_the_workbook_has_the_columns_of_the_policy_typed_and_added_up(app: Flask) -> None:
    given = submitted(a_person(1), a_person(2, "李小红"))
    rows = rows_of(made(given)["01-培训补贴人员花名册.xlsx"])
    headings = list(policies.current().claim.roster_columns)
    at = next(place for place, row in enumerate(rows) if row == headings)
    people, totals = rows[at + 1 : at + 3], rows[at + 3]
    by_name = [dict(zip(headings, row, strict=True)) for row in people]
    numbers = [line.certificate_number for line in given.claim.lines]
    assert [row["合格证书编号"] for row in by_name] == numbers
    assert [(row["序号"], row["核定课时"], row["补贴标准"], row["补贴金额"]) for row in by_name] == [
        (1, 24, 18.5, 444),
        (2, 24, 18.5, 444),
    ]
    for row, person in zip(by_name, given.group.persons, strict=True):
        assert row["姓名"] == person.name
        assert row["身份证号"] == person.id_number
        assert row["性别"] == ("男" if int(person.id_number[16]) % 2 else "女")
        assert row["用工形式"] == "劳动合同"
    assert (totals[headings.index("核定课时")], totals[headings.index("补贴金额")]) == (48, 888)
    assert [cell for row in rows for cell in row if "大写" in str(cell)] == ["合计金额（大写）：捌佰捌拾捌元整"]


def test_a_cut_shows_in_every_paper_and_whoever_lost_everything_is_left_out(app: Flask) -> None:
    given = submitted(a_person(1), a_person(2, "李小红"))
    gone = given.claim.lines[1]
    transaction(
        lambda: reviews.adjust_line(
            claim_id=given.claim.claim_id,
            line_id=gone.line_id,
            class_hours=0,
            reason="抽查发现由他人代学。",
            clause="四.5",
            staff=given.office.reviewer,
        )
    )
    files = made(given)
    for name in ("01-培训补贴人员花名册.pdf", "02-授课记录证明.pdf", "03-培训合格证书.pdf"):
        assert "李小红" not in text_of(files[name])
    assert "肆佰肆拾肆元整" in text_of(files["01-培训补贴人员花名册.pdf"])
    transaction(lambda: claims.withdraw_claim(claim_id=given.claim.claim_id, reason="重新整理", actor="staff:agent"))
    with pytest.raises(Conflict) as refused:
        made(given)
    assert refused.value.code == "PACK_NOBODY"


def test_what_was_taught_stands_there_to_the_minute_with_the_record_behind_it(app: Flask, clock: FixedCalendar) -> None:
    office, course, person = an_office(), a_long_course(), a_person(1)
    group = a_class([person], office, course=course)
    clock.set("2020-03-03T09:00:00+08:00")
    learner = a_learner(clock, person.worker_id, group.class_id)
    learner.batch = 30
    learner.sign_in_for_the_day()
    learner.watch(course.lessons[0], 45 * 60)
    learn(person, group.class_id, hours(24))
    given = Submitted(office, group, submitted_claim(group.plan))
    files = made(given)
    table = list(csv.DictReader(io.StringIO(files["02-授课记录证明.csv"].decode("utf-8-sig"))))
    assert len(table) == 2
    row = table[0]
    assert (row["姓名"], row["日期"], row["开始时间"], row["学习内容"]) == (
        person.name,
        "2020-03-03",
        "09:00",
        course.lessons[0].title,
    )
    assert row["计入秒数"] == "2700"
    assert row["计入分钟"] == "45.0"
    answered, asked = row["在线确认（已答/发起）"].split("/")
    assert answered == asked
    assert int(asked) >= 1
    printed = text_of(files["02-授课记录证明.pdf"])
    assert course.lessons[0].title.replace(" ", "") in printed
    assert row["存证编号"][-12:] in printed


@pytest.mark.parametrize("job", ["#import sys: *", "*粗*_斜_", "$x$`钳工`\\[0]", "<b>&amp;"])
def test_a_hostile_text_of_the_roster_prints_as_it_is(app: Flask, job: str) -> None:
    given = submitted(a_person(1))
    (person,) = given.group.persons
    row = companies.roster_row(person.name, person.id_number, position=job)
    companies.a_roster(given.group.enterprise, [row])
    files = made(given)
    assert job.replace(" ", "") in text_of(files["01-培训补贴人员花名册.pdf"])
    assert any(job in cells for cells in rows_of(files["01-培训补贴人员花名册.xlsx"]))
