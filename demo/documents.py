"""The papers people bring: the course archive, the roster workbook, and the author's own answer key."""

import csv
import io
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import xlsxwriter

from demo.people import Person
from demo.wire import Broken

REPORT_COLUMNS = ("可申领秒数", "计入学分秒数")
ROSTER_HEADINGS = ("序号", "姓名", "身份证号", "手机号", "用工形式", "岗位", "入职日期")

# stem → the texts of the right options, or {"对"} / {"错"}
AnswerKey = dict[str, frozenset[str]]


@dataclass(frozen=True)
class CourseFolder:
    """One course as its author has it on disk."""

    folder: Path

    @property
    def title(self) -> str:
        return str(tomllib.loads((self.folder / "course.toml").read_text(encoding="utf-8"))["title"])

    @property
    def lessons(self) -> int:
        return len(list(self.folder.glob("*.mp4")))

    def archive(self) -> bytes:
        """The folder as a ZIP, stored, not squeezed: the videos are compressed already."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted(self.folder.iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    archive.write(path, path.name)
        return content.getvalue()

    def answers(self) -> AnswerKey:
        return read_answers(self.folder / "questions.xlsx")


def make_courses(out: Path) -> list[CourseFolder]:
    """Have the demonstration's lessons made (once; they are kept), the longer course first."""
    command = [sys.executable, "-m", "courses.make_media", "--out", str(out), "--demonstration-only"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Broken(f"演示课程没有做成：{done.stdout}{done.stderr}")
    folders = [CourseFolder(path) for path in out.glob("demonstration-*") if (path / "course.toml").is_file()]
    return sorted(folders, key=lambda course: -course.lessons)


def read_answers(workbook: Path) -> AnswerKey:
    sheet = openpyxl.load_workbook(workbook, read_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    columns = {str(heading): place for place, heading in enumerate(next(rows)) if heading}
    key: AnswerKey = {}
    for row in rows:
        cells = {heading: str(row[place]) for heading, place in columns.items() if row[place] is not None}
        if "题目" not in cells:
            continue
        answer = cells["答案"].strip()
        if answer in ("对", "错"):
            key[cells["题目"].strip()] = frozenset((answer,))
        else:
            key[cells["题目"].strip()] = frozenset(
                cells[f"选项{letter}"].strip() for letter in answer if letter in "ABCDEFGH"
            )
    return key


def roster(people: Sequence[Person]) -> bytes:
    """A roster as an HR clerk keeps it: identity numbers as text, one row a person."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("花名册")
    sheet.write_row(0, 0, ROSTER_HEADINGS, book.add_format({"bold": True}))
    for place, person in enumerate(people, start=1):
        row = (str(place), person.name, person.id_number, person.phone_number, "劳动合同", "操作工", "2018-03-01")
        for column, value in enumerate(row):
            sheet.write_string(place, column, value)
    book.close()
    return content.getvalue()


def plan_papers(company: str) -> list[tuple[dict[str, str], tuple[str, bytes]]]:
    """What every plan is filed with: the form's words for each paper (kind, last day), and the file."""
    papers = (("business_licence", "营业执照", "2040-12-31"), ("training_scheme", "线上培训方案", ""))
    return [
        ({"document_kind": kind, "expires_on": expires_on}, (f"{name}.pdf", scan(f"{kind} - {company}")))
        for kind, name, expires_on in papers
    ]


def scan(title: str) -> bytes:
    """One page with a line of Latin text, as small as a PDF can be: what an office scanner makes of a stamped paper."""
    page = f"BT /F1 20 Tf 72 720 Td ({title}) Tj ET".encode("ascii")
    objects = (
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(page), page),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer\n<</Size 6 /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def sums_of_csv(content: bytes) -> tuple[int, int]:
    """The columns of seconds of an hour report, summed."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return _sums(next(rows), rows)


def sums_of_xlsx(content: bytes) -> tuple[int, int]:
    rows = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    return _sums([str(heading) for heading in next(rows)], rows)


def _sums(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> tuple[int, int]:
    claimable, learned = (headings.index(name) for name in REPORT_COLUMNS)
    total = [0, 0]
    for row in rows:
        total[0] += int(str(row[claimable]))
        total[1] += int(str(row[learned]))
    return total[0], total[1]
