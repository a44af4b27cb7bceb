"""The question workbook: its template, and rows read from XLSX with a reason for each row that cannot be used."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import xlsxwriter

from backend.courses.rules import MULTIPLE, SINGLE, TRUE_FALSE, Limits, Problem, QuestionRow, refusal, refuse
from backend.enterprises.services import read_sheets
from config.errors import Invalid

HEADINGS = ("题型", "题目", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "答案", "解析")
LETTERS = "ABCDEF"
KINDS = {
    "单选": SINGLE,
    "单选题": SINGLE,
    "多选": MULTIPLE,
    "多选题": MULTIPLE,
    "判断": TRUE_FALSE,
    "判断题": TRUE_FALSE,
}
YES = {"对", "正确", "√", "是", "T", "TRUE"}
NO = {"错", "错误", "×", "X", "否", "F", "FALSE"}
TRUE_FALSE_OPTIONS = ("正确", "错误")
EXAMPLES = (
    ("单选", "进入有限空间作业前，应当按什么顺序进行？", "先检测、再通风、后作业", "先通风、再检测、后作业",
     "先作业、再检测、后通风", "直接作业", "", "", "B", "有限空间作业必须先通风、再检测、后作业。"),
    ("多选", "下列哪些属于劳动防护用品？", "安全帽", "防尘口罩", "工作证", "防护手套", "", "", "ABD", "工作证不起防护作用。"),
    ("判断", "发现有人触电，应当先切断电源再施救。", "", "", "", "", "", "", "对", "直接拉触电者，施救的人也会触电。"),
)  # fmt: skip
_SPACES = re.compile(r"\s+")


def questions_template() -> bytes:
    """An XLSX to fill in: the headings, three examples (red, to be replaced) and a page of instructions."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("题库")
    sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True, "bg_color": "#DDEBEC", "border": 1}))
    example = book.add_format({"font_color": "#B4531F", "text_wrap": True, "valign": "top"})
    for row, values in enumerate(EXAMPLES, start=1):
        sheet.write_row(row, 0, values, example)
    sheet.set_column(1, 1, 50)
    sheet.set_column(2, 7, 22)
    sheet.set_column(9, 9, 50)
    sheet.freeze_panes(1, 0)
    sheet.data_validation(1, 0, 2000, 0, {"validate": "list", "source": ["单选", "多选", "判断"]})
    notes = book.add_worksheet("填写说明")
    for row, line in enumerate(_INSTRUCTIONS):
        notes.write(row, 0, line)
    notes.set_column(0, 0, 90)
    book.close()
    return out.getvalue()


_INSTRUCTIONS = (
    "1. 每行一题，第一行标题不要改动；红色的三行是示例，请换成自己的题目。",
    "2. 题型填：单选、多选、判断。",
    "3. 单选、多选要有2至6个选项，从A开始依次填写，中间不能空。",
    "4. 答案填选项的字母：单选填一个，如 B；多选填两个以上，如 ABD；判断填 对 或 错，不填选项。",
    "5. 解析写一句话，说明为什么；考完以后学员能看到。",
    "6. 考试时选项的顺序会打乱，所以不要写“以上都对”“A和B都对”这样的选项。",
)


def read_questions(data: bytes, file: str, limits: Limits) -> tuple[QuestionRow, ...]:
    """The questions of a workbook's first sheet. Raises ``Invalid`` (WORKBOOK_*, QUESTION_*) with every bad row."""
    rows = _rows(data, file, limits)
    if not rows or rows[0][0] != 1 or tuple(_cell(value) for value in rows[0][1][: len(HEADINGS)]) != HEADINGS:
        raise refusal([Problem("WORKBOOK_HEADINGS", f"第一行标题应当依次是：{'、'.join(HEADINGS)}。", file, 1)])
    questions: list[QuestionRow] = []
    problems: list[Problem] = []
    first_row: dict[str, int] = {}
    for number, values in rows[1:]:
        cells = [_cell(value) for value in values[: len(HEADINGS)]]
        cells += [""] * (len(HEADINGS) - len(cells))
        if not any(cells):
            continue
        try:
            question = _question(cells)
        except _RowError as error:
            problems.append(Problem(error.code, error.detail, file, number, error.column))
            continue
        same = _SPACES.sub("", question.stem)
        if same in first_row:
            detail = f"与第{first_row[same]}行的题目相同。"
            problems.append(Problem("QUESTION_REPEATED", detail, file, number, "题目"))
            continue
        first_row[same] = number
        questions.append(question)
    refuse(problems)
    if not questions:
        raise refusal([Problem("WORKBOOK_EMPTY", "题库里没有题目。", file)])
    return tuple(questions)


class _RowError(Exception):
    def __init__(self, code: str, detail: str, column: str) -> None:
        super().__init__(code)
        self.code, self.detail, self.column = code, detail, column


def _rows(data: bytes, file: str, limits: Limits) -> Sequence[tuple[int, Sequence[object]]]:
    try:
        sheets = read_sheets(data)
    except Invalid as error:
        raise refusal([Problem(error.code, _UNREADABLE.get(error.code, error.detail), file)]) from error
    rows = sheets[0].rows if sheets else ()
    if len(rows) > limits.questions + 1:
        raise refusal([Problem("WORKBOOK_TOO_MANY_ROWS", f"题库最多{limits.questions}题。", file)])
    return rows


_UNREADABLE = {
    "WORKBOOK_NOT_XLSX": "题库要用XLSX工作簿，请用Excel或WPS去掉密码，另存为“.xlsx”后再上传。",
    "WORKBOOK_BROKEN": "题库文件已损坏，请用Excel或WPS打开，另存为“.xlsx”后再上传。",
    "WORKBOOK_TOO_LARGE": "题库文件过大，请把题目复制到按模板新建的工作簿里再上传。",
    "WORKBOOK_TOO_MANY_ROWS": "题库行数过多，请删去空行和多余的工作表再上传。",
}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "对" if value else "错"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _question(cells: Sequence[str]) -> QuestionRow:
    kind = KINDS.get(cells[0])
    if kind is None:
        raise _RowError("QUESTION_KIND", "题型只能填单选、多选或判断。", "题型")
    stem, filled, explanation = cells[1], list(cells[2:8]), cells[9]
    if not 4 <= len(stem) <= 500:
        raise _RowError("QUESTION_STEM", "题目要有4至500个字。", "题目")
    if len(explanation) > 500:
        raise _RowError("QUESTION_EXPLANATION", "解析不能超过500个字。", "解析")
    bad = next((cell for cell in cells if any(ord(character) < 32 and character != "\n" for character in cell)), None)
    if bad is not None:
        raise _RowError("QUESTION_CONTROL", "有不能显示的控制字符，请删去。", "题目")
    letters = cells[8].upper().translate(str.maketrans("ＡＢＣＤＥＦ", LETTERS))
    if kind == TRUE_FALSE:
        return QuestionRow(kind, stem, TRUE_FALSE_OPTIONS, _true_or_false(filled, letters), explanation)
    options = _options(filled)
    answer = tuple(sorted(letter for letter in letters if letter not in " ,，、;；"))
    if not answer or len(set(answer)) < len(answer) or any(letter not in LETTERS[: len(options)] for letter in answer):
        raise _RowError("QUESTION_ANSWER", "答案要填选项的字母，不能重复，也不能指向空的选项。", "答案")
    if kind == SINGLE and len(answer) != 1:
        raise _RowError("QUESTION_ANSWER", "单选题只能有一个答案。", "答案")
    if kind == MULTIPLE and len(answer) < 2:
        raise _RowError("QUESTION_ANSWER", "多选题至少要有两个答案，只有一个请改成单选。", "答案")
    return QuestionRow(kind, stem, options, answer, explanation)


def _true_or_false(filled: Sequence[str], answer: str) -> tuple[str, ...]:
    if any(filled) and tuple(option for option in filled if option) != TRUE_FALSE_OPTIONS:
        raise _RowError("QUESTION_OPTIONS", "判断题不填选项。", "选项A")
    if answer in YES:
        return ("A",)
    if answer in NO:
        return ("B",)
    raise _RowError("QUESTION_ANSWER", "判断题的答案填 对 或 错。", "答案")


def _options(filled: list[str]) -> tuple[str, ...]:
    options = tuple(option for option in filled if option)
    if len(options) < 2:
        raise _RowError("QUESTION_OPTIONS", "至少要有两个选项。", "选项A")
    if tuple(filled[: len(options)]) != options:
        gap = filled.index("")
        raise _RowError("QUESTION_OPTIONS", "选项要从A开始依次填写，中间不能空。", f"选项{LETTERS[gap]}")
    if any(len(option) > 200 for option in options):
        raise _RowError("QUESTION_OPTIONS", "每个选项不能超过200个字。", "选项A")
    if len(set(options)) < len(options):
        raise _RowError("QUESTION_OPTIONS", "有两个选项相同。", "选项A")
    return options
