"""The driver's browser reads forms as people see them."""

import http.client
import io

import pytest

from demo.browser import Page, read_page
from demo.desk import LineSeen, read_claim
from demo.wire import Answer, Broken, form_body


def page(html: str) -> Page:
    headers = http.client.parse_headers(io.BytesIO(b"Content-Type: text/html; charset=utf-8\r\n\r\n"))
    return read_page("/here", Answer(200, headers, html.encode()))


FORM = """
<form action="/plans" method="post">
  <input type="hidden" name="csrf_token" value="t0ken">
  <input name="title" value="旧名">
  <input type="checkbox" name="people" value="p1" checked> <input type="checkbox" name="people" value="p2">
  <input type="file" name="workbook">
  <select name="kind"><option value="">请选择</option><option value="own" selected>自主</option></select>
  <select name="clause"><option>三</option><option>四.2</option></select>
  <textarea name="relevance">
  因为</textarea>
  <button name="decision" value="approve">通过</button><button name="decision" value="reject">不通过</button>
</form>
"""


def test_a_form_is_sent_with_what_stands_in_it() -> None:
    form = page(FORM).form("title", action="plans")

    assert form.fields == [
        ("csrf_token", "t0ken"),
        ("title", "旧名"),
        ("people", "p1"),
        ("kind", "own"),
        ("clause", "三"),
        ("relevance", "因为"),
    ]
    assert form.names == {"csrf_token", "title", "people", "workbook", "kind", "clause", "relevance"}
    assert [value for value, _ in form.choices["people"]] == ["p1", "p2"]
    assert [value for _, value, _ in form.buttons] == ["approve", "reject"]


def test_a_missing_form_is_told_with_what_the_page_says() -> None:
    with pytest.raises(Broken, match="没有权限"):
        page("<p>没有权限</p>").form("title")


def test_tables_links_and_text() -> None:
    shown = page(
        "<script>1 < 2</script><a href='/a'>去 <b>这里</b></a>"
        "<table><tr><th>金额</th></tr><tr><td> 1,462.50 元</td></tr></table>"
    )

    assert shown.link(text="这里") == "/a"
    assert shown.tables == [[["金额"], ["1,462.50 元"]]]
    assert shown.text == "去 这里金额 1,462.50 元"


def test_the_lines_of_a_claim_are_read_from_its_page() -> None:
    shown = page(
        """<p>可申领金额</p> <p>444.00 元</p>
        <summary><span>陈*勤</span> <span>24 课时 · 18小时10分</span> <span>444.00 元</span></summary>
        <summary><span>吴*一</span> <span>23 课时 · 17小时25分</span> <span>再学35分钟即可</span>
        <span>0.00 元</span></summary>"""
    )

    claim = read_claim(shown, "/claims/1")

    assert claim.total_fen == 44_400
    assert claim.lines == (LineSeen("陈*勤", 24, 44_400), LineSeen("吴*一", 23, 0))


def test_files_go_as_multipart() -> None:
    body, kind = form_body([("csrf_token", "t0ken")], {"workbook": ("花名册.xlsx", b"PK")})

    assert kind.startswith("multipart/form-data; boundary=")
    assert body.count(kind.split("=")[1].encode()) == 3
    assert 'filename="花名册.xlsx"'.encode() in body
