"""Hour reports that are given out: four files over the same rows, sealed, and verified by anybody, by QR, file or offline."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy.exc import DBAPIError

from backend.study import services as study
from backend.study.services import IssuedReport
from config import blobs, crypto
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotFound
from learning_records import verify_report
from tests.cast import enterprises as companies
from tests.cast.certificates import an_earned_class, an_issued_report
from tests.cast.claims import Class, an_office
from tests.console.browser import Browser, text_of


@pytest.fixture
def group(app: Flask) -> Class:
    return an_earned_class(an_office(), people=2)


def file(report: IssuedReport, ending: str) -> bytes:
    return blobs.path_of(report.files[ending]).read_bytes()


def keys() -> list[bytes]:
    return list(crypto.verifying_keys().values())


def test_four_files_say_the_same(group: Class) -> None:
    report = an_issued_report(group)
    said = json.loads(file(report, "json"))["report"]
    assert said["totals"] == {"rows": 2, "people": 2, "claimable_seconds": 129_600, "learned_seconds": 129_600}
    assert (report.people, report.claimable_seconds, report.rows_sha256) == (2, 129_600, said["rows_sha256"])
    lines = file(report, "csv").decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(f"{report.number},王*明,3202**********")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file(report, "xlsx"))).get_sheet_by_index(0).to_python()
    assert [row[6] for row in sheet[4:7]] == [64_800, 64_800, 129_600]
    printed = pypdfium2.PdfDocument(file(report, "pdf"))
    text = "".join(printed[0].get_textpage().get_text_range().split())
    for part in ("企业学时报告", "18:00:00", "36:00:00", "盖章处", "数字签名处", "第1页，共1页", report.rows_sha256):
        assert part in text
    assert pdfium.FPDF_GetSignatureCount(printed.raw) == 1
    (code,) = zxingcpp.read_barcodes(printed[0].render(scale=2).to_pil())
    assert code.text == f"https://example.test/public/reports/{report.code}"
    everything = b"".join(file(report, ending) for ending in ("json", "csv", "xlsx"))
    assert not any(person.id_number.encode() in everything for person in group.persons)


def test_the_json_verifies_offline_and_any_change_is_seen(group: Class, tmp_path: Path) -> None:
    content = file(an_issued_report(group), "json")
    assert verify_report.problems_of(content, keys()) == []
    more = content.replace(b'"claimable_seconds":64800', b'"claimable_seconds":64801', 1)
    assert verify_report.problems_of(more, keys()) == [
        "the signature does not hold: the report was changed",
        "the digest of the rows is another one",
        "claimable_seconds: 129600 is said, the rows come to 129601",
    ]
    assert verify_report.problems_of(content, [bytes(32)]) == ["it is not signed by a key that is trusted"]
    for broken in (b"", b"[]", b'{"report":{}}', content.replace(b'"rows":[', b'"rows":[1.5,', 1), content[:-9]):
        with pytest.raises(verify_report.NotAReport):
            verify_report.problems_of(broken, keys())
    path = tmp_path / "report.json"
    path.write_bytes(content)
    key = base64.b64encode(keys()[-1]).decode()
    assert verify_report.main([str(path), "--key", key]) == 0
    path.write_bytes(more)
    assert verify_report.main([str(path), "--key", key]) == 1
    path.write_bytes(b"{}")
    assert verify_report.main([str(path)]) == 2


def test_a_report_is_found_by_any_of_its_files_and_by_none_that_was_changed(group: Class) -> None:
    report = an_issued_report(group)
    for ending in ("pdf", "xlsx", "csv", "json"):
        assert study.report_by_file(crypto.sha256_hex(file(report, ending))) == (report, ending)
    with pytest.raises(NotFound):
        study.report_by_file(crypto.sha256_hex(file(report, "pdf") + b" "))


def test_what_is_not_given_out(group: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    other = companies.an_enterprise("无锡锡山电子有限公司", serial=9)

    def prepare(enterprise_id: int) -> Callable[[], object]:
        return lambda: study.prepare_report(enterprise_id=enterprise_id, office="", address_of=lambda code: code)

    refused(prepare(other.id), Conflict, "REPORT_EMPTY")
    monkeypatch.setattr("backend.study.report_issuing.MOST_ROWS", 1)
    refused(prepare(group.enterprise.id), Invalid, "REPORT_TOO_LARGE")


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> None:
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.code == code


def test_a_report_is_withdrawn_once_and_never_edited(group: Class) -> None:
    report = an_issued_report(group)

    def withdraw(reason: str) -> IssuedReport:
        return transaction(
            lambda: study.withdraw_report(
                report_id=report.report_id, enterprise_id=group.enterprise.id, reason=reason, actor="staff:agent"
            )
        )

    refused(lambda: withdraw(" "), Invalid, "REASON_REQUIRED")
    assert withdraw("日期选错").withdrawn_reason == "日期选错"
    refused(lambda: withdraw("再来"), Conflict, "REPORT_WITHDRAWN")
    for change in (
        "UPDATE report_issue SET people = 3",
        "UPDATE report_issue SET withdrawn_at = NULL, withdrawn_reason = ''",
        "DELETE FROM report_issue",
    ):
        with pytest.raises(DBAPIError):
            db.session.execute(sa.text(change))
        db.session.rollback()
    (row,) = study.sealed_reports(0, 10)
    assert row.body["files"]["pdf"] == report.files["pdf"]
    assert study.count_sealed_reports() == 1


def test_pages_give_it_out_and_anybody_verifies_it(app: Flask, group: Class) -> None:
    agent = Browser(app)
    agent.sign_in("agent.1", companies.PASSWORD)
    base = f"/enterprise/{group.enterprise.public_id}/hour-reports"
    assert "还没有出具过学时报告" in text_of(agent.get(base))
    late = agent.post(base, {"from": "2020-04-01", "to": "2020-03-01"})
    assert late.status_code == 422
    assert "结束日期早于开始日期" in text_of(late)
    assert "已出具学时报告" in text_of(agent.post(base))
    (report,) = study.reports_of(group.enterprise.id)
    answer = agent.client.get(f"{base}/{report.report_id}.pdf")
    assert crypto.sha256_hex(answer.data) == report.files["pdf"]
    visitor = Browser(app)
    shown = text_of(visitor.get(f"/public/reports/{report.code}"))
    for part in ("报告有效", report.number, "36:00:00", report.rows_sha256, group.enterprise.name):
        assert part in shown
    same = visitor.post("/public/reports", {"file": (io.BytesIO(answer.data), "a.pdf")})
    assert "文件是原件，没有被改动" in text_of(same)
    changed = visitor.post("/public/reports", {"file": (io.BytesIO(answer.data + b"x"), "a.pdf")})
    assert changed.status_code == 404
    assert "被改动过" in text_of(changed)
    assert visitor.post("/public/reports").status_code == 422
    assert b"def problems_of" in visitor.get("/public/reports/verify_report.py").data
    agent.post(f"{base}/{report.report_id}/withdraw", {"reason": "日期选错"})
    assert "这份报告已作废" in text_of(visitor.get(f"/public/reports/{report.code}"))
