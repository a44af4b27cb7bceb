"""The pages of notices: everybody's and the desk's, and the files for the bureau's website."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from backend.notices import services as notices
from backend.notices.services import NoticeView
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast.claims import Office, an_office
from tests.cast.enterprises import PASSWORD
from tests.cast.notices import URL, a_draft_notice, a_posted_notice, an_approved_claim, an_objection, lines_of
from tests.console.browser import Browser, text_of
from tests.evidence_audit.asking import audit
from tests.learning_records.by_hand import by_hand


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def reviewer(app: Flask, office: Office) -> Browser:
    browser = Browser(app)
    browser.sign_in(office.reviewer.username, PASSWORD)
    return browser


@pytest.fixture
def posted(office: Office) -> NoticeView:
    an_approved_claim(office)
    return a_posted_notice(office)


def differing(app: Flask) -> set[str]:
    """The rows an audit names; the cast banks time without sessions, which is another matter."""
    return {each["row"] for each in audit(app)[1]["differences"] if "session" not in each["row"]}


def test_the_desk_makes_exports_and_posts_a_notice(office: Office, reviewer: Browser) -> None:
    _, claim = an_approved_claim(office)
    assert "无锡第1机械有限公司" in text_of(reviewer.get("/reviewer/notices"))
    made = reviewer.post("/reviewer/notices", {"claim_id": str(claim.claim_id)})
    assert "已生成：锡线培公示〔2020〕1号" in text_of(made)
    (draft,) = notices.notices()
    page = f"/reviewer/notices/{draft.notice_id}"
    refused = reviewer.post(f"{page}/posting", {"posted_on": "2020-03-02", "url": "hrss"})
    assert refused.status_code == 422
    assert "完整网址" in text_of(refused)
    posted = reviewer.post(f"{page}/posting", {"posted_on": "2020-03-02", "url": URL})
    assert "公示至2020-03-09" in text_of(posted)
    assert reviewer.post(f"{page}/discard").status_code == 409


def test_a_draft_is_thrown_away(office: Office, reviewer: Browser) -> None:
    an_approved_claim(office, people=1)
    draft = a_draft_notice(office)
    assert "已作废" in text_of(reviewer.post(f"/reviewer/notices/{draft.notice_id}/discard"))
    assert reviewer.post("/reviewer/notices", {}).status_code == 422


def test_the_files_say_what_the_page_says(reviewer: Browser, posted: NoticeView) -> None:
    page = f"/reviewer/notices/{posted.notice_id}/export"
    fragment = reviewer.get(f"{page}.html").get_data(as_text=True)
    assert fragment.startswith('<article class="notice">')
    assert "<script" not in fragment
    assert fragment.count("<tr>") == 1 + 2 + 1
    pdf = pypdfium2.PdfDocument(reviewer.get(f"{page}.pdf").data)
    printed = "".join(part.get_textpage().get_text_range() for part in pdf)
    book = CalamineWorkbook.from_filelike(io.BytesIO(reviewer.get(f"{page}.xlsx").data))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1:] for row in rows if row[0] in (1, 2)] == [["无锡第1机械有限公司", "王*明", 24, 444]] * 2
    for said in (fragment, re.sub(r"\s", "", printed)):
        assert "锡线培公示〔2020〕1号" in said
        assert "王*明" in said
        assert "888.00" in said
        assert "2020年3月9日" in said
        assert "王小明" not in said
    assert reviewer.get(f"{page}.exe").status_code == 404


def test_everybody_reads_a_notice_and_objects(app: Flask, posted: NoticeView, clock: FixedCalendar) -> None:
    visitor = Browser(app)
    assert "锡线培公示〔2020〕1号" in text_of(visitor.get("/public/notices?company=第1机械"))
    assert "没有找到公示" in text_of(visitor.get("/public/notices?company=别家"))
    page = f"/public/notices/{posted.notice_id}"
    shown = text_of(visitor.get(page))
    for said in ("还有 8 天", "提出异议", "王*明", "444.00", "888.00"):
        assert said in shown
    assert "王小明" not in shown
    typed = {"position": "1", "scope": "person", "text": "此人三月份已经离职。", "contact": "13812345678"}
    for field, value in (("position", "9"), ("scope", "all"), ("text", "短"), ("contact", "")):
        refused = visitor.post(f"{page}/objection", {**typed, field: value})
        assert refused.status_code == 422
        assert typed["contact"] not in shown
    filed = visitor.post(f"{page}/objection", typed)
    assert filed.status_code == 201
    code = re.search(r"撤回码 ([2-9A-Z]{12})", text_of(filed))
    assert code is not None
    (objection,) = notices.objections_of(posted.notice_id)
    about = f"/public/objections/{objection.objection_id}"
    for path in (page, about):
        seen = text_of(visitor.get(path))
        assert "公示异议〔2020〕1号" in seen
        assert "已经离职" not in seen
        assert "13812345678" not in seen
    assert visitor.post(f"{about}/withdraw", {"code": "WRONGWRONG12"}).status_code == 404
    assert "已撤回" in text_of(visitor.post(f"{about}/withdraw", {"code": code[1]}))


def test_after_the_window_the_form_is_closed(app: Flask, posted: NoticeView, clock: FixedCalendar) -> None:
    assert posted.closes_at is not None
    clock.set(posted.closes_at)
    visitor = Browser(app)
    page = f"/public/notices/{posted.notice_id}"
    assert "公示期已满" in text_of(visitor.get(page))
    assert "不能再提出异议" in text_of(visitor.get(f"{page}/objection"))
    late = visitor.post(
        f"{page}/objection", {"position": "1", "scope": "claim", "text": "此人没有参加。", "contact": "13812345678"}
    )
    assert late.status_code == 409


def test_a_draft_is_nobodys_to_read(app: Flask, office: Office) -> None:
    an_approved_claim(office, people=1)
    draft = a_draft_notice(office)
    visitor = Browser(app)
    for path in (f"/public/notices/{draft.notice_id}", f"/public/notices/{draft.notice_id}/objection"):
        assert visitor.get(path).status_code == 404
    assert "目前没有公示" in text_of(visitor.get("/public/notices"))


def test_a_page_that_would_leak_is_blocked(app: Flask, reviewer: Browser, posted: NoticeView) -> None:
    by_hand(
        "UPDATE notice_entry SET masked_name = '320200１９９００１０１0013' WHERE position = 1",
        unguarding=("notice_entry",),
    )
    for answer in (
        Browser(app).get(f"/public/notices/{posted.notice_id}"),
        reviewer.get(f"/reviewer/notices/{posted.notice_id}/export.html"),
        reviewer.get(f"/reviewer/notices/{posted.notice_id}/export.pdf"),
        reviewer.get(f"/reviewer/notices/{posted.notice_id}/export.xlsx"),
    ):
        assert answer.status_code == 409
        assert "不能公开的个人信息" in text_of(answer)
        assert "0013" not in text_of(answer)


def test_the_audit_names_a_notice_whose_rows_were_changed(app: Flask, posted: NoticeView) -> None:
    assert differing(app) == set()
    by_hand("UPDATE notice_entry SET amount_fen = 50000 WHERE position = 1", unguarding=("notice_entry",))
    assert differing(app) == {f"public_notice {posted.notice_id}"}


def test_the_audit_names_an_answer_that_was_never_given(app: Flask, office: Office, posted: NoticeView) -> None:
    filed = an_objection(posted, None)
    decide = reviews.decide_objection
    transaction(
        lambda: decide(objection_id=filed.view.objection_id, staff=office.reviewer, uphold=False, answer="经核对相符。")
    )
    assert differing(app) == set()
    by_hand("UPDATE objection SET answer = '另一个答复'", unguarding=("objection",))
    assert differing(app) == {f"objection {filed.view.objection_id}"}


def test_the_desk_answers_an_objection(office: Office, reviewer: Browser, posted: NoticeView) -> None:
    filed = an_objection(posted, None)
    page = f"/reviewer/objections/{filed.view.objection_id}"
    assert "公示异议" in text_of(reviewer.get("/reviewer/"))
    seen = text_of(reviewer.get(page))
    assert "此人没有参加过培训。" in seen
    assert "0510-81234567" in seen
    leaked = reviewer.post(
        f"{page}/decision", {"decision": "approve", "reason": "请电13812345678联系。", "clause": "三"}
    )
    assert leaked.status_code == 422
    done = reviewer.post(
        f"{page}/decision",
        {"decision": "approve", "reason": "经核对，未参加。", "clause": "四.2", "line_id": str(lines_of(posted)[0])},
    )
    assert "已答复" in text_of(done)
    assert "经核对，未参加。" in text_of(reviewer.get(f"/public/notices/{posted.notice_id}"))
    assert "通过" in text_of(reviewer.get(page))
