"""States of an application for new hires and of its lines, and what may be entered. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from backend.policies.rules import Policy
from config.errors import Conflict, Invalid

Status = Literal["draft", "submitted", "reviewed", "approved", "sent_back", "rejected", "withdrawn"]
LineStatus = Literal["draft", "held", "refused", "released", "payable", "paid", "trained", "untrained", "recovered"]
Form = Literal["online", "self_study", "mentor"]
Answer = Literal["confirmed", "refused", "withdrawn"]
Outcome = Literal["trained", "untrained"]

STATUS_WORDS: dict[str, str] = {
    "draft": "待提交",
    "submitted": "待审核",
    "reviewed": "初审通过，待复核",
    "approved": "审核通过",
    "sent_back": "退回补正",
    "rejected": "审核不通过",
    "withdrawn": "已撤回",
}
LINE_WORDS: dict[str, str] = {
    "draft": "待提交",
    "held": "待审核",
    "refused": "不符合",
    "released": "未通过",
    "payable": "待拨付",
    "paid": "已预拨，待核查培训",
    "trained": "已核查，培训完成",
    "untrained": "未完成培训，应退回",
    "recovered": "已追回",
}
FORMS: dict[str, str] = {"online": "线上培训", "self_study": "自主学", "mentor": "师带徒"}
CONTENTS: dict[str, str] = {
    "vocational_skill": "职业技能",
    "vocational_quality": "职业素质",
    "job_fitness": "适岗能力",
    "work_safety": "安全生产",
    "epidemic_protection": "疫情防护",
}
ANSWERS: tuple[Answer, ...] = get_args(Answer)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

MOVES: dict[tuple[str, str], str] = {
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("submitted", "review"): "reviewed",
    ("submitted", "send_back"): "sent_back",
    ("submitted", "reject"): "rejected",
    ("reviewed", "withdraw"): "withdrawn",
    ("reviewed", "approve"): "approved",
    ("reviewed", "send_back"): "sent_back",
    ("reviewed", "reject"): "rejected",
}
LINE_MOVES = [
    ("draft", "held"),
    ("draft", "refused"),
    ("held", "released"),
    ("held", "payable"),
    ("payable", "paid"),
    ("paid", "trained"),
    ("paid", "untrained"),
    ("untrained", "recovered"),
]
COUNTED_STATUSES = ("held", "payable", "paid", "trained", "untrained")
"""In these a line stands for its person: nobody has two of them."""
OPEN_STATUSES = ("held", "payable", "paid", "untrained")
"""In these something is still to be decided, paid, checked or demanded back."""
PAID_STATUSES = ("paid", "trained", "untrained", "recovered")
MOST_PEOPLE = 1_000

_VERBS = {
    "submit": "提交",
    "withdraw": "撤回",
    "review": "初审",
    "approve": "复核通过",
    "send_back": "退回",
    "reject": "驳回",
}


@dataclass(frozen=True)
class Particulars:
    """What an enterprise says of one new hire. ``insured_on``: since when insured with it; ``left_on``: None while employed.

    ``other_subsidy_fen`` is what was granted for the person as 以工代训 (锡人社发〔2020〕5号: 就高不重复).
    """

    contract_on: date | None
    contract_renewed: bool
    hire_registered: bool
    insured_on: date | None
    left_on: date | None
    other_subsidy_fen: int
    form: str
    contents: tuple[str, ...]


def next_status(status: str, move: str) -> str:
    """The status after a move. Raises ``Conflict`` NEW_HIRES_MOVE_REFUSED."""
    after = MOVES.get((status, move))
    if after is None:
        raise Conflict(
            "NEW_HIRES_MOVE_REFUSED",
            f"这份新录用职工补贴申请现在是“{STATUS_WORDS[status]}”，不能{_VERBS[move]}；请刷新页面查看最新状态。",
        )
    return after


def require_draft(status: str) -> None:
    """Raises ``Conflict`` NEW_HIRES_NOT_DRAFT when the people can no longer be changed."""
    if status != "draft":
        raise Conflict("NEW_HIRES_NOT_DRAFT", "申请已提交，名单不能再改；如需更正，请先撤回，再重新填写一份。")


def check_particulars(given: Particulars, *, has_mentor: bool, policy: Policy, today: date) -> Particulars:
    """The particulars, contents in the policy's order.

    Raises ``Invalid`` NEW_HIRE_INVALID, whose errors name the fields.
    """
    errors = []

    def wrong(field: str, sentence: str) -> None:
        errors.append({"field": field, "detail": sentence})

    if given.form not in policy.new_hire.forms:
        wrong("form", "请选择培训方式：线上培训、自主学或师带徒。")
    if not given.contents or set(given.contents) - set(policy.new_hire.contents):
        wrong("contents", "请至少选择一项培训内容。")
    if given.form == "mentor" and not has_mentor:
        wrong("mentor", "师带徒请从花名册中选择带教师傅。")
    if not 0 <= given.other_subsidy_fen <= 10_000_000:
        wrong("other_subsidy", "已享受的以工代训补贴应在0至10万元之间。")
    for field, word, day in (
        ("contract_on", "劳动合同签订日期", given.contract_on),
        ("insured_on", "参保日期", given.insured_on),
        ("left_on", "离职日期", given.left_on),
    ):
        if day is not None and day > today:
            wrong(field, f"{word}不能晚于今天。")
    if errors:
        raise Invalid("NEW_HIRE_INVALID", "有几项没有填对，请按提示修改。", errors=errors)
    contents = tuple(item for item in policy.new_hire.contents if item in given.contents)
    return Particulars(**{**given.__dict__, "contents": contents})


def require_submittable(*, line_count: int, eligible_count: int, promised: bool, needs_proof: bool) -> None:
    """Raises ``Conflict`` NEW_HIRES_EMPTY or NEW_HIRES_NOBODY_ELIGIBLE, ``Invalid`` PROMISE_REQUIRED or
    INSURANCE_PROOF_REQUIRED."""
    if line_count == 0:
        raise Conflict("NEW_HIRES_EMPTY", "名单还是空的，请先从花名册中选择新录用职工。")
    if eligible_count == 0:
        raise Conflict("NEW_HIRES_NOBODY_ELIGIBLE", "名单中没有符合条件的人，请按每个人的说明补充后再提交。")
    if needs_proof:
        raise Invalid("INSURANCE_PROOF_REQUIRED", "请先上传社会保险参保证明（PDF或图片），再提交申请。")
    if not promised:
        raise Invalid("PROMISE_REQUIRED", "请阅读并勾选承诺内容后再提交。")


def chosen(values: Collection[str]) -> str:
    """Tags as a table keeps them."""
    return " ".join(values)
