"""Asking the lists in force about many people at once, and about enterprises."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import event

from backend.lists import services as lists
from backend.lists.services import Asked, ListValues
from backend.people import services as people
from backend.policies import services as policies
from config.database import db
from tests.cast.enterprises import id_number, uscc
from tests.cast.lists import a_list
from tests.cast.people import a_staff_member

MARCH = date(2020, 3, 2)
OURS = uscc(1)


def asked(serial: int, *, insured_by: str | None = OURS) -> Asked:
    return Asked(f"row-{serial}", people.id_number_index(id_number(serial)), insured_by)


def actions() -> ListValues:
    return policies.current().lists


def test_people_are_found_with_source_and_row_each_by_the_caller_s_own_name(app: Flask) -> None:
    pension = a_list("pension", [["甲", id_number(9), None, None], ["乙", id_number(2), date(2020, 2, 1), "企业职工"]])
    a_list("insured", [[id_number(serial), OURS, date(2019, 1, 1), None] for serial in (1, 2)])
    found = lists.findings_for_people([asked(serial) for serial in (1, 2, 3)], on=MARCH, actions=actions())
    assert found["row-1"] == ()
    (finding,) = found["row-2"]
    assert finding.as_json() | {"sentence": ""} == {
        "kind": "pension",
        "code": "LIST_PENSION",
        "refuses": False,
        "sentence": "",
        "list_id": str(pension.list_id),
        "office": pension.office,
        "as_of_on": "2020-02-29",
        "row": 4,
    }
    assert [finding.code for finding in found["row-3"]] == ["LIST_NOT_INSURED"]


def test_a_thousand_people_are_asked_in_few_queries(app: Flask) -> None:
    a_list("pension", [["甲", id_number(9), None, None]])
    counted: list[str] = []

    def count(conn: object, cursor: object, statement: str, *rest: object) -> None:
        counted.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    everybody = [Asked(str(number), f"{number:064x}", None) for number in range(1000)]
    found = lists.findings_for_people([*everybody, asked(9)], on=MARCH, actions=actions())
    event.remove(db.engine, "before_cursor_execute", count)
    assert [ref for ref, findings in found.items() if findings] == ["row-9"]
    assert len(counted) < 8


def test_without_any_list_nobody_is_mentioned(app: Flask) -> None:
    assert lists.findings_for_people([asked(1)], on=MARCH, actions=actions()) == {"row-1": ()}
    assert lists.findings_for_enterprise(uscc=OURS, on=MARCH, actions=actions()) == ()
    assert not lists.has_list("insured")


def test_a_dispatch_licence_and_dishonesty_are_said_of_an_enterprise(app: Flask) -> None:
    a_list("dispatch_licences", [[OURS, "无锡众派人力公司", "苏派0001", date(2019, 1, 1), date(2020, 3, 1)]])
    a_list("dishonest", [[OURS, "无锡众派人力公司", "拒不履行", date(2020, 1, 1)]], office="市信用办")
    found = lists.findings_for_enterprise(uscc=OURS, on=MARCH, actions=actions())
    assert [finding.code for finding in found] == ["LIST_DISHONEST"], "the licence ended the day before"
    assert "市信用办" in found[0].sentence
    assert lists.findings_for_enterprise(uscc=uscc(2), on=MARCH, actions=actions()) == ()


def test_rows_of_people_tell_who_insured_them_and_what_they_got(app: Flask) -> None:
    a_list("other_subsidies", [[id_number(1), "以工代训补贴", "500", OURS]])
    a_list("insured", [[id_number(1), OURS, date(2020, 2, 1), None]])
    index = people.id_number_index(id_number(1))
    (paid,) = lists.rows_of_people("other_subsidies", [index, "0" * 64])[index]
    assert (paid.note, paid.amount_fen, paid.uscc, paid.source.row) == ("以工代训补贴", 50_000, OURS, 3)
    (insured,) = lists.rows_of_people("insured", [index])[index]
    assert (insured.from_on, insured.holds_on(MARCH)) == (date(2020, 2, 1), True)


def test_a_withdrawn_list_is_asked_no_more(app: Flask) -> None:
    taken = a_list("pension", [["甲", id_number(1), None, None]])
    lists.withdraw_list(list_id=taken.list_id, why="发错了文件", staff=a_staff_member("reviewer"))
    db.session.commit()
    assert lists.findings_for_people([asked(1)], on=MARCH, actions=actions()) == {"row-1": ()}
