"""Who a person is: identity numbers, names, phone numbers, masks, tokens and locks. Pure functions; no database, no clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from config.errors import Invalid

Sex = Literal["male", "female"]

ID_NUMBER_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_NUMBER_CHECK_CHARACTERS = "10X98765432"

# GB/T 2260 province digits; 81, 82 and 83 open the residence permits of Hong Kong, Macao and Taiwan people.
PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古",
    "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东",
    "41": "河南", "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南",
    "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏",
    "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
    "71": "台湾", "81": "香港", "82": "澳门", "83": "台湾",
}  # fmt: skip

# What Excel, WPS and WeChat leave around a copied number: spaces of every width, direction marks, a text apostrophe.
_PASTE_LEFTOVERS = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff'\u2018\u2019]")
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("Ｘ"): "X", ord("ｘ"): "X", ord("＋"): "+"}
_NAME_PART = r"[^\W\d_]+"
_NAME = re.compile(rf"{_NAME_PART}(?:[·. '-]{{1,2}}{_NAME_PART})*\.?")
_MIDDLE_DOTS = re.compile("[•・‧∙⋅･．]")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_CONSENT_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")

NAME_LENGTH = 50
PASSWORD_LENGTHS = (8, 128)
FAILED_PASSWORDS_BEFORE_LOCK = 5
LOCK_MINUTES = 15
IDENTITY_TRIES = 5
IDENTITY_TRIES_HOURS = 24
TOKEN_DAYS = 30
SIGNED_IN_PHONES = 10
MOVE_CODE_MINUTES = 10
IDENTITY_CLAIM_DAYS = 7
# Without characters that are easily misread aloud (0/O, 1/I/L).
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8


@dataclass(frozen=True)
class IdNumber:
    """A checked citizen identity number: 18 characters, upper-case X."""

    number: str
    born_on: date
    sex: Sex
    province: str


def normalise_id_number(text: str) -> str:
    """Full-width digits, a lower-case x and pasted spaces become what the person meant; nothing else changes."""
    return _PASTE_LEFTOVERS.sub("", text.translate(_FULL_WIDTH)).upper()


def check_id_number(text: str, *, on: date | None = None) -> IdNumber:
    """The number `text` stands for (GB 11643-1999: province, real date, check digit by ISO 7064 MOD 11-2).

    `on` refuses birthdays after that day. Raises Invalid: id_number_length (15 digits too), id_number_characters,
    id_number_province, id_number_birth_date, id_number_check_digit.
    """
    number = normalise_id_number(text)
    if len(number) == 15 and number.isascii() and number.isdigit():
        raise Invalid("id_number_length", "15位的旧身份证号已停用，请填写现在身份证上的18位号码。")
    if len(number) != 18:
        raise Invalid("id_number_length", f"身份证号应为18位，现在是{len(number)}位，请对照身份证重新填写。")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Invalid("id_number_characters", "身份证号只能有数字，最后一位可以是X，请对照身份证重新填写。")
    province = PROVINCES.get(number[:2])
    if province is None:
        raise Invalid("id_number_province", "身份证号开头的地区代码不存在，请对照身份证重新填写前两位。")
    born_on = _birth_date(number[6:14])
    if born_on is None or born_on.year < 1900 or (on is not None and born_on > on):
        raise Invalid("id_number_birth_date", "身份证号中的出生日期不对，请对照身份证重新填写第7至14位。")
    if id_number_check_character(number[:17]) != number[17]:
        raise Invalid("id_number_check_digit", "身份证号有一位填错了（校验码不符），请对照身份证逐位检查。")
    return IdNumber(number, born_on, "male" if int(number[16]) % 2 else "female", province)


def id_number_check_character(first_seventeen: str) -> str:
    """The 18th character of a number whose first 17 digits are given (ISO 7064 MOD 11-2)."""
    weighted = sum(int(digit) * weight for digit, weight in zip(first_seventeen, ID_NUMBER_WEIGHTS, strict=True))
    return ID_NUMBER_CHECK_CHARACTERS[weighted % 11]


def _birth_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def check_name(text: str) -> str:
    """A person's name as on the identity card: Han or other letters, a middle dot between parts, rare characters kept.

    Raises Invalid name_invalid.
    """
    name = _MIDDLE_DOTS.sub("·", " ".join(text.split()))
    if all("\u3400" <= character <= "\u9fff" or character in " ·" or ord(character) >= 0x20000 for character in name):
        name = name.replace(" ", "")  # "张　三" is how forms stretch a short name
    if not 2 <= len(name) <= NAME_LENGTH or not _NAME.fullmatch(name):
        raise Invalid("name_invalid", "姓名应为身份证上的姓名，只能有汉字、字母和间隔号，请重新填写。")
    return name


def check_phone(text: str) -> str:
    """An 11-digit mainland mobile number; a leading +86 and separators are dropped. Raises Invalid phone_invalid."""
    digits = _PASTE_LEFTOVERS.sub("", text.translate(_FULL_WIDTH)).replace("-", "")
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            digits = digits[len(prefix) :]
            break
    if not _PHONE.fullmatch(digits):
        raise Invalid("phone_invalid", "手机号应为11位数字，请重新填写。")
    return digits


ERASED = "已按期限删除"
"""What stands where a personal field was whose time is over."""


def mask_name(name: str) -> str:
    """王小明 → 王*明, 王明 → 王*: enough to recognise oneself, too little to look somebody up."""
    if len(name) <= 2:
        return name[: len(name) - 1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id_number(number: str) -> str:
    """320200199001010013 → 3202**********0013."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678."""
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def check_consent_version(version: str) -> str:
    """The label of the privacy notice the worker agreed to. Raises Invalid CONSENT_VERSION_INVALID."""
    if not _CONSENT_VERSION.fullmatch(version):
        raise Invalid("CONSENT_VERSION_INVALID", "隐私协议版本不对，请更新小程序后再试。")
    return version


def check_username(username: str) -> str:
    """3 to 40 of a-z, digits and . _ -, beginning with a letter. Raises Invalid USERNAME_INVALID."""
    lowered = username.strip().lower()
    if not _USERNAME.fullmatch(lowered):
        raise Invalid("USERNAME_INVALID", "用户名应为3至40位小写字母、数字或._-，并以字母开头。")
    return lowered


def check_new_password(password: str, *, username: str) -> str:
    """Length only, and not the user name itself (NIST SP 800-63B 5.1.1.2). Raises Invalid PASSWORD_TOO_WEAK."""
    shortest, longest = PASSWORD_LENGTHS
    if not shortest <= len(password) <= longest or password.lower() == username.lower():
        raise Invalid("PASSWORD_TOO_WEAK", f"密码应为{shortest}至{longest}位，并且不能与用户名相同。")
    return password


@dataclass(frozen=True)
class PasswordTries:
    """How often in a row the wrong password was given, and until when the account is closed for it."""

    failed: int
    locked_until: datetime | None


def is_locked(tries: PasswordTries, *, at: datetime) -> bool:
    return tries.locked_until is not None and at < tries.locked_until


def after_wrong_password(tries: PasswordTries, *, at: datetime) -> PasswordTries:
    """Five wrong passwords in a row close the account for 15 minutes; the count then begins again."""
    failed = tries.failed + 1
    if failed < FAILED_PASSWORDS_BEFORE_LOCK:
        return PasswordTries(failed, None)
    return PasswordTries(0, at + timedelta(minutes=LOCK_MINUTES))


@dataclass(frozen=True)
class IdentityTries:
    """How many identity numbers an account without one has sent, and since when they are counted."""

    count: int
    since: datetime | None


def after_identity_try(tries: IdentityTries, *, at: datetime) -> IdentityTries | None:
    """One more try, or None when five were made within 24 hours: nobody walks through numbers to see which are registered."""
    if tries.since is None or at >= tries.since + timedelta(hours=IDENTITY_TRIES_HOURS):
        return IdentityTries(1, at)
    if tries.count >= IDENTITY_TRIES:
        return None
    return IdentityTries(tries.count + 1, tries.since)


def token_expiry(at: datetime) -> datetime:
    """A phone signs in again after 30 days."""
    return at.astimezone(UTC) + timedelta(days=TOKEN_DAYS)


def move_code_expiry(at: datetime) -> datetime:
    """The code shown on the old phone is typed on the new one at once."""
    return at + timedelta(minutes=MOVE_CODE_MINUTES)


def identity_claim_expiry(at: datetime) -> datetime:
    """The desk has a week for a claim; then the worker asks anew."""
    return at + timedelta(days=IDENTITY_CLAIM_DAYS)


def normalise_code(text: str) -> str:
    """A code as typed by a person: no spaces or dashes, upper-case."""
    return _PASTE_LEFTOVERS.sub("", text).replace("-", "").upper()
