"""PDF by typst: a template, data, pictures. The same input gives the same bytes on every machine."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import segno
import typst

_BACKEND = Path(__file__).parents[1]
_FONTS = Path(__file__).with_name("fonts")
_NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


def pdf(template: Path, data: Mapping[str, object], *, pictures: Mapping[str, bytes] = _NO_PICTURES) -> bytes:
    """The paper that ``template`` (a ``.typ`` under ``backend/``) makes of ``data``.

    ``data`` is anything JSON can say; it never becomes source, so a name like ``#import`` or ``*x*`` prints as it is.
    ``pictures`` are SVG, PNG or JPEG files by name, shown with ``picture(name)``. Nothing of the machine goes in: no
    system font, no clock, no network. Raises ``RuntimeError`` when the template is wrong.
    """
    return typst.compile(
        template,
        root=_BACKEND,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={
            "data": json.dumps(data, ensure_ascii=False),
            "pictures": json.dumps({name: _picture(content) for name, content in pictures.items()}),
        },
        timestamp=0,
        pdf_tags=False,  # tags would make a long table twenty times as large
    )


def qr_svg(text: str) -> bytes:
    """A QR code as SVG, error correction M, with the quiet zone scanners need. Any mask can be read; trying all eight for the
    evenest one takes four times as long, which shows on a pack of five hundred papers."""
    written = io.BytesIO()
    segno.make_qr(text, error="m", mask=3, boost_error=False).save(
        written, kind="svg", xmldecl=False, svgclass=None, lineclass=None, border=4, scale=4
    )
    return written.getvalue()


def _picture(content: bytes) -> str | list[int]:
    """A picture as JSON can carry it: an SVG as text, another one as its bytes."""
    return content.decode() if content.lstrip().startswith(b"<") else list(content)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])
