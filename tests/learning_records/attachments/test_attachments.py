"""Attachments: examined, kept under their hash, sealed, given back; and what the database refuses."""

from __future__ import annotations

import hashlib
import io
import re
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from config import blobs
from config.clock import FixedCalendar
from config.database import db, is_sqlite, transaction
from config.errors import Conflict, DomainError, Invalid, NotFound
from config.settings import Settings
from learning_records.evidence import attachments, receiving
from learning_records.evidence import services as evidence
from learning_records.evidence.attachment_models import Attachment
from learning_records.evidence.attachments import AttachmentView, ReceivedFile
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from tests.cast import files
from tests.cast.at_once import at_once

ACTOR = "staff:0196"
CLASS, OWNER = uuid4(), uuid4()


def received(data: bytes, kind: str = "photo", name: str = "现场.jpg") -> ReceivedFile:
    return attachments.receive(kind=kind, name=name, stream=io.BytesIO(data))


def attached(file: ReceivedFile, context: UUID = CLASS, owner: UUID = OWNER) -> AttachmentView:
    return transaction(
        lambda: attachments.add(context_ref=context, owner_ref=owner, file=file, uploaded_by=ACTOR),
    )


def refusal(data: bytes, kind: str) -> DomainError:
    with pytest.raises(DomainError) as refused:
        received(data, kind)
    return refused.value


def kept_files(settings: Settings) -> set[str]:
    return {path.name for path in settings.blobs_dir.rglob("*") if path.is_file()}


def erase(view: AttachmentView) -> int:
    """Take the body of its record away, as a destruction does; the guards of the records are the retention's to test."""
    record = evidence.trace(record_public_id=view.record_id)
    if is_sqlite():
        names = db.session.scalars(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'evidence_record'")
        ).all()
        for name in names:
            db.session.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(sa.text("ALTER TABLE evidence_record DISABLE TRIGGER USER"))
    db.session.execute(
        sa.update(EvidenceRecord).where(EvidenceRecord.id == record.record_id).values(body=b"", salt=bytes(32))
    )
    db.session.commit()
    return record.record_id


def test_a_photo_is_kept_sealed_and_given_back(app: Flask, settings: Settings) -> None:
    data = files.a_jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    view = attached(received(data, name="..\\第3课\u202e 现场.JPG"))
    assert (view.name, view.media_type, view.kind) == ("第3课 现场.JPG", "image/jpeg", "photo")
    assert (view.sha256, view.size_bytes, view.state, view.repeated) == (sha256, len(data), "kept", False)
    record = evidence.trace(record_public_id=view.record_id)
    assert record.intact
    assert record.body == {
        "kind": "attachment",
        "suite": "sha256-1",
        "attachment": str(view.attachment_id),
        "handed_in_as": "photo",
        "sha256": sha256,
        "size_bytes": len(data),
        "media_type": "image/jpeg",
        "name": "第3课 现场.JPG",
        "context": str(CLASS),
        "owner": str(OWNER),
        "uploaded_by": ACTOR,
        "at_ms": int(datetime(2020, 3, 2, 1, tzinfo=UTC).timestamp() * 1000),
    }
    row = db.session.execute(sa.select(EvidenceRecord.subject, EvidenceRecord.context_ref)).one()
    assert tuple(row) == (f"attachment:{view.attachment_id}", CLASS)
    opened, path = attachments.open_attachment(attachment_id=view.attachment_id)
    assert opened == view
    assert path.read_bytes() == data
    assert kept_files(settings) == {sha256}


@pytest.mark.parametrize(
    ("kind", "make", "media_type"),
    [
        ("photo", files.a_png, "image/png"),
        ("video", files.an_mp4, "video/mp4"),
        ("video", partial(files.a_mov, "hevc"), "video/quicktime"),
        ("video", partial(files.a_mov, "mpeg4", "mp4"), "video/mp4"),
        ("paper", files.a_pdf, "application/pdf"),
        ("paper", partial(files.a_jpeg, progressive=True), "image/jpeg"),
        ("statement", files.a_modern_pdf, "application/pdf"),
        ("statement", lambda: b'{"records": 3}', "application/json"),
    ],
)
def test_every_kind_takes_its_types_whatever_the_name_says(
    app: Flask, kind: str, make: Callable[[], bytes], media_type: str
) -> None:
    view = attached(received(make(), kind, "附件.exe"))
    assert (view.kind, view.media_type) == (kind, media_type)
    assert re.fullmatch(r"附件\.exe\.\w{3,4}", view.name)


@pytest.mark.parametrize(
    ("kind", "make", "code", "word"),
    [
        ("photo", lambda: files.a_pdf(), "FILE_TYPE", "改选“盖章材料”"),
        ("photo", lambda: files.an_mp4(), "FILE_TYPE", "改选“视频”"),
        ("video", lambda: files.a_jpeg(), "FILE_TYPE", "改选“图片”"),
        ("paper", lambda: b"{}", "FILE_TYPE", "改选“第三方平台资料”"),
        ("photo", lambda: b"MZ\x90\x00" + bytes(20 * 1024**2), "FILE_TOO_LARGE", "10MB"),
        ("paper", lambda: b"MZ\x90\x00" + bytes(20 * 1024**2 - 4), "FILE_TYPE", "程序"),
        ("photo", lambda: files.HEIC, "FILE_HEIC", "兼容性最佳"),
        ("photo", lambda: files.a_bomb(), "PICTURE_TOO_LARGE", "像素"),
        ("photo", lambda: files.a_jpeg() + files.a_zip(), "FILE_HIDES_ANOTHER", "夹带"),
        ("photo", lambda: b"", "FILE_EMPTY", "空"),
        ("video", lambda: files.an_mp4()[:-200], "FILE_BROKEN", "不完整"),
        ("video", lambda: files.a_recording(), "VIDEO_NO_PICTURE", "画面"),
        ("video", lambda: files.a_mov("mjpeg"), "VIDEO_CODEC", "H.264"),
        ("licence", lambda: files.a_pdf(), "ATTACHMENT_KIND", "类别"),
    ],
)
def test_what_is_refused_is_named_and_nothing_of_it_stays(
    app: Flask, settings: Settings, kind: str, make: Callable[[], bytes], code: str, word: str
) -> None:
    refused = refusal(make(), kind)
    assert refused.code == code
    assert word in refused.detail
    assert kept_files(settings) == set()


def test_a_video_whose_pictures_were_overwritten_is_refused(app: Flask) -> None:
    video = files.an_mp4()
    at = video.index(b"mdat") + 4
    size = int.from_bytes(video[at - 8 : at - 4], "big") - 8
    assert refusal(video[:at] + bytes(size) + video[at + size :], "video").code == "FILE_BROKEN"


@pytest.mark.parametrize(
    ("pictures", "codes"), [(1_000_000, {"FILE_BROKEN"}), (80_000_000, {"FILE_BROKEN", "VIDEO_TOO_DEAR"})]
)
def test_a_small_video_that_claims_millions_of_pictures_costs_little(
    app: Flask, settings: Settings, pictures: int, codes: set[str]
) -> None:
    video = files.a_video_that_claims(pictures)
    assert len(video) < 2_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(video, "video").code in codes
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after[0] - before[0] < 25  # seconds; it was half an hour
    assert after[1] - before[1] < 100_000  # KiB; it was gigabytes
    assert kept_files(settings) == set()


def test_a_photo_without_its_tables_is_refused(app: Flask) -> None:
    """The structure is whole, but no program could show it."""
    photo = files.a_jpeg()
    while (at := photo.find(b"\xff\xdb")) >= 0:
        photo = photo[:at] + photo[at + 2 + int.from_bytes(photo[at + 2 : at + 4], "big") :]
    assert refusal(photo, "photo").code == "FILE_BROKEN"


def test_limits_are_those_that_were_promised() -> None:
    limits = {name: kind.limit_bytes // 1024**2 for name, kind in receiving.KINDS.items()}
    assert (limits.pop("photo"), limits.pop("video")) == (10, 500)
    assert {"paper", "statement", "business_licence", "training_scheme"} <= limits.keys()
    assert set(limits.values()) == {20}


def test_the_same_file_twice_gives_back_the_first(app: Flask, clock: FixedCalendar) -> None:
    first = attached(received(files.a_jpeg(), name="甲.jpg"))
    clock.advance(60)
    again = attached(received(files.a_jpeg(), name="乙.jpg"))
    assert again == replace(first, repeated=True)
    assert len(attachments.list_of(context_ref=CLASS)) == 1
    assert db.session.scalar(sa.select(sa.func.count(EvidenceEntry.id))) == 1


def test_the_same_file_as_something_else_or_elsewhere_is_another_attachment(app: Flask, settings: Settings) -> None:
    data = files.a_jpeg()
    first = attached(received(data))
    others = [
        attached(received(data, "paper")),
        attached(received(data), context=uuid4()),
        attached(received(data), owner=uuid4()),
    ]
    assert len({view.attachment_id for view in (first, *others)}) == 4
    assert not any(view.repeated for view in others)
    assert len(kept_files(settings)) == 1


def test_the_same_file_from_several_hands_at_once_is_entered_once(app: Flask) -> None:
    file = received(files.a_jpeg())
    add = partial(attachments.add, context_ref=CLASS, owner_ref=OWNER, file=file, uploaded_by=ACTOR)
    assert at_once(app, [add] * 6) == []
    assert len(attachments.list_of(context_ref=CLASS)) == 1
    assert db.session.scalar(sa.select(sa.func.count(EvidenceRecord.id))) == 1


def test_a_class_lists_its_own_newest_first(app: Flask) -> None:
    views = [attached(received(files.a_jpeg(shade))) for shade in (1, 2, 3)]
    attached(received(files.a_jpeg(9)), context=uuid4())
    assert attachments.list_of(context_ref=CLASS) == views[::-1]
    assert attachments.list_of(context_ref=uuid4()) == []


def test_a_class_has_room_for_so_much(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_FILES", 2)
    for shade in (1, 2):
        attached(received(files.a_jpeg(shade)))
    with pytest.raises(Conflict, match="ATTACHMENTS_FULL"):
        attached(received(files.a_jpeg(3)))
    assert attached(received(files.a_jpeg(1))).repeated, "what is there already needs no room"
    attached(received(files.a_jpeg(3)), context=uuid4())


def test_a_class_has_room_for_so_many_bytes(app: Flask) -> None:
    attached(replace(received(files.a_jpeg(1)), size_bytes=attachments.MOST_BYTES))
    with pytest.raises(Conflict, match="20GB"):
        attached(received(files.a_jpeg(2)))


def test_a_refused_transaction_leaves_no_row_and_the_file_can_be_added_later(app: Flask) -> None:
    file = received(files.a_jpeg())

    def work() -> None:
        attachments.add(context_ref=CLASS, owner_ref=OWNER, file=file, uploaded_by=ACTOR)
        raise Invalid("SOMETHING_ELSE", "别的原因。")

    with pytest.raises(Invalid):
        transaction(work)
    assert attachments.list_of(context_ref=CLASS) == []
    assert not attached(file).repeated


def test_an_attachment_nobody_made_is_not_found(app: Flask) -> None:
    for ask in (attachments.get_attachment, attachments.open_attachment):
        with pytest.raises(NotFound, match="ATTACHMENT_NOT_FOUND"):
            ask(attachment_id=uuid4())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE attachment SET sha256 = '" + "0" * 64 + "'",
        "UPDATE attachment SET name = 'x.jpg'",
        "UPDATE attachment SET name = ''",
        "UPDATE attachment SET size_bytes = 1",
        "UPDATE attachment SET kind = 'paper'",
        "UPDATE attachment SET uploaded_by = 'staff:2'",
        "UPDATE attachment SET context_ref = owner_ref",
        "DELETE FROM attachment",
    ],
)
def test_the_database_refuses_every_change(app: Flask, change: str) -> None:
    attached(received(files.a_jpeg()))
    with pytest.raises(DatabaseError, match="enters with its record"):
        db.session.execute(sa.text(change))
    db.session.rollback()


def test_the_database_refuses_a_row_without_its_own_record(app: Flask) -> None:
    view = attached(received(files.a_jpeg()))
    good = dict(db.session.execute(sa.select(*Attachment.__table__.columns)).mappings().one())
    other = transaction(lambda: evidence.seal(kind="session", body={}, context_ref=CLASS)).record_id
    wanted = uuid4()
    sealed = transaction(
        lambda: evidence.seal(kind="attachment", body={}, subject=f"attachment:{wanted}", context_ref=CLASS)
    ).record_id
    new = {**good, "id": 99, "sha256": "1" * 64, "public_id": wanted}
    for wrong in (
        {**new, "record_id": other},
        {**new, "record_id": 12345},
        {**new, "record_id": sealed, "public_id": uuid4()},
        {**new, "record_id": sealed, "context_ref": uuid4()},
        {**new, "record_id": sealed, "name": ""},
    ):
        with pytest.raises(DatabaseError):
            db.session.execute(sa.insert(Attachment).values(wrong))
        db.session.rollback()
    db.session.execute(sa.insert(Attachment).values({**new, "record_id": sealed}))
    assert len(attachments.list_of(context_ref=CLASS)) == 2
    assert view in attachments.list_of(context_ref=CLASS)
    db.session.rollback()


def test_a_changed_file_is_not_handed_out_as_the_sealed_one(app: Flask) -> None:
    view = attached(received(files.a_jpeg()))
    blobs.path_of(view.sha256).write_bytes(files.a_jpeg(200))
    with pytest.raises(Conflict, match="ATTACHMENT_ALTERED"):
        attachments.open_attachment(attachment_id=view.attachment_id)


def test_a_lost_file_is_called_lost_and_comes_back_with_the_same_bytes(app: Flask) -> None:
    view = attached(received(files.a_jpeg()))
    blobs.remove(view.sha256)
    assert attachments.list_of(context_ref=CLASS) == [replace(view, state="missing")]
    with pytest.raises(NotFound, match="FILE_NOT_FOUND"):
        attachments.open_attachment(attachment_id=view.attachment_id)
    assert attached(received(files.a_jpeg())) == replace(view, repeated=True)
    attachments.open_attachment(attachment_id=view.attachment_id)


def test_a_file_that_went_between_receiving_and_adding_must_be_sent_again(app: Flask) -> None:
    file = received(files.a_jpeg())
    blobs.remove(file.sha256)
    with pytest.raises(Conflict, match="ATTACHMENT_FILE_GONE"):
        attached(file)
    assert attachments.list_of(context_ref=CLASS) == []


def test_a_destroyed_file_leaves_its_hash_and_nothing_that_names_people(app: Flask, settings: Settings) -> None:
    view = attached(received(files.a_jpeg(), name="王小明签到.jpg"))
    record_id = erase(view)
    shared = transaction(lambda: attachments.forget(record_ids=[record_id]))
    assert shared == [view.sha256]
    assert transaction(lambda: attachments.remove_files(sha256s=shared)) == 1
    assert attachments.list_of(context_ref=CLASS) == [replace(view, state="destroyed", name="")]
    with pytest.raises(NotFound, match="按期销毁"):
        attachments.open_attachment(attachment_id=view.attachment_id)
    with pytest.raises(Conflict, match="ATTACHMENT_DESTROYED"):
        attached(received(files.a_jpeg()))
    with pytest.raises(DatabaseError):
        db.session.execute(sa.text("UPDATE attachment SET name = 'x.jpg'"))
    db.session.rollback()


def test_a_destruction_spares_the_file_that_another_class_still_keeps(app: Flask, settings: Settings) -> None:
    view, theirs = (attached(received(files.a_jpeg()), context=context) for context in (CLASS, uuid4()))
    record_id = erase(view)
    shared = transaction(lambda: attachments.forget(record_ids=[record_id]))
    assert transaction(lambda: attachments.remove_files(sha256s=shared)) == 0
    assert attachments.get_attachment(attachment_id=view.attachment_id).state == "destroyed"
    assert isinstance(attachments.open_attachment(attachment_id=theirs.attachment_id)[1], Path)


def test_a_name_is_not_forgotten_before_its_record_is_erased(app: Flask) -> None:
    view = attached(received(files.a_jpeg()))
    record_id = evidence.trace(record_public_id=view.record_id).record_id
    with pytest.raises(DatabaseError):
        transaction(lambda: attachments.forget(record_ids=[record_id]))
    assert attachments.get_attachment(attachment_id=view.attachment_id) == view


def test_the_audit_names_every_file_that_is_lost_or_changed(app: Flask) -> None:
    lost, changed, destroyed, _ = (attached(received(files.a_jpeg(shade))) for shade in range(1, 5))
    both = attached(received(files.a_jpeg(2)), context=uuid4())
    seen: list[int] = []
    assert list(attachments.problems_of_files(seen.append)) == []
    assert sum(seen) == 5
    record_id = erase(destroyed)
    gone = transaction(lambda: attachments.forget(record_ids=[record_id]))
    transaction(lambda: attachments.remove_files(sha256s=gone))
    blobs.remove(lost.sha256)
    blobs.path_of(changed.sha256).write_bytes(b"something else")
    assert sorted(attachments.problems_of_files()) == sorted(
        [
            (f"attachment {lost.attachment_id}", "its file is lost"),
            (f"attachment {changed.attachment_id}", "its file was changed"),
            (f"attachment {both.attachment_id}", "its file was changed"),
        ]
    )


def test_the_audit_gets_every_row_in_the_words_of_its_record(app: Flask) -> None:
    for shade in (1, 2, 3):
        attached(received(files.a_jpeg(shade)))
    assert attachments.count_sealed_rows() == 3
    first, *rest = attachments.sealed_rows(0, 2)
    rows = [first, *rest, *attachments.sealed_rows(rest[-1].id, 2)]
    assert len(rows) == 3
    for row in rows:
        assert row.record_id is not None
        sealed = evidence.get_record(record_id=row.record_id).body
        assert {**row.body, "kind": "attachment", "suite": "sha256-1"} == sealed
        assert row.subject == f"attachment:{sealed['attachment']}"
