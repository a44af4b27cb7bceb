"""More registers (台账): public notices, advances for new hires, money asked back. Read-only; see ``books``."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.new_hires import services as new_hires
from backend.new_hires.rules import FORMS
from backend.notices.models import NoticeEntry, Objection, PublicNotice
from backend.notices.rules import STATUS_WORDS, notice_number
from backend.papers.services import Cell, Column
from backend.payments import services as payments
from backend.registers.tables import Register, make
from config import clock
from config.database import db

_OUTCOMES = {"trained": "已培训", "untrained": "未培训"}

NOTICE_COLUMNS = (
    Column("公示编号", 20),
    Column("发布", 10, "date"),
    Column("网址", 30),
    Column("起", 10, "date"),
    Column("止", 10, "date"),
    Column("日历", 8),
    Column("申领份数", 8, "int"),
    Column("人数", 7, "int"),
    Column("金额（元）", 12, "fen"),
    Column("异议", 6, "int"),
    Column("成立", 6, "int"),
    Column("未答复", 6, "int"),
    Column("状态", 8),
    Column("政策版本", 20),
)
NEW_HIRE_COLUMNS = (
    Column("企业名称", 24),
    Column("姓名", 8),
    Column("身份证号", 18),
    Column("入职", 10, "date"),
    Column("培训形式", 10),
    Column("申请", 10, "date"),
    Column("补贴金额（元）", 12, "fen"),
    Column("状态", 10),
    Column("预拨", 10, "date"),
    Column("培训期限", 10, "date"),
    Column("核查结果", 12),
    Column("退回", 10, "date"),
)
RECOVERY_COLUMNS = (
    Column("追回编号", 18),
    Column("企业名称", 24),
    Column("原付款单", 18),
    Column("事由", 24),
    Column("依据", 8),
    Column("决定", 10, "date"),
    Column("期限", 10, "date"),
    Column("应退（元）", 12, "fen"),
    Column("已退（元）", 12, "fen"),
    Column("状态", 8),
)


def notices(*, enterprise_id: int | None = None) -> Register:
    """公示台账: every notice that was posted. A notice shows many enterprises, so one enterprise's register is empty."""
    claims = dict(
        db.session.execute(
            select(NoticeEntry.notice_id, func.count(NoticeEntry.claim_ref.distinct())).group_by(NoticeEntry.notice_id)
        ).all()
    )
    objected = {
        row.notice_id: row
        for row in db.session.execute(
            select(
                Objection.notice_id,
                func.count().label("all"),
                func.count().filter(Objection.status == "upheld").label("upheld"),
                func.count().filter(Objection.status == "open").label("open"),
            ).group_by(Objection.notice_id)
        )
    }
    query = select(PublicNotice).where(PublicNotice.posted_on.is_not(None)).order_by(PublicNotice.id)
    rows: list[tuple[Cell, ...]] = []
    for notice in db.session.scalars(query) if enterprise_id is None else ():
        found = objected.get(notice.id)
        rows.append(
            (
                notice_number(notice.year, notice.sequence),
                notice.posted_on,
                notice.url,
                notice.opens_on,
                notice.closes_on,
                "暂定" if notice.provisional else "",
                claims[notice.id],
                notice.people,
                notice.total_fen,
                found.all if found else 0,
                found.upheld if found else 0,
                found.open if found else 0,
                STATUS_WORDS[notice.status],
                notice.policy_version,
            )
        )
    return make("notices", "补贴公示台账", NOTICE_COLUMNS, tuple(rows))


def advances(*, enterprise_id: int | None = None) -> Register:
    """新录用职工岗前培训补贴台账 (二(一)): every person of every application."""
    rows: list[tuple[Cell, ...]] = [
        (
            row.enterprise_name,
            row.masked_name,
            row.masked_id_number,
            row.hired_on,
            FORMS.get(row.form, row.form),
            clock.local_date(row.submitted_at),
            row.amount_fen,
            row.status_words,
            None if row.paid_at is None else clock.local_date(row.paid_at),
            row.training_due_on,
            _OUTCOMES.get(row.outcome or "", ""),
            None if row.recovered_at is None else clock.local_date(row.recovered_at),
        )
        for row in new_hires.register_rows()
        if enterprise_id in (None, row.enterprise_id)
    ]
    return make("new-hires", "新录用职工岗前培训补贴台账", NEW_HIRE_COLUMNS, tuple(rows))


def recoveries(*, enterprise_id: int | None = None) -> Register:
    """补贴追回台账 (四.5): money that was asked back, and what came."""
    rows: list[tuple[Cell, ...]] = [
        (
            row.number,
            row.enterprise_name,
            row.order_number,
            row.reason,
            row.clause,
            None if row.decided_at is None else clock.local_date(row.decided_at),
            row.due_on,
            row.amount_fen,
            row.received_fen,
            row.status_words,
        )
        for row in payments.recoveries(enterprise_id=enterprise_id)
    ]
    return make("recoveries", "补贴追回台账", RECOVERY_COLUMNS, tuple(rows))
