"""The people of the demonstration: invented names, and identity numbers that no one has.

Numbers follow GB 11643 with the city's own code 320200, which is the code of no district, so that none of them can
belong to a living person.
"""

from dataclasses import dataclass

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

_FAMILY_NAMES = "陈周吴郑王冯蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方"
_GIVEN_NAMES = ("建国", "秀英", "志强", "玉兰", "海燕", "文斌", "晓梅", "国庆", "丽华", "永康", "春花", "德明")


@dataclass(frozen=True)
class Person:
    name: str
    id_number: str
    openid: str
    phone_number: str


def check_digit(first_17: str) -> str:
    """The last place of an identity number (GB 11643-1999, mod 11-2)."""
    return _CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True)) % 11]


def id_number(index: int) -> str:
    """A valid number for the person with this index, born between 1975 and 1999; odd indexes are men."""
    born = f"{1975 + index % 25}{1 + index % 12:02d}{1 + index * 7 % 28:02d}"
    first_17 = f"320200{born}{100 + index % 900:03d}"
    return first_17 + check_digit(first_17)


def person(index: int, name: str | None = None) -> Person:
    family = _FAMILY_NAMES[index % len(_FAMILY_NAMES)]
    given = _GIVEN_NAMES[(index // len(_FAMILY_NAMES) + index) % len(_GIVEN_NAMES)]
    return Person(
        name=name or family + given,
        id_number=id_number(index),
        openid=f"demoworker{index:04d}",
        phone_number=f"139{index:08d}",
    )


def masked(name: str) -> str:
    """王小明 → 王*明, 王明 → 王*: how a name may be shown at a counter."""
    if len(name) <= 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(first_17: str) -> str:
    """Completes a unified social credit code (GB 32100-2015, mod 31)."""
    total = sum(_USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first_17))
    return first_17 + _USCC_ALPHABET[(31 - total % 31) % 31]
