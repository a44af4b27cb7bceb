"""The Chinese sentences of a decision: what was found, and what would change it. Pure text, no judgment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from backend.policies.facts import Fact

ENTERPRISE_KINDS = {
    "ordinary": "普通企业",
    "dispatch_company": "劳务派遣企业",
    "platform_company": "平台企业（新业态企业）",
}
RELATIONS = {
    "contract": "劳动合同职工",
    "dispatched_in": "在本企业工作的劳务派遣人员",
    "platform_worker": "平台从业人员",
}
FACTS = {
    "class_starts_on": "开班日期",
    "starts_with_session": "以第一次学习为开班",
    "first_class_start_on": "最早开班日期",
    "last_class_start_on": "最迟开班日期",
    "enterprise_kind": "企业类型",
    "excluded_kinds": "不可申领的企业类型",
    "relation": "用工形式",
    "covered_relations": "可申领的用工形式",
    "relation_proven": "用工证明齐全",
    "hired_on": "入职日期",
    "filed": "已备案",
    "filing_required": "须培训前备案",
    "checked_in": "有签到",
    "check_in_required": "须签到",
    "plan_media_seconds": "课件总秒数",
    "plan_class_hours": "课件折课时",
    "minimum_class_hours": "最低课时",
    "seconds": "已核实秒数",
    "class_hours": "课时数",
    "planned_class_hours": "计划课时",
    "required_percent": "须达到的出勤率（%）",
    "attended_percent": "出勤率（%）",
    "quiz_passed": "考核合格",
    "pass_mark": "合格分",
    "quiz_required": "须考核",
    "certified": "有合格证书",
    "certificate_required": "须有合格证书",
    "found_in": "比对到的名单",
    "refusing": "不予申领的名单",
    "claimed_on": "提交日期",
    "last_claim_on": "最后申领日",
    "class_hour_seconds": "每课时秒数",
    "rounding": "取整办法",
    "rest_seconds": "零头秒数",
    "rate_fen_per_class_hour": "每课时金额（分）",
    "conditions_met": "条件全部满足",
    "cap_fen": "最高金额（分）",
    "cap_scope": "最高金额的范围",
    "drawn_fen": "此前已核定（分）",
    "left_fen": "还剩（分）",
}
"""What the facts of a step are called in Chinese."""
_WORDS = {
    **ENTERPRISE_KINDS,
    **RELATIONS,
    "floor_once": "合计后只取整一次",
    "floor_per_lesson": "逐课取整",
    "nearest_per_lesson": "逐课四舍五入",
    "person": "每人合计",
    "plan": "每人每计划",
    "person_and_enterprise": "每人每企业",
    "person_and_year": "每人每年",
}
_PROOFS = {"contract": "劳动合同", "dispatched_in": "派遣协议", "platform_worker": "平台协议和开班当月的结算记录"}


def yuan(fen: int) -> str:
    """``44400`` -> ``"444.00元"``."""
    return f"{fen // 100}.{fen % 100:02d}元"


def day(on: date) -> str:
    """``2020-06-30`` -> ``"2020年6月30日"``."""
    return f"{on.year}年{on.month}月{on.day}日"


def duration(seconds: int) -> str:
    """``62345`` -> ``"17小时19分5秒"``, leaving out what is zero."""
    parts = ((seconds // 3600, "小时"), (seconds // 60 % 60, "分"), (seconds % 60, "秒"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0秒"


def minutes_up(seconds: int) -> int:
    """Whole minutes that are enough for ``seconds``."""
    return -(-seconds // 60)


def enough(verb: str, seconds: int, noun: str = "") -> str:
    """What is still to be done, in whole minutes, from an hour on also in hours: ``"再学41分钟即可"``."""
    minutes = minutes_up(seconds)
    return f"再{verb}{minutes}分钟{noun}即可" + (f"（合{duration(minutes * 60)}）" if minutes >= 60 else "")


def window(starts_on: date | None, first: date, last: date, with_session: bool = False) -> str:
    """On the day the class starts; ``last`` is the last good day, ``with_session`` says that the first session made it."""
    span = f"{day(first)}至{day(last)}（含当日）"
    if starts_on is None:
        return f"没有给出开班日期，暂按在{span}之间开班处理。"
    opened = f"开班日期{day(starts_on)}" + ("（备案后第一次学习的日期）" if with_session else "")
    if starts_on < first:
        return f"{opened}早于一级响应之日{day(first)}，不在政策期内；{span}之间开班的才可申领。"
    if starts_on > last:
        return f"{opened}晚于{day(last)}，不在政策期内；最迟{day(last)}24时前开班的才可申领。"
    return f"{opened}，在{span}之间。"


def enterprise_kind(kind: str, excluded: bool) -> str:
    """On the kind of enterprise."""
    name = ENTERPRISE_KINDS[kind]
    if excluded:
        return f"{name}不能申领本项补贴；派出的人员由实际用工单位凭派遣协议申领即可。"
    return f"申领单位是{name}，可以申领。"


def relation(of: str, kind: str, covered: bool, proven: bool) -> str:
    """On the relation between worker and enterprise."""
    name = RELATIONS[of]
    if not covered:
        if kind == "dispatch_company":
            return f"{name}不能由劳务派遣企业申领；由实际用工单位申领即可。"
        return f"{name}不在{ENTERPRISE_KINDS[kind]}可以申领的人员范围内；由其提供服务的平台企业申领即可。"
    if not proven:
        return f"{name}，缺少{_PROOFS[of]}；补交{_PROOFS[of]}即可。"
    if of == "contract":
        return f"{name}，属于补贴对象。"
    return f"{name}，属于补贴对象；{_PROOFS[of]}须留存备查。"


def hired_too_late(hired_on: date, employed_on: str) -> str:
    """On somebody who was not yet employed on the day that matters."""
    what = "开班日期" if employed_on == "class_start" else "申领日期"
    return (
        f"入职日期{day(hired_on)}晚于{what}，当日不是本企业在岗人员，不能申领；入职日期填错的，请在备案前更正花名册。"
    )


def filing(filed: bool) -> str:
    """On filing before training."""
    if filed:
        return "培训计划在培训前已经审核备案。"
    return "培训计划没有在培训前审核备案，学时存入学分银行但不能申领补贴；备案通过之后再学的时间才可以申领。"


def check_in(checked_in: bool, required: bool) -> str:
    """On signing in."""
    if checked_in:
        return "学习期间有签到记录。"
    if not required:
        return "没有签到记录；本政策不要求签到。"
    return "没有签到记录，学时存入学分银行但不能申领补贴；每天学习前先签到，签到之后的时间才可以申领。"


def plan_hours(hours: int | None, minimum: int, missing_seconds: int) -> str:
    """On the class hours of the plan's media."""
    if hours is None:
        return f"没有给出培训计划的课件总时长，暂按备案时已核对不少于{minimum}课时处理。"
    if missing_seconds > 0:
        return f"培训计划的课件合计{hours}课时，不足{minimum}课时；{enough('补', missing_seconds, '课件')}。"
    return f"培训计划的课件合计{hours}课时，不少于{minimum}课时。"


def person_hours(seconds: int, hours: int, minimum: int, missing_seconds: int) -> str:
    """On the class hours the person was found to have."""
    if missing_seconds > 0:
        return f"已核实学习{duration(seconds)}，折{hours}课时，不足{minimum}课时；{enough('学', missing_seconds)}。"
    return f"已核实学习{duration(seconds)}，折{hours}课时，不少于{minimum}课时。"


def attendance(percent: int, planned: int | None, minimum: int, missing_seconds: int) -> str:
    """On the share of the planned class hours that was attended, rounded down."""
    if planned is None:
        return f"没有给出计划课时，暂按出勤率不低于{minimum}%处理。"
    if missing_seconds > 0:
        return f"计划{planned}课时，出勤率{percent}%，不足{minimum}%；{enough('学', missing_seconds)}。"
    return f"计划{planned}课时，出勤率{min(percent, 100)}%，不低于{minimum}%。"


def quiz(passed: bool, required: bool, pass_mark: int) -> str:
    """On the final quiz."""
    if passed:
        return f"考核测试合格（满分100分，{pass_mark}分合格）。"
    if not required:
        return "考核测试没有合格；本政策不要求考核。"
    return f"考核测试没有合格；补考达到{pass_mark}分即可。"


def certificate(certified: bool | None, required: bool) -> str:
    """On the certificate of this class; None: not looked up yet."""
    if certified is None:
        return "还没有核对培训合格证书。" if required else "本政策不要求培训合格证书。"
    if certified:
        return "已核发培训合格证书。"
    if not required:
        return "没有培训合格证书；本政策不要求。"
    return "还没有培训合格证书；出勤和考核都合格后，请企业在班级页面核发合格证书。"


def lists(found: Sequence[str], refused: bool) -> str:
    """On what lists of other offices say of the person; each of ``found`` is a whole sentence."""
    if not found:
        return "在已导入的名单里没有比对出需要核对的记录。"
    after = (
        "按政策不能申领；名单有误的，请出具名单的单位更正后重新比对。"
        if refused
        else "请审核人员核对，不影响测算金额。"
    )
    return "".join(found) + after


def deadline(claimed_on: date | None, last: date, in_time: bool) -> str:
    """On the day of the claim; ``last`` is the last good day."""
    if claimed_on is None:
        return f"还没有提交申领；请在{day(last)}24时前提交。"
    if in_time:
        return f"{day(claimed_on)}提交申领，没有超过{day(last)}24时的期限。"
    return f"{day(claimed_on)}提交申领，已超过{day(last)}24时的期限，不再受理。"


def class_hours(hours: int, rest_seconds: int, next_seconds: int, gain_fen: int, rounding: str = "floor_once") -> str:
    """On rounding, and, where it is done once, on what is left over and what the next hour would bring."""
    if rounding != "floor_once":
        return f"各课的时间{_WORDS[rounding]}后相加，认定{hours}课时。"
    rest = f"，零头{duration(rest_seconds)}留在学分银行" if rest_seconds else ""
    more = f"；再学{minutes_up(next_seconds)}分钟可到{hours + 1}课时，多得{yuan(gain_fen)}" if gain_fen > 0 else ""
    return f"各次学习的秒数相加后只取整一次，认定{hours}课时{rest}{more}。"


def amount(hours: int, rate_fen: int, uncapped_fen: int, eligible: bool) -> str:
    """On rate times hours."""
    product = f"{hours}课时×{yuan(rate_fen)}＝{yuan(uncapped_fen)}"
    return f"{product}。" if eligible else f"{product}；上面的条件没有全部满足，本次不发放。"


def cap(cap_fen: int, drawn_fen: int, left_fen: int, amount_fen: int, eligible: bool) -> str:
    """On the cap and what was drawn before."""
    before = f"此前已核定{yuan(drawn_fen)}，还剩{yuan(left_fen)}" if drawn_fen else "此前没有核定过"
    if left_fen == 0:
        return f"每人最高{yuan(cap_fen)}，此前已核定{yuan(drawn_fen)}，额度已经用完，本次不再发放；学时仍留在学分银行。"
    result = f"本次核定{yuan(amount_fen)}" if eligible else "本次核定0.00元"
    return f"每人最高{yuan(cap_fen)}，{before}；{result}。"


def priority(has: bool, hours: int, minimum: int, until: date | None, expired: bool) -> str:
    """On priority at training centers."""
    if expired and until is not None:
        return f"优先实训资格已于{day(until)}到期。"
    if not has:
        return f"累计{hours}课时，学满{minimum}课时即享优先实训。"
    return f"累计{hours}课时，享优先实训，{'有效期至' + day(until) if until else '疫情结束后一年内有效'}。"


def named_facts(facts: Mapping[str, Fact]) -> str:
    """The facts of a step in words: ``"已核实秒数75600，课时数28"``."""
    return "，".join(f"{FACTS.get(name, name)}{_said(value)}" for name, value in facts.items())


def _said(value: Fact) -> str:
    if value is None:
        return "：未知"
    if isinstance(value, bool):
        return "：是" if value else "：否"
    if isinstance(value, int):
        return str(value)
    words = [value] if isinstance(value, str) else list(value)
    return "：" + ("、".join(_WORDS.get(word, word) for word in words) or "无")
