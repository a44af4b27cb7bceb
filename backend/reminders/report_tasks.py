"""What an enterprise has to do next, with the days that are left. Selects across slices, read-only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from backend.certificates import report_due as certificates_report
from backend.claims.models import SubsidyClaim
from backend.claims.rules import LIVE_STATUSES
from backend.new_hires.models import NewHireApplication, NewHireLine
from backend.notices.models import NoticeEntry, PublicNotice
from backend.payments.models import PaymentOrder
from backend.plans import services as plans
from backend.plans.models import TrainingClass, TrainingPlan
from backend.plans.services import PlanView
from backend.policies import services as policies
from backend.policies.rules import Policy, last_claim_on, last_class_start_on, seconds_needed
from backend.reminders import rules
from backend.reminders.rules import Task
from config.database import db


def tasks_of(enterprise_id: int, today: date) -> Iterator[Task]:
    """Everything the enterprise has to do or waits for, in no order."""
    claimed = set(
        db.session.scalars(
            select(SubsidyClaim.plan_id).where(
                SubsidyClaim.enterprise_id == enterprise_id, SubsidyClaim.status.in_(LIVE_STATUSES)
            )
        )
    )
    for plan in plans.plans_of_enterprise(enterprise_id):
        policy = policies.of_version(plan.policy_id, plan.policy_version)
        if plan.status in ("draft", "sent_back"):
            yield from _to_file(plan, policy, today)
        elif plan.status == "approved":
            yield from _to_finish(plan, policy, today)
            if plan.id not in claimed:
                yield _to_claim(plan, policy, today)
    yield from _claims(enterprise_id, today)
    yield from _new_hires(enterprise_id, today)
    yield from _returned_payments(enterprise_id, today)


def _to_file(plan: PlanView, policy: Policy, today: date) -> Iterator[Task]:
    title, due_on = _title(plan), last_class_start_on(policy)
    last = f"最迟{rules.day(due_on)}备案并开班"
    if plan.status == "sent_back":
        sentence = f"{title}已退回补正：{plan.decision_reason.rstrip('。')}。请改好后重新提交，{last}。"
        yield rules.task("plan_sent_back", sentence, due_on, today=today, subject="plan", subject_id=plan.plan_id)
    missing = [finding.sentence for finding in plans.check_plan(plan.plan_id) if finding.severity == "block"]
    if missing:
        more = f"等{len(missing)}项" if len(missing) > 1 else ""
        sentence = f"{title}还不能提交备案：{missing[0].rstrip('。')}{more}。"
        yield rules.task("plan_incomplete", sentence, due_on, today=today, subject="plan", subject_id=plan.plan_id)
    elif plan.status == "draft":
        sentence = f"{title}已可以提交备案，{last}。"
        yield rules.task("plan_to_submit", sentence, due_on, today=today, subject="plan", subject_id=plan.plan_id)


def _to_finish(plan: PlanView, policy: Policy, today: date) -> Iterator[Task]:
    ends_on = plan.training_class.ends_on
    if ends_on is None or not 0 <= (ends_on - today).days <= rules.CLASS_SHOWN_DAYS:
        return
    needed = seconds_needed(plan.fields.class_hours, policy)
    learned = certificates_report.learned_in(plan.training_class.class_id, without_certificate=False)
    behind = sum(item.seconds < needed or item.score is None for item in learned) + plan.enrolled - plan.joined
    if behind:
        sentence = f"{_title(plan)}{rules.day(ends_on)}结束，还有{behind}人没有学完或没有通过测试。"
        yield rules.task("class_ends", sentence, ends_on, today=today, subject="plan", subject_id=plan.plan_id)


def _to_claim(plan: PlanView, policy: Policy, today: date) -> Task:
    due_on = last_claim_on(policy)
    sentence = f"{_title(plan)}还没有申领补贴，最迟{rules.day(due_on)}提交。"
    return rules.task("claim_deadline", sentence, due_on, today=today, subject="plan", subject_id=plan.plan_id)


def _claims(enterprise_id: int, today: date) -> Iterator[Task]:
    newer = aliased(SubsidyClaim)
    query = (
        select(SubsidyClaim, TrainingClass.title)
        .join(TrainingPlan, TrainingPlan.id == SubsidyClaim.plan_id)
        .join(TrainingClass, TrainingClass.plan_id == TrainingPlan.id)
        .where(SubsidyClaim.enterprise_id == enterprise_id, SubsidyClaim.status == "sent_back")
        .where(~select(newer.id).where(newer.plan_id == SubsidyClaim.plan_id, newer.id > SubsidyClaim.id).exists())
    )
    for claim, title in db.session.execute(query):
        due_on = last_claim_on(policies.of_version(claim.policy_id, claim.policy_version))
        sentence = (
            f"“{title}”的补贴申领已退回补正：{claim.decision_reason.rstrip('。')}。最迟{rules.day(due_on)}重新提交。"
        )
        yield rules.task("claim_sent_back", sentence, due_on, today=today, subject="claim", subject_id=claim.public_id)
    shown = (
        select(SubsidyClaim.public_id, func.max(PublicNotice.closes_on).label("closes_on"))
        .join(NoticeEntry, NoticeEntry.claim_ref == SubsidyClaim.public_id)
        .join(PublicNotice, PublicNotice.id == NoticeEntry.notice_id)
        .where(SubsidyClaim.enterprise_id == enterprise_id, PublicNotice.status == "posted")
        .group_by(SubsidyClaim.public_id)
    )
    for claim_id, closes_on in db.session.execute(shown):
        assert closes_on is not None  # the CHECK posted
        sentence = f"补贴申领正在公示，{rules.day(closes_on)}届满，无异议的随后列入拨付。"
        yield rules.task("notice_ends", sentence, closes_on, today=today, subject="claim", subject_id=claim_id)


def _new_hires(enterprise_id: int, today: date) -> Iterator[Task]:
    unchecked = (
        select(NewHireApplication.public_id, func.count(), func.min(NewHireLine.training_due_on))
        .join(NewHireLine, NewHireLine.application_id == NewHireApplication.id)
        .where(NewHireLine.enterprise_id == enterprise_id, NewHireLine.status == "paid")
        .group_by(NewHireApplication.public_id)
    )
    for application_id, count, due_on in db.session.execute(unchecked):
        assert due_on is not None  # the CHECK paid
        sentence = f"新录用职工补贴已预拨，{count}人的岗前培训最迟{rules.day(due_on)}完成，逾期未训的要退回。"
        yield rules.task(
            "new_hire_training", sentence, due_on, today=today, subject="new_hires", subject_id=application_id
        )
    returned = select(NewHireApplication.public_id).where(
        NewHireApplication.enterprise_id == enterprise_id, NewHireApplication.status == "sent_back"
    )
    for application_id in db.session.scalars(returned):
        sentence = "新录用职工补贴申请已退回补正，请改好后重新提交。"
        yield rules.task(
            "new_hires_sent_back", sentence, None, today=today, subject="new_hires", subject_id=application_id
        )


def _returned_payments(enterprise_id: int, today: date) -> Iterator[Task]:
    retry = aliased(PaymentOrder)
    query = select(PaymentOrder.amount_fen, PaymentOrder.failure_text).where(
        PaymentOrder.enterprise_id == enterprise_id,
        PaymentOrder.status == "failed",
        ~select(retry.id).where(retry.retry_of_ref == PaymentOrder.public_id, retry.status != "cancelled").exists(),
    )
    for amount_fen, failure in db.session.execute(query):
        why = f"（{failure}）" if failure else ""
        sentence = f"{rules.yuan(amount_fen)}补贴被银行退回{why}，请核对开户银行账户，改好后会重新拨付。"
        yield rules.task("payment_returned", sentence, None, today=today, subject="account", subject_id=None)


def _title(plan: PlanView) -> str:
    return f"培训计划“{plan.training_class.title or '未命名'}”"
