"""The question workbook, written from the reviewable ``questions.toml`` of a course.

Its first row is the heading of the template that ``flask courses template`` gives (a test compares the two).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

HEADINGS = ("题型", "题目", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "答案", "解析")
KINDS = {"single": "单选", "multiple": "多选", "true_false": "判断"}
OPTIONS = 6


def write_questions(path: Path, questions: Sequence[dict[str, Any]]) -> None:
    """Write one row a question: kind, stem, options, answer (letters, or 对 and 错), explanation."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": datetime(2020, 3, 2, tzinfo=UTC)})  # the same questions give the same file
    sheet = book.add_worksheet("题库")
    sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True}))
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 7, 24)
    sheet.set_column(9, 9, 60)
    for row, question in enumerate(questions, start=1):
        options = [*question.get("options", ()), *[""] * OPTIONS][:OPTIONS]
        answer = question["answer"]
        letters = ("对" if answer else "错") if isinstance(answer, bool) else answer
        sheet.write_row(row, 0, [KINDS[question["kind"]], question["stem"], *options, letters, question["why"]])
    book.close()
