"""Enterprises, their agents and rosters, built through the services."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView, RosterReport
from backend.enterprises.uscc import check_uscc
from backend.people import services as people
from backend.people.rules import id_number_check_character
from backend.people.services import StaffView
from config.database import transaction

PASSWORD = "correct horse battery"
HEADINGS = ("序号", "姓名", "身份证号", "手机号", "用工形式", "入职日期", "岗位（工种）")
MARCH = date(2020, 3, 1)


def id_number(serial: int, *, born_on: date = date(1990, 1, 1), district: str = "320200", woman: bool = False) -> str:
    """A synthetic ID number with a right check digit: the ``serial``-th (0 to 499) person of that day and sex."""
    body = f"{district}{born_on:%Y%m%d}{serial * 2 + (0 if woman else 1):03d}"
    return body + id_number_check_character(body)


def uscc(serial: int, *, district: str = "320200") -> str:
    """A synthetic USCC with a right check character."""
    body = f"91{district}MA{serial:07d}"
    return next(body + end for end in "0123456789ABCDEFGHJKLMNPQRTUWXY" if check_uscc(body + end).check_digit_holds)


def an_agent(username: str = "agent.li") -> StaffView:
    return transaction(
        lambda: people.create_staff_account(username=username, display_name="李经办", password=PASSWORD, role="agent")
    )


def an_enterprise(
    name: str = "无锡惠山机械有限公司",
    *,
    serial: int = 1,
    kind: str = "ordinary",
    business_scope: str = "机械零部件加工、销售",
    agent: StaffView | None = None,
    declares_affected: bool = True,
) -> EnterpriseView:
    """A registered enterprise with an agent (``agent.<serial>`` if none is given)."""
    agent = agent or an_agent(f"agent.{serial}")

    def register() -> EnterpriseView:
        enterprise = enterprises.register_enterprise(
            name=name, uscc=uscc(serial), kind=kind, business_scope=business_scope, agent_staff_id=agent.id
        )
        if declares_affected:
            return enterprises.declare_affected(enterprise_id=enterprise.id, staff_id=agent.id)
        return enterprise

    return transaction(register)


def roster_row(
    name: str = "王小明", number: str = "320200199001010013", phone: str = "13800000001", **others: Any
) -> list[Any]:
    """A good row in the order of HEADINGS; ``relation``, ``hired_on`` and ``position`` may be given."""
    return [
        1,
        name,
        number,
        phone,
        others.get("relation", "劳动合同"),
        others.get("hired_on", date(2019, 6, 1)),
        others.get("position", "装配工"),
    ]


def roster_workbook(
    rows: Sequence[Sequence[Any]],
    *,
    headings: Sequence[Any] = HEADINGS,
    title: str | None = "花名册",
    sheet: str = "花名册",
) -> bytes:
    """An .xlsx with a title line, headings and rows. A text that begins with = is written as text, not as a formula."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for line in [*([[title]] if title else []), list(headings), *rows]:
        page.append(list(line))
    for row in page.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"
    return saved(book)


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def a_roster(enterprise: EnterpriseView, rows: Sequence[Sequence[Any]], *, on: date = MARCH) -> RosterReport:
    """Import these rows and expect every one to be kept."""
    report = transaction(
        lambda: enterprises.import_roster(enterprise_id=enterprise.id, workbook=roster_workbook(rows), on=on)
    )
    assert report.counts()["refused"] == 0, [row for row in report.rows if row.verdict == "refused"]
    return report
