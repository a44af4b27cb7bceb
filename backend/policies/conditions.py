"""The conditions of a subsidy, one finding each: who and when (二(二), 三), learning (四.2), hours. Pure."""

from __future__ import annotations

from backend.policies import sentences
from backend.policies.facts import Fact, Outcome, PersonFacts, Step, iso, refusing
from backend.policies.limits import (
    attendance_seconds,
    claim_closes_at,
    class_hours_of,
    last_claim_on,
    last_class_start_on,
)
from backend.policies.values import Policy


def conditions(facts: PersonFacts, hours: int, policy: Policy) -> tuple[Step, ...]:
    """Every condition's finding; money is due when none fails."""
    return (
        _window(facts, policy),
        _enterprise(facts, policy),
        _relation(facts, policy),
        _filing(facts, policy),
        _check_in(facts, policy),
        _plan_hours(facts, policy),
        _person_hours(facts, hours, policy),
        _attendance(facts, hours, policy),
        _quiz(facts, policy),
        _certificate(facts, policy),
        _lists(facts, policy),
        _deadline(facts, policy),
    )


def _outcome(good: bool) -> Outcome:
    return "pass" if good else "fail"


def _window(facts: PersonFacts, policy: Policy) -> Step:
    first, last = policy.window.level_one_response_on, last_class_start_on(policy)
    starts_on = facts.class_starts_on
    return Step(
        "policy_window",
        policy.clause("window.last_class_start_on"),
        "info" if starts_on is None else _outcome(first <= starts_on <= last),
        sentences.window(starts_on, first, last, facts.starts_with_session),
        {
            "class_starts_on": iso(starts_on),
            "starts_with_session": facts.starts_with_session,
            "first_class_start_on": first.isoformat(),
            "last_class_start_on": last.isoformat(),
        },
    )


def _enterprise(facts: PersonFacts, policy: Policy) -> Step:
    excluded = facts.enterprise_kind in policy.enterprise.excluded_kinds
    return Step(
        "enterprise_kind",
        policy.clause("enterprise.excluded_kinds"),
        _outcome(not excluded),
        sentences.enterprise_kind(facts.enterprise_kind, excluded),
        {"enterprise_kind": facts.enterprise_kind, "excluded_kinds": policy.enterprise.excluded_kinds},
    )


def _relation(facts: PersonFacts, policy: Policy) -> Step:
    platform = facts.enterprise_kind == "platform_company"
    key = "relation.platform_company" if platform else "relation.ordinary"
    relations = policy.relation.platform_company if platform else policy.relation.ordinary
    covered = facts.relation in relations
    if facts.enterprise_kind == "dispatch_company" and facts.relation == "dispatched_in":
        covered = covered and policy.relation.dispatched_claimant == "dispatch_company"
    used: dict[str, Fact] = {
        "relation": facts.relation,
        "covered_relations": relations,
        "relation_proven": facts.relation_proven,
        "hired_on": iso(facts.hired_on),
    }
    if covered and facts.relation_proven and _hired_too_late(facts, policy):
        assert facts.hired_on is not None
        sentence = sentences.hired_too_late(facts.hired_on, policy.relation.employed_on)
        return Step("relation", policy.clause("relation.employed_on"), "fail", sentence, used)
    sentence = sentences.relation(facts.relation, facts.enterprise_kind, covered, facts.relation_proven)
    return Step("relation", policy.clause(key), _outcome(covered and facts.relation_proven), sentence, used)


def _hired_too_late(facts: PersonFacts, policy: Policy) -> bool:
    """Who was hired after the class had started was no worker of the enterprise in training (domain reference A21)."""
    on = facts.class_starts_on
    if policy.relation.employed_on == "claim_day":
        zone = claim_closes_at(policy).tzinfo
        on = facts.claimed_at.astimezone(zone).date() if facts.claimed_at else None
    return facts.hired_on is not None and on is not None and facts.hired_on > on


def _filing(facts: PersonFacts, policy: Policy) -> Step:
    required = policy.plan.filed_before_training
    return Step(
        "filing",
        policy.clause("plan.filed_before_training"),
        _outcome(facts.filed or not required),
        sentences.filing(facts.filed),
        {"filed": facts.filed, "filing_required": required},
    )


def _check_in(facts: PersonFacts, policy: Policy) -> Step:
    required = policy.claim.check_in_required
    return Step(
        "check_in",
        policy.clause("claim.check_in_required"),
        _outcome(facts.checked_in or not required),
        sentences.check_in(facts.checked_in, required),
        {"checked_in": facts.checked_in, "check_in_required": required},
    )


def _plan_hours(facts: PersonFacts, policy: Policy) -> Step:
    """Clause 二(二) puts 24 class hours on the training: by default on the plan's media and on each person."""
    minimum, unit = policy.subsidy.minimum_class_hours, policy.class_hour.seconds
    clause = policy.clause("subsidy.minimum_class_hours")
    used: dict[str, Fact] = {"plan_media_seconds": None, "minimum_class_hours": minimum}
    if facts.plan_media_seconds is None:
        return Step("plan_hours", clause, "info", sentences.plan_hours(None, minimum, 0), used)
    hours = class_hours_of(facts.plan_media_seconds, policy)
    media = sum(facts.plan_media_seconds)
    missing = _missing(media, hours, minimum, unit)
    applies = policy.subsidy.minimum_applies_to in ("plan_and_person", "plan")
    used |= {"plan_media_seconds": media, "plan_class_hours": hours}
    sentence = sentences.plan_hours(hours, minimum, missing)
    return Step("plan_hours", clause, _outcome(missing == 0 or not applies), sentence, used)


def _person_hours(facts: PersonFacts, hours: int, policy: Policy) -> Step:
    minimum = policy.subsidy.minimum_class_hours
    short = _missing_hours(facts, hours, policy)
    applies = policy.subsidy.minimum_applies_to in ("plan_and_person", "person")
    sentence = sentences.person_hours(
        facts.seconds, hours, minimum, short and max(short, _missing_attendance(facts, policy))
    )
    used: dict[str, Fact] = {"seconds": facts.seconds, "class_hours": hours, "minimum_class_hours": minimum}
    clause = policy.clause("subsidy.minimum_class_hours")
    return Step("hours", clause, _outcome(short == 0 or not applies), sentence, used)


def _attendance(facts: PersonFacts, hours: int, policy: Policy) -> Step:
    """四.2, strict attendance: who stays under the share of the planned hours gets no certificate, and 三 asks for one."""
    percent, clause = policy.certificate.attendance_percent, policy.clause("certificate.attendance_percent")
    used: dict[str, Fact] = {"planned_class_hours": facts.planned_class_hours, "required_percent": percent}
    if facts.planned_class_hours is None:
        return Step("attendance", clause, "info", sentences.attendance(0, None, percent, 0), used)
    short = _missing_attendance(facts, policy)
    missing = short and max(short, _missing_hours(facts, hours, policy))
    attended = facts.seconds * 100 // (facts.planned_class_hours * policy.class_hour.seconds)
    used |= {"seconds": facts.seconds, "attended_percent": attended}
    sentence = sentences.attendance(attended, facts.planned_class_hours, percent, missing)
    return Step("attendance", clause, _outcome(short == 0), sentence, used)


def _missing_hours(facts: PersonFacts, hours: int, policy: Policy) -> int:
    """Seconds to the minimum of class hours."""
    return _missing(facts.seconds, hours, policy.subsidy.minimum_class_hours, policy.class_hour.seconds)


def _missing_attendance(facts: PersonFacts, policy: Policy) -> int:
    """Seconds to the attendance that a certificate asks for."""
    return max(attendance_seconds(facts.planned_class_hours, policy) - facts.seconds, 0)


def _missing(seconds: int, hours: int, minimum: int, unit: int) -> int:
    """Seconds still missing to the minimum; where lessons are rounded one by one, whole class hours."""
    if hours >= minimum:
        return 0
    missing = minimum * unit - seconds
    return missing if missing > 0 else (minimum - hours) * unit


def _quiz(facts: PersonFacts, policy: Policy) -> Step:
    required = policy.quiz.required
    return Step(
        "quiz",
        policy.clause("quiz.required"),
        _outcome(facts.quiz_passed or not required),
        sentences.quiz(facts.quiz_passed, required, policy.quiz.pass_mark),
        {"quiz_passed": facts.quiz_passed, "pass_mark": policy.quiz.pass_mark, "quiz_required": required},
    )


def _certificate(facts: PersonFacts, policy: Policy) -> Step:
    """三: the claim comes with the certificates of its people."""
    required, certified = "certificates" in policy.claim.required_documents, facts.certified
    outcome: Outcome = "info" if certified is None else _outcome(certified or not required)
    return Step(
        "certificate",
        policy.clause("claim.required_documents"),
        outcome,
        sentences.certificate(certified, required),
        {"certified": certified, "certificate_required": required},
    )


def _lists(facts: PersonFacts, policy: Policy) -> Step:
    """四.5: what lists of other offices say; only a finding that refuses stops the payment."""
    stopping = refusing(facts.list_findings)
    return Step(
        "lists",
        policy.clause("relation.flagged_groups"),
        "fail" if stopping else "info",
        sentences.lists([finding.sentence for finding in facts.list_findings], bool(stopping)),
        {"found_in": tuple(finding.kind for finding in facts.list_findings), "refusing": stopping},
    )


def _deadline(facts: PersonFacts, policy: Policy) -> Step:
    closes_at, last = claim_closes_at(policy), last_claim_on(policy)
    clause = policy.clause("claim.last_day_on")
    used: dict[str, Fact] = {"claimed_on": None, "last_claim_on": last.isoformat()}
    if facts.claimed_at is None:
        return Step("claim_deadline", clause, "info", sentences.deadline(None, last, True), used)
    in_time = facts.claimed_at < closes_at
    claimed_on = facts.claimed_at.astimezone(closes_at.tzinfo).date()
    used["claimed_on"] = claimed_on.isoformat()
    return Step("claim_deadline", clause, _outcome(in_time), sentences.deadline(claimed_on, last, in_time), used)
