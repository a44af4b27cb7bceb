"""An empty field for a digital signature in a PDF: whoever has the certificate (an e-seal service, the enterprise) signs in it.

Appended as an incremental update (ISO 32000-1, 7.5.6), so the pages before it stay byte for byte. It reads only what typst
writes: a classic cross-reference table and plain object dictionaries.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MM = 72 / 25.4


class Place(NamedTuple):
    """A rectangle on the last page, in millimetres from its left and lower edge."""

    left: float
    bottom: float
    width: float
    height: float


def with_signature_field(content: bytes, place: Place, *, name: str = "Signature1") -> bytes:
    """The PDF with an unsigned signature field on its last page. Raises ``ValueError`` for a PDF that is not typst's."""
    trailer = content[content.rindex(b"trailer") :]
    size, root = int(_found(rb"/Size (\d+)", trailer)), int(_found(rb"/Root (\d+) 0 R", trailer))
    info = re.search(rb"/Info \d+ 0 R", trailer)
    before = int(_found(rb"startxref\s+(\d+)", trailer))
    pages = [int(number) for number in re.findall(rb"\n(\d+) 0 obj\n<</Type/Page/", content)]
    if not pages:
        raise ValueError("no page was found in the PDF")
    page = _last_page(content, pages)
    field = size
    corners = (place.left, place.bottom, place.left + place.width, place.bottom + place.height)
    rect = b" ".join(b"%.2f" % (millimetres * _MM) for millimetres in corners)
    changed = {
        root: _object(content, root)[:-2] + b"/AcroForm<</Fields[%d 0 R]>>>>" % field,
        page: _object(content, page)[:-2] + b"/Annots[%d 0 R]>>" % field,
        field: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/F 4/Rect[%s]/P %d 0 R>>"
        % (name.encode("ascii"), rect, page),
    }
    out = bytearray(content if content.endswith(b"\n") else content + b"\n")
    table = b""
    for number, body in sorted(changed.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n" + table
    out += b"trailer\n<</Size %d/Root %d 0 R%s/Prev %d>>\n" % (size + 1, root, info[0] if info else b"", before)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _last_page(content: bytes, pages: list[int]) -> int:
    """The last of the leaves of the page tree, which typst writes as one list or a tree of lists."""
    number = int(_found(rb"/Pages (\d+) 0 R", content[content.rindex(b"/Type/Catalog") :]))
    while number not in pages:
        kids = _found(rb"/Kids\s*\[([^\]]*)\]", _object(content, number))
        number = int(re.findall(rb"(\d+) 0 R", kids)[-1])
    return number


def _object(content: bytes, number: int) -> bytes:
    """The dictionary of an object that has no stream."""
    return _found(rb"\n%d 0 obj\n(<<.*?>>)\nendobj" % number, content)


def _found(pattern: bytes, text: bytes) -> bytes:
    match = re.search(pattern, text, re.DOTALL)
    if match is None:
        raise ValueError(f"not a PDF as typst writes it: no {pattern!r}")
    return match[1]
