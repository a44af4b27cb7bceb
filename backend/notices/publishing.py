"""A notice as it is published: HTML for the bureau's website and our page, PDF, XLSX. Nothing leaves unscanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from uuid import UUID

from backend.notices.reading import notice_view, public_notice_view
from backend.notices.scanning import require_clean
from backend.notices.views import EntryView, NoticeView
from backend.papers import services as papers
from backend.papers.services import Column, Sheet
from backend.policies import services as policies

_TEMPLATE = Path(__file__).with_name("papers") / "notice.typ"
_TITLE = "线上职业培训补贴公示"
_HEADINGS = ("序号", "企业名称", "姓名", "核定课时", "补贴金额（元）")


@dataclass(frozen=True)
class Text:
    """What a notice says, scanned: the same for every form of it. Cells are texts."""

    title: str
    number: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...]


def notice_html(notice_id: UUID, *, how_to_object: str) -> str:
    """A fragment for the bureau's website: one ``article`` without scripts, styles or addresses of ours.

    ``how_to_object`` is the office's own sentence (address, telephone) and is not scanned. Raises ``NotFound``
    NOTICE_NOT_FOUND, ``Conflict`` NOTICE_LEAKS.
    """
    view = notice_view(notice_id)
    return _fragment(_text(view, view.entries), how_to_object)


def public_html(notice_id: UUID, *, company: str = "", how_to_object: str) -> str:
    """The same of a posted notice, for our page; with ``company`` only its rows. Raises as ``notice_html``."""
    view = public_notice_view(notice_id, company=company)
    return _fragment(_text(view, view.entries), how_to_object)


def notice_pdf(notice_id: UUID, *, office: str, how_to_object: str) -> bytes:
    """The notice on A4. Raises as ``notice_html``."""
    view = notice_view(notice_id)
    text = _text(view, view.entries)
    data = {
        "title": text.title,
        "number": text.number,
        "office": office,
        "paragraphs": list(text.paragraphs),
        "headings": list(_HEADINGS),
        "rows": [list(row) for row in text.rows],
        "totals": list(text.totals),
        "how_to_object": how_to_object,
    }
    return papers.pdf(_TEMPLATE, data)


def notice_xlsx(notice_id: UUID, *, how_to_object: str) -> bytes:
    """The notice as a workbook with typed cells. Raises as ``notice_html``."""
    view = notice_view(notice_id)
    text = _text(view, view.entries)
    columns = [
        Column(_HEADINGS[0], 6, "int"),
        Column(_HEADINGS[1], 40),
        Column(_HEADINGS[2], 12),
        Column(_HEADINGS[3], 10, "int"),
        Column(_HEADINGS[4], 16, "fen"),
    ]
    rows = [
        (each.position, each.enterprise_name, each.masked_name, each.class_hours, each.amount_fen)
        for each in view.entries
    ]
    return papers.workbook(
        [
            Sheet(
                name="公示",
                columns=columns,
                rows=rows,
                title_lines=[text.title, text.number, *text.paragraphs],
                totals=(None, "合计", f"{view.people}人", None, view.total_fen),
                foot_lines=[how_to_object],
            )
        ]
    )


def _text(view: NoticeView, entries: Sequence[EntryView]) -> Text:
    policy = policies.of_version(view.policy_id, view.policy_version)
    claim = policy.claim
    days = f"{claim.notice_days}{'个工作日' if claim.notice_days_are == 'working' else '天'}"
    total_fen = sum(each.amount_fen for each in entries)
    if view.opens_on is None or view.closes_on is None or view.posted_on is None:
        period = f"公示期{days}，发布当日{'计算在内' if claim.notice_posting_day_counted else '不计算在内'}。"
    else:
        provisional = "（当年放假安排尚未公布，截止日期为暂定）" if view.provisional else ""
        period = f"公示期{days}，自{_day(view.opens_on)}至{_day(view.closes_on)}（{_day(view.posted_on)}发布）{provisional}。"
    text = Text(
        title=_TITLE,
        number=view.number,
        paragraphs=(
            f"根据《{policy.title}》（{policy.document_number}），以下{len(entries)}名人员的线上职业培训补贴"
            f"已经审核，补贴金额合计{papers.yuan(total_fen)}元，现予公示。",
            period,
        ),
        rows=tuple(
            (
                str(each.position),
                each.enterprise_name,
                each.masked_name,
                str(each.class_hours),
                papers.yuan(each.amount_fen),
            )
            for each in entries
        ),
        totals=("", "合计", f"{len(entries)}人", "", papers.yuan(total_fen)),
    )
    cells = (cell for row in text.rows for cell in row)
    require_clean([text.number, *text.paragraphs, *cells], public_words={each.enterprise_name for each in entries})
    return text


def _fragment(text: Text, how_to_object: str) -> str:
    paragraphs = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs)
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in _HEADINGS)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in text.rows)
    totals = "".join(f"<td>{escape(cell)}</td>" for cell in text.totals)
    return (
        f'<article class="notice"><h2>{escape(text.title)}</h2><p>{escape(text.number)}</p>{paragraphs}'
        f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot><tr>{totals}</tr></tfoot></table>'
        f"<p>{escape(how_to_object)}</p></article>\n"
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
