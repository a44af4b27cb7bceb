"""Cut the printing font from the whole Noto Sans CJK: ``python -m backend.papers.cut_fonts NotoSansCJK-Regular.ttc``.

Kept: every Chinese character the font has for simplified Chinese (names use rare ones), punctuation, Latin, Greek, circled
numbers. Dropped: kana, Hangul, hinting and layout features, which these papers do not use. Needs fontTools.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

FAMILY = "Noto Sans CJK SC"
TARGET = Path(__file__).with_name("fonts") / "NotoSansCJKsc-Regular-cut.otf"
KEPT = (
    (0x0020, 0x007E), (0x00A0, 0x00FF), (0x0391, 0x03C9), (0x2010, 0x2027), (0x2030, 0x203B), (0x2070, 0x209F),
    (0x20AC, 0x20AC), (0x2103, 0x2103), (0x2116, 0x2116), (0x2160, 0x217B), (0x2190, 0x2193), (0x2212, 0x2212),
    (0x2248, 0x2265), (0x2460, 0x2473), (0x2500, 0x2573), (0x25A0, 0x25CF), (0x2605, 0x2606), (0x2713, 0x2717),
    (0x3000, 0x3020), (0x3220, 0x3229), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6), (0x20000, 0x3FFFF),
)  # fmt: skip


def cut(source: Path, target: Path = TARGET) -> None:
    """Write the cut of ``source`` (a TTC that holds the simplified Chinese face) to ``target``."""
    with TTCollection(source) as whole:
        face = next(font for font in whole.fonts if font["name"].getDebugName(1) == FAMILY)
        options = subset.Options(
            layout_features=[],
            hinting=False,
            desubroutinize=False,
            notdef_outline=True,
            drop_tables=["DSIG", "vhea", "vmtx"],
        )
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in KEPT for code in range(first, last + 1)])
        subsetter.subset(face)
        face.save(target)


if __name__ == "__main__":
    cut(Path(sys.argv[1]))
