"""Judging a roster row by row: what a messy cell means, and why a row is refused. Pure; the day is an argument.

Every fault of a row is told at once; its code is that of the first fault, in the order of the columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.enterprises.cells import Cell, day_of, id_number_of, plain, text_of
from backend.enterprises.roster_files import RawRow
from backend.enterprises.rules import AGE_LIMITS, RELATION_WORDS, AgeLimits, Relation, age_on, relation_of
from backend.people.rules import IdNumber, check_name, check_phone
from config.errors import Invalid

Verdict = Literal["ok", "flagged", "refused"]

POSITION_LENGTH = 50
_SHOWN_NAME = 200
_EARLIEST_YEAR, _LATEST_YEAR = 1950, 2099


@dataclass(frozen=True)
class Fault:
    """Why a row is refused (or flagged): a stable lower-case code and a Chinese sentence."""

    code: str
    reason: str


@dataclass(frozen=True)
class RosterPerson:
    """An accepted row."""

    excel_row: int
    name: str
    id_number: IdNumber
    phone: str
    relation: Relation
    hired_on: date
    position: str
    flags: tuple[Fault, ...]


@dataclass(frozen=True)
class RowVerdict:
    """What became of one row. ``id_number`` is given for rows that were accepted, in clear: for the one who sent it."""

    excel_row: int
    name: str
    verdict: Verdict
    code: str | None
    id_number: str | None
    reason: str


def judge(
    rows: Sequence[RawRow], *, on: date, limits: AgeLimits = AGE_LIMITS
) -> tuple[list[RowVerdict], list[RosterPerson]]:
    """The verdict of every row, and the people of the accepted ones. Ages are as of ``on``. The first accepted row of a
    person counts; later ones are duplicates."""
    verdicts: list[RowVerdict] = []
    people: dict[str, RosterPerson] = {}
    for row in rows:
        person, faults = _read(row, on, limits)
        if person and (earlier := people.get(person.id_number.number)):
            person = None
            faults = [Fault("duplicate_in_roster", f"与第{earlier.excel_row}行是同一个身份证号，请删去重复的一行。")]
        if person:
            people[person.id_number.number] = person
            verdicts.append(_accepted(person))
        else:
            reason = "".join(fault.reason for fault in faults)
            verdicts.append(
                RowVerdict(row.excel_row, text_of(row.name)[:_SHOWN_NAME], "refused", faults[0].code, None, reason)
            )
    return verdicts, list(people.values())


def counts(verdicts: Sequence[RowVerdict]) -> dict[str, int]:
    """How many rows of each verdict."""
    counted = Counter(row.verdict for row in verdicts)
    return {"ok": counted["ok"], "flagged": counted["flagged"], "refused": counted["refused"]}


def _accepted(person: RosterPerson) -> RowVerdict:
    verdict: Verdict = "flagged" if person.flags else "ok"
    code = person.flags[0].code if person.flags else None
    reason = "".join(flag.reason for flag in person.flags)
    return RowVerdict(person.excel_row, person.name, verdict, code, person.id_number.number, reason)


def _read(row: RawRow, on: date, limits: AgeLimits) -> tuple[RosterPerson | None, list[Fault]]:
    name = _name(row.name)
    id_number = _id_number(row.id_number, on, limits)
    phone = _phone(row.phone)
    relation = _relation(row.relation)
    hired_on = _hired_on(row.hired_on)
    position = _position(row.position)
    if (
        isinstance(name, Fault)
        or isinstance(id_number, Fault)
        or isinstance(phone, Fault)
        or isinstance(relation, Fault)
        or isinstance(hired_on, Fault)
        or isinstance(position, Fault)
    ):
        read = (name, id_number, phone, relation, hired_on, position)
        return None, [fault for fault in read if isinstance(fault, Fault)]
    if hired_on < id_number.born_on:
        return None, [Fault("date_invalid", "入职日期早于出生日期，请核对。")]
    flags = _flags(id_number, on, limits)
    return RosterPerson(row.excel_row, name, id_number, phone, relation, hired_on, position, flags), []


def _fault(error: Invalid) -> Fault:
    return Fault(error.code.lower(), error.detail)


def _name(cell: Cell) -> str | Fault:
    text = text_of(cell)
    if not text:
        return Fault("name_missing", "没有填姓名。")
    try:
        return check_name(text)
    except Invalid as error:
        return _fault(error)


def _id_number(cell: Cell, on: date, limits: AgeLimits) -> IdNumber | Fault:
    try:
        id_number = id_number_of(cell, on=on)
    except Invalid as error:
        return _fault(error)
    age = age_on(id_number.born_on, on)
    if age < limits.youngest:
        return Fault("under_age", f"到{on.isoformat()}未满{limits.youngest}周岁，不能列入花名册。")
    return id_number


def _phone(cell: Cell) -> str | Fault:
    text = text_of(cell)
    if not text:
        return Fault("phone_missing", "没有填手机号。")
    try:
        return check_phone(text)
    except Invalid as error:
        return _fault(error)


def _relation(cell: Cell) -> Relation | Fault:
    text = "".join(plain(text_of(cell)).split())
    choices = "、".join(words[0] for words in RELATION_WORDS.values())
    if not text:
        return Fault("employment_missing", f"没有填用工形式，请填写：{choices}。")
    return relation_of(text) or Fault("employment_unknown", f"用工形式“{text[:20]}”无法识别，请填写：{choices}。")


def _hired_on(cell: Cell) -> date | Fault:
    if text_of(cell) == "":
        return Fault("date_missing", "没有填入职日期。")
    day = day_of(cell)
    if day is None or not _EARLIEST_YEAR <= day.year <= _LATEST_YEAR:
        return Fault("date_invalid", f"入职日期“{text_of(cell)[:20]}”不是有效日期，请按2020-03-01的格式填写。")
    return day


def _position(cell: Cell) -> str | Fault:
    text = " ".join(text_of(cell).split())
    if len(text) > POSITION_LENGTH or text.startswith("=") or not text.isprintable():
        return Fault("position_invalid", f"岗位（工种）应为文字，最多{POSITION_LENGTH}个字，不能是公式。")
    return text


def _flags(id_number: IdNumber, on: date, limits: AgeLimits) -> tuple[Fault, ...]:
    """Domain reference A42: people past the retirement age are shown to the reviewer, not refused."""
    retirement = limits.retirement_men if id_number.sex == "male" else limits.retirement_women
    if age_on(id_number.born_on, on) < retirement:
        return ()
    who = "男" if id_number.sex == "male" else "女"
    return (Fault("over_retirement_age", f"到{on.isoformat()}已满{retirement}周岁（{who}），由审核人员核实。"),)
