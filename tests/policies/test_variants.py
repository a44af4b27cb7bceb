"""A variant names only what differs; everything else, and every later change of it, comes from the policy it extends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from backend.policies import services
from backend.policies.reading import read_policy
from backend.policies.rules import Policy
from config.errors import Invalid
from tests.policies.conftest import FILE

HEADER = 'id = "{}"\nextends = "{}"\njurisdiction = "江阴市"\ndistricts = ["320281"]\n'
CAP = '[subsidy.cap_fen]\nvalue = 60000\nclause = "尾"\ndefault = false\nnote = "江阴：600元。"\nalternatives = []\n'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of policy files of the office's own, the notice in it."""
    (tmp_path / FILE.name).write_bytes(FILE.read_bytes())
    yield tmp_path
    services.configure(policy_id="wuxi-2020-10")


def refused(folder: Path, text: str) -> dict[str, str]:
    path = folder / "jiangyin.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_policy(path)
    return {error["key"]: error["message"] for error in caught.value.errors}


@pytest.mark.parametrize(
    ("policy_id", "district", "town"), [("jiangyin", "320281", "江阴"), ("yixing", "320282", "宜兴")]
)
def test_the_two_towns_differ_in_one_value(policy: Policy, policy_id: str, district: str, town: str) -> None:
    variant = services.get(policy_id)
    assert (variant.extends, variant.districts, variant.jurisdiction) == ("wuxi-2020-10", (district,), f"{town}市")
    assert (variant.document_number, variant.title) == (policy.document_number, policy.title)
    different = {key for key, entry in variant.entries.items() if entry != policy.entries[key]}
    assert different == {"plan.reviewed_by"}
    assert variant.entries["plan.reviewed_by"].clause == "尾"
    assert variant.subsidy == policy.subsidy
    assert variant.version != policy.version


def test_one_value_is_overridden_and_the_rest_kept(folder: Path, policy: Policy) -> None:
    path = folder / "jiangyin.toml"
    path.write_text(HEADER.format("jiangyin", "wuxi-2020-10") + CAP, encoding="utf-8")
    variant = read_policy(path)
    assert (variant.subsidy.cap_fen, variant.subsidy.rate_fen_per_class_hour) == (60_000, 1850)
    assert (variant.clause("subsidy.cap_fen"), policy.clause("subsidy.cap_fen")) == ("尾", "二(二)")
    before = variant.version
    base = folder / FILE.name
    base.write_text(base.read_text(encoding="utf-8").replace("value = 1850", "value = 1900"), encoding="utf-8")
    assert read_policy(path).subsidy.rate_fen_per_class_hour == 1900
    assert read_policy(path).version != before


def test_a_variant_is_checked_like_any_file(folder: Path) -> None:
    header = HEADER.format("jiangyin", "wuxi-2020-10")
    assert refused(folder, header + CAP.replace("cap_fen", "cap")) == {"subsidy.cap": "不认识的键"}
    assert refused(folder, header + CAP.replace("subsidy.cap_fen", "colour.red")) == {"colour": "不认识的键"}
    assert refused(folder, header + CAP.replace('clause = "尾"\n', "")) == {"subsidy.cap_fen.clause": "缺少这个键"}
    assert refused(folder, header + CAP.replace("60000", '"600"')) == {"subsidy.cap_fen.value": "应为不小于0的整数"}
    assert refused(folder, header.replace("320281", "江阴")) == {"districts.0": "应为6位区划代码"}
    assert refused(folder, header.replace('"jiangyin"', '"other"')) == {"id": "应与文件名一致：jiangyin"}


@pytest.mark.parametrize("base", ["nowhere", "../wuxi-2020-10", ""])
def test_a_variant_of_nothing_is_refused(folder: Path, base: str) -> None:
    assert list(refused(folder, HEADER.format("jiangyin", base))) == ["extends"]


def test_a_variant_extends_a_whole_policy(folder: Path) -> None:
    (folder / "town.toml").write_text(HEADER.format("town", "wuxi-2020-10"), encoding="utf-8")
    assert "只能继承一份完整的政策" in refused(folder, HEADER.format("jiangyin", "town"))["extends"]


@pytest.mark.usefixtures("clock")
def test_an_enterprise_falls_under_the_policy_of_its_district(folder: Path) -> None:
    services.configure(policy_id="wuxi-2020-10")
    found = {
        code: services.for_enterprise(f"91{code}MA1000001X").id for code in ("320281", "320282", "320211", "110000")
    }
    assert found == {"320281": "jiangyin", "320282": "yixing", "320211": "wuxi-2020-10", "110000": "wuxi-2020-10"}
    services.configure(policy_id="wuxi-2020-10", directory=folder)
    assert services.for_enterprise("91320281MA1000001X").id == "wuxi-2020-10"
    (folder / "jiangyin.toml").write_text(HEADER.format("jiangyin", "wuxi-2020-10") + CAP, encoding="utf-8")
    assert services.for_enterprise("91320281MA1000001X").subsidy.cap_fen == 60_000


def test_the_window_of_a_variant_is_that_of_the_notice(policy: Policy) -> None:
    assert services.get("yixing").window.last_class_start_on == policy.window.last_class_start_on == date(2020, 6, 30)
