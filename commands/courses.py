"""``flask courses …``: bring a course in, and hand out the question template."""

from __future__ import annotations

import uuid
from pathlib import Path

import click
from flask.cli import with_appcontext

from backend.courses import services
from config.database import transaction
from config.errors import DomainError

CHANGES = {"new": "新课", "changed": "有改动", "unchanged": "未变", "removed": "已去掉"}


@click.group("courses")
def courses() -> None:
    """Courses: import a folder or ZIP, write the question template."""


@courses.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--owner", required=True, help="Name of the institution, enterprise or platform that owns the course.")
@click.option(
    "--owner-kind",
    type=click.Choice(["institution", "enterprise", "platform"]),
    default="institution",
    show_default=True,
)
@click.option("--enterprise", type=click.UUID, help="Public id of the enterprise, for --owner-kind enterprise.")
@click.option("--author", default="命令行", show_default=True, help="Who brings the course in.")
@with_appcontext
def import_(path: Path, owner: str, owner_kind: str, enterprise: uuid.UUID | None, author: str) -> None:
    """Check the course folder or ZIP at PATH and publish it, whoever its author is; the same content again changes nothing."""
    who = services.Owner(owner_kind, owner, enterprise)
    try:
        imported = transaction(lambda: services.import_course(source=path, owner=who, author=author))
    except DomainError as error:
        for entry in error.errors:
            row = f":{entry['row']}" if "row" in entry else ""
            place = " ".join(str(part) for part in (f"{entry.get('file', '')}{row}", entry.get("field", "")) if part)
            click.echo(f"{place or path}: {entry['detail']} [{entry['code']}]", err=True)
        raise click.ClickException(f"{error.detail} [{error.code}]") from error
    course, report = imported.course, imported.report
    click.echo(f"{course.title}（{course.public_id}）第{report.version}版{'' if report.created else '：内容没有变化'}")
    for lesson in report.lessons:
        minutes, seconds = divmod(lesson.media_ms // 1000, 60)
        click.echo(f"  {CHANGES[lesson.change]}  {lesson.code}  {lesson.title}  {minutes}分{seconds:02d}秒")
    click.echo(f"  题库{report.question_count}题，课程合计{course.media_ms / 60_000:.1f}分钟")


@courses.command("template")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def template(out: Path) -> None:
    """Write the question workbook template to OUT (.xlsx)."""
    out.write_bytes(services.questions_template())
    click.echo(f'{out}：请在Excel中填写，放进课程文件夹，在 course.toml 里写 questions = "{out.name}"。')
