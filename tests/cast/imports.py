"""Records of another platform for tests: classes they are for, calls, tables and stamped papers."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openpyxl import Workbook
from PIL import Image

from backend.courses.services import CourseView
from backend.enterprises.services import EnterpriseView
from backend.imports import services as imports
from backend.imports.services import BatchView, CallOutcome, VerdictView
from backend.plans.services import PlanView
from backend.platforms import services as platforms
from backend.platforms.services import PlatformView
from commands.imports import take_in_waiting_tables
from config.database import transaction
from learning_records.evidence.attachments import ReceivedFile
from tests.cast import enterprises as companies
from tests.cast.enterprises import saved
from tests.cast.plans import Person, a_draft, a_long_course, a_person, a_staff, approved, join, on_roster, submitted

HEADINGS = (
    "平台记录编号", "姓名", "身份证号", "课程", "课节", "开始时间", "结束时间",
    "播放起点（秒）", "播放终点（秒）", "课件时长（秒）",
)  # fmt: skip
DAY_HEADINGS = ("姓名", "身份证号", "课程", "日期", "课时")
_serials = itertools.count(1)


@dataclass(frozen=True)
class Room:
    """A class of an enterprise whose people have joined, and a platform whose records are for it."""

    enterprise: EnterpriseView
    plan: PlanView
    class_id: UUID
    course: CourseView
    persons: tuple[Person, ...]
    platform: PlatformView

    @property
    def class_code(self) -> str:
        """What the enterprise gave the platform."""
        return self.plan.training_class.class_code

    def joins(self, person: Person) -> None:
        """Somebody on the list joins the class later."""
        join(self.plan, [person])

    def from_platform(self, code: str) -> Room:
        """The same class, with records of another platform."""
        return replace(self, platform=platforms.find_platform(code))


def a_room(
    persons: Sequence[Person] | None = None,
    *,
    absent: Sequence[Person] = (),
    filed: bool = True,
    serial: int = 1,
    course: CourseView | None = None,
) -> Room:
    """An enterprise with a plan, approved or only submitted, whose people have joined but for some; the platform is
    技能强国."""
    people = tuple(persons) if persons is not None else (a_person(1),)
    course = course or a_long_course()
    enterprise = companies.an_enterprise(f"无锡第{serial}机械有限公司", serial=serial)
    on_roster(enterprise, people)
    draft = a_draft(enterprise, course, head_count=len(people))
    plan = approved(draft, a_staff(f"reviewer-{serial}", "reviewer")) if filed else submitted(draft)
    return Room(
        enterprise,
        plan,
        join(plan, [one for one in people if one not in absent]),
        course,
        people,
        platforms.find_platform("kjcxchina"),
    )


def a_record(room: Room, **changes: Any) -> dict[str, Any]:
    """A good record: the first person of the room, an hour on 5 March from nine, without media; ``None`` leaves one out."""
    person = room.persons[0]
    record: dict[str, Any] = {
        "external_id": f"rec-{next(_serials)}",
        "name": person.name,
        "id_number": person.id_number,
        "course": room.course.title,
        "lesson": "第1课",
        "intervals": [interval("09:00", "10:00")],
        **changes,
    }
    return {name: value for name, value in record.items() if value is not None}


def interval(started: str, ended: str, *media_ms: int, day: str = "2020-03-05") -> dict[str, Any]:
    """From one time of day to another, in Wuxi; with media from and to where given."""
    said: dict[str, Any] = {"started_at": f"{day}T{started}:00+08:00", "ended_at": f"{day}T{ended}:00+08:00"}
    return said | dict(zip(("media_from_ms", "media_to_ms"), media_ms, strict=False))


def a_day(room: Room, class_hours: int, local_on: str = "2020-03-05", **changes: Any) -> dict[str, Any]:
    """Class hours of a day without intervals."""
    return a_record(room, lesson=None, intervals=None, local_on=local_on, class_hours=class_hours, **changes)


def call(room: Room, *records: Mapping[str, Any], signed: bool = False) -> CallOutcome:
    """The platform's call with these records."""
    said = {"class_code": room.class_code, "records": list(records)}
    statement = None
    if signed:
        key = a_signing_key(room.platform)
        statement = imports.check_statement(
            platform_id=room.platform.public_id, said=said, signature=key.sign(imports.statement_of(said))
        )
    return transaction(
        lambda: imports.receive_call(
            platform_id=room.platform.public_id, said=said, statement=statement, actor="api_key:test"
        )
    )


def verdict(room: Room, record: Mapping[str, Any], *, signed: bool = False) -> VerdictView:
    """What became of one record."""
    (said,) = call(room, record, signed=signed).verdicts
    return said


def table(
    rows: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS, title: str | None = "学习记录"
) -> bytes:
    """An .xlsx with a title line, headings and rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    for line in [*([[title]] if title else []), list(headings), *rows]:
        page.append(list(line))
    return saved(book)


def row(room: Room, number: int, **changes: Any) -> list[Any]:
    """A good row in the order of HEADINGS: the ``number``-th half hour of the first person's 5 March, without media."""
    person = room.persons[0]
    hour, half = divmod(number, 2)
    cells: dict[str, Any] = {
        "id": f"row-{number}",
        "name": person.name,
        "id_number": person.id_number,
        "course": room.course.title,
        "lesson": "第1课",
        "started": f"2020-03-05 {hour:02d}:{half * 30:02d}:00",
        "ended": f"2020-03-05 {hour:02d}:{half * 30 + 29:02d}:00",
        "from": None,
        "to": None,
        "media": None,
        **changes,
    }
    return list(cells.values())


def upload(room: Room, content: bytes, *, name: str = "技能强国.xlsx", papers: int = 1) -> BatchView:
    """The agent's table with a stamped paper, entered; no row is judged yet."""
    kept = imports.keep_table(name=name, source=io.BytesIO(content))
    return transaction(
        lambda: imports.receive_table(
            enterprise_id=room.enterprise.id,
            class_id=room.class_id,
            platform_code=room.platform.code,
            kept=kept,
            papers=[a_paper() for _ in range(papers)],
            actor="staff:agent",
        )
    )


def imported(room: Room, content: bytes, **options: Any) -> BatchView:
    """The table, entered and judged to its end."""
    batch = upload(room, content, **options)
    take_in_waiting_tables()
    return imports.batch_of_enterprise(enterprise_id=room.enterprise.id, batch_id=batch.batch_id)


def verdicts_of(batch: BatchView) -> list[VerdictView]:
    """What became of its rows."""
    return imports.verdicts(batch_row_id=batch.id, limit=1_000)


def a_paper() -> ReceivedFile:
    """A picture of a stamped paper, received."""
    return imports.keep_paper(name="盖章证明.png", source=io.BytesIO(paper_picture()))


@cache
def paper_picture() -> bytes:
    """The bytes of a small picture."""
    written = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(written, "PNG")
    return written.getvalue()


def a_signing_key(platform: PlatformView) -> Ed25519PrivateKey:
    """A key whose public half is registered for the platform."""
    key = Ed25519PrivateKey.generate()
    public_key = key.public_key().public_bytes_raw()
    transaction(lambda: imports.register_signing_key(platform=platform, public_key=public_key, actor="staff:bureau"))
    return key


def a_small_batch(enterprise: EnterpriseView, plan: PlanView, persons: Sequence[Person]) -> BatchView:
    """A table of one row for the class of that plan, entered and not judged."""
    person = persons[0]
    kept = imports.keep_table(
        name="证明.xlsx",
        source=io.BytesIO(table([[person.name, person.id_number, "课程", "2020-03-05", 2]], headings=DAY_HEADINGS)),
    )
    return transaction(
        lambda: imports.receive_table(
            enterprise_id=enterprise.id,
            class_id=plan.training_class.class_id,
            platform_code="kjcxchina",
            kept=kept,
            papers=[a_paper()],
            actor="staff:agent",
        )
    )
