"""The vendored files are exactly those that were checked in, and no page asks the outside for anything."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

CONSOLE = Path(__file__).parents[2] / "console"
VENDOR = CONSOLE / "static" / "vendor"


def test_every_vendored_file_has_its_recorded_sha256() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    recorded = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in {"SHA256SUMS", "README.md"}
    }
    assert present == recorded


def test_every_vendored_folder_has_its_licence() -> None:
    for folder in VENDOR.iterdir():
        if folder.is_dir():
            assert (folder / "LICENSE").is_file(), folder.name


def test_templates_hold_no_inline_script_style_or_outside_address() -> None:
    for path in sorted((CONSOLE / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), f"{path.name}: inline script"
        assert not re.search(r"\s(style|on[a-z]+)\s*=", text), f"{path.name}: inline style or handler"
        assert "<style" not in text, f"{path.name}: inline style"
        assert not re.search(r"(src|href|action)=\"(https?:)?//", text), f"{path.name}: outside address"


def test_every_icon_named_in_a_template_is_vendored() -> None:
    for path in sorted((CONSOLE / "templates").rglob("*.html")):
        for name in re.findall(r"icon\(\"([a-z-]+)\"\)", path.read_text(encoding="utf-8")):
            assert (VENDOR / "tabler-icons" / f"{name}.svg").is_file(), f"{path.name}: {name}"


def test_stylesheet_of_ours_asks_nothing_of_the_outside() -> None:
    assert "url(" not in (CONSOLE / "static" / "console.css").read_text(encoding="utf-8")
