"""The scanner before everything that is published (三): no ID, phone or bank number, no unmasked name. Pure.

Digits of any script and width count, also with spaces, dashes or invisible marks between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from config.errors import Conflict, Invalid

Kind = Literal["id_number", "phone", "bank_account", "name"]
_BETWEEN = r"[ \t_\-\u2010-\u2015\u2212\u00b7]{0,3}"
_RUN = re.compile(rf"[0-9](?:{_BETWEEN}[0-9])*(?:{_BETWEEN}[Xx](?![A-Za-z]))?")
_PHONE = re.compile(r"(?:0{0,2}86)?1[3-9][0-9]{9}|0[1-9][0-9]{9,10}")
_ID_LENGTHS = (15, 18)
_BANK_LENGTHS = range(12, 20)
_WORDS: dict[Kind, str] = {
    "id_number": "疑似身份证号",
    "phone": "疑似电话号码",
    "bank_account": "疑似银行账号",
    "name": "未脱敏的姓名",
}


@dataclass(frozen=True)
class Finding:
    """What must not be published, where (line of the text, from 1), shown so that it leaks nothing itself."""

    kind: Kind
    line: int
    shown: str

    @property
    def sentence(self) -> str:
        """For whoever publishes."""
        return f"第{self.line}行有{_WORDS[self.kind]}：{self.shown}"


def scan(lines: Iterable[str], *, names: Collection[str] = (), public_words: Collection[str] = ()) -> list[Finding]:
    """Everything in these lines (cells of a table are lines of their own) that must not be published.

    ``names``: the people's real names; ``public_words``: texts in which a name may stand, such as an enterprise's.
    """
    hidden = {_plain(name, together=True) for name in names}
    shops = {_plain(word, together=True) for word in public_words}
    found = []
    for number, line in enumerate(lines, 1):
        text = _plain(line)
        found += [Finding(kind, number, shown) for kind, shown in _numbers(text)]
        rest = _plain(line, together=True)
        for word in sorted(shops, key=len, reverse=True):
            rest = rest.replace(word, "\n")
        found += [Finding("name", number, f"{name[0]}{'*' * (len(name) - 1)}") for name in hidden if name in rest]
    return found


def require_clean(lines: Iterable[str], *, names: Collection[str] = (), public_words: Collection[str] = ()) -> None:
    """Raises ``Conflict`` NOTICE_LEAKS with every finding: such a page or file is not shown to anybody."""
    found = scan(lines, names=names, public_words=public_words)
    if found:
        raise Conflict(
            "NOTICE_LEAKS",
            "公示内容里有不能公开的个人信息，已停止显示和导出；请核对名称和姓名后作废重做。",
            errors=[{"kind": each.kind, "line": each.line, "sentence": each.sentence} for each in found],
        )


def require_publishable(answer: str) -> None:
    """An answer that will be public. Raises ``Invalid`` ANSWER_LEAKS."""
    found = scan(answer.splitlines())
    if found:
        shown = "、".join(each.sentence for each in found)
        raise Invalid("ANSWER_LEAKS", f"答复会公开，里面不能有证件号、电话号码或银行账号（{shown}），请改写。")


def _plain(text: str, *, together: bool = False) -> str:
    """Compatibility forms folded, digits of every script as 0 to 9, invisible marks gone; ``together``: spaces too."""
    folded = unicodedata.normalize("NFKC", text)
    shown = (
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in folded
        if unicodedata.category(character) != "Cf"
    )
    plain = "".join(shown)
    return "".join(plain.split()) if together else plain


def _numbers(text: str) -> Iterable[tuple[Kind, str]]:
    for match in _RUN.finditer(text):
        number = re.sub(r"[^0-9Xx]", "", match.group())
        kind = _kind_of(number)
        if kind is not None:
            yield kind, f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"


def _kind_of(number: str) -> Kind | None:
    if _PHONE.fullmatch(number):
        return "phone"
    if len(number) in _ID_LENGTHS:
        return "id_number"
    digits = number.rstrip("Xx")
    if len(digits) in _BANK_LENGTHS or len(digits) >= _BANK_LENGTHS.stop:
        return "bank_account"
    return None
