"""Identity numbers, names, phones and masks: pure rules."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.people import rules
from config.errors import Invalid

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def code_of(check: Callable[[str], object], text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        check(text)
    assert refusal.value.detail
    return refusal.value.code


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "320200199001010013"])
def test_the_published_numbers(number: str) -> None:
    """GB 11643 vectors; the second is of somebody born in 1880, whom we do not serve."""
    if number[6:8] == "18":
        assert code_of(rules.check_id_number, number) == "id_number_birth_date"
        assert rules.id_number_check_character(number[:17]) == number[17]
    else:
        assert rules.check_id_number(number).number == number


def test_what_a_number_says() -> None:
    checked = rules.check_id_number("11010519491231002X")
    assert (checked.born_on, checked.sex, checked.province) == (date(1949, 12, 31), "female", "北京")
    assert rules.check_id_number("320200199001010013").sex == "male"


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 11010519491231002X ",
        "110105 19491231 002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105\u3000194912310\u200b02ｘ",
        "\u202d11010519491231002X\u202c",
        "'11010519491231002X",
    ],
)
def test_what_people_paste_is_understood(typed: str) -> None:
    assert rules.check_id_number(typed).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("110105491231002", "id_number_length"),
        ("", "id_number_length"),
        ("11010519491231002", "id_number_length"),
        ("11010519491231002XX", "id_number_length"),
        ("3.2E+17", "id_number_length"),
        ("1101051949123100AX", "id_number_characters"),
        ("X10105194912310021", "id_number_characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "id_number_characters"),
        ("990105194912310021", "id_number_province"),
        ("110105194902310021", "id_number_birth_date"),
        ("110105194913310021", "id_number_birth_date"),
        ("110105190002290021", "id_number_birth_date"),
        ("110105000001010021", "id_number_birth_date"),
        ("110105194912310021", "id_number_check_digit"),
        ("320200199001010014", "id_number_check_digit"),
    ],
)
def test_what_is_refused_and_why(typed: str, code: str) -> None:
    assert code_of(rules.check_id_number, typed) == code


def test_nobody_is_born_after_today() -> None:
    number = "32020020200303001"
    number += rules.id_number_check_character(number)
    assert rules.check_id_number(number, on=date(2020, 3, 3)).born_on == date(2020, 3, 3)
    with pytest.raises(Invalid):
        rules.check_id_number(number, on=date(2020, 3, 2))


@given(st.dates(date(1900, 1, 1), date(2019, 12, 31)), st.integers(0, 999), st.sampled_from(sorted(rules.PROVINCES)))
def test_one_wrong_digit_is_always_found(born_on: date, serial: int, province: str) -> None:
    first = f"{province}0101{born_on:%Y%m%d}{serial:03d}"
    number = first + rules.id_number_check_character(first)
    assert rules.check_id_number(number).born_on == born_on
    for place, digit in enumerate(number):
        for other in "0123456789":
            if other != digit:
                with pytest.raises(Invalid):
                    rules.check_id_number(number[:place] + other + number[place + 1 :])


@given(st.text(max_size=40))
def test_no_text_breaks_the_checks(text: str) -> None:
    for check in (rules.check_id_number, rules.check_name, rules.check_phone, rules.check_username):
        with suppress(Invalid):
            check(text)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王小明", "王小明"),
        (" 王　明 ", "王明"),
        ("高䶮丽", "高䶮丽"),
        ("\U0002a6a5明", "\U0002a6a5明"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("John Smith", "John Smith"),
    ],
)
def test_names(typed: str, name: str) -> None:
    assert rules.check_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", "王", "王2", '=HYPERLINK("http://127.0.0.1/","x")', "王<b>明", "王小明" * 20, "王\x00明", "13812345678"],
)
def test_what_is_no_name(typed: str) -> None:
    assert code_of(rules.check_name, typed) == "name_invalid"


@pytest.mark.parametrize("typed", ["13812345678", "+86 138-1234-5678", "8613812345678", "１３８１２３４５６７８"])
def test_phones(typed: str) -> None:
    assert rules.check_phone(typed) == "13812345678"


@pytest.mark.parametrize("typed", ["", "1381234567", "23812345678", "12812345678", "0510-85012345", "1.38E+10"])
def test_what_is_no_mobile_phone(typed: str) -> None:
    assert code_of(rules.check_phone, typed) == "phone_invalid"


def test_masks_show_too_little_to_look_anybody_up() -> None:
    assert [rules.mask_name(name) for name in ("王小明", "王明", "欧阳小明", "王")] == ["王*明", "王*", "欧**明", "*"]
    assert rules.mask_id_number("320200199001010013") == "3202**********0013"
    assert rules.mask_phone("13812345678") == "138****5678"


def test_five_wrong_passwords_lock_for_fifteen_minutes() -> None:
    tries = rules.PasswordTries(0, None)
    for _ in range(4):
        tries = rules.after_wrong_password(tries, at=AT)
        assert not rules.is_locked(tries, at=AT)
    tries = rules.after_wrong_password(tries, at=AT)
    assert rules.is_locked(tries, at=AT + timedelta(minutes=14, seconds=59))
    assert not rules.is_locked(tries, at=AT + timedelta(minutes=15))


def test_five_identity_tries_in_twenty_four_hours() -> None:
    tries = rules.IdentityTries(0, None)
    for count in range(1, 6):
        after = rules.after_identity_try(tries, at=AT + timedelta(minutes=count))
        assert after is not None
        tries = after
        assert tries == rules.IdentityTries(count, AT + timedelta(minutes=1))
    tomorrow = AT + timedelta(days=1, minutes=1)
    assert rules.after_identity_try(tries, at=tomorrow - timedelta(seconds=1)) is None
    assert rules.after_identity_try(tries, at=tomorrow) == rules.IdentityTries(1, tomorrow)


def test_how_long_things_live() -> None:
    assert rules.token_expiry(AT) - AT == timedelta(days=30)
    assert rules.move_code_expiry(AT) - AT == timedelta(minutes=10)
    assert rules.identity_claim_expiry(AT) - AT == timedelta(days=7)


def test_a_code_typed_by_hand_is_understood() -> None:
    assert rules.normalise_code(" abcd-efgh ") == "ABCDEFGH"
    assert not set("0O1IL") & set(rules.CODE_ALPHABET)
