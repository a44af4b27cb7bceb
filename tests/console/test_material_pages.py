"""培训台账资料 on the pages: an agent hands files in and fetches them, a reviewer reads them, nobody else does."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.plans import services as plans
from backend.plans.services import PlanView
from config import blobs
from config.settings import Settings
from tests.cast import claims as cast
from tests.cast import enterprises as companies
from tests.cast import files
from tests.cast.materials import a_material
from tests.cast.plans import a_person
from tests.console.browser import Browser, text_of


@dataclass
class Place:
    """A class with its agent at a browser, and the address of its plan's page."""

    plan: PlanView
    agent: Browser
    address: str

    def hand_in(self, chosen: Sequence[tuple[str, bytes]], kind: str = "photo") -> TestResponse:
        """Choose these files (name, bytes) and press the button."""
        uploads = [(io.BytesIO(data), name) for name, data in chosen]
        return self.agent.post(f"{self.address}/materials", {"material_kind": kind, "materials": uploads})


@pytest.fixture
def place(app: Flask) -> Place:
    theirs = cast.a_class([a_person(1)], cast.an_office())
    agent = Browser(app)
    agent.sign_in("agent.1", companies.PASSWORD)
    return Place(theirs.plan, agent, f"/enterprise/{theirs.enterprise.public_id}/plans/{theirs.plan.plan_id}")


def test_the_page_says_what_the_clause_asks_and_what_is_taken(place: Place) -> None:
    text = text_of(place.agent.get(place.address))
    assert "条款四.2" in text
    assert "保存两年" in text
    assert "视频：MP4、MOV，每份不超过 500 MB" in text
    assert "图片：JPG、PNG，每份不超过 10 MB" in text


def test_photos_are_handed_in_many_at_a_time_and_shown_with_their_proof(place: Place) -> None:
    photos = [("第1课 现场.jpg", files.a_jpeg(1)), ("../第2课<b>.PNG", files.a_png(2))]
    page = place.hand_in(photos)
    assert page.status_code == 200
    text = text_of(page)
    assert "已保存2份台账资料" in text
    assert "第1课 现场.jpg" in text
    assert "第2课_b_.PNG" in text
    for material in plans.materials_of(place.plan.plan_id):
        assert material.sha256 in text
        assert f"{material.sha256[:12]}…" in text
        assert str(material.record_id) in text
    assert "<b>.PNG" not in page.get_data(as_text=True)


def test_good_files_go_in_and_each_refused_one_is_named(place: Place) -> None:
    page = place.hand_in(
        [
            ("现场.jpg", files.a_jpeg(1)),
            ("安装\u202egpj.exe", b"MZ\x90\x00" + bytes(100)),
            ("半张.png", files.a_png()[:-20]),
            ("IMG_1.HEIC", files.HEIC),
            ("空.jpg", b""),
            ("现场2.jpg", files.a_jpeg(2)),
        ]
    )
    assert page.status_code == 422
    text = text_of(page)
    assert "已保存2份台账资料。有4份文件没有保存：" in text
    assert "“安装gpj.exe”：这是程序文件" in text
    assert "“半张.png”：文件不完整" in text
    assert "“IMG_1.HEIC”：这是苹果手机的HEIC照片" in text
    assert "“空.jpg”：文件是空的" in text
    assert len(plans.materials_of(place.plan.plan_id)) == 2


def test_the_same_files_again_are_told_so(place: Place) -> None:
    place.hand_in([("现场.jpg", files.a_jpeg(1))])
    assert "没有重复保存" in text_of(place.hand_in([("再传.jpg", files.a_jpeg(1))]))
    again = text_of(place.hand_in([("再传.jpg", files.a_jpeg(1)), ("新的.jpg", files.a_jpeg(2))]))
    assert "已保存1份台账资料。1份以前上传过，没有重复保存。" in again


def test_a_form_without_a_file_or_with_a_made_up_kind_is_refused_in_words(place: Place) -> None:
    assert "请选择文件" in text_of(place.hand_in([]))
    refused = place.hand_in([("现场.jpg", files.a_jpeg())], kind="licence")
    assert refused.status_code == 422
    assert "请选择资料类别" in text_of(refused)
    wrong = place.hand_in([("合同.pdf", files.a_pdf())], kind="video")
    assert "“视频”只收MP4、MOV，这份文件是PDF" in text_of(wrong)
    assert plans.materials_of(place.plan.plan_id) == []


def test_a_file_is_fetched_again_as_a_download_and_nothing_else(place: Place) -> None:
    data = files.a_jpeg()
    material = a_material(place.plan.plan_id, data, name='现"场\r\n.jpg')
    answer = place.agent.get(f"{place.address}/materials/{material.attachment_id}")
    assert answer.data == data
    assert answer.mimetype == "image/jpeg"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="download.jpg"')
    assert unquote(disposition.split("filename*=UTF-8''")[1]) == "现_场.jpg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_a_long_download_goes_on_where_it_broke_off(place: Place) -> None:
    data = files.an_mp4()
    material = a_material(place.plan.plan_id, data, kind="video", name="录像.mp4")
    answer = place.agent.get(f"{place.address}/materials/{material.attachment_id}", headers={"Range": "bytes=100-"})
    assert answer.status_code == 206
    assert answer.data == data[100:]


def test_a_form_past_every_limit_is_answered_in_words(app: Flask, place: Place) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    page = place.hand_in([("录像.mp4", bytes(1_000_001))], kind="video")
    assert page.status_code == 413
    assert "文件太大" in text_of(page)
    assert plans.materials_of(place.plan.plan_id) == []


def test_the_limit_of_a_form_lets_the_largest_file_through(settings: Settings) -> None:
    largest = max(kind.limit_bytes for kind in plans.MATERIAL_KINDS.values())
    assert settings.upload_limit_bytes > largest + 1_000_000


def test_a_reviewer_sees_and_fetches_but_hands_nothing_in(app: Flask, place: Place) -> None:
    material = a_material(place.plan.plan_id)
    reviewer = Browser(app)
    reviewer.sign_in("reviewer", companies.PASSWORD)
    page = reviewer.get(f"/reviewer/plans/{place.plan.plan_id}")
    assert "第1课 现场.jpg" in text_of(page)
    assert material.sha256 in text_of(page)
    assert str(material.record_id) in text_of(page)
    assert 'type="file"' not in page.get_data(as_text=True)
    links = re.findall(r'href="([^"]+/materials/[^"]+)"', page.get_data(as_text=True))
    filed = [document.file.sha256 for document in plans.documents_of(place.plan.plan_id)]
    fetched = [hashlib.sha256(reviewer.get(link).data).hexdigest() for link in links]
    assert sorted(fetched) == sorted([material.sha256, *filed])


def test_a_reviewer_comes_from_the_claim_to_the_files(app: Flask, place: Place) -> None:
    cast.learn(a_person(1), place.plan.training_class.class_id, cast.hours(24))
    claim = cast.submitted_claim(place.plan)
    reviewer = Browser(app)
    reviewer.sign_in("reviewer", companies.PASSWORD)
    page = reviewer.get(f"/reviewer/claims/{claim.claim_id}").get_data(as_text=True)
    assert f"/reviewer/plans/{place.plan.plan_id}" in page


def test_the_agent_of_another_enterprise_finds_nothing(app: Flask, place: Place) -> None:
    """Neither in the foreign plan nor, by its id, in a plan of their own. (``test_guards`` walks every other way.)"""
    material = a_material(place.plan.plan_id)
    companies.an_enterprise("无锡锡山电子有限公司", serial=2)
    outsider = Browser(app)
    outsider.sign_in("agent.2", companies.PASSWORD)
    own = outsider.get("/enterprise/").request.path
    outsider.post(f"{own}plans")
    drafted = re.findall(rf"{own}plans/([0-9a-f-]{{36}})", outsider.get(f"{own}plans").get_data(as_text=True))[0]
    addresses = [
        f"{place.address}/materials/{material.attachment_id}",
        f"{own}plans/{place.plan.plan_id}/materials/{material.attachment_id}",
        f"{own}plans/{drafted}/materials/{material.attachment_id}",
    ]
    for address in addresses:
        answer = outsider.get(address)
        assert answer.status_code == 404, address
        assert "第1课 现场" not in text_of(answer)


def test_a_file_the_store_has_lost_or_changed_is_said_plainly(place: Place) -> None:
    lost, changed = (a_material(place.plan.plan_id, files.a_jpeg(shade), name=f"{shade}.jpg") for shade in (1, 2))
    blobs.remove(lost.sha256)
    blobs.path_of(changed.sha256).write_bytes(files.a_jpeg(3))
    assert "文件缺失" in text_of(place.agent.get(place.address))
    missing = place.agent.get(f"{place.address}/materials/{lost.attachment_id}")
    assert (missing.status_code, "文件库里找不到" in text_of(missing)) == (404, True)
    altered = place.agent.get(f"{place.address}/materials/{changed.attachment_id}")
    assert (altered.status_code, "哈希值不符" in text_of(altered)) == (409, True)


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(1, "1 KB"), (1025, "2 KB"), (1024**2, "1.0 MB"), (1_300_000, "1.2 MB")]
)
def test_sizes_are_written_for_people(app: Flask, size_bytes: int, words: str) -> None:
    assert app.jinja_env.filters["file_size"](size_bytes) == words
