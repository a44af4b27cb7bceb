"""What a bank account of an enterprise must be (三). Pure."""

from __future__ import annotations

import re
import unicodedata

from config.errors import Invalid

_SPACES = re.compile(r"[\s\-\u2010-\u2015]+")
_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"})


def same_holder(holder: str, enterprise: str) -> bool:
    """Whether two names are the same but for full and half width, spaces and kinds of brackets."""
    return _plain(holder) == _plain(enterprise)


def check_account(*, holder_name: str, bank_name: str, number: str, enterprise_name: str) -> tuple[str, str, str]:
    """Holder, bank and number, trimmed; the number as 8 to 32 plain digits.

    Raises ``Invalid`` BANK_ACCOUNT_HOLDER_DIFFERS, BANK_NAME_INVALID, BANK_ACCOUNT_NUMBER_INVALID.
    """
    holder_name, bank_name = " ".join(holder_name.split()), " ".join(bank_name.split())
    if not same_holder(holder_name, enterprise_name):
        raise Invalid(
            "BANK_ACCOUNT_HOLDER_DIFFERS",
            f"账户户名须与企业名称“{enterprise_name}”一致；补贴只拨付到企业本单位账户。",
        )
    if not 2 <= len(bank_name) <= 100:
        raise Invalid("BANK_NAME_INVALID", "请填写开户银行全称，精确到支行（2至100个字）。")
    digits = _SPACES.sub("", unicodedata.normalize("NFKC", number))
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):
        raise Invalid("BANK_ACCOUNT_NUMBER_INVALID", "银行账号应为8至32位数字，请核对开户许可证或银行回单。")
    return holder_name, bank_name, digits


def masked(last4: str) -> str:
    """``****1234``: what pages and papers show of a number."""
    return f"****{last4}"


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).translate(_BRACKETS).casefold()
    return "".join(folded.split())
