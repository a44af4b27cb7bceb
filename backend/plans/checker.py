"""What is said of a plan before it is filed (clauses 一, 二(二) and 三). Pure: day, policy and measured media are arguments."""

from __future__ import annotations

from collections.abc import Mapping

from backend.lists.rules import KIND_WORDS
from backend.plans.documents import licence_state, missing, wanted
from backend.plans.plan_facts import ListHit, PlanFacts, PlanFinding
from backend.plans.rules import day_in_words
from backend.policies.rules import Policy, attendance_seconds, last_class_start_on

GENERAL_TOPICS: Mapping[str, str] = {
    "infectious_disease": "传染病防控常识",
    "work_safety": "安全生产知识",
    "law": "法律法规知识",
}
"""The general topics that clause 一(一) wants included."""


def check(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Every finding about a plan, blocking ones first; empty when there is nothing to say."""
    findings = [
        *_check_fields(facts),
        *_check_documents(facts, policy),
        *_check_platform(facts, policy),
        *_check_enterprise(facts, policy),
        *_check_dates(facts, policy),
        *_check_hours(facts, policy),
        *_check_people(facts),
        *_check_relations(facts, policy),
        *_check_lists(facts, policy),
        *_check_topics(facts, policy),
    ]
    return sorted(findings, key=lambda finding: finding.severity != "block")


def blocking(findings: list[PlanFinding]) -> list[PlanFinding]:
    """Those findings that stop the plan from being filed."""
    return [finding for finding in findings if finding.severity == "block"]


def _block(code: str, clause: str, sentence: str) -> PlanFinding:
    return PlanFinding(code, "block", clause, sentence)


def _warn(code: str, clause: str, sentence: str) -> PlanFinding:
    return PlanFinding(code, "warn", clause, sentence)


def _check_fields(facts: PlanFacts) -> list[PlanFinding]:
    """The five fields, the agreement and the commitment of clause 三, and the kind and relevance of clause 一(一)."""
    required = (
        (facts.enterprise_name, "ENTERPRISE_NAME_MISSING", "三", "请填写企业名称。"),
        (facts.head_count, "HEAD_COUNT_MISSING", "三", "请填写培训人数。"),
        (facts.course_count, "COURSES_MISSING", "三", "请选择至少一门培训课程。"),
        (facts.class_hours, "CLASS_HOURS_MISSING", "三", "请填写培训时长（课时）。"),
        (facts.mode, "MODE_MISSING", "三", "请选择培训方式：自主培训或委托第三方培训。"),
        (facts.platform, "PLATFORM_MISSING", "三", "请填写培训平台。"),
        (facts.kind, "KIND_MISSING", "一(一)", "请选择培训类别：岗前培训、安全技能培训或岗位技能提升培训。"),
        (facts.relevance, "RELEVANCE_MISSING", "一(一)", "请说明培训项目与企业主营业务的关系。"),
        (facts.trade_code, "TRADE_CODE_MISSING", "四.2", "请填写对应的职业（工种）代码。"),
        (facts.affected, "AFFECTED_NOT_DECLARED", "二(二)", "请申明企业受疫情影响；补贴面向受疫情影响的企业。"),
        (facts.commitment_signed, "COMMITMENT_NOT_SIGNED", "三", "请确认并签署《开展线上职业培训承诺书》。"),
        (facts.starts_on and facts.ends_on, "CLASS_DATES_MISSING", "二(二)", "请填写开班日期和结束日期。"),
    )
    findings = [_block(code, clause, sentence) for value, code, clause, sentence in required if not value]
    if facts.mode == "entrusted" and not facts.agreement:
        findings.append(_block("AGREEMENT_MISSING", "三", "委托培训机构开展的，请提供委托培训协议编号。"))
    return findings


def _check_documents(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clauses 三 and 四.2: what must be handed in, and a licence that still holds."""
    wants = missing(wanted(facts.mode, facts.relations, facts.starts_on, policy), facts.documents, facts.starts_on)
    findings = [_block(f"{want.kind.upper()}_MISSING", want.clause, want.sentence) for want in wants]
    state, expires_on = licence_state(facts.documents, facts.checked_on, facts.ends_on)
    clause = policy.clause("plan.required_documents")
    if state == "expired":
        assert expires_on is not None
        sentence = f"营业执照已于{day_in_words(expires_on)}到期，请上传在有效期内的执照。"
        findings.append(_block("BUSINESS_LICENCE_EXPIRED", clause, sentence))
    elif state == "ends_in_class":
        assert expires_on is not None
        sentence = f"营业执照{day_in_words(expires_on)}到期，早于培训结束；换照后请补传新的执照。"
        findings.append(_warn("BUSINESS_LICENCE_ENDS_IN_CLASS", clause, sentence))
    return findings


def _check_relations(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 二(二), whom the enterprise may train: its kind, and who worked there when the class started (A21)."""
    platform = facts.enterprise_kind == "platform_company"
    covered = policy.relation.platform_company if platform else policy.relation.ordinary
    findings = []
    if facts.relations - set(covered) - {"dispatched_in"}:
        findings.append(
            _warn(
                "RELATION_NOT_COVERED",
                policy.clause("relation.platform_company"),
                "名单中有平台从业人员，但本企业登记的类型不是平台企业；这些人员不能计入补贴，请核对用工形式或企业类型。",
            )
        )
    if facts.hired_late and policy.relation.employed_on == "class_start":
        clause = policy.clause("relation.employed_on")
        sentence = f"名单中有{facts.hired_late}人的入职日期晚于开班日期，开班当日不在岗的不能计入补贴，请核对。"
        findings.append(_warn("HIRED_AFTER_CLASS_START", clause, sentence))
    return findings


def _check_lists(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 四.5: what other offices know of the people and the enterprise; policy says whether it stops the filing."""
    return [
        PlanFinding(
            hit.code,
            "block" if hit.refuses else "warn",
            policy.clause(f"lists.{hit.kind}"),
            hit.sentence or _people_listed(hit),
        )
        for hit in facts.list_hits
    ]


def _people_listed(hit: ListHit) -> str:
    words = {"LIST_NOT_INSURED": "查不到参保记录", "LIST_INSURED_ELSEWHERE": "由其他单位参保"}
    said = words.get(hit.code, f"列在{KIND_WORDS[hit.kind]}上")
    to_do = "按政策不能列入；请核对后移出名单。" if hit.refuses else "请核实；具体人员和来源见参训名单。"
    return f"参训名单中有{hit.people}人{said}，{to_do}"


def _check_platform(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 一(二): the directory is a reference, so an entrusted plan on another platform is only worth a warning."""
    if facts.mode != "entrusted" or not facts.platforms_outside:
        return []
    named = "、".join(f"“{platform}”" for platform in facts.platforms_outside)
    sentence = (
        f"{named}不在{day_in_words(facts.filed_on)}的线上职业培训平台参考目录内；"
        "请核对平台名称，并备好平台出具的资料供审核。"
    )
    return [_warn("PLATFORM_NOT_IN_DIRECTORY", policy.clause("directory.first_batch_on"), sentence)]


def _check_enterprise(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 二(二): labour-dispatch companies are excluded; the using enterprise files for dispatched workers."""
    if facts.enterprise_kind not in policy.enterprise.excluded_kinds:
        return []
    return [
        _block(
            "DISPATCH_COMPANY_EXCLUDED",
            policy.clause("enterprise.excluded_kinds"),
            "劳务派遣企业不在补贴范围内；派遣人员的培训请由实际用工企业申报。",
        )
    ]


def _check_dates(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 二(二), the window in which a class may start, and clause 三, filing before training."""
    if facts.starts_on is None:
        return []
    findings = []
    first, last = policy.window.level_one_response_on, last_class_start_on(policy)
    if not first <= facts.starts_on <= last:
        findings.append(
            _block(
                "CLASS_OUTSIDE_WINDOW",
                policy.clause("window.last_class_start_on"),
                f"开班日期{day_in_words(facts.starts_on)}不在政策期内；应在{day_in_words(first)}至{day_in_words(last)}之间（含当日）开班。",
            )
        )
    clause = policy.clause("plan.filed_before_training")
    if policy.plan.filed_before_training and facts.starts_on < facts.filed_on:
        findings.append(_filed_late(facts, policy))
    elif facts.starts_on <= facts.checked_on and not facts.approved:
        findings.append(
            _warn(
                "CLASS_STARTS_BEFORE_APPROVAL",
                clause,
                "开班时备案尚未审核通过；通过前的学习时间只记入学分银行，不能申领补贴。",
            )
        )
    return findings


def _filed_late(facts: PlanFacts, policy: Policy) -> PlanFinding:
    """Clause 三, before training; a policy may let the reviewer grant a late filing for a written reason (domain.md A3)."""
    assert facts.starts_on is not None
    said = f"开班日期{day_in_words(facts.starts_on)}早于备案提交日{day_in_words(facts.filed_on)}"
    if policy.window.class_start_means != "reviewer_grants_late_filing":
        clause = policy.clause("plan.filed_before_training")
        return _block("CLASS_STARTS_BEFORE_FILING", clause, f"{said}；应在培训前备案，请调整开班日期。")
    clause = policy.clause("window.class_start_means")
    if not facts.late_filing_reason:
        return _block("LATE_FILING_REASON_MISSING", clause, f"{said}，属于补备案；请写明没有在培训前备案的原因。")
    return _warn("LATE_FILING", clause, f"{said}，属于补备案，由审核人员书面说明理由后办理。")


def _check_hours(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 二(二), not under 24 class hours, measured from the media and floored once over the plan (domain.md A5, A7)."""
    findings = []
    minimum, clause = policy.subsidy.minimum_class_hours, policy.clause("subsidy.minimum_class_hours")
    hour_ms = policy.class_hour.seconds * 1000
    if facts.class_hours and facts.class_hours < minimum:
        findings.append(
            _block("CLASS_HOURS_TOO_FEW", clause, f"计划培训时长为{facts.class_hours}课时，应不少于{minimum}个课时。")
        )
    if not facts.course_count:
        return findings
    lacking_ms, available = minimum * hour_ms - facts.media_ms, facts.media_ms // hour_ms
    if lacking_ms > 0:
        findings.append(
            _block(
                "MEDIA_TOO_SHORT",
                clause,
                f"所选课程实测总时长{_length(facts.media_ms)}，合{available}课时，不足{minimum}课时，"
                f"还差{_length(lacking_ms)}；请增加课程。",
            )
        )
    elif facts.media_ms < attendance_seconds(facts.class_hours, policy) * 1000:
        findings.append(
            _block(
                "PLANNED_HOURS_OUT_OF_REACH",
                policy.clause("certificate.attendance_percent"),
                f"计划培训时长{facts.class_hours}课时，所选课程实测只有{available}课时，学完也达不到"
                f"{policy.certificate.attendance_percent}%的出勤率，不能取得合格证书；请增加课程或减少计划课时。",
            )
        )
    elif facts.class_hours and facts.class_hours > available:
        findings.append(
            _warn(
                "PLANNED_HOURS_EXCEED_MEDIA",
                "三",
                f"计划培训时长{facts.class_hours}课时，所选课程实测只有{available}课时，学员可能学不满计划课时。",
            )
        )
    return findings


def _check_people(facts: PlanFacts) -> list[PlanFinding]:
    """Clause 三, 培训人数, against the people enrolled from the roster; fewer is fine (domain.md A23)."""
    if facts.enrolled == 0:
        return [_block("NOBODY_ENROLLED", "三", "班级里还没有人员；请先导入花名册并选定参训人员。")]
    if facts.head_count is None or facts.head_count == facts.enrolled:
        return []
    sentence = f"计划培训人数{facts.head_count}人，班级名单{facts.enrolled}人"
    if facts.enrolled > facts.head_count:
        return [_block("ENROLLED_ABOVE_HEAD_COUNT", "三", f"{sentence}，名单超出计划；请改正人数或名单。")]
    return [_warn("ENROLLED_BELOW_HEAD_COUNT", "三", f"{sentence}，少于计划；审核通过后不能直接加人。")]


def _check_topics(facts: PlanFacts, policy: Policy) -> list[PlanFinding]:
    """Clause 一(一): the general topics are to be included; no share is given, so policy says if a missing one blocks."""
    if not facts.course_count:
        return []
    clause = policy.clause("plan.general_topics")
    return [
        PlanFinding(
            "GENERAL_TOPIC_MISSING",
            policy.plan.missing_general_topic,
            clause,
            f"课程中没有“{GENERAL_TOPICS.get(topic, topic)}”内容，请补充相应课程。",
        )
        for topic in policy.plan.general_topics
        if topic not in facts.topics
    ]


def _length(milliseconds: int) -> str:
    """Hours, minutes and seconds in words; a started second counts as one."""
    minutes, seconds = divmod(-(-milliseconds // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "小时"), (minutes, "分钟"), (seconds, "秒")]
    return "".join(f"{value}{unit}" for value, unit in parts if value) or "0秒"
