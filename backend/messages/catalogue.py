"""The messages we have for workers: title, fields as WeChat limits them, and the same as a sentence for the phone. Pure.

A field's name is WeChat's own: its type (thing, phrase, amount, date, character_string) and a number, as applied for with the
template. Lengths and characters are those of WeChat's page on subscribe messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.errors import Invalid

_TYPES: Mapping[str, re.Pattern[str]] = {
    "thing": re.compile(r"[^\x00-\x1f\x7f]{1,20}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "amount": re.compile(r"¥?\d{1,10}(\.\d{1,2})?元?"),
    "date": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日( \d{2}:\d{2})?"),
    "character_string": re.compile(r"[\x21-\x7e]{1,32}"),
}
_FIELD = re.compile(r"([a-z_]+?)(\d{1,2})")


@dataclass(frozen=True)
class Template:
    """A message. ``fields`` maps WeChat's field names to their labels; ``sentence`` has them in braces. ``lasting``: a
    long-term template, which government services may apply for: one consent is for all to come. ``page`` opens on a tap."""

    code: str
    title: str
    fields: Mapping[str, str]
    sentence: str
    page: str
    lasting: bool = False


TEMPLATES: Mapping[str, Template] = {
    template.code: template
    for template in (
        Template(
            "class-ends",
            "课程即将结束提醒",
            {"thing1": "班级", "date2": "结束日期", "thing3": "还差学时"},
            "“{thing1}”{date2}结束，您{thing3}，请抓紧学完。",
            "pages/class/index",
        ),
        Template(
            "quiz-open",
            "考试提醒",
            {"thing1": "班级", "thing2": "提示"},
            "“{thing1}”可以参加结业测试了：{thing2}。",
            "pages/quiz/index",
        ),
        Template(
            "claim-in-name",
            "补贴申领通知",
            {"thing1": "申领单位", "amount2": "金额", "thing3": "提示"},
            "{thing1}以您的名义申领了{amount2}培训补贴。{thing3}。",
            "pages/claims/index",
        ),
        Template(
            "certificate-issued",
            "证书领取通知",
            {"thing1": "班级", "thing2": "证书编号", "date3": "发证日期"},
            "您在“{thing1}”的培训合格证书已核发，编号{thing2}，{date3}。",
            "pages/certificates/index",
        ),
        Template(
            "appeal-answered",
            "申诉结果通知",
            {"thing1": "事项", "phrase2": "结果", "thing3": "说明"},
            "您的{thing1}已答复：{phrase2}。{thing3}。",
            "pages/appeals/index",
            lasting=True,
        ),
        Template(
            "payment-made",
            "补贴拨付通知",
            {"thing1": "收款单位", "amount2": "金额", "date3": "拨付日期"},
            "以您的名义申领的{amount2}培训补贴已于{date3}拨付给{thing1}。",
            "pages/claims/index",
        ),
        Template(
            "priority-expires",
            "优先资格到期提醒",
            {"thing1": "资格", "date2": "到期日"},
            "您的{thing1}将于{date2}到期，请尽早预约实训。",
            "pages/credit/index",
        ),
    )
}


def find(code: str) -> Template:
    """Raises Invalid TEMPLATE_UNKNOWN."""
    if code not in TEMPLATES:
        raise Invalid("TEMPLATE_UNKNOWN", "没有这种提醒，请更新小程序后再试。")
    return TEMPLATES[code]


def check(code: str, data: Mapping[str, str]) -> dict[str, str]:
    """The data of a message, every field there and as WeChat takes it. Raises Invalid TEMPLATE_UNKNOWN,
    MESSAGE_DATA_INVALID."""
    template = find(code)
    wrong = [name for name in template.fields.keys() | data.keys() if not _fits(template, name, data.get(name))]
    if wrong:
        named = "、".join(sorted(wrong))
        raise Invalid("MESSAGE_DATA_INVALID", f"提醒“{template.title}”的内容不合格式：{named}。")
    return {name: data[name] for name in template.fields}


def _fits(template: Template, name: str, text: str | None) -> bool:
    field = _FIELD.fullmatch(name)
    if name not in template.fields or field is None or not isinstance(text, str):
        return False
    return _TYPES[field[1]].fullmatch(text) is not None


def sentence(code: str, data: Mapping[str, str]) -> str:
    """The message as one Chinese sentence; of a template that is gone, its texts."""
    template = TEMPLATES.get(code)
    if template is None or template.fields.keys() != data.keys():
        return "，".join(str(text) for text in data.values())
    return template.sentence.format_map(data)
