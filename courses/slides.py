"""Slides drawn with Pillow in a font that travels with the sources, so that they look the same on every machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from courses.scripts import Scene, ScriptError

FONTS = Path(__file__).with_name("fonts")
WIDTH, HEIGHT = 1280, 720
MARGIN = 84
POINT_GAP = 22
SAID_TOP = 572

PAPER = "#F6F4EE"
INK = "#1D2B33"
QUIET = "#6B7A82"
SAID = "#FFFFFF"
BAND = "#17303B"
BOX = "#FBE9D7"
BOX_EDGE = "#C4622D"
COLORS = {
    "infectious_disease": "#12747A",
    "work_safety": "#B4531F",
    "law": "#2F4E8C",
    "trade": "#55662B",
}
NOT_FIRST = "，。、；：？！）》”’】」%‰℃…—·"
NOT_LAST = "（《“‘【「"


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The slide font at ``size`` pixels."""
    name = f"NotoSansCJKsc-{'Bold' if bold else 'Regular'}-GB2312.otf"
    return ImageFont.truetype(FONTS / name, size)


@cache
def has_glyph(character: str) -> bool:
    """Whether the font can set this character (a missing one comes out as the font's own .notdef)."""
    face = font(24)
    return bytes(face.getmask(character)) != bytes(face.getmask("\U000f0000")) or character == " "


def check_glyphs(text: str) -> None:
    """Raise ``ScriptError`` naming the first character that the font lacks."""
    for character in text:
        if not has_glyph(character):
            raise ScriptError(f"the slide font has no “{character}” (U+{ord(character):04X}), in “{text}”")


def wrap(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break into lines no wider than ``width`` pixels; no line starts with closing or ends with opening punctuation."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if not line or face.getlength(line + piece) <= width or piece in NOT_FIRST:
            line += piece
            continue
        carried = ""
        while line and line[-1] in NOT_LAST:
            carried, line = line[-1] + carried, line[:-1]
        lines.append(line)
        line = carried + piece
    return [*lines, line]


def balanced(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Two lines broken at the punctuation nearest the middle, where one fits; else as ``wrap`` breaks them."""
    if face.getlength(text) <= width:
        return [text]
    breaks = [index + 1 for index, character in enumerate(text[:-1]) if character in "，。、；：？！"]
    for cut in sorted(breaks, key=lambda index: abs(2 * index - len(text))):
        lines = [text[:cut], text[cut:]]
        if abs(2 * cut - len(text)) <= len(text) // 2 and all(face.getlength(line) <= width for line in lines):
            return lines
    return wrap(text, face, width)


def _pieces(text: str) -> list[str]:
    """Single characters, except that words and numbers of Latin script stay together."""
    pieces: list[str] = []
    for character in text:
        if pieces and _joins(character) and _joins(pieces[-1][-1]):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _joins(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in ".-/+%")


def draw(scene: Scene, *, course: str, lesson: str, topic: str, done: float) -> Image.Image:
    """One scene as a picture of 1280 by 720. ``done`` is how far the video is, from 0 to 1."""
    check_glyphs(scene.heading + scene.said + "".join(point.text for point in scene.points) + course + lesson)
    color = COLORS[topic]
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    if scene.heading:
        _draw_slide(pen, scene, course, lesson, color)
    else:
        _draw_title(pen, course, lesson, color)
    _draw_said(pen, scene.said)
    pen.rectangle((0, HEIGHT - 8, WIDTH, HEIGHT), fill="#0E2029")
    pen.rectangle((0, HEIGHT - 8, round(WIDTH * done), HEIGHT), fill=color)
    return image


def _draw_title(pen: ImageDraw.ImageDraw, course: str, lesson: str, color: str) -> None:
    pen.rectangle((0, 0, WIDTH, SAID_TOP), fill=color)
    face = font(68, bold=True)
    lines = wrap(lesson, face, WIDTH - 2 * MARGIN)
    y = 300 - 46 * len(lines)
    pen.text((MARGIN, y - 74), course, font=font(34), fill="#FFFFFFCC")
    for line in lines:
        pen.text((MARGIN, y), line, font=face, fill=SAID)
        y += 92
    pen.rectangle((MARGIN, y + 24, MARGIN + 120, y + 30), fill="#FFFFFF")


def _draw_slide(pen: ImageDraw.ImageDraw, scene: Scene, course: str, lesson: str, color: str) -> None:
    pen.rectangle((0, 0, WIDTH, 12), fill=color)
    pen.text((MARGIN, 34), f"{course}  ·  {lesson}", font=font(24), fill=QUIET)
    pen.text((MARGIN, 78), scene.heading, font=font(50, bold=True), fill=color)
    heights = [_point_height(point.text, point.boxed) for point in scene.points]
    y = 182
    for index, point in enumerate(scene.points):
        active = index == scene.active
        if point.boxed:
            pen.rounded_rectangle(
                (MARGIN - 16, y - 6, WIDTH - MARGIN + 16, y + heights[index] - 6),
                12,
                fill=BOX,
                outline=BOX_EDGE,
                width=3,
            )
        else:
            pen.ellipse((MARGIN + 2, y + 17, MARGIN + 20, y + 35), fill=color if active else "#B9C2C4")
        x, face = (MARGIN + 8, font(35, bold=True)) if point.boxed else (MARGIN + 44, font(37, bold=active))
        line_y = y + (8 if point.boxed else 0)
        for line in wrap(point.text, face, WIDTH - MARGIN - x - 4):
            pen.text((x, line_y), line, font=face, fill=INK if active or point.boxed else "#46545B")
            line_y += 52
        y += heights[index] + POINT_GAP
    if y - POINT_GAP > SAID_TOP - 6:
        raise ScriptError(f"the slide “{scene.heading}” is too full")


def _point_height(text: str, boxed: bool) -> int:
    face = font(35, bold=True) if boxed else font(37, bold=True)
    width = WIDTH - 2 * MARGIN - (12 if boxed else 48)
    return 52 * len(wrap(text, face, width)) + (24 if boxed else 0)


def _draw_said(pen: ImageDraw.ImageDraw, said: str) -> None:
    pen.rectangle((0, SAID_TOP, WIDTH, HEIGHT), fill=BAND)
    face = font(33)
    lines = balanced(said, face, WIDTH - 2 * MARGIN + 60)
    y = 640 - 24 * len(lines)
    for line in lines:
        pen.text((WIDTH / 2, y), line, font=face, fill=SAID, anchor="ma")
        y += 50
