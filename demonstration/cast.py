"""The small cast of the demonstration: one account for each desk, two enterprises, one training center.

The passwords are printed and shown on the start page, so they exist in demonstration mode only. Workers are not made here:
they sign in through WeChat, as everywhere.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import flask_migrate
from flask import Flask

from backend.courses import services as courses
from backend.courses.services import Owner
from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.training_centers import services as training_centers
from config.database import transaction

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Account:
    """A console account: its role, what the start page calls it, and its sign-in."""

    role: str
    title: str
    username: str
    display_name: str
    password: str


ACCOUNTS = (
    Account("agent", "企业经办人", "agent", "周经办", "wuxi-agent-2020"),
    Account("agent", "另一家企业经办人", "agent2", "吴经办", "wuxi-agent2-2020"),
    Account("reviewer", "审核员", "reviewer", "陈审核", "wuxi-reviewer-2020"),
    Account("second_reviewer", "复审员", "second", "蒋复审", "wuxi-second-2020"),
    Account("cashier", "拨付经办", "cashier", "钱拨付", "wuxi-cashier-2020"),
    Account("cashier", "拨付复核", "cashier2", "沈复核", "wuxi-cashier2-2020"),
    Account("desk_clerk", "培训中心前台", "clerk", "许前台", "wuxi-clerk-2020"),
    Account("author", "课程作者", "author", "尤作者", "wuxi-author-2020"),
)

ENTERPRISES = (
    ("agent", "无锡锡惠精密机械有限公司", "91320200MA00000060", "精密机械零部件的研发、制造与销售；普通货运。"),
    ("agent2", "无锡太湖纺织有限公司", "91320200MA000001G0", "纺织品、服装的生产与销售；自营进出口业务。"),
)

CENTER = ("无锡市公共实训基地", "无锡市惠山区钱藕路")
SHIPPED_COURSES = ("infectious-disease", "work-safety", "labor-law")


def sign_ins() -> list[dict[str, str]]:
    """What is printed at the start and shown on the start page."""
    return [
        {"role": account.role, "title": account.title, "username": account.username, "password": account.password}
        for account in ACCOUNTS
    ]


def make_media() -> Path:
    """Make the shipped courses' videos and the demonstration's 45-minute lessons, unless they are there; their folder."""
    made = ROOT / "var" / "courses"
    command = [sys.executable, "-m", "courses.make_media", "--out", str(made), "--demonstration"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)
    return made


def prepare(app: Flask, packages: Path) -> bool:
    """Migrate the database and, if it is empty, create the cast and bring the shipped courses in.

    Returns whether it was empty. ``packages`` is the folder ``make_media`` gave.
    """
    with app.app_context():
        flask_migrate.upgrade(revision="heads")
        first_visit = people.find_staff(ACCOUNTS[0].username) is None
        if first_visit:
            transaction(_create)
            for code in SHIPPED_COURSES:
                transaction(partial(_import_course, packages / code))
        return first_visit


def _import_course(folder: Path) -> None:
    owner = Owner(kind="institution", name=CENTER[0], enterprise_id=None)
    author = people.find_staff(ACCOUNTS[-1].username)
    assert author is not None
    courses.import_course(source=folder, owner=owner, author=author.display_name, author_id=author.id)


def _create() -> None:
    staff = {
        account.username: people.create_staff_account(
            username=account.username,
            display_name=account.display_name,
            password=account.password,
            role=account.role,
        )
        for account in ACCOUNTS
    }
    for username, name, uscc, scope in ENTERPRISES:
        enterprises.register_enterprise(
            name=name, uscc=uscc, kind="ordinary", business_scope=scope, agent_staff_id=staff[username].id
        )
    center = training_centers.register_center(name=CENTER[0], address=CENTER[1])
    training_centers.add_clerk(center_id=center.id, staff_id=staff["clerk"].id)
