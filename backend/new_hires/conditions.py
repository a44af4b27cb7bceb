"""Whether one new hire brings the advance, step by step (二(一); 锡人社发〔2020〕5号; domain reference A14, A15). Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backend.new_hires.rules import CONTENTS, FORMS, Particulars
from backend.policies.rules import ListFinding, Policy, Step


@dataclass(frozen=True)
class NewHireFacts:
    """What is known of one new hire on the day of application ``on``.

    ``elsewhere``: the person already stands in a counted line of another application. ``in_class``: on the list of a class of
    on-job training. ``insured_by_list``: since when an office's list has the person insured with this enterprise, and the
    list in words; ``subsidy_by_list``: fen that a list of other subsidies names, and the list in words.
    """

    on: date
    enterprise_kind: str
    affected: bool
    relation: str
    hired_on: date
    particulars: Particulars
    mentor_named: bool = False
    elsewhere: bool = False
    in_class: bool = False
    insured_by_list: tuple[date, str] | None = None
    subsidy_by_list: tuple[int, str] | None = None
    list_findings: tuple[ListFinding, ...] = ()


@dataclass(frozen=True)
class NewHireDecision:
    """What one new hire brings, and why. ``stable_on`` is the day on which the month is full; ``proof_needed``: that the person
    is insured is only declared, so a paper has to prove it."""

    eligible: bool
    amount_fen: int
    stable_on: date
    proof_needed: bool
    steps: tuple[Step, ...]
    policy_version: str

    def to_dict(self) -> dict[str, Any]:
        """The decision as JSON can hold it."""
        return {
            "eligible": self.eligible,
            "amount_fen": self.amount_fen,
            "stable_on": self.stable_on.isoformat(),
            "policy_version": self.policy_version,
            "steps": [step.to_dict() for step in self.steps],
        }

    def failed(self) -> tuple[Step, ...]:
        """The steps that stand in the way."""
        return tuple(step for step in self.steps if step.outcome == "fail")


def months_later(on: date, months: int) -> date:
    """The same day so many months later; where that month is too short, its last day (31 January 2020 -> 29 February)."""
    whole = on.year * 12 + on.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def stable_on(hired_on: date, insured_on: date | None, policy: Policy) -> date:
    """The day on which somebody has been stably employed for the policy's months (二(一), domain reference A14)."""
    months = policy.new_hire.stable_months
    if policy.new_hire.month_counts_as == "30_days":
        return hired_on + timedelta(days=30 * months)
    if policy.new_hire.month_counts_as == "two_insured_months":
        first = max(hired_on, insured_on or hired_on).replace(day=1)
        return months_later(first, months + 1) - timedelta(days=1)
    return months_later(hired_on, months)


def decide(facts: NewHireFacts, policy: Policy) -> NewHireDecision:
    """One new hire's decision: 300 yuan, or what is missing to it beside 以工代训, when no step fails."""
    listed = facts.insured_by_list
    stable = stable_on(facts.hired_on, listed[0] if listed else facts.particulars.insured_on, policy)
    steps = [*_enterprise(facts, policy), *_employment(facts, policy), *_time(facts, stable, policy)]
    steps += [*_insurance(facts, stable, policy), *_training(facts, policy), *_once(facts, policy)]
    steps += [
        Step(f"list_{item.kind}", "四.5", "fail" if item.refuses else "info", item.sentence)
        for item in facts.list_findings
    ]
    amount = _amount(facts, policy)
    met = all(step.outcome != "fail" for step in (*steps, amount))
    granted = (amount.amount_fen or 0) if met else 0
    declared = policy.new_hire.social_insurance_required and listed is None
    return NewHireDecision(granted > 0, granted, stable, declared and met, (*steps, amount), policy.version)


def _step(rule: str, policy: Policy, key: str, good: bool, yes: str, no: str, **facts: str | int | bool | None) -> Step:
    clause = policy.clause(f"new_hire.{key}")
    return Step(rule, clause, "pass" if good else "fail", yes if good else no, facts)


def _enterprise(facts: NewHireFacts, policy: Policy) -> Iterator[Step]:
    good = facts.enterprise_kind not in policy.new_hire.excluded_kinds
    yield _step(
        "enterprise_kind",
        policy,
        "excluded_kinds",
        good,
        "本企业属于可以申请的企业。",
        "本类企业不能申请新录用职工岗前培训补贴。",
        enterprise_kind=facts.enterprise_kind,
    )
    yield _step(
        "affected",
        policy,
        "amount_fen",
        facts.affected,
        "企业已声明受疫情影响。",
        "企业还没有声明受疫情影响，请先在总览页作出声明。",
        affected=facts.affected,
    )


def _employment(facts: NewHireFacts, policy: Policy) -> Iterator[Step]:
    given = facts.particulars
    covered = facts.relation in policy.new_hire.relations
    yield _step(
        "relation",
        policy,
        "relations",
        covered,
        "与本企业建立劳动关系。",
        "花名册上不是劳动合同用工；被派遣人员和平台从业人员没有与本企业签订劳动合同，不能由本企业申请。",
        relation=facts.relation,
    )
    signed = given.contract_on is not None
    renewed = given.contract_renewed and not policy.new_hire.contract_renewal_counts
    said = f"劳动合同于{_day(given.contract_on)}签订" if given.contract_on else "没有填写劳动合同签订日期"
    missing = f"{said}，属于续签，续签的不算新录用。" if signed else f"{said}，请补填。"
    yield _step(
        "contract",
        policy,
        "contract_renewal_counts",
        signed and not renewed,
        f"{said}，不是续签。" if not given.contract_renewed else f"{said}（续签）。",
        missing,
        contract_on=_iso(given.contract_on),
        renewed=given.contract_renewed,
    )
    if policy.new_hire.hire_registration_required:
        yield _step(
            "hire_registration",
            policy,
            "hire_registration_required",
            given.hire_registered,
            "已办理新职工录用备案手续。",
            "还没有办理新职工录用备案手续，请办理后再申请。",
            registered=given.hire_registered,
        )


def _time(facts: NewHireFacts, stable: date, policy: Policy) -> Iterator[Step]:
    first, last = policy.new_hire.first_day_on, policy.new_hire.last_day_on
    whole_month = policy.new_hire.window_means == "month_complete_in_window"
    good = first <= facts.hired_on <= last and (not whole_month or stable <= last)
    said = f"{_day(facts.hired_on)}录用，政策期为{_day(first)}至{_day(last)}"
    late = f"{said}，满一个月之日{_day(stable)}已超出。" if whole_month else f"{said}，不在政策期内。"
    yield _step("window", policy, "last_day_on", good, f"{said}。", late, hired_on=_iso(facts.hired_on))
    left = facts.particulars.left_on
    gone = left is not None and left < stable
    full = facts.on >= stable and not gone
    if gone:
        missing = f"{_day(left)}已离职，到{_day(stable)}才满一个月，不算稳定就业。"
    else:
        missing = f"到{_day(stable)}才满一个月，还差{(stable - facts.on).days}天，请届时再申请。"
    yield _step(
        "stable",
        policy,
        "month_counts_as",
        full,
        f"{_day(facts.hired_on)}录用，{_day(stable)}稳定就业满一个月。",
        missing,
        stable_on=_iso(stable),
        left_on=_iso(left),
    )
    if policy.new_hire.apply_by_on is not None:
        by = policy.new_hire.apply_by_on
        yield _step(
            "deadline",
            policy,
            "apply_by_on",
            facts.on <= by,
            f"申请截止日为{_day(by)}，没有超过。",
            f"申请截止日为{_day(by)}，已经超过。",
            applied_on=_iso(facts.on),
        )


def _insurance(facts: NewHireFacts, stable: date, policy: Policy) -> Iterator[Step]:
    if not policy.new_hire.social_insurance_required:
        return
    since, source = facts.insured_by_list or (facts.particulars.insured_on, "企业填报，附参保证明")
    missing = (
        "没有填写参保日期，请补填并上传参保证明。"
        if since is None
        else f"{_day(since)}才参保，满一个月之日{_day(stable)}时还没有参保。"
    )
    yield _step(
        "insurance",
        policy,
        "social_insurance_required",
        since is not None and since <= stable,
        f"{_day(since)}起参加社会保险（{source}）。",
        missing,
        insured_on=_iso(since),
        listed=facts.insured_by_list is not None,
    )


def _training(facts: NewHireFacts, policy: Policy) -> Iterator[Step]:
    given = facts.particulars
    named = "、".join(CONTENTS.get(item, item) for item in given.contents)
    mentored = given.form != "mentor" or facts.mentor_named
    good = bool(given.contents) and given.form in policy.new_hire.forms and mentored
    missing = "请确认培训内容和培训方式" + ("，并为师带徒选择带教师傅。" if not mentored else "。")
    yield _step(
        "training",
        policy,
        "contents",
        good,
        f"将以{FORMS.get(given.form, given.form)}开展岗前培训，内容为{named}。",
        missing,
        form=given.form,
    )


def _once(facts: NewHireFacts, policy: Policy) -> Iterator[Step]:
    yield _step(
        "once",
        policy,
        "amount_fen",
        not facts.elsewhere,
        "此前没有为本人申请过这项补贴。",
        "本人已在另一份申请中，每人只能享受一次。",
        elsewhere=facts.elsewhere,
    )
    if facts.in_class:
        clause = policy.clause("new_hire.together_with_on_job")
        if policy.new_hire.together_with_on_job:
            said = "本人也在在岗培训班名单上：两项补贴可以都享受，但岗前培训要另外安排，同一段学习时间不重复使用。"
            yield Step("on_job", clause, "info", said)
        else:
            yield Step("on_job", clause, "fail", "本人已在在岗培训班名单上，两项补贴不能同时享受。")


def _amount(facts: NewHireFacts, policy: Policy) -> Step:
    """就高不重复: what 以工代训 already brought is taken off, or rules the advance out, as the policy says."""
    full, declared = policy.new_hire.amount_fen, facts.particulars.other_subsidy_fen
    listed, source = facts.subsidy_by_list or (0, "")
    other, source = max(declared, listed), f"（{source}）" if listed > declared else ""
    key = "other_subsidy" if other else "amount_fen"
    clause, used = policy.clause(f"new_hire.{key}"), {"amount_fen": full, "other_subsidy_fen": other}
    if not other:
        return Step("amount", clause, "pass", f"每人{_yuan(full)}元。", used, full)
    if policy.new_hire.other_subsidy == "exclusive" or other >= full:
        return Step(
            "amount", clause, "fail", f"已享受以工代训补贴{_yuan(other)}元{source}，就高不重复，不再补差额。", used, 0
        )
    said = (
        f"每人{_yuan(full)}元，已享受以工代训补贴{_yuan(other)}元{source}，就高不重复，补差额{_yuan(full - other)}元。"
    )
    return Step("amount", clause, "pass", said, used, full - other)


def _day(on: date | None) -> str:
    return "" if on is None else f"{on.year}年{on.month}月{on.day}日"


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _yuan(fen: int) -> str:
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"
