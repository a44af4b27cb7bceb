"""The plan checker: what stops a filing, what is only said, and the rounding trap of the domain reference (5.3)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.plans.checker import blocking, check
from backend.plans.documents import DocumentFacts, proven_relations
from backend.plans.plan_facts import ListHit, PlanFacts, PlanFinding
from backend.policies import services as policies

HOUR_MS = 2_700_000
POLICY = policies.get("wuxi-2020-10")
TOPICS = frozenset({"infectious_disease", "work_safety", "law", "trade"})

COMPLETE = PlanFacts(
    enterprise_name="无锡精工机械有限公司",
    enterprise_kind="ordinary",
    kind="skill_upgrade",
    head_count=20,
    course_count=3,
    class_hours=24,
    mode="own",
    platform="无锡创课",
    platforms_outside=(),
    agreement="",
    relevance="数控加工岗位技能",
    trade_code="6-18-01-07",
    affected=True,
    commitment_signed=True,
    starts_on=date(2020, 3, 9),
    ends_on=date(2020, 4, 9),
    enrolled=20,
    media_ms=24 * HOUR_MS,
    topics=TOPICS,
    filed_on=date(2020, 3, 2),
    checked_on=date(2020, 3, 2),
    approved=False,
    documents=(DocumentFacts("business_licence"), DocumentFacts("training_scheme")),
    relations=frozenset({"contract"}),
)


def findings(**changes: Any) -> dict[str, PlanFinding]:
    return {finding.code: finding for finding in check(replace(COMPLETE, **changes), POLICY)}


def test_a_complete_plan_has_nothing_said_against_it() -> None:
    assert check(COMPLETE, POLICY) == []


def test_24_lessons_of_44_minutes_50_are_23_class_hours_and_refused() -> None:
    finding = findings(media_ms=24 * (44 * 60 + 50) * 1000)["MEDIA_TOO_SHORT"]
    assert (finding.severity, finding.clause) == ("block", "二(二)")
    assert "合23课时" in finding.sentence
    assert "还差4分钟" in finding.sentence


def test_the_last_missing_millisecond_is_missed() -> None:
    assert "还差1秒" in findings(media_ms=24 * HOUR_MS - 1)["MEDIA_TOO_SHORT"].sentence
    assert findings(media_ms=24 * HOUR_MS) == {}


def test_a_dispatch_company_is_refused_and_told_who_files_instead() -> None:
    finding = findings(enterprise_kind="dispatch_company")["DISPATCH_COMPANY_EXCLUDED"]
    assert finding.severity == "block"
    assert "实际用工企业" in finding.sentence
    assert findings(enterprise_kind="platform_company") == {}


@pytest.mark.parametrize("starts_on", [date(2020, 1, 26), date(2020, 6, 30)])
def test_a_class_may_start_on_the_first_and_on_the_last_day_of_the_window(starts_on: date) -> None:
    early = date(2020, 1, 20)
    assert findings(starts_on=starts_on, ends_on=None, filed_on=early, checked_on=early).keys() == {
        "CLASS_DATES_MISSING"
    }


@pytest.mark.parametrize("starts_on", [date(2020, 1, 25), date(2020, 7, 1)])
def test_a_class_outside_the_window_is_refused(starts_on: date) -> None:
    early = date(2020, 1, 20)
    found = findings(starts_on=starts_on, ends_on=date(2020, 7, 9), filed_on=early, checked_on=early)
    assert found["CLASS_OUTSIDE_WINDOW"].severity == "block"
    assert "2020年6月30日" in found["CLASS_OUTSIDE_WINDOW"].sentence


def test_a_missing_general_topic_only_warns() -> None:
    found = check(replace(COMPLETE, topics=frozenset({"trade", "law"})), POLICY)
    assert [(finding.code, finding.severity) for finding in found] == [("GENERAL_TOPIC_MISSING", "warn")] * 2
    assert "传染病防控常识" in found[0].sentence
    assert "安全生产知识" in found[1].sentence
    assert blocking(found) == []


@pytest.mark.parametrize(
    ("field", "blank", "code"),
    [
        ("enterprise_name", "", "ENTERPRISE_NAME_MISSING"),
        ("head_count", None, "HEAD_COUNT_MISSING"),
        ("course_count", 0, "COURSES_MISSING"),
        ("class_hours", None, "CLASS_HOURS_MISSING"),
        ("mode", None, "MODE_MISSING"),
        ("platform", "", "PLATFORM_MISSING"),
        ("kind", None, "KIND_MISSING"),
        ("relevance", "", "RELEVANCE_MISSING"),
        ("trade_code", "", "TRADE_CODE_MISSING"),
        ("affected", False, "AFFECTED_NOT_DECLARED"),
        ("commitment_signed", False, "COMMITMENT_NOT_SIGNED"),
        ("starts_on", None, "CLASS_DATES_MISSING"),
        ("enrolled", 0, "NOBODY_ENROLLED"),
    ],
)
def test_each_missing_field_is_named(field: str, blank: object, code: str) -> None:
    found = findings(**{field: blank})
    assert list(found) == [code]
    assert found[code].severity == "block"
    assert found[code].clause
    assert found[code].sentence.startswith(("请", "班级"))


def test_an_entrusted_plan_needs_its_agreement_and_the_paper() -> None:
    assert list(findings(mode="entrusted")) == ["AGREEMENT_MISSING", "ENTRUSTMENT_AGREEMENT_MISSING"]
    papers = (*COMPLETE.documents, DocumentFacts("entrustment_agreement", "无锡某培训学校"))
    assert findings(mode="entrusted", agreement="WT-2020-03", documents=papers) == {}


def test_a_plan_without_its_papers_is_not_filed_and_each_is_named_with_its_clause() -> None:
    found = findings(documents=(), relations=frozenset({"dispatched_in", "platform_worker"}))
    assert {code: finding.clause for code, finding in found.items() if finding.severity == "block"} == {
        "BUSINESS_LICENCE_MISSING": "三",
        "TRAINING_SCHEME_MISSING": "四.2",
        "DISPATCH_AGREEMENT_MISSING": "二(二)",
        "PLATFORM_AGREEMENT_MISSING": "二(二)",
        "PLATFORM_SETTLEMENT_MISSING": "二(二)",
    }
    assert "2020年3月" in found["PLATFORM_SETTLEMENT_MISSING"].sentence


def test_a_licence_must_hold_on_the_day_and_the_latest_one_stands() -> None:
    old = DocumentFacts("business_licence", expires_on=date(2020, 3, 1))
    assert findings(documents=(*COMPLETE.documents, old))["BUSINESS_LICENCE_EXPIRED"].severity == "block"
    assert findings(documents=(old, *COMPLETE.documents)) == {}
    ends = DocumentFacts("business_licence", expires_on=date(2020, 4, 8))
    found = findings(documents=(*COMPLETE.documents, ends))
    assert {code: finding.severity for code, finding in found.items()} == {"BUSINESS_LICENCE_ENDS_IN_CLASS": "warn"}


def test_what_proves_a_relation() -> None:
    """Domain reference A17 and A18: the agreement; for platform workers the agreement and pay of the class's month."""
    march = date(2020, 3, 9)
    dispatch = DocumentFacts("dispatch_agreement", "某派遣公司")
    platform = DocumentFacts("platform_agreement", "某平台")
    pay = [DocumentFacts("platform_settlement", settled_month=date(2020, month, 1)) for month in (2, 3)]
    assert proven_relations([], march, POLICY) == {"contract"}
    assert proven_relations([dispatch], march, POLICY) == {"contract", "dispatched_in"}
    assert proven_relations([platform, pay[0]], march, POLICY) == {"contract"}
    assert proven_relations([platform, pay[1]], march, POLICY) == {"contract", "platform_worker"}
    lenient = replace(POLICY, relation=replace(POLICY.relation, platform_worker_proof="agreement_only"))
    assert proven_relations([platform], march, lenient) == {"contract", "platform_worker"}


def test_people_who_will_not_be_paid_for_are_pointed_out() -> None:
    found = findings(hired_late=2, relations=frozenset({"platform_worker"}), documents=COMPLETE.documents)
    assert found["HIRED_AFTER_CLASS_START"].severity == "warn"
    assert found["RELATION_NOT_COVERED"].severity == "warn"
    platform = findings(enterprise_kind="platform_company", relations=frozenset({"platform_worker"}))
    assert "RELATION_NOT_COVERED" not in platform


def test_what_other_offices_know_warns_or_stops_as_policy_says() -> None:
    seen = findings(
        list_hits=(
            ListHit("LIST_PENSION", "pension", False, 2),
            ListHit("LIST_STUDENTS", "students", True, 1),
            ListHit("LIST_DISHONEST", "dishonest", False, 0, "某局提供的失信企业名单列有本企业。"),
        )
    )
    assert {code: finding.severity for code, finding in seen.items()} == {
        "LIST_STUDENTS": "block", "LIST_PENSION": "warn", "LIST_DISHONEST": "warn"
    }  # fmt: skip
    assert seen["LIST_STUDENTS"].sentence == "参训名单中有1人列在在校学生名单上，按政策不能列入；请核对后移出名单。"
    assert (seen["LIST_PENSION"].clause, seen["LIST_DISHONEST"].sentence) == (
        "四.5",
        "某局提供的失信企业名单列有本企业。",
    )


def test_a_late_filing_passes_only_where_policy_lets_a_reviewer_grant_it() -> None:
    late = replace(COMPLETE, filed_on=date(2020, 3, 10), checked_on=date(2020, 3, 10))
    policy = replace(POLICY, window=replace(POLICY.window, class_start_means="reviewer_grants_late_filing"))
    assert [finding.code for finding in check(late, policy)] == ["LATE_FILING_REASON_MISSING"]
    said = replace(late, late_filing_reason="停工期间网上大厅尚未开放。")
    assert [(finding.code, finding.severity) for finding in check(said, policy)] == [("LATE_FILING", "warn")]


def test_fewer_people_than_planned_warn_and_more_are_refused() -> None:
    assert findings(enrolled=19)["ENROLLED_BELOW_HEAD_COUNT"].severity == "warn"
    assert findings(enrolled=21)["ENROLLED_ABOVE_HEAD_COUNT"].severity == "block"


def test_a_class_is_filed_before_it_starts() -> None:
    assert findings(filed_on=date(2020, 3, 10))["CLASS_STARTS_BEFORE_FILING"].severity == "block"
    late = findings(checked_on=date(2020, 3, 9))
    assert late["CLASS_STARTS_BEFORE_APPROVAL"].severity == "warn"
    assert findings(checked_on=date(2020, 3, 12), approved=True) == {}


def test_hours_under_24_are_refused_and_hours_beyond_the_media_warned() -> None:
    assert findings(class_hours=23)["CLASS_HOURS_TOO_FEW"].severity == "block"
    assert findings(class_hours=28)["PLANNED_HOURS_EXCEED_MEDIA"].severity == "warn"
    assert set(findings(class_hours=30)) == {"PLANNED_HOURS_EXCEED_MEDIA"}


def test_planned_hours_that_nobody_could_attend_are_refused() -> None:
    finding = findings(class_hours=31)["PLANNED_HOURS_OUT_OF_REACH"]
    assert (finding.severity, finding.clause) == ("block", "四.2")
    assert "80%的出勤率" in finding.sentence


def test_what_blocks_is_said_first() -> None:
    found = check(replace(COMPLETE, topics=frozenset(), enrolled=19, kind=None), POLICY)
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities)  # "block" before "warn"
