"""The files of one hour report over the same rows: signed JSON, PDF, XLSX, CSV. Pure but for the signature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from backend.papers import services as papers
from backend.papers.services import Column, Place, Sheet
from backend.study.reports import HourRow
from config import clock, crypto

FORMATS = ("pdf", "xlsx", "csv", "json")
KIND = "chuangke-hour-report@1"
_TEMPLATE = Path(__file__).with_name("papers") / "hour_report.typ"
_SIGNATURE = Place(left=212, bottom=16, width=67, height=30)  # where the template leaves it free
_GRADES = {"counted": "本平台计时", "imported": "平台记录", "attested": "平台证明"}
_COLUMNS = (
    Column("报告编号", 24),
    Column("姓名", 10),
    Column("身份证号", 20),
    Column("班级", 22),
    Column("课程内容", 30),
    Column("来源", 12),
    Column("可申领秒数", 12, "int"),
    Column("计入学分秒数", 14, "int"),
    Column("首次学习日期", 14, "date"),
    Column("末次学习日期", 14, "date"),
    Column("存证编号", 40),
)


@dataclass(frozen=True)
class ReportHead:
    """What a report says of itself. ``starts_on`` and ``ends_on`` are the days asked for, both included."""

    number: str
    office: str
    enterprise_name: str
    uscc: str
    starts_on: date | None
    ends_on: date | None
    issued_at: datetime
    address: str


@dataclass(frozen=True)
class ReportTotals:
    """What the rows add up to. ``rows_sha256``: of the canonical JSON of the rows."""

    rows: int
    people: int
    claimable_seconds: int
    learned_seconds: int
    rows_sha256: str


def totals_of(rows: Sequence[HourRow]) -> ReportTotals:
    """The sums of the rows and their digest."""
    return ReportTotals(
        rows=len(rows),
        people=len({row.roster_entry_id for row in rows}),
        claimable_seconds=sum(row.claimable_seconds for row in rows),
        learned_seconds=sum(row.learned_seconds for row in rows),
        rows_sha256=crypto.sha256_hex(crypto.canonical_json([_row(row) for row in rows])),
    )


def written(head: ReportHead, rows: Sequence[HourRow], totals: ReportTotals) -> Iterator[tuple[str, bytes]]:
    """(format, content) of each file, one after the other."""
    yield "json", _json(head, rows, totals)
    yield "csv", papers.csv_text([column.heading for column in _COLUMNS], _cells(head, rows)).encode("utf-8-sig")
    yield "xlsx", _xlsx(head, rows, totals)
    yield "pdf", _pdf(head, rows, totals)


def exact(seconds: int) -> str:
    """``5025`` → ``1:23:45``."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _json(head: ReportHead, rows: Sequence[HourRow], totals: ReportTotals) -> bytes:
    """``{"report": …, "signature": …}``: Ed25519 over the RFC 8785 bytes of ``report``."""
    report: dict[str, Any] = {
        "kind": KIND,
        "number": head.number,
        "office": head.office,
        "enterprise": {"name": head.enterprise_name, "uscc": head.uscc},
        "starts_on": _iso(head.starts_on),
        "ends_on": _iso(head.ends_on),
        "issued_at_ms": clock.epoch_ms(head.issued_at),
        "address": head.address,
        "totals": {
            "rows": totals.rows,
            "people": totals.people,
            "claimable_seconds": totals.claimable_seconds,
            "learned_seconds": totals.learned_seconds,
        },
        "rows_sha256": totals.rows_sha256,
        "rows": [_row(row) for row in rows],
    }
    signature = crypto.sign(crypto.canonical_json(report))
    signed = {"algorithm": "Ed25519", "key_id": signature.key_id, "signature": signature.signature_b64}
    return crypto.canonical_json({"report": report, "signature": signed}) + b"\n"


def _row(row: HourRow) -> dict[str, Any]:
    return {
        "name": row.masked_name,
        "id_number": row.masked_id_number,
        "class": str(row.class_id),
        "class_title": row.class_title,
        "lesson": None if row.lesson_id is None else str(row.lesson_id),
        "lesson_title": row.lesson_title,
        "grade": row.grade,
        "claimable_seconds": row.claimable_seconds,
        "learned_seconds": row.learned_seconds,
        "first_on": row.first_on.isoformat(),
        "last_on": row.last_on.isoformat(),
        "evidence": [
            {"record": str(found.record_id), "kind": found.kind, "leaf_hash": found.leaf_hash} for found in row.evidence
        ],
    }


def _cells(head: ReportHead, rows: Sequence[HourRow]) -> Iterator[Sequence[str | int | date]]:
    for row in rows:
        yield (
            head.number,
            row.masked_name,
            row.masked_id_number,
            row.class_title,
            row.lesson_title,
            _GRADES[row.grade],
            row.claimable_seconds,
            row.learned_seconds,
            row.first_on,
            row.last_on,
            " ".join(str(found.record_id) for found in row.evidence),
        )


def _xlsx(head: ReportHead, rows: Sequence[HourRow], totals: ReportTotals) -> bytes:
    sheet = Sheet(
        name="学时报告",
        columns=_COLUMNS,
        rows=_cells(head, rows),
        title_lines=(
            "企业学时报告",
            f"{head.enterprise_name}（{head.uscc}）　{period(head.starts_on, head.ends_on)}",
            f"编号 {head.number}　核验 {head.address}",
        ),
        totals=(
            *("合计", f"{totals.people} 人", None, None, None, None),
            *(totals.claimable_seconds, totals.learned_seconds, None, None, None),
        ),
        foot_lines=(f"数据摘要（SHA-256）{totals.rows_sha256}",),
    )
    return papers.workbook([sheet])


def _pdf(head: ReportHead, rows: Sequence[HourRow], totals: ReportTotals) -> bytes:
    data = {
        "number": head.number,
        "office": head.office,
        "fields": [
            ["企业名称", head.enterprise_name],
            ["统一社会信用代码", head.uscc],
            ["学习日期", period(head.starts_on, head.ends_on)],
            ["出具时间", clock.local_date(head.issued_at).isoformat()],
            ["人数", f"{totals.people} 人"],
            ["合计", f"可申领 {exact(totals.claimable_seconds)}，计入学分 {exact(totals.learned_seconds)}（时:分:秒）"],
        ],
        "rows": [
            [
                str(place),
                row.masked_name,
                row.masked_id_number,
                row.class_title,
                row.lesson_title,
                _GRADES[row.grade],
                exact(row.claimable_seconds),
                exact(row.learned_seconds),
                row.first_on.isoformat(),
                row.last_on.isoformat(),
                str(len(row.evidence)),
            ]
            for place, row in enumerate(rows, start=1)
        ],
        "totals": [exact(totals.claimable_seconds), exact(totals.learned_seconds)],
        "rows_sha256": totals.rows_sha256,
    }
    printed = papers.pdf(_TEMPLATE, data, pictures={"qr": papers.qr_svg(head.address)})
    return papers.with_signature_field(printed, _SIGNATURE)


def period(starts_on: date | None, ends_on: date | None) -> str:
    """The days of a report in words."""
    if starts_on is None and ends_on is None:
        return "全部"
    return f"{'最早' if starts_on is None else starts_on.isoformat()} 至 {'最近' if ends_on is None else ends_on.isoformat()}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
