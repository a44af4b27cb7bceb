"""The registers (台账) of clauses 四.1 and 四.2: read-only lists over the books. Selects across slices, writes nothing.

Rows are in the order of the books. ``enterprise_id`` (inner) keeps one enterprise's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from backend.certificates import services as certificates
from backend.certificates.models import Certificate
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.rules import STATUS_WORDS as CLAIM_WORDS
from backend.enterprises.models import Enterprise
from backend.papers.services import Cell, Column
from backend.payments.models import FundEntry
from backend.people import services as people
from backend.people.rules import mask_name
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.plans.rules import KINDS, MODES
from backend.plans.rules import STATUS_WORDS as PLAN_WORDS
from backend.registers import further_books
from backend.registers.services import payments_register
from backend.registers.tables import Register, make
from config import clock
from config.database import db

_MANY = 500

PLAN_COLUMNS = (
    Column("备案号", 18),
    Column("企业名称", 24),
    Column("统一社会信用代码", 18),
    Column("区划代码", 8),
    Column("培训类别", 12),
    Column("方式", 10),
    Column("平台", 14),
    Column("班级", 18),
    Column("计划人数", 7, "int"),
    Column("名单人数", 7, "int"),
    Column("计划课时", 7, "int"),
    Column("开班", 10, "date"),
    Column("结束", 10, "date"),
    Column("提交", 10, "date"),
    Column("备案", 10, "date"),
    Column("状态", 9),
    Column("审核意见", 20),
)
CLAIM_COLUMNS = (
    Column("提交", 10, "date"),
    Column("企业名称", 24),
    Column("备案号", 18),
    Column("班级", 18),
    Column("名单人数", 7, "int"),
    Column("申领人数", 7, "int"),
    Column("申领金额（元）", 12, "fen"),
    Column("核定人数", 7, "int"),
    Column("核定金额（元）", 12, "fen"),
    Column("已拨付（元）", 12, "fen"),
    Column("状态", 9),
    Column("初审", 8),
    Column("复审", 8),
    Column("通过", 10, "date"),
    Column("政策版本", 20),
    Column("审核意见", 20),
)
PAYMENT_COLUMNS = (
    Column("序号", 5, "int"),
    Column("拨付", 10, "date"),
    Column("企业名称", 24),
    Column("备案号", 18),
    Column("姓名", 8),
    Column("核定课时", 7, "int"),
    Column("补贴金额（元）", 12, "fen"),
    Column("资金来源", 20),
    Column("政策版本", 20),
    Column("付款单号", 30),
)
CERTIFICATE_COLUMNS = (
    Column("证书编号", 20),
    Column("姓名", 8),
    Column("企业名称", 24),
    Column("班级", 18),
    Column("备案号", 18),
    Column("发证单位", 22),
    Column("课时", 6, "int"),
    Column("出勤率（%）", 8, "int"),
    Column("成绩", 6, "int"),
    Column("发证", 10, "date"),
    Column("状态", 8),
    Column("说明", 20),
)


def plans(*, enterprise_id: int | None = None) -> Register:
    """培训计划备案台账: every plan that was ever submitted."""
    query = (
        select(TrainingPlan, Enterprise)
        .join(Enterprise, Enterprise.id == TrainingPlan.enterprise_id)
        .where(TrainingPlan.submitted_at.is_not(None))
        .options(selectinload(TrainingPlan.training_class))
        .order_by(TrainingPlan.id)
    )
    found = db.session.execute(_own(query, TrainingPlan.enterprise_id, enterprise_id)).all()
    listed = _counts(
        select(TrainingClass.plan_id, func.count(Enrollment.id))
        .join(Enrollment, Enrollment.class_id == TrainingClass.id)
        .group_by(TrainingClass.plan_id)
    )
    rows: list[tuple[Cell, ...]] = [
        (
            plan.filing_number or "",
            plan.enterprise_name,
            enterprise.uscc,
            enterprise.district_code,
            KINDS.get(plan.kind or "", ""),
            MODES.get(plan.mode or "", ""),
            plan.platform,
            plan.training_class.title,
            plan.head_count,
            listed.get(plan.id, 0),
            plan.class_hours,
            plan.training_class.starts_on,
            plan.training_class.ends_on,
            _day(plan.submitted_at),
            _day(plan.approved_at),
            PLAN_WORDS[plan.status],
            plan.decision_reason,
        )
        for plan, enterprise in found
    ]
    return make("plans", TITLES["plans"], PLAN_COLUMNS, tuple(rows))


def claims(*, enterprise_id: int | None = None) -> Register:
    """补贴申领审核台账: every claim, what was claimed, what was granted and what left the fund."""
    query = (
        select(SubsidyClaim, TrainingPlan)
        .join(TrainingPlan, TrainingPlan.id == SubsidyClaim.plan_id)
        .options(selectinload(TrainingPlan.training_class))
        .order_by(SubsidyClaim.id)
    )
    found = db.session.execute(_own(query, SubsidyClaim.enterprise_id, enterprise_id)).all()
    line, live = ClaimLine, ClaimLine.status.in_(["held", "settled"])
    of_lines = {
        row.claim_id: row
        for row in db.session.execute(
            select(
                line.claim_id,
                func.count().label("listed"),
                func.count(line.hold_key).label("claimed"),
                func.count().filter(live).label("granted"),
                func.coalesce(func.sum(line.granted_fen).filter(live), 0).label("granted_fen"),
            ).group_by(line.claim_id)
        )
    }
    paid = _counts(
        select(line.claim_id, func.sum(FundEntry.amount_fen))
        .join(FundEntry, FundEntry.claim_line_id == line.id)
        .group_by(line.claim_id)
    )
    names = _staff_names(
        key for claim, _ in found for key in (claim.first_reviewer_id, claim.second_reviewer_id) if key is not None
    )
    rows: list[tuple[Cell, ...]] = []
    for claim, plan in found:
        sums = of_lines[claim.id]
        rows.append(
            (
                _day(claim.submitted_at),
                plan.enterprise_name,
                plan.filing_number or "",
                plan.training_class.title,
                sums.listed,
                sums.claimed,
                claim.total_fen,
                sums.granted,
                int(sums.granted_fen),
                int(paid.get(claim.id, 0)),
                CLAIM_WORDS[claim.status],
                names.get(claim.first_reviewer_id, ""),
                names.get(claim.second_reviewer_id, ""),
                _day(claim.approved_at),
                claim.policy_version,
                claim.decision_reason,
            )
        )
    return make("claims", TITLES["claims"], CLAIM_COLUMNS, tuple(rows))


def payments(*, enterprise_id: int | None = None) -> Register:
    """线上培训补贴资金发放台账 (四.1): every person's money as it left the fund."""
    register = payments_register(enterprise_id=enterprise_id)
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            clock.local_date(row.paid_at),
            row.enterprise_name,
            row.filing_number,
            row.masked_name,
            row.class_hours,
            row.amount_fen,
            row.fund,
            row.policy_version,
            str(row.order_id),
        )
        for number, row in enumerate(register.rows, start=1)
    ]
    return make("payments", TITLES["payments"], PAYMENT_COLUMNS, tuple(rows))


def certificate_book(*, enterprise_id: int | None = None) -> Register:
    """培训合格证书台账: every certificate that was issued, and what became of it."""
    query = (
        select(Certificate, TrainingPlan.enterprise_id)
        .join(TrainingClass, TrainingClass.id == Certificate.class_id)
        .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
        .order_by(Certificate.id)
    )
    found = db.session.execute(_own(query, TrainingPlan.enterprise_id, enterprise_id)).all()
    names = people.names_of(certificate.worker_id for certificate, _ in found)
    rows: list[tuple[Cell, ...]] = []
    for certificate, _ in found:
        facts = certificate.facts
        rows.append(
            (
                certificate.number,
                mask_name(names.get(certificate.worker_id, "")),
                facts["enterprise_name"],
                facts["class_title"],
                facts["filing_number"],
                facts["issuer"],
                facts["class_hours"],
                facts["attendance_percent"],
                facts["score"],
                _day(certificate.issued_at),
                certificates.STATUS_WORDS[certificate.status],
                certificate.ended_reason,
            )
        )
    return make("certificates", TITLES["certificates"], CERTIFICATE_COLUMNS, tuple(rows))


BOOKS: Mapping[str, Callable[..., Register]] = {
    "payments": payments,
    "plans": plans,
    "claims": claims,
    "certificates": certificate_book,
    "notices": further_books.notices,
    "new-hires": further_books.advances,
    "recoveries": further_books.recoveries,
}
"""Every register by its key."""
TITLES: Mapping[str, str] = {
    "payments": "线上培训补贴资金发放台账",
    "plans": "线上培训计划备案台账",
    "claims": "线上培训补贴申领审核台账",
    "certificates": "培训合格证书核发台账",
    "notices": "补贴公示台账",
    "new-hires": "新录用职工岗前培训补贴台账",
    "recoveries": "补贴追回台账",
}


def _own(query: Select[*tuple[Any, ...]], column: Any, enterprise_id: int | None) -> Select[*tuple[Any, ...]]:
    return query if enterprise_id is None else query.where(column == enterprise_id)


def _counts(query: Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {key: int(number) for key, number in db.session.execute(query)}


def _staff_names(ids: Iterable[int]) -> dict[int | None, str]:
    return {key: people.staff_of_id(key).display_name for key in set(ids)}


def _day(at: datetime | None) -> date | None:
    return None if at is None else clock.local_date(at)
