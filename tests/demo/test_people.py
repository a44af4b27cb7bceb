"""Invented people have numbers that any checker takes."""

from datetime import date

from demo.cast import SMALLEST, roles
from demo.desk import COMPANIES
from demo.people import check_digit, id_number, masked, uscc


def test_known_check_digits() -> None:
    assert check_digit("11010519491231002") == "X"
    assert check_digit("32020019900101001") == "3"


def test_every_number_of_a_large_cast_is_a_different_valid_one() -> None:
    numbers = [role.person.id_number for role in roles(800)]

    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert number[:6] == "320200"
        assert number[-1] == check_digit(number[:-1])
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        assert 20 <= 2020 - born.year <= 45


def test_odd_indexes_are_men() -> None:
    assert int(id_number(3)[16]) % 2 == 1
    assert int(id_number(4)[16]) % 2 == 0


def test_names_are_masked_as_at_a_counter() -> None:
    assert [masked(name) for name in ("王明", "王小明", "欧阳小明")] == ["王*", "王*明", "欧**明"]


def test_known_credit_codes() -> None:
    assert uscc("91350100M000100Y4") == "91350100M000100Y43"
    assert uscc("91320200MA0000006") == "91320200MA00000060"


def test_the_cast_has_every_part_once_and_grows_with_honest_workers() -> None:
    cast = roles(30)

    assert len({role.key for role in cast}) == 30
    assert all(role.key.startswith("honest-") for role in cast[SMALLEST:])
    assert len({company.key for company in COMPANIES}) == 3
