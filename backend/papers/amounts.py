"""Amounts of money as papers write them: in figures and in words (大写)."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_LIMIT_YUAN = 10**16


def capital_yuan(fen: int) -> str:
    """``335000`` → 叁仟叁佰伍拾元整, ``46250`` → 肆佰陆拾贰元伍角.

    By 正确填写票据和结算凭证的基本规定: 整 only after full yuan, one 零 for zeros between digits and for a missing 角
    before 分; where a 零 is optional it is left out. Raises ``ValueError`` for less than 0 or 10^16 yuan and more.
    """
    if not 0 <= fen < _LIMIT_YUAN * 100:
        raise ValueError(f"no amount for a paper: {fen}")
    yuan, cents = divmod(fen, 100)
    jiao, rest = divmod(cents, 10)
    said = _whole(yuan) + "元" if yuan or not cents else ""
    if not cents:
        return said + "整"
    if jiao:
        said += _DIGITS[jiao] + "角"
    elif yuan:
        said += "零"
    return said + (_DIGITS[rest] + "分" if rest else "")


def yuan(fen: int) -> str:
    """``335000`` → ``3,350.00``; no currency sign, so that tables can put it into the heading."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _whole(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    said, zero_due = "", False
    for power in reversed(range(len(_GROUPS))):
        group = number // 10_000**power % 10_000
        if group == 0:
            zero_due = bool(said)
            continue
        if said and (zero_due or group < 1_000):
            said += _DIGITS[0]
        said += _group(group) + _GROUPS[power]
        zero_due = False
    return said


def _group(group: int) -> str:
    said, zero_due = "", False
    for power in reversed(range(4)):
        digit = group // 10**power % 10
        if digit == 0:
            zero_due = bool(said)
            continue
        said += (_DIGITS[0] if zero_due else "") + _DIGITS[digit] + _PLACES[power]
        zero_due = False
    return said
