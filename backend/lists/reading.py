"""Reading a list's workbook row by row: the whole file is good, or nothing of it is taken in. No database.

Names of persons are not even read: the ID number says who it is.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from backend.enterprises import services as tables
from backend.enterprises.services import Cell, Limits
from backend.lists.rules import ENTERPRISE_KINDS, KIND_WORDS, KINDS, Kind
from backend.people import services as people
from backend.people.rules import mask_id_number
from config.errors import Invalid

PAGE_LIMITS = Limits(file_bytes=20_000_000, unpacked_bytes=300_000_000, rows=100_000)
"""A list that somebody uploads while waiting for the page."""
COMMAND_LIMITS = Limits(file_bytes=100_000_000, unpacked_bytes=1_500_000_000, rows=600_000)
"""A list of a whole city, taken in from the command line."""
FAULTS_SHOWN = 200
NOTE_LENGTH, NAME_LENGTH = 200, 100
_LARGEST_FEN = 100_000_000_00

_ID = ("身份证号", "身份证号码", "公民身份号码", "居民身份证号码", "证件号码", "社会保障号码", "社会保障号")
_USCC = ("统一社会信用代码", "社会信用代码", "单位统一社会信用代码", "信用代码")
_SERIAL = ("序号", "编号")
_NOTE = ("备注", "说明")
# The first word of each is the heading of our own template.
COLUMNS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "insured": {
        "serial": _SERIAL,
        "id_number": _ID,
        "uscc": ("参保单位统一社会信用代码", *_USCC),
        "from_on": ("参保起始日期", "参保日期", "起始日期", "参保开始日期"),
        "until_on": ("参保截止日期", "停保日期", "截止日期", "参保终止日期"),
        "note": ("参保险种", "险种", *_NOTE),
    },
    "pension": {
        "serial": _SERIAL,
        "id_number": _ID,
        "from_on": ("待遇起始日期", "享受待遇日期", "退休日期", "起始日期"),
        "until_on": ("待遇终止日期", "终止日期", "截止日期"),
        "note": ("待遇类别", "险种", *_NOTE),
    },
    "students": {
        "serial": _SERIAL,
        "id_number": _ID,
        "from_on": ("入学日期", "起始日期"),
        "until_on": ("毕业日期", "离校日期", "截止日期"),
        "note": ("学校", "学校名称", "院校名称", *_NOTE),
    },
    "civil_servants": {
        "serial": _SERIAL,
        "id_number": _ID,
        "from_on": ("起始日期", "入职日期"),
        "until_on": ("截止日期", "离职日期"),
        "note": ("单位名称", "工作单位", *_NOTE),
    },
    "other_subsidies": {
        "serial": _SERIAL,
        "id_number": _ID,
        "note": ("补贴名称", "补贴项目", *_NOTE),
        "amount_fen": ("补贴金额(元)", "补贴金额", "金额(元)", "金额"),
        "uscc": ("领取单位统一社会信用代码", *_USCC),
        "from_on": ("补贴起始日期", "起始日期", "享受日期", "发放日期"),
        "until_on": ("补贴截止日期", "截止日期"),
    },
    "dispatch_licences": {
        "serial": _SERIAL,
        "uscc": _USCC,
        "name": ("企业名称", "单位名称", "名称"),
        "note": ("许可证编号", "许可编号", "许可证号", *_NOTE),
        "from_on": ("有效期起", "发证日期", "起始日期"),
        "until_on": ("有效期止", "截止日期", "到期日期"),
    },
    "dishonest": {
        "serial": _SERIAL,
        "uscc": _USCC,
        "name": ("企业名称", "单位名称", "名称"),
        "note": ("列入原因", "列入依据", "失信行为", *_NOTE),
        "from_on": ("列入日期", "起始日期"),
        "until_on": ("移出日期", "截止日期"),
    },
}
_PERSON = {"id_number"}
_ENTERPRISE = {"uscc", "name"}
REQUIRED: Mapping[Kind, set[str]] = {
    **dict.fromkeys(KINDS, _PERSON),
    **dict.fromkeys(ENTERPRISE_KINDS, _ENTERPRISE),
    "other_subsidies": {"id_number", "note", "amount_fen"},
}


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A good row, as it will be kept."""

    excel_row: int
    subject: str
    shown: str
    uscc: str | None
    note: str
    amount_fen: int | None
    from_on: date | None
    until_on: date | None

    @property
    def content(self) -> tuple[object, ...]:
        """All but where it stands: what makes two rows the same."""
        return (self.subject, self.uscc, self.note, self.amount_fen, self.from_on, self.until_on)


@dataclass(frozen=True)
class ListTable:
    """A workbook that was read through without a fault."""

    kind: Kind
    sha256: str
    rows: tuple[ReadRow, ...]


def kind_of(text: str) -> Kind:
    """Raises Invalid LIST_KIND_UNKNOWN."""
    for kind in KINDS:
        if kind == text:
            return kind
    raise Invalid("LIST_KIND_UNKNOWN", f"没有这种名单；可选：{'、'.join(KIND_WORDS.values())}。")


def read_list(*, kind: str, workbook: bytes | Path, on: date, limits: Limits = PAGE_LIMITS) -> ListTable:
    """Read a list's workbook through; ``on`` is the present day. Outside any transaction: a long list takes its time.

    Raises Invalid LIST_KIND_UNKNOWN, LIST_HEADER_NOT_FOUND, LIST_COLUMNS_MISSING, LIST_EMPTY, LIST_ROWS_WRONG (``errors`` holds
    ``row`` and ``detail`` of the first 200), and those of ``enterprises.read_sheets``.
    """
    checked = kind_of(kind)
    with _as_file(workbook) as path:
        tables.inspect(path, limits)
        rows = tuple(_good_rows(checked, path, limits, on))
        if not rows:
            raise Invalid("LIST_EMPTY", "表头下面没有内容，请填写后再上传。")
        return ListTable(checked, _sha256(path), rows)


def _good_rows(kind: Kind, path: Path, limits: Limits, on: date) -> Iterator[ReadRow]:
    words = COLUMNS[kind]
    columns: dict[str, int] = {}
    sheet = ""
    faults: list[dict[str, str | int]] = []
    seen: dict[tuple[object, ...], int] = {}
    for place, row in enumerate(tables.stream_rows(path, limits)):
        if not columns:
            columns, sheet = _header(kind, row.cells), row.sheet
            if place >= tables.HEADER_WITHIN_ROWS:
                break
            continue
        if row.sheet != sheet:
            break  # the list is one sheet; what follows are notes
        if not tables.is_record(row.cells, columns, words):
            continue
        read, reasons = _read(kind, row.number, row.cells, columns, on)
        if read and (earlier := seen.setdefault(read.content, row.number)) != row.number:
            read, reasons = None, [f"与第{earlier}行完全相同，请删去一行。"]
        if read:
            yield read
            continue
        faults.append({"row": row.number, "detail": f"第{row.number}行：{''.join(reasons)}"})
        if len(faults) == FAULTS_SHOWN:
            break
    if not columns:
        raise _no_header(kind)
    if faults:
        most = f"（只列出前{FAULTS_SHOWN}行）" if len(faults) == FAULTS_SHOWN else ""
        raise Invalid(
            "LIST_ROWS_WRONG",
            f"有{len(faults)}行不对{most}，整份名单没有收录。请照下面的说明改好后重新上传。",
            errors=faults,
        )


def _header(kind: Kind, cells: Sequence[Cell]) -> dict[str, int]:
    """The columns if this line is the row of headings, else nothing. Raises Invalid LIST_COLUMNS_MISSING."""
    words = COLUMNS[kind]
    columns = tables.columns_of(cells, words)
    key = "uscc" if kind in ENTERPRISE_KINDS else "id_number"
    if key not in columns:
        return {}
    if missing := [words[field][0] for field in words if field in REQUIRED[kind] - columns.keys()]:
        raise Invalid("LIST_COLUMNS_MISSING", f"缺少这些列：{'、'.join(missing)}。请补上，或使用模板填写后再上传。")
    return columns


def _no_header(kind: Kind) -> Invalid:
    wanted = "、".join(words[0] for field, words in COLUMNS[kind].items() if field in REQUIRED[kind])
    return Invalid("LIST_HEADER_NOT_FOUND", f"没有找到{KIND_WORDS[kind]}的表头（{wanted}），请使用模板填写后再上传。")


def _read(
    kind: Kind, number: int, cells: Sequence[Cell], columns: Mapping[str, int], on: date
) -> tuple[ReadRow | None, list[str]]:
    """The row, or every reason against it."""
    at = {field: cells[index] if index < len(cells) else None for field, index in columns.items()}
    reasons: list[str] = []
    subject, shown = "", ""
    code = _uscc(at.get("uscc"), reasons, required=kind in ENTERPRISE_KINDS)
    if kind in ENTERPRISE_KINDS:
        subject = code or ""
        shown = _text(at.get("name"), "企业名称", NAME_LENGTH, reasons, required=True)
        code = None
    else:
        try:
            id_number = tables.id_number_of(at["id_number"], on=on).number
            subject, shown = people.id_number_index(id_number), mask_id_number(id_number)
        except Invalid as error:
            reasons.append(error.detail)
    note = _text(at.get("note"), COLUMNS[kind]["note"][0], NOTE_LENGTH, reasons, required="note" in REQUIRED[kind])
    amount_fen = _fen(at.get("amount_fen"), reasons) if "amount_fen" in COLUMNS[kind] else None
    from_on = _day(at.get("from_on"), COLUMNS[kind]["from_on"][0], reasons)
    until_on = _day(at.get("until_on"), COLUMNS[kind]["until_on"][0], reasons)
    if from_on and until_on and until_on < from_on:
        reasons.append(f"{COLUMNS[kind]['until_on'][0]}早于{COLUMNS[kind]['from_on'][0]}。")
    if reasons:
        return None, reasons
    return ReadRow(number, subject, shown, code, note, amount_fen, from_on, until_on), []


def _uscc(cell: Cell, reasons: list[str], *, required: bool) -> str | None:
    text = tables.text_of(cell)
    if not text:
        if required:
            reasons.append("没有填统一社会信用代码。")
        return None
    try:
        return tables.check_uscc(text).code
    except Invalid as error:
        reasons.append(error.detail)
        return None


def _text(cell: Cell, label: str, limit: int, reasons: list[str], *, required: bool) -> str:
    text = " ".join(tables.text_of(cell).split())
    if required and not text:
        reasons.append(f"没有填{label}。")
    elif len(text) > limit or text.startswith("=") or not text.isprintable():
        reasons.append(f"{label}应为文字，最多{limit}个字，不能是公式。")
    return text


def _fen(cell: Cell, reasons: list[str]) -> int:
    text = tables.plain(tables.text_of(cell)).replace(",", "").strip("￥¥元 ")
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        fen = Decimal(-1)
    if not fen.is_finite() or not 0 <= fen <= _LARGEST_FEN or fen != fen.to_integral_value():
        reasons.append("补贴金额应为元，最多两位小数，例如 500 或 462.50。")
        return 0
    return int(fen)


def _day(cell: Cell, label: str, reasons: list[str]) -> date | None:
    text = tables.text_of(cell)
    if not text:
        return None
    day = tables.day_of(cell)
    if day is None or not 1900 <= day.year <= 2999:
        reasons.append(f"{label}“{text[:20]}”不是有效日期，请按2020-03-01的格式填写。")
        return None
    return day


@contextmanager
def _as_file(workbook: bytes | Path) -> Iterator[Path]:
    """The workbook as a file, which is read from disk bit by bit."""
    if isinstance(workbook, Path):
        yield workbook
        return
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(workbook)
        file.flush()
        yield Path(file.name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
