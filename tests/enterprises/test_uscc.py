"""GB 32100-2015: the vectors of domain reference section 5.5 and the ways a code is written."""

import pytest

from backend.enterprises.rules import region_of
from backend.enterprises.uscc import check_uscc
from config.errors import Invalid
from tests.cast.enterprises import uscc


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000101623741K", "91110000600037341L"])
def test_registered_codes_pass(code: str) -> None:
    assert check_uscc(code).check_digit_holds


@pytest.mark.parametrize("code", ["91320200MA00000060", "91320200MA000001G0", "91320200MA000002T0"])
def test_a_sum_divisible_by_31_has_the_check_character_0(code: str) -> None:
    assert check_uscc(code).check_digit_holds


def test_a_registered_code_with_a_wrong_check_character_is_told_not_refused() -> None:
    checked = check_uscc("91350211M0000XUF46")
    assert (checked.code, checked.district_code, checked.check_digit_holds) == ("91350211M0000XUF46", "350211", False)


@pytest.mark.parametrize("position", range(2, 18))
def test_one_other_character_breaks_the_check(position: int) -> None:
    code = uscc(7)
    other = "1" if code[position] != "1" else "2"
    assert not check_uscc(code[:position] + other + code[position + 1 :]).check_digit_holds


@pytest.mark.parametrize("written", ["９1350100m000100y43", " 91350100 M000100Y43 ", "91350100-M000100Y4-3"])
def test_what_a_form_leaves_around_is_forgiven(written: str) -> None:
    assert check_uscc(written).code == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "USCC_LENGTH"),
        ("91350100M000100Y4", "USCC_LENGTH"),
        ("91350100M000100Y433", "USCC_LENGTH"),
        ("9135010OM000100Y43", "USCC_CHARACTERS"),
        ("91350100M000I00Y43", "USCC_CHARACTERS"),
        ("91350100M000100Y4中", "USCC_CHARACTERS"),
    ],
)
def test_what_cannot_be_a_code_is_refused(written: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_uscc(written)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("district", "region"),
    [("320200", "wuxi"), ("320202", "wuxi"), ("320281", "jiangyin"), ("320282", "yixing"), ("310115", "elsewhere")],
)
def test_old_district_codes_still_mean_wuxi(district: str, region: str) -> None:
    assert region_of(district) == region
