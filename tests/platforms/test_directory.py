"""The directory of platforms: what stood in it on which day, how it is published, and what a plan outside it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from backend.audit import services as audit
from backend.plans import services as plans
from backend.platforms import services as platforms
from backend.platforms.services import BatchView, Listing
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast.enterprises import an_enterprise
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, on_roster

DAY = date(2020, 3, 16)
NEW = Listing("skill-cloud", "技能云课堂", "provider", ("技能云",), "www.example.org")


def publish(
    *listings: Listing, on: date = DAY, role: str = "bureau", username: str = "bureau", first: date | None = None
) -> BatchView:
    staff = a_staff(username, role)
    return transaction(
        lambda: platforms.publish_batch(
            listings=listings, published_on=on, staff=staff, note="市人社局", first_batch_on=first
        )
    )


def codes(on: date, first: date | None = None) -> list[str]:
    return [item.code for item in platforms.current_directory(on=on, first_batch_on=first)]


def test_the_first_batch_is_exactly_what_the_notice_names(app: Flask) -> None:
    listings = platforms.current_directory(on=date(2020, 2, 1), first_batch_on=None)
    assert [(item.name, item.address) for item in listings] == [
        ("工业和信息化技术技能人才网上学习平台", "www.tech-skills.org.cn"),
        ("技能强国-全国产业工人技能学习平台", "skills.kjcxchina.com"),
        ("“学习强国”技能频道", None),
        ("中国职业培训在线", "px.class.com.cn"),
        ("中国国家人事人才培训网", "www.chinanet.gov.cn"),
        ("就业创业和职业培训在线", None),
        ("新职业在线学习平台", None),
        ("人力资源和社会保障部教育培训网", None),
        ("“无锡创课”微信小程序", None),
    ]
    assert listings[1].mobile_address == "skills.kjcxchina.com/m"
    (batch,) = platforms.batches(first_batch_on=None)
    assert (batch.number, batch.published_on) == (1, None), "nobody knows the day, so none is made up"


def test_a_day_that_policy_gives_the_first_batch_holds(app: Flask) -> None:
    first = date(2020, 2, 10)
    assert codes(date(2020, 2, 9), first) == []
    assert len(codes(first, first)) == 9
    assert platforms.batches(first_batch_on=first)[0].published_on == first


def test_a_batch_adds_changes_and_takes_off_and_the_past_stays(app: Flask, clock: FixedCalendar) -> None:
    moved = Listing("px-class", "中国职业培训在线", "national", (), "px.example.org")
    gone = Listing("jiuye-chuangye", "就业创业和职业培训在线", "national", withdrawn=True)
    batch = publish(NEW, moved, gone)
    assert (batch.number, batch.published_on) == (2, DAY)
    assert len(codes(date(2020, 3, 15))) == 9
    after = {item.code: item for item in platforms.current_directory(on=DAY, first_batch_on=None)}
    assert len(after) == 9
    assert after["skill-cloud"] == NEW
    assert after["px-class"].address == "px.example.org"
    assert "jiuye-chuangye" not in after
    assert platforms.find_platform("skill-cloud").name == "技能云课堂"
    back = publish(replace(gone, withdrawn=False), on=date(2020, 4, 1), username="bureau2")
    assert back.number == 3
    assert "jiuye-chuangye" in codes(date(2020, 4, 1))
    line = audit.entries(limit=1)[0]
    assert (line.action, line.detail["number"], line.detail["entries"]) == ("directory.published", 3, 1)


@pytest.mark.parametrize(
    ("listings", "error", "code"),
    [
        ((), Invalid, "BATCH_INVALID"),
        ((NEW, NEW), Invalid, "BATCH_INVALID"),
        ((replace(NEW, code="技能云"),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, code="-a"),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, name=""),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, name="云" * 101),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, kind="other"),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, address="w" * 201),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, other_names=("",)),), Invalid, "BATCH_INVALID"),
        ((replace(NEW, withdrawn=True),), Invalid, "BATCH_INVALID"),
    ],
)
def test_a_faulty_batch_is_refused_whole(
    app: Flask, listings: tuple[Listing, ...], error: type[DomainError], code: str
) -> None:
    with pytest.raises(error, match=code):
        publish(*listings)
    assert len(platforms.batches(first_batch_on=None)) == 1
    with pytest.raises(NotFound, match="PLATFORM_UNKNOWN"):
        platforms.find_platform("skill-cloud")


def test_only_the_bureau_publishes(app: Flask) -> None:
    for role in ("reviewer", "agent", "author", "cashier"):
        with pytest.raises(NotAllowed, match="BUREAU_ROLE_REQUIRED"):
            publish(NEW, role=role, username=role)


def test_no_batch_goes_before_one_that_is_published(app: Flask) -> None:
    publish(NEW)
    with pytest.raises(Conflict, match="BATCH_OUT_OF_ORDER"):
        publish(replace(NEW, code="other"), on=date(2020, 3, 15), username="bureau2")
    with pytest.raises(Conflict, match="BATCH_OUT_OF_ORDER"):
        publish(replace(NEW, code="other"), on=date(2020, 3, 15), username="bureau3", first=DAY)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE directory_entry SET withdrawn = true",
        "DELETE FROM directory_entry",
        "UPDATE directory_batch SET published_on = '2020-01-26'",
        "DELETE FROM directory_batch",
        "UPDATE platform SET name = 'x'",
        "INSERT INTO directory_entry (batch_id, platform_id, position, name, kind, other_names, withdrawn) "
        "SELECT MIN(b.id), MAX(p.id), 10, 'x', 'city', '[]', false FROM directory_batch b, platform p WHERE p.code = 'late'",
    ],
)
def test_the_database_keeps_published_batches_as_they_are(app: Flask, change: str) -> None:
    transaction(lambda: platforms.register_platform(code="late", name="后来的平台", kind="provider", actor="test"))
    with pytest.raises(DatabaseError, match=r"append-only|whole"):
        transaction(lambda: db.session.execute(sa.text(change)))


def test_a_platform_may_be_known_without_being_listed(app: Flask) -> None:
    made = transaction(
        lambda: platforms.register_platform(code="plant", name="工厂 自有平台", kind="enterprise", actor="t")
    )
    assert platforms.find_platform("plant") == made
    assert platforms.platform_by_public_id(made.public_id) == made
    assert "plant" not in codes(DAY)
    with pytest.raises(Conflict, match="PLATFORM_KNOWN"):
        transaction(lambda: platforms.register_platform(code="plant", name="别的", kind="enterprise", actor="t"))
    with pytest.raises(Invalid, match="PLATFORM_INVALID"):
        transaction(lambda: platforms.register_platform(code="a b", name="别的", kind="enterprise", actor="t"))


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("无锡创课", ()),
        ("wxck", ()),
        ("“无锡创课”微信小程序", ()),
        ("学习强国、技能强国", ()),
        ("中国职业培训在线（px.class.com.cn）", ()),
        ("https://skills.kjcxchina.com/m", ()),
        ("就业创业和职业培训在线", ()),
        ("技能云课堂", ("技能云课堂",)),
        ("学习强国，技能云课堂；某某网校", ("技能云课堂", "某某网校")),
        ("", ()),
        ("、；", ()),
    ],
)
def test_names_are_found_as_people_write_them(app: Flask, text: str, outside: tuple[str, ...]) -> None:
    assert platforms.platforms_outside(text, on=DAY, first_batch_on=None) == outside


def _warned(platform: str, mode: str) -> list[str]:
    enterprise, course, person = an_enterprise(), a_long_course(), a_person(1)
    on_roster(enterprise, [person])
    draft = a_draft(enterprise, course, head_count=1, mode=mode, platform=platform, agreement="委托-2020-1")
    findings = plans.check_plan(draft.plan_id)
    assert [item for item in findings if item.severity == "block"] == []
    return [item.sentence for item in findings if item.code == "PLATFORM_NOT_IN_DIRECTORY"]


def test_an_entrusted_plan_on_another_platform_is_warned_and_may_be_filed(app: Flask, clock: FixedCalendar) -> None:
    (sentence,) = _warned("技能云课堂", "entrusted")
    assert "“技能云课堂”不在2020年3月2日的线上职业培训平台参考目录内" in sentence


@pytest.mark.parametrize(("platform", "mode"), [("学习强国", "entrusted"), ("技能云课堂", "own")])
def test_nothing_is_said_of_a_listed_platform_or_of_an_own_one(
    app: Flask, clock: FixedCalendar, platform: str, mode: str
) -> None:
    assert _warned(platform, mode) == []


TOML = """
[[platform]]
code = "skill-cloud"
name = "技能云课堂"
kind = "provider"
other_names = ["技能云"]
address = "www.example.org"

[[platform]]
code = "xuexi"
name = "“学习强国”技能频道"
kind = "national"
withdrawn = true
"""
CSV = (
    "code,name,kind,other_names,address,mobile_address,withdrawn\n"
    "skill-cloud,技能云课堂,provider,技能云,www.example.org,,\n"
    "xuexi,“学习强国”技能频道,national,,,,是\n"
)


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.csv", CSV), ("a.csv", "\ufeff" + CSV)])
def test_a_batch_is_read_from_toml_and_csv(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert platforms.read_batch(path) == [
        NEW,
        Listing("xuexi", "“学习强国”技能频道", "national", withdrawn=True),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.toml", b"[[platform]"),
        ("a.toml", b"title = 1"),
        ("a.toml", b"platform = 1"),
        ("a.toml", b"platform = [1]"),
        ("a.toml", b"[[platform]]\ncode = 1\nname = 'x'\nkind = 'city'"),
        ("a.toml", b"[[platform]]\ncode = 'a'\nname = 'x'\nkind = 'city'\nwithdrawn = 'ja'"),
        ("a.toml", b"[[platform]]\ncode = 'a'\nname = 'x'\nkind = 'city'\nother_names = [1]"),
        ("a.toml", b"[[platform]]\ncode = 'a'\nname = 'x'\nkind = 'city'\nextra = 1"),
        ("a.toml", b"[[platform]]\ncode = 'a'"),
        ("a.csv", b""),
        ("a.csv", b"code,name\n"),
        ("a.csv", "代码,名称,kind\na,b,city".encode()),
        ("a.csv", b"code,name,kind\na,b,city,more,and more\n"),
        ("a.csv", "code,name,kind,withdrawn\na,b,city,也许\n".encode()),
        ("a.csv", "code,name,kind\na,云课堂,city\n".encode("gb18030")),
        ("a.csv", b"\x00\xff"),
        ("a.csv", b"code,name,kind\n" + b"a,b,city\n" * 1_001),
        ("a.toml", b"#" * 1_000_001),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid, match="BATCH_UNREADABLE"):
        platforms.read_batch(path)
