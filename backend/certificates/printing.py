"""Certificates on paper: one as PDF, many as one PDF or as a ZIP of single ones."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO

from backend.certificates.views import CertificateView
from backend.papers import services as papers
from backend.people import services as people
from backend.plans.rules import KINDS
from config import clock

_TEMPLATE = Path(__file__).with_name("papers") / "certificate.typ"
_COURSES_SHOWN = 4
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)  # the same certificates, the same file


def certificate_pdf(shown: CertificateView, *, address: str) -> bytes:
    """The certificate as A4 PDF, always the same bytes in the same state; ``address`` of its public page goes into the QR."""
    return certificates_pdf([shown], address_of=lambda _: address)


def certificates_pdf(certificates: Sequence[CertificateView], *, address_of: Callable[[CertificateView], str]) -> bytes:
    """Many certificates in one PDF, a page each, in the order given."""
    said = [_said(shown, people.worker_view(shown.worker_id).masked_id_number or "") for shown in certificates]
    codes = {f"qr-{place}": papers.qr_svg(address_of(shown)) for place, shown in enumerate(certificates)}
    return papers.pdf(_TEMPLATE, {"certificates": said}, pictures=codes)


def write_zip(
    certificates: Iterable[CertificateView], file: BinaryIO, *, address_of: Callable[[CertificateView], str]
) -> None:
    """The certificates as PDFs in one ZIP, in the order given, named by number and person."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for shown in certificates:
            entry = zipfile.ZipInfo(file_name(shown), _ZIP_TIME)
            packed.writestr(entry, certificate_pdf(shown, address=address_of(shown)))


def file_name(shown: CertificateView) -> str:
    """``锡线培证〔2020〕000001-王小明.pdf``, without what a file system refuses."""
    kept = "".join(sign for sign in shown.name if sign.isalnum() or sign == "·")
    return f"{shown.number}-{kept}.pdf"


def _said(shown: CertificateView, masked_id_number: str) -> dict[str, object]:
    courses = "、".join(f"《{title}》" for title in shown.courses[:_COURSES_SHOWN])
    if len(shown.courses) > _COURSES_SHOWN:
        courses += f"等{len(shown.courses)}门"
    return {
        "number": shown.number,
        "scheme": "职业技能提升行动线上培训",
        "state": "" if shown.status == "valid" else f"此证书{shown.status_words}",
        "name": shown.name,
        "masked_id_number": masked_id_number,
        "sentence": (
            f"{_period(shown)}参加{shown.enterprise_name}组织的“{shown.class_title}”线上职业培训"
            f"（{KINDS.get(shown.kind, '职业技能培训')}），核定{shown.class_hours}课时，出勤率{shown.attendance_percent}%，"
            f"结业测试{shown.score}分（{shown.pass_mark}分及格），出勤和成绩均合格，特发此证。"
        ),
        "fields": [
            ["培训课程", courses],
            ["职业（工种）代码", shown.trade_code],
            ["培训计划备案号", shown.filing_number],
            *([["更正说明", f"替换证书{shown.replaces}"]] if shown.replaces else []),
        ],
        "issuer": shown.issuer,
        "issued_on": _in_words(clock.local_date(shown.issued_at)),
    }


def _period(shown: CertificateView) -> str:
    if shown.starts_on is None or shown.ends_on is None or shown.starts_on > shown.ends_on:
        return ""
    return f"于{_in_words(shown.starts_on)}至{_in_words(shown.ends_on)}"


def _in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
