"""The two files between us and the bank (docs/bank-file.md): orders out, what became of them back. Pure.

UTF-8, one line a row, comma-separated (RFC 4180). The last line counts the rows, adds up their fen and gives the SHA-256 of
everything before it, so that a file that was cut, edited or mixed up is seen.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.payments.rules import FAILURE_WORDS, ORDER_WORDS
from config.errors import Invalid

VERSION = "1"
MOST_BYTES = 5_000_000
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_FIELDS = {"H": 5, "R": 7, "T": 4}


@dataclass(frozen=True)
class OutgoingOrder:
    """One row of the order file."""

    number: str
    payee_name: str
    bank_name: str
    account: str
    amount_fen: int
    fund: str
    remark: str


@dataclass(frozen=True)
class ReturnedOrder:
    """One row of a return file; ``row`` counts from 1 as an editor shows it. ``code`` is empty when paid."""

    row: int
    number: str
    amount_fen: int
    paid: bool
    code: str
    text: str


@dataclass(frozen=True)
class ReturnFile:
    """A return file that is whole."""

    batch_number: str
    rows: tuple[ReturnedOrder, ...]


@dataclass(frozen=True)
class Expected:
    """What a return may say of an order."""

    amount_fen: int
    status: str


def order_file(batch_number: str, made_on: date, orders: Sequence[OutgoingOrder]) -> bytes:
    """The bytes of the order file. Raises ``Invalid`` PAYEE_TEXT_UNFIT for a text that a spreadsheet would run."""
    rows: list[list[str]] = [["H", VERSION, "ORDERS", batch_number, made_on.isoformat()]]
    for sequence, order in enumerate(orders, start=1):
        texts = (order.payee_name, order.bank_name, order.account, order.fund, order.remark)
        if any(text.startswith(_STARTS_A_FORMULA) or not text.isprintable() for text in texts):
            raise Invalid(
                "PAYEE_TEXT_UNFIT",
                f"付款单{order.number}的户名、开户行或账号含有不能写入银行文件的字符，请先更正账户。",
            )
        rows.append(["D", str(sequence), order.number, *texts[:3], str(order.amount_fen), *texts[3:]])
    return sealed(rows, sum(order.amount_fen for order in orders))


def sealed(rows: Sequence[Sequence[str]], total_fen: int) -> bytes:
    """The rows with their trailer; the first row is the header."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    body = text.getvalue().encode()
    return body + f"T,{len(rows) - 1},{total_fen},{hashlib.sha256(body).hexdigest()}\r\n".encode()


def read_return(data: bytes) -> ReturnFile:
    """A return file, refused whole with every row that is wrong. Raises ``Invalid`` RETURN_FILE_REFUSED."""
    text = _decoded(data)
    rows = [(number, row) for number, row in _rows(text) if row]
    problems: list[dict[str, Any]] = []
    for number, row in rows:
        wanted = _FIELDS.get(row[0])
        if wanted is None:
            problems.append(_problem(number, "行首应为H、R或T"))
        elif len(row) != wanted:
            problems.append(_problem(number, f"{row[0]}行应有{wanted}列，实有{len(row)}列"))
    refuse(problems)
    kinds = [row[0] for _, row in rows]
    if len(rows) < 3 or kinds[0] != "H" or kinds[-1] != "T" or set(kinds[1:-1]) != {"R"}:
        refuse([_problem(1, "文件应依次为一行表头H、若干行结果R、一行合计T")])
    header, trailer = rows[0][1], rows[-1]
    if header[1:3] != [VERSION, "RETURN"]:
        refuse([_problem(rows[0][0], f"不是版本{VERSION}的回单文件（应为H,{VERSION},RETURN）")])
    found = [_returned(number, row, problems) for number, row in rows[1:-1]]
    _check_trailer(data, trailer, found, problems)
    refuse(problems)
    return ReturnFile(header[3], tuple(found))


def check_return(file: ReturnFile, expected: Mapping[str, Expected]) -> None:
    """Hold the rows against the batch's orders by their numbers. Raises ``Invalid`` RETURN_FILE_REFUSED."""
    problems, seen = [], set[str]()
    for row in file.rows:
        order = expected.get(row.number)
        if row.number in seen:
            problems.append(_problem(row.row, f"付款单{row.number}重复出现"))
        elif order is None:
            problems.append(_problem(row.row, f"本批次没有付款单{row.number}"))
        elif order.amount_fen != row.amount_fen:
            problems.append(
                _problem(row.row, f"付款单{row.number}的金额应为{order.amount_fen}分，文件中为{row.amount_fen}分")
            )
        elif order.status != "released":
            problems.append(_problem(row.row, f"付款单{row.number}目前是“{ORDER_WORDS[order.status]}”，不能再登记结果"))
        seen.add(row.number)
    refuse(problems)


def refuse(problems: Sequence[dict[str, Any]]) -> None:
    """Raises ``Invalid`` RETURN_FILE_REFUSED with these rows, unless there are none."""
    if problems:
        shown = sorted(problems, key=lambda one: int(one["row"]))[:100]
        raise Invalid("RETURN_FILE_REFUSED", "回单文件有误，整份未登记；请更正下列各行后重新上传。", errors=shown)


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        refuse([_problem(1, "文件超过5 MB")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse([_problem(1, "文件不是UTF-8编码，请按文件格式说明另存")])
        raise
    if "\0" in text:
        refuse([_problem(1, "文件含有不可读的字符，不是文本文件")])
    return text


def _rows(text: str) -> Sequence[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            rows.append((reader.line_num, [cell.strip() for cell in row]))
    except csv.Error:
        refuse([_problem(reader.line_num, "这一行不是有效的CSV（引号没有成对）")])
    return rows


def _returned(number: int, row: Sequence[str], problems: list[dict[str, Any]]) -> ReturnedOrder:
    _, _, order, amount, outcome, code, text = row
    if not (amount.isascii() and amount.isdigit() and len(amount) <= 15):
        problems.append(_problem(number, f"金额“{amount}”应为以分为单位的整数"))
        amount = "0"
    if outcome not in ("PAID", "FAILED"):
        problems.append(_problem(number, f"结果“{outcome}”应为PAID或FAILED"))
    elif outcome == "PAID" and code:
        problems.append(_problem(number, "已付款的行不应有失败代码"))
    elif outcome == "FAILED" and code not in FAILURE_WORDS:
        problems.append(_problem(number, f"失败代码“{code}”不在代码表中"))
    if len(text) > 200 or not text.isprintable():
        problems.append(_problem(number, "说明最多200个字，且不能有控制字符"))
    return ReturnedOrder(number, order, int(amount), outcome == "PAID", code, text)


def _check_trailer(
    data: bytes, trailer: tuple[int, Sequence[str]], rows: Sequence[ReturnedOrder], problems: list[dict[str, Any]]
) -> None:
    number, (_, count, total, control) = trailer
    if count != str(len(rows)):
        problems.append(_problem(number, f"合计行的笔数为{count}，文件中有{len(rows)}笔"))
    if total != str(sum(row.amount_fen for row in rows)):
        problems.append(_problem(number, f"合计行的金额为{total}分，各行合计{sum(row.amount_fen for row in rows)}分"))
    body = data.rstrip(b"\r\n")
    if control.lower() != hashlib.sha256(body[: body.rfind(b"\n") + 1]).hexdigest():
        problems.append(_problem(number, "校验值不符，文件在传送中被改动或截断"))


def _problem(row: int, detail: str) -> dict[str, Any]:
    return {"row": row, "detail": f"第{row}行：{detail}"}
