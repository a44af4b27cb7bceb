"""Bringing courses in: what is measured, what a second import does, and what stays as it was."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from functools import partial
from pathlib import Path

import av
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.courses import services
from config.database import db, transaction
from config.errors import Invalid, NotAllowed, NotFound
from config.settings import Settings
from tests.cast.courses import INSTITUTION, a_course, a_course_folder, a_video, questions
from tests.cast.people import a_staff_member
from tests.courses.conftest import Import

READING = "安全生产，人人有责。" * 60  # 600 characters without white space: two minutes


def add_lesson(folder: Path, toml: str) -> None:
    with (folder / "course.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n[[lesson]]\n" + toml)


def test_the_length_is_measured_from_the_file(bring_in: Import, folder: Path) -> None:
    course = bring_in(folder).course
    assert [lesson.media_ms for lesson in course.lessons] == [3000, 4000]
    assert course.media_ms == 7000
    assert course.topics == {"work_safety"}
    assert course.question_count == 9


def test_only_what_is_shown_counts(bring_in: Import, folder: Path) -> None:
    """A phone's editor trims by an edit list and leaves the cut pictures in the file."""
    with (
        av.open(str(a_video(90))) as source,
        av.open(
            str(folder / "2.mp4"), "w", format="mp4", options={"avoid_negative_ts": "disabled", "use_editlist": "1"}
        ) as target,
    ):
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        assert stream.time_base is not None
        shift = int(65 / stream.time_base)
        for packet in source.demux(stream):
            if packet.dts is not None and packet.pts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copy
                target.mux(packet)
    assert bring_in(folder).course.lessons[1].media_ms == 25_000


def test_a_lesson_is_named_by_the_hash_of_what_is_studied(bring_in: Import, folder: Path) -> None:
    lesson = bring_in(folder).course.lessons[0]
    assert lesson.sha256 == hashlib.sha256((folder / "1.mp4").read_bytes()).hexdigest()
    assert services.media_path(lesson.sha256).read_bytes() == (folder / "1.mp4").read_bytes()
    with pytest.raises(NotFound):
        services.media_path("../../etc/passwd")
    with pytest.raises(NotFound):
        services.media_path("0" * 64)


def test_a_reading_is_as_long_as_its_characters(bring_in: Import, folder: Path) -> None:
    (folder / "read.txt").write_text(READING[:300] + "\n\n 　" + READING[300:], encoding="utf-8")
    add_lesson(folder, 'code = "read"\nkind = "reading"\ntitle = "阅读"\ntopic = "law"\ntext = "read.txt"\n')
    lesson = bring_in(folder).course.lessons[-1]
    assert lesson.media_ms == 120_000
    assert lesson.text is not None
    assert lesson.text.startswith("安全生产")


def test_a_simulation_is_as_long_as_its_least_times(bring_in: Import, folder: Path) -> None:
    add_lesson(
        folder,
        """code = "drill"
kind = "simulation"
title = "灭火器演练"
topic = "work_safety"
[[lesson.step]]
title = "看压力表"
text = "指针在绿区才能用。"
minimum_seconds = 20
[[lesson.step]]
title = "拔销"
text = "先拔保险销。"
minimum_seconds = 25
[[lesson.step.choice]]
text = "直接压把"
right = false
feedback = "保险销没拔，压不下去。"
[[lesson.step.choice]]
text = "拔下保险销"
right = true
feedback = "对。"
""",
    )
    lesson = bring_in(folder).course.lessons[-1]
    assert lesson.media_ms == 45_000
    assert [step["title"] for step in lesson.steps] == ["看压力表", "拔销"]
    assert lesson.steps[1]["choices"][1]["right"] is True


def test_the_same_content_again_changes_nothing(bring_in: Import, folder: Path) -> None:
    first = bring_in(folder)
    again = bring_in(folder)
    assert first.report.created
    assert not again.report.created
    assert again.course == first.course
    assert {change.change for change in again.report.lessons} == {"unchanged"}


def test_a_changed_lesson_is_a_new_version_and_the_old_one_stays(bring_in: Import, folder: Path) -> None:
    before = bring_in(folder).course
    (folder / "2.mp4").write_bytes(a_video(6).read_bytes())
    report = bring_in(folder).report
    assert (report.version, [change.change for change in report.lessons]) == (2, ["unchanged", "changed"])
    after = services.course_view(before.public_id)
    assert [lesson.version for lesson in after.lessons] == [1, 2]
    assert [lesson.public_id for lesson in after.lessons] == [lesson.public_id for lesson in before.lessons]
    assert services.lesson_facts(before.lessons[1].public_id).media_ms == 6000
    assert services.lesson_version(lesson_id=before.lessons[1].public_id, version=1) == before.lessons[1]
    assert services.course_view(before.public_id, version=1) == before
    assert services.media_path(before.lessons[1].sha256).is_file()


def test_other_questions_alone_are_a_new_version_with_the_same_lessons(bring_in: Import, folder: Path) -> None:
    before = bring_in(folder).course
    a_course_folder(folder, question_count=5)
    after = bring_in(folder).course
    assert (after.version, after.question_count) == (2, 5)
    assert after.lessons == before.lessons
    assert len(services.question_pool([before.public_id])) == 5


def test_a_lesson_left_out_is_reported_and_can_still_be_looked_up(bring_in: Import, folder: Path) -> None:
    before = bring_in(folder).course
    a_course_folder(folder, lesson_seconds=(3,))
    report = bring_in(folder).report
    assert [(change.code, change.change) for change in report.lessons] == [
        ("lesson-1", "unchanged"),
        ("lesson-2", "removed"),
    ]
    assert services.lesson_facts(before.lessons[1].public_id).title == "第2课"


def test_two_owners_may_use_the_same_code(app: Flask, folder: Path) -> None:
    owners = [INSTITUTION, services.Owner("platform", "中国职业培训在线")]

    def bring_in_for(owner: services.Owner) -> services.CourseView:
        return transaction(lambda: services.import_course(source=folder, owner=owner, author="作者")).course

    made = [bring_in_for(owner) for owner in owners]
    assert made[0].public_id != made[1].public_id
    assert [course.owner.name for course in services.list_courses(owner=owners[1])] == ["中国职业培训在线"]


def test_an_enterprise_sees_its_own_courses_and_the_open_ones(app: Flask) -> None:
    own, other = a_course().public_id, a_course().public_id
    enterprise = services.Owner("enterprise", "甲厂", own)
    stranger = services.Owner("enterprise", "乙厂", other)
    a_course(title="甲厂课程", owner=enterprise)
    a_course(title="乙厂课程", owner=stranger)
    assert "甲厂课程" in {course.title for course in services.list_courses(enterprise_ids=[own])}
    assert "乙厂课程" not in {course.title for course in services.list_courses(enterprise_ids=[own])}
    assert {course.title for course in services.list_courses()} == {"班组安全"}


@pytest.mark.parametrize("inside", ["", "我的课程/"])
def test_a_zip_is_as_good_as_a_folder(bring_in: Import, folder: Path, tmp_path: Path, inside: str) -> None:
    path = tmp_path / "course.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, inside + file.name)
        archive.writestr("__MACOSX/._course.toml", b"\0")
    zipped = bring_in(path)
    assert zipped.course.media_ms == 7000
    assert not bring_in(folder).report.created


def test_names_of_a_chinese_windows_zip_are_read(bring_in: Import, folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "1.mp4", folder / "第一课.mp4")
    manifest = (folder / "course.toml").read_text(encoding="utf-8").replace('"1.mp4"', '"第一课.mp4"')
    (folder / "course.toml").write_text(manifest, encoding="utf-8")
    path = tmp_path / "course.zip"
    path.write_bytes(as_windows_zips(folder))
    assert bring_in(path).course.media_ms == 7000


class WindowsName(zipfile.ZipInfo):
    """A name in GBK without the UTF-8 mark, as Explorer on Chinese Windows writes it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def as_windows_zips(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(WindowsName(file.name), file.read_bytes())
    return out.getvalue()


def test_verified_media_counts_a_lesson_once(bring_in: Import, folder: Path) -> None:
    first = bring_in(folder).course
    (folder / "2.mp4").write_bytes(a_video(6).read_bytes())
    second = bring_in(folder).course
    assert services.verified_media_ms([first.version_id]) == 7000
    assert services.verified_media_ms([first.version_id, second.version_id]) == 9000
    with pytest.raises(NotFound):
        services.verified_media_ms([first.public_id])


def test_the_same_video_brought_in_as_two_lessons_counts_once(bring_in: Import, folder: Path) -> None:
    (folder / "2.mp4").write_bytes((folder / "1.mp4").read_bytes())
    course = bring_in(folder).course
    videos = [lesson for lesson in course.lessons if lesson.kind == "video"]
    assert len({lesson.sha256 for lesson in videos}) == 1 < len(videos)
    expected = sum({lesson.sha256: lesson.media_ms for lesson in course.lessons}.values())
    assert services.verified_media_ms([course.version_id]) == expected < sum(item.media_ms for item in course.lessons)


@pytest.mark.parametrize("table", ["course_version", "lesson_version", "course_lesson", "question"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_what_was_published_cannot_be_changed_in_the_database(app: Flask, table: str, verb: str) -> None:
    a_course()
    statement = f"UPDATE {table} SET id = id" if verb == "update" else f"DELETE FROM {table}"
    with pytest.raises(DBAPIError, match="append-only"):
        transaction(lambda: db.session.execute(text(statement)))


def test_a_refused_import_leaves_nothing_behind(bring_in: Import, folder: Path, settings: Settings) -> None:
    (folder / "2.mp4").write_bytes(b"no video at all")
    with pytest.raises(Invalid):
        bring_in(folder)
    assert services.list_courses() == []
    assert list(settings.media_dir.iterdir()) == []


def test_captions_and_low_bitrate_are_kept(bring_in: Import, folder: Path) -> None:
    (folder / "1.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:02.500\n大家好\n", encoding="utf-8")
    (folder / "1.low.mp4").write_bytes(a_video(3, shade=90).read_bytes())
    manifest = (folder / "course.toml").read_text(encoding="utf-8")
    extra = 'media = "1.mp4"\ncaptions = "1.vtt"\nlow_bitrate = "1.low.mp4"'
    (folder / "course.toml").write_text(manifest.replace('media = "1.mp4"', extra), encoding="utf-8")
    lesson = bring_in(folder).course.lessons[0]
    assert lesson.captions_sha256 is not None
    assert lesson.low_bitrate_sha256 is not None
    assert "大家好" in services.media_path(lesson.captions_sha256).read_text(encoding="utf-8")
    assert services.media_path(lesson.captions_sha256).suffix == ".vtt"
    assert services.media_path(lesson.low_bitrate_sha256).suffix == ".mp4"


def test_nobody_brings_a_new_version_of_another_authors_course(app: Flask, folder: Path, settings: Settings) -> None:
    """The owner's name and the course's code can be typed by anybody; the author's account cannot."""
    mine, other = (a_staff_member("author").id for _ in range(2))

    def bring(author_id: int | None, owner: services.Owner = INSTITUTION) -> services.CourseImported:
        return transaction(
            lambda: services.import_course(source=folder, owner=owner, author="作者甲", author_id=author_id)
        )

    bring(mine)
    kept = sorted(settings.media_dir.rglob("*.mp4"))
    a_course_folder(folder, title="别人的内容", lesson_seconds=(5,))
    with pytest.raises(NotAllowed) as refused:
        bring(other)
    assert refused.value.code == "COURSE_OF_ANOTHER_AUTHOR"
    assert [course.version for course in services.list_courses()] == [1]
    assert sorted(settings.media_dir.rglob("*.mp4")) == kept, "a refused package leaves no file behind"
    assert bring(other, services.Owner("institution", "另一家培训中心")).report.version == 1
    assert bring(mine).report.version == 2
    a_course_folder(folder, title="命令行的更新", lesson_seconds=(5,))
    assert bring(None).report.version == 3, "the command may act for anyone"
    a_course_folder(folder, title="作者的更新", lesson_seconds=(5,))
    assert bring(mine).report.version == 4, "and takes no course away from its author"


def test_spaces_around_the_owner_make_no_other_owner(app: Flask, folder: Path) -> None:
    for owner in (services.Owner("institution", "某校"), services.Owner("institution", " 某校 ")):
        transaction(partial(services.import_course, source=folder, owner=owner, author="作者"))
    assert [course.version for course in services.list_courses()] == [1]


def test_the_owner_must_be_one(app: Flask, folder: Path) -> None:
    for owner, code in [
        (services.Owner("school", "某校"), "OWNER_KIND"),
        (services.Owner("institution", "  "), "OWNER_NAME"),
        (services.Owner("enterprise", "甲厂"), "OWNER_ENTERPRISE"),
    ]:
        with pytest.raises(Invalid) as refused:
            services.import_course(source=folder, owner=owner, author="作者")
        assert refused.value.code == code


def test_the_pool_holds_the_answers_for_the_desk(app: Flask) -> None:
    pool = services.question_pool([a_course(question_count=3).public_id])
    assert [(question.kind, question.answer) for question in pool] == [
        ("single", ("B",)),
        ("multiple", ("A", "C")),
        ("true_false", ("A",)),
    ]
    assert pool[0].stem == questions(1)[0]["stem"]
    assert pool[2].options == ("正确", "错误")
