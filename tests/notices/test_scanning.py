"""The scanner in front of everything that is published."""

from __future__ import annotations

import pytest

from backend.notices.scanning import require_clean, require_publishable, scan
from config.errors import Conflict, Invalid

ID = "320200199001010013"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ID, "id_number"),
        ("身份证 32020019900101001X", "id_number"),
        ("32020019900101001x。", "id_number"),
        ("３２０２００１９９００１０１００１３", "id_number"),
        ("320200 1990 0101 0013", "id_number"),
        ("320200-19900101-0013", "id_number"),
        ("320200\u200b1990\u200b0101\u200b0013", "id_number"),
        ("٣٢٠٢٠٠١٩٩٠٠١٠١٠٠١٣", "id_number"),
        ("320200900101001", "id_number"),
        ("电话13812345678", "phone"),
        ("138 1234 5678", "phone"),
        ("１３８－１２３４－５６７８", "phone"),
        ("+86 138-1234-5678", "phone"),
        ("0510-81234567", "phone"),
        ("6222 0212 3456 7890 123", "bank_account"),
        ("账号622202123456", "bank_account"),
        ("12345678901234567890123", "bank_account"),
    ],
)
def test_numbers_of_people_are_found_however_they_are_written(text: str, kind: str) -> None:
    (found,) = scan([text])
    assert found.kind == kind
    assert "1990" not in found.shown
    assert "3456" not in found.shown


@pytest.mark.parametrize(
    "text",
    [
        "王*明",
        "锡线培公示〔2020〕12号",
        "2020年9月28日至2020年10月12日",
        "合计20人，金额8,880.00元",
        "无锡第12机械有限公司",
        "24",
        "444.00",
        "",
    ],
)
def test_what_a_notice_shows_is_left_alone(text: str) -> None:
    assert scan([text]) == []


def test_cells_do_not_run_into_each_other() -> None:
    assert scan(["20200928", "20201012", "444.00"]) == []


def test_a_real_name_is_found_but_not_inside_the_name_of_an_enterprise() -> None:
    names, shops = {"王小明", "张三丰"}, {"无锡王小明面馆"}
    assert scan(["王*明", "无锡王小明面馆"], names=names, public_words=shops) == []
    assert [each.kind for each in scan(["王 小 明"], names=names, public_words=shops)] == ["name"]
    (found,) = scan(["经办：张三丰"], names=names)
    assert found.sentence == "第1行有未脱敏的姓名：张**"


def test_the_refusal_names_every_place_and_leaks_nothing() -> None:
    with pytest.raises(Conflict) as caught:
        require_clean(["一", ID, "13812345678"])
    assert caught.value.code == "NOTICE_LEAKS"
    assert [error["line"] for error in caught.value.errors] == [2, 3]
    assert ID not in str(caught.value.errors)
    assert "12345678" not in str(caught.value.errors)


def test_an_answer_that_would_leak_is_refused() -> None:
    require_publishable("经核对，记录相符。")
    with pytest.raises(Invalid) as caught:
        require_publishable(f"经核对，{ID}本人参加。")
    assert caught.value.code == "ANSWER_LEAKS"
