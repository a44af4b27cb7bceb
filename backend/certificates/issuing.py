"""Issuing certificates: who in a class has earned one and has none yet (三, 四.2)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from backend.audit import services as audit
from backend.certificates import report_due, rules
from backend.certificates.models import Certificate, CertificateSeries
from backend.certificates.report_due import Learned
from backend.certificates.rules import Standing
from backend.certificates.sealing import seal_certificates
from backend.certificates.views import NAME, CertificateView, certificate_view
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.policies import services as policies
from backend.policies.rules import Policy
from config import clock, crypto
from config.database import db, is_sqlite, locked, new_public_id

_CLASSES_A_RUN = 50
SYSTEM = "system"


def issue_due(*, class_id: UUID | None = None, actor: str = SYSTEM) -> list[CertificateView]:
    """Issue what has been earned and not issued: in one class at once, or (None) in the classes where it is due by itself,
    because somebody learned all planned hours or the class is over. Whoever ever had a certificate of the class is left out.

    Calling it again issues nothing more. Each certificate is sealed and audited. Raises ``NotFound`` CLASS_NOT_FOUND.
    """
    if class_id is not None:
        return _issue_in(class_id, actor, asked=True)
    issued: list[CertificateView] = []
    after = 0
    while len(issued) < _CLASSES_A_RUN and (classes := report_due.classes_with_due(_CLASSES_A_RUN, after_id=after)):
        for _, due_in in classes:
            issued += _issue_in(due_in, actor, asked=False)
        after = classes[-1][0]
    return issued


def issue_due_by_itself() -> int:
    """Job, once an hour: how many certificates were issued without being asked for."""
    return len(issue_due())


def standing_of(learned: Learned, plan: PlanView, policy: Policy) -> Standing:
    """Where somebody stands by the plan's policy."""
    return rules.standing(
        seconds=learned.seconds, score=learned.score, planned_class_hours=plan.fields.class_hours, policy=policy
    )


def issue(
    *,
    plan: PlanView,
    policy: Policy,
    people_and_facts: Sequence[tuple[int, int, str, dict[str, Any]]],
    actor: str,
    replaces: Certificate | None = None,
) -> list[CertificateView]:
    """Number, seal and keep certificates for (enrollment id, worker id, name, facts); for this slice only."""
    now, year = clock.now(), clock.today().year
    series = _series(year)
    persons = people.learner_refs(worker_id for _, worker_id, _, _ in people_and_facts)
    rows = []
    for enrollment_id, worker_id, name, facts in people_and_facts:
        series.last_serial += 1
        rows.append(
            Certificate(
                public_id=new_public_id(),
                number=rules.number(policy.certificate.number_prefix, year, series.last_serial),
                code=secrets.token_hex(16),
                worker_id=worker_id,
                enrollment_id=enrollment_id,
                class_id=plan.training_class.id,
                name_encrypted=crypto.encrypt(name, purpose=NAME),
                name_index=name_index(name),
                facts=facts,
                issued_at=now,
                issued_by=actor,
                replaces_id=None if replaces is None else replaces.id,
                status="valid",
                ended_reason="",
                ended_clause="",
            )
        )
    replaced = None if replaces is None else replaces.number
    seal_certificates(rows, persons, class_ref=plan.training_class.class_id, replaces=replaced)
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        detail = {"number": row.number, "class": str(plan.training_class.class_id), "replaces": replaced}
        audit.write(actor=actor, action="certificate.issued", subject=f"certificate:{row.public_id}", detail=detail)
    return [certificate_view(row, replaces=replaced) for row in rows]


def name_index(name: str) -> str:
    """The keyed digest under which a name on a certificate is compared."""
    return crypto.blind_index(rules.normal_name(name), purpose=NAME)


def _issue_in(class_id: UUID, actor: str, *, asked: bool) -> list[CertificateView]:
    view = plans.class_view(class_id)
    plan = plans.plan_view(view.plan_id)
    if plan.status != "approved":
        return []
    policy = policies.of_version(plan.policy_id, plan.policy_version)
    _series(clock.today().year)  # whoever issues at the same time waits here, and then finds nobody left
    due = []
    for learned in report_due.learned_in(class_id):
        found = standing_of(learned, plan, policy)
        if found.earned and (asked or rules.issued_by_itself(found, ends_on=view.ends_on, today=clock.today())):
            due.append((learned, found))
    names = people.names_of(learned.worker_id for learned, _ in due)
    return issue(
        plan=plan,
        policy=policy,
        people_and_facts=[
            (learned.enrollment_id, learned.worker_id, names[learned.worker_id], _facts(plan, policy, found))
            for learned, found in due
            if learned.worker_id in names
        ],
        actor=actor,
    )


def _facts(plan: PlanView, policy: Policy, found: Standing) -> dict[str, Any]:
    """What stands on the certificate, but for the name: strings, integers, lists of strings."""
    fields, view, today = plan.fields, plan.training_class, clock.today()
    ends_on = None if view.ends_on is None else min(view.ends_on, today)
    return {
        "issuer": rules.issuer(
            policy, mode=fields.mode, enterprise_name=plan.enterprise_name, platform=fields.platform
        ),
        "enterprise_name": plan.enterprise_name,
        "class_title": view.title,
        "courses": [course.title for course in view.courses],
        "kind": fields.kind or "",
        "trade_code": fields.trade_code,
        "filing_number": plan.filing_number or "",
        "class_hours": found.class_hours,
        "planned_class_hours": fields.class_hours or 0,
        "attendance_percent": found.attendance_percent,
        "score": found.score or 0,
        "pass_mark": policy.quiz.pass_mark,
        "starts_on": None if view.starts_on is None else view.starts_on.isoformat(),
        "ends_on": None if ends_on is None else ends_on.isoformat(),
        "policy_id": policy.id,
        "policy_version": policy.version,
    }


def _series(year: int) -> CertificateSeries:
    """The year's numbers, locked until the transaction ends."""
    query = select(CertificateSeries).where(CertificateSeries.year == year)
    found: CertificateSeries | None = db.session.scalar(locked(query))
    if found is None:
        adding = sqlite.insert if is_sqlite() else postgresql.insert
        db.session.execute(adding(CertificateSeries).values(year=year, last_serial=0).on_conflict_do_nothing())
        found = db.session.scalar(locked(query))
    assert found is not None
    return found
