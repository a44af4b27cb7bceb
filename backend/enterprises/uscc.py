"""The unified social credit code of an enterprise (统一社会信用代码, GB 32100-2015)."""

from dataclasses import dataclass

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

from config.errors import Invalid

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True)
class Uscc:
    """18 characters, upper-case. ``district_code`` is the place of registration at that time: six digits, perhaps withdrawn
    since, so nobody is refused for it (domain reference A20)."""

    code: str
    district_code: str
    check_digit_holds: bool


def check_uscc(text: str) -> Uscc:
    """The code ``text`` stands for. A wrong check character is told, not refused: registered codes with one exist.

    The check character is (31 - sum mod 31) mod 31; without the second mod a sum divisible by 31 would have no character.
    Raises Invalid USCC_LENGTH, USCC_CHARACTERS.
    """
    code = uscc.compact("".join(text.translate(_FULL_WIDTH).split()))
    try:
        uscc.validate(code)
    except InvalidLength as error:
        raise Invalid("USCC_LENGTH", f"统一社会信用代码应为18位，现在是{len(code)}位，请照营业执照填写。") from error
    except InvalidFormat as error:
        raise Invalid(
            "USCC_CHARACTERS", "统一社会信用代码只有数字和大写字母（没有I、O、S、V、Z），请照营业执照填写。"
        ) from error
    except InvalidChecksum:
        return Uscc(code, code[2:8], check_digit_holds=False)
    return Uscc(code, code[2:8], check_digit_holds=True)
