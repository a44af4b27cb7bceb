"""What a course is made of, and the lengths that follow from it. Lengths are measured or derived, never typed in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from config.errors import Invalid

VIDEO, READING, SIMULATION = "video", "reading", "simulation"
KINDS = (VIDEO, READING, SIMULATION)
FORMS = ("theory", "simulation")  # clause 一(一): theory, and practical simulation fit for online teaching
TOPICS = (
    "infectious_disease",
    "work_safety",
    "law",
    "trade",
)  # clause 一(一): the three general topics, and the trade itself
OWNER_KINDS = ("institution", "enterprise", "platform")
SINGLE, MULTIPLE, TRUE_FALSE = "single", "multiple", "true_false"
QUESTION_KINDS = (SINGLE, MULTIPLE, TRUE_FALSE)

CHARACTERS_A_MINUTE = 300
TRADE_CODE = re.compile(r"[1-8]-\d{2}-\d{2}-\d{2}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Limits:
    """Bounds on what an author may bring. Bytes, characters, seconds and counts."""

    files: int = 1_000
    total_bytes: int = 8 * 1024**3
    file_bytes: int = 4 * 1024**3
    text_bytes: int = 1024**2
    workbook_bytes: int = 5 * 1024**2
    compression_ratio: int = 100
    ratio_from_bytes: int = 1024**2
    lessons: int = 200
    steps: int = 100
    questions: int = 2_000
    video_ms_least: int = 1_000
    video_ms: int = 4 * 3_600_000
    video_gap_ms: int = 30_000
    reading_characters: int = 50_000


LIMITS = Limits()


@dataclass(frozen=True)
class Problem:
    """One thing to put right: a stable code, the sentence for the author, and where it is."""

    code: str
    detail: str
    file: str | None = None
    row: int | None = None
    field: str | None = None

    def as_error(self) -> dict[str, object]:
        """The problem as one entry of ``Invalid.errors``; absent places are left out."""
        entry: dict[str, object] = {"code": self.code, "detail": self.detail}
        return entry | {name: value for name in ("file", "row", "field") if (value := getattr(self, name)) is not None}

    def where(self) -> str:
        """The place in words, for the headline."""
        place = self.file or ""
        return f"{place}第{self.row}行" if self.row is not None else place


def refusal(problems: Sequence[Problem]) -> Invalid:
    """The refusal that carries every problem; its code is the first one's."""
    first = problems[0]
    head = f"{first.where()}：{first.detail}" if first.where() else first.detail
    rest = f"另有{len(problems) - 1}处问题，见清单。" if len(problems) > 1 else ""
    return Invalid(
        first.code, f"{head}{rest}课程没有导入，请改好后重新上传。", errors=[problem.as_error() for problem in problems]
    )


def refuse(problems: Sequence[Problem]) -> None:
    """Raise ``Invalid`` when there is a problem."""
    if problems:
        raise refusal(problems)


@dataclass(frozen=True)
class Owner:
    """Who a course belongs to. An enterprise is known by its public id, the others by their name."""

    kind: str
    name: str
    enterprise_id: uuid.UUID | None = None

    @property
    def key(self) -> str:
        """What tells two owners apart."""
        return str(self.enterprise_id) if self.enterprise_id else self.name.strip()


def check_owner(owner: Owner) -> None:
    """Raise ``Invalid`` (OWNER_KIND, OWNER_NAME, OWNER_ENTERPRISE) when the owner cannot be one."""
    if owner.kind not in OWNER_KINDS:
        raise Invalid("OWNER_KIND", "课程归属只能是培训机构、企业或平台。")
    if not 1 <= len(owner.name.strip()) <= 100:
        raise Invalid("OWNER_NAME", "请填写课程归属单位的名称，不超过100个字。")
    if (owner.kind == "enterprise") != (owner.enterprise_id is not None):
        raise Invalid("OWNER_ENTERPRISE", "企业的课程要注明是哪一家企业，其他归属不填企业。")


@dataclass(frozen=True)
class Choice:
    """One way to act in a simulation step, and what it leads to."""

    text: str
    right: bool
    feedback: str


@dataclass(frozen=True)
class Step:
    """One step of a simulation, with the least time a careful person stays on it."""

    title: str
    text: str
    minimum_seconds: int
    choices: tuple[Choice, ...] = ()

    def facts(self) -> dict[str, object]:
        """The step as plain values, for storing and hashing."""
        return {
            "title": self.title,
            "text": self.text,
            "minimum_seconds": self.minimum_seconds,
            "choices": [{"text": c.text, "right": c.right, "feedback": c.feedback} for c in self.choices],
        }


@dataclass(frozen=True)
class LessonPlan:
    """One lesson as the manifest gives it. File names are relative to the manifest; a kind uses only its own fields."""

    code: str
    kind: str
    title: str
    topic: str
    trade_code: str | None
    media: str | None = None
    captions: str | None = None
    low_bitrate: str | None = None
    text: str | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """A checked ``course.toml``."""

    code: str
    title: str
    form: str
    trade_code: str | None
    summary: str
    questions: str | None
    lessons: tuple[LessonPlan, ...]


@dataclass(frozen=True)
class QuestionRow:
    """One checked question. ``answer`` holds the letters of the right options; a true/false question has A 正确, B 错误."""

    kind: str
    stem: str
    options: tuple[str, ...]
    answer: tuple[str, ...]
    explanation: str

    def facts(self) -> dict[str, object]:
        """The question as plain values, for comparing two pools."""
        return {
            "kind": self.kind,
            "stem": self.stem,
            "options": list(self.options),
            "answer": list(self.answer),
            "explanation": self.explanation,
        }


def characters(text: str) -> int:
    """How many characters there are to read: everything but white space."""
    return sum(not character.isspace() for character in text)


def reading_ms(text: str) -> int:
    """The nominal length of a reading, 300 characters a minute, in milliseconds (counting.md, row "kinds")."""
    return characters(text) * 60_000 // CHARACTERS_A_MINUTE


def simulation_ms(steps: Sequence[Step]) -> int:
    """The nominal length of a simulation: the least times of its steps together, in milliseconds."""
    return sum(step.minimum_seconds for step in steps) * 1000
