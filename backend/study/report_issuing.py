"""Giving out hour reports that anybody can verify: numbered, sealed, each file kept as it was given out."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.study.models import ReportIssue
from backend.study.report_files import FORMATS, ReportHead, ReportTotals, totals_of, written
from backend.study.reports import hour_report_rows
from config import blobs, clock
from config.database import db, locked, new_public_id
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

REPORT = "report"
MOST_ROWS = 10_000
"""Rows in one report: its PDF takes some ten seconds, and nobody leafs through more."""
_LARGEST_BYTES = 200_000_000


@dataclass(frozen=True)
class PreparedReport:
    """A report whose files are kept already, ready to be numbered and sealed by ``issue_report``."""

    enterprise: EnterpriseView
    code: str
    head: ReportHead
    totals: ReportTotals
    files: Mapping[str, str]


@dataclass(frozen=True)
class IssuedReport:
    """A report as it was given out. ``files``: format → SHA-256. ``withdrawn_at`` None: it stands."""

    report_id: UUID
    number: str
    code: str
    enterprise_id: int
    enterprise_name: str
    starts_on: date | None
    ends_on: date | None
    rows: int
    people: int
    claimable_seconds: int
    learned_seconds: int
    rows_sha256: str
    files: Mapping[str, str]
    issued_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str


def prepare_report(
    *,
    enterprise_id: int,
    starts_on: date | None = None,
    ends_on: date | None = None,
    office: str,
    address_of: Callable[[str], str],
) -> PreparedReport:
    """Make and keep the four files of the report as of now; outside a transaction, because a large PDF takes seconds.

    ``address_of`` gives the public address of a code. Raises ``Conflict`` REPORT_EMPTY, ``Invalid`` REPORT_DAYS or
    REPORT_TOO_LARGE, and as ``blobs.put``.
    """
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise Invalid("REPORT_DAYS", "结束日期早于开始日期，请重新选择。")
    found = hour_report_rows(enterprise_id=enterprise_id, starts_on=starts_on, ends_on=ends_on)
    rows = list(islice(found, MOST_ROWS + 1))
    if not rows:
        raise Conflict("REPORT_EMPTY", "这段时间还没有学习记录，不能出具学时报告。")
    if len(rows) > MOST_ROWS:
        raise Invalid("REPORT_TOO_LARGE", f"这段时间的记录超过{MOST_ROWS}行，请缩短日期范围，分几份出具。")
    enterprise = enterprises.enterprise_by_id(enterprise_id)
    code, at = secrets.token_hex(16), clock.now()
    head = ReportHead(
        number=f"学时报告{clock.today():%Y%m%d}-{code[:8].upper()}",
        office=office,
        enterprise_name=enterprise.name,
        uscc=enterprise.uscc,
        starts_on=starts_on,
        ends_on=ends_on,
        issued_at=at,
        address=address_of(code),
    )
    totals = totals_of(rows)
    files = {
        form: blobs.put(io.BytesIO(content), limit_bytes=_LARGEST_BYTES).sha256
        for form, content in written(head, rows, totals)
    }
    return PreparedReport(enterprise, code, head, totals, files)


def issue_report(*, prepared: PreparedReport, actor: str) -> IssuedReport:
    """Seal a prepared report (kind ``report``) and keep its row; from now on it verifies."""
    head, totals = prepared.head, prepared.totals
    row = ReportIssue(
        public_id=new_public_id(),
        number=head.number,
        code=prepared.code,
        enterprise_id=prepared.enterprise.id,
        enterprise_name=head.enterprise_name,
        starts_on=head.starts_on,
        ends_on=head.ends_on,
        row_count=totals.rows,
        people=totals.people,
        claimable_seconds=totals.claimable_seconds,
        learned_seconds=totals.learned_seconds,
        rows_sha256=totals.rows_sha256,
        **{f"{form}_sha256": prepared.files[form] for form in FORMATS},
        issued_at=head.issued_at,
        issued_by=actor,
        withdrawn_reason="",
    )
    evidence.seal(kind=REPORT, body=_facts(row, prepared.enterprise.public_id), subject=f"{REPORT}:{row.public_id}")
    db.session.add(row)
    db.session.flush()
    audit.write(actor=actor, action="report.issued", subject=f"report:{row.public_id}", detail={"number": row.number})
    return _view(row)


def withdraw_report(*, report_id: UUID, enterprise_id: int, reason: str, actor: str) -> IssuedReport:
    """Withdraw a report of this enterprise; whoever verifies it reads so.

    Raises ``NotFound`` REPORT_NOT_FOUND, ``Conflict`` REPORT_WITHDRAWN, ``Invalid`` REASON_REQUIRED or REASON_TOO_LONG.
    """
    query = select(ReportIssue).where(ReportIssue.public_id == report_id, ReportIssue.enterprise_id == enterprise_id)
    row: ReportIssue | None = db.session.scalar(locked(query))
    if row is None:
        raise _not_found()
    if row.withdrawn_at is not None:
        raise Conflict("REPORT_WITHDRAWN", "这份学时报告已经作废。")
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid("REASON_REQUIRED", "请写明作废的理由，核验报告的人会看到。")
    if len(reason) > 500:
        raise Invalid("REASON_TOO_LONG", "理由最多500个字，请精简。")
    row.withdrawn_at, row.withdrawn_reason = clock.now(), reason
    db.session.flush()
    audit.write(
        actor=actor, action="report.withdrawn", subject=f"report:{row.public_id}", detail={"number": row.number}
    )
    return _view(row)


def reports_of(enterprise_id: int) -> list[IssuedReport]:
    """What an enterprise was given, the newest first (at most 100)."""
    query = select(ReportIssue).where(ReportIssue.enterprise_id == enterprise_id).order_by(ReportIssue.id.desc())
    return [_view(row) for row in db.session.scalars(query.limit(100))]


def issued_report(*, report_id: UUID, enterprise_id: int) -> IssuedReport:
    """One report of this enterprise. Raises ``NotFound`` REPORT_NOT_FOUND."""
    return _one(ReportIssue.public_id == report_id, ReportIssue.enterprise_id == enterprise_id)


def report_by_code(code: str) -> IssuedReport:
    """The report whose QR code holds this code. Raises ``NotFound`` REPORT_NOT_FOUND."""
    return _one(ReportIssue.code == code)


def report_by_file(sha256: str) -> tuple[IssuedReport, str]:
    """The report one of whose files has this SHA-256, and which. Raises ``NotFound`` REPORT_FILE_UNKNOWN."""
    columns = {form: getattr(ReportIssue, f"{form}_sha256") for form in FORMATS}
    row = db.session.scalar(select(ReportIssue).where(or_(*(column == sha256 for column in columns.values()))))
    if row is None:
        raise NotFound(
            "REPORT_FILE_UNKNOWN",
            "这个文件不是本系统出具的学时报告，或者出具以后被改动过（哪怕一个字节）。请向出具单位索取原件。",
        )
    found = _view(row)
    return found, next(form for form in FORMATS if found.files[form] == sha256)


def count_sealed_reports() -> int:
    """How many reports were given out."""
    return db.session.scalar(select(func.count()).select_from(ReportIssue)) or 0


def sealed_reports(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next reports after that id."""
    query = select(ReportIssue).where(ReportIssue.id > after_id).order_by(ReportIssue.id).limit(limit)
    return [
        SealedRow(
            id=row.id,
            name=f"{REPORT} {row.number}",
            subject=f"{REPORT}:{row.public_id}",
            body=_facts(row, enterprises.enterprise_by_id(row.enterprise_id).public_id),
        )
        for row in db.session.scalars(query.execution_options(populate_existing=True))
    ]


def _facts(row: ReportIssue, enterprise: UUID) -> dict[str, Any]:
    return {
        "report": str(row.public_id),
        "number": row.number,
        "enterprise": str(enterprise),
        "starts_on": None if row.starts_on is None else row.starts_on.isoformat(),
        "ends_on": None if row.ends_on is None else row.ends_on.isoformat(),
        "rows": row.row_count,
        "people": row.people,
        "claimable_seconds": row.claimable_seconds,
        "learned_seconds": row.learned_seconds,
        "rows_sha256": row.rows_sha256,
        "files": _files(row),
        "issued_by": row.issued_by,
        "at_ms": clock.epoch_ms(row.issued_at),
    }


def _files(row: ReportIssue) -> dict[str, str]:
    return {form: getattr(row, f"{form}_sha256") for form in FORMATS}


def _one(*conditions: Any) -> IssuedReport:
    row = db.session.scalar(select(ReportIssue).where(*conditions))
    if row is None:
        raise _not_found()
    return _view(row)


def _view(row: ReportIssue) -> IssuedReport:
    return IssuedReport(
        report_id=row.public_id,
        number=row.number,
        code=row.code,
        enterprise_id=row.enterprise_id,
        enterprise_name=row.enterprise_name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        rows=row.row_count,
        people=row.people,
        claimable_seconds=row.claimable_seconds,
        learned_seconds=row.learned_seconds,
        rows_sha256=row.rows_sha256,
        files=_files(row),
        issued_at=row.issued_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=row.withdrawn_reason,
    )


def _not_found() -> NotFound:
    return NotFound("REPORT_NOT_FOUND", "没有找到这份学时报告，请核对后重试。")
