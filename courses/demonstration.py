"""Long lessons for the demonstration: exactly 45 minutes each, tiny files, so that whole plans can be walked through.

They say openly on every frame that they only serve to show how time is counted. Two courses: 24 lessons make a plan of 24
class hours, and four more make one of 28.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from courses import slides, video

WIDTH, HEIGHT = 384, 216
FRAME_MS = 1000
QUALITY = 32
TOPICS = ("infectious_disease", "work_safety", "law", "trade")
THEMES = {
    "infectious_disease": "班组防疫要求回顾",
    "work_safety": "设备点检与安全确认",
    "law": "劳动权益案例讨论",
    "trade": "数控车工岗位技能",
}
TRADE_CODE = "6-18-01-01"


@dataclass(frozen=True)
class DemonstrationCourse:
    """One demonstration course folder. ``first`` is the number of its first lesson, ``seconds`` the length of each."""

    code: str
    title: str
    first: int
    lessons: int
    seconds: int
    every_question: int

    def topic(self, index: int) -> str:
        """The topics take turns."""
        return TOPICS[(self.first + index - 1) % len(TOPICS)]

    def lesson_title(self, index: int) -> str:
        """The lesson's number in the plan and its theme."""
        return f"第{self.first + index}课 {THEMES[self.topic(index)]}"

    def manifest(self) -> str:
        """The course's ``course.toml``."""
        lines = [
            f'code = "{self.code}"',
            f'title = "{self.title}"',
            'form = "theory"',
            f'trade_code = "{TRADE_CODE}"',
            'summary = "演示用课程：画面只显示课次和分钟，用来走通学习、计时和申领的全过程。"',
            'questions = "questions.xlsx"',
        ]
        for index in range(self.lessons):
            lines += [
                "",
                "[[lesson]]",
                f'code = "lesson-{self.first + index:02d}"',
                'kind = "video"',
                f'title = "{self.lesson_title(index)}"',
                f'topic = "{self.topic(index)}"',
                f'media = "lesson-{self.first + index:02d}.mp4"',
            ]
        return "\n".join(lines) + "\n"

    def make_lesson(self, folder: Path, index: int) -> None:
        """Make the video of one lesson: a still picture for each minute."""
        shown = [(self._picture(index, at), min(60, self.seconds - at) * 1000) for at in range(0, self.seconds, 60)]
        path = folder / f"lesson-{self.first + index:02d}.mp4"
        video.encode(
            path,
            shown,
            width=WIDTH,
            height=HEIGHT,
            frame_ms=FRAME_MS,
            quality=QUALITY,
            key_frame_ms=60_000,
            preset="ultrafast",
        )

    def _picture(self, index: int, at: int) -> Image.Image:
        image = Image.new("RGB", (WIDTH, HEIGHT), slides.PAPER)
        pen = ImageDraw.Draw(image)
        color = slides.COLORS[self.topic(index)]
        pen.rectangle((0, 0, WIDTH, 10), fill=color)
        pen.text((26, 26), self.title, font=slides.font(15), fill=slides.QUIET)
        pen.text((26, 50), self.lesson_title(index), font=slides.font(24, bold=True), fill=color)
        pen.text((26, 104), f"第{at // 60 + 1}分钟", font=slides.font(34, bold=True), fill=slides.INK)
        pen.text((26, 178), "演示课：画面只用来显示计时", font=slides.font(15), fill=slides.QUIET)
        return image


def demonstration_folders(seconds: int) -> list[DemonstrationCourse]:
    """The demonstration's courses: 24 lessons, and the four that lead on to 28."""
    return [
        DemonstrationCourse("demonstration-24", "岗位安全与技能（演示）", 1, 24, seconds, every_question=3),
        DemonstrationCourse("demonstration-4", "岗位技能提高（演示）", 25, 4, seconds, every_question=4),
    ]
