"""Which lists there are, and what it means that somebody is on one (domain reference A16, A42, section 10). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from uuid import UUID

Action = Literal["refuse", "flag"]
PeopleKind = Literal["insured", "pension", "students", "civil_servants", "other_subsidies"]
EnterpriseKind = Literal["dispatch_licences", "dishonest"]
Kind = PeopleKind | EnterpriseKind

PEOPLE_KINDS: tuple[PeopleKind, ...] = get_args(PeopleKind)
ENTERPRISE_KINDS: tuple[EnterpriseKind, ...] = get_args(EnterpriseKind)
KINDS: tuple[Kind, ...] = (*PEOPLE_KINDS, *ENTERPRISE_KINDS)
KIND_WORDS: Mapping[Kind, str] = {
    "insured": "参保人员名单",
    "pension": "养老待遇领取人员名单",
    "students": "在校学生名单",
    "civil_servants": "财政供养人员名单",
    "other_subsidies": "其他补贴发放名单",
    "dispatch_licences": "劳务派遣许可名单",
    "dishonest": "失信企业名单",
}
_TO_DO: Mapping[Action, str] = {"refuse": "按政策不能列入。", "flag": "请审核人员核实。"}


@dataclass(frozen=True)
class ListValues:
    """四.5: what a hit on each list does (for ``insured``: being absent from it), and for how many days the rows of a list that
    a newer one replaced are kept. A section of the policy."""

    insured: Action
    pension: Action
    students: Action
    civil_servants: Action
    other_subsidies: Action
    dispatch_licences: Action
    dishonest: Action
    superseded_kept_days: int

    def action(self, kind: Kind) -> Action:
        """What a finding of this kind does."""
        actions: Mapping[Kind, Action] = {
            "insured": self.insured,
            "pension": self.pension,
            "students": self.students,
            "civil_servants": self.civil_servants,
            "other_subsidies": self.other_subsidies,
            "dispatch_licences": self.dispatch_licences,
            "dishonest": self.dishonest,
        }
        return actions[kind]


@dataclass(frozen=True)
class Source:
    """Where a finding comes from. ``row`` is the spreadsheet's row number; None where the finding is an absence."""

    list_id: UUID
    kind: Kind
    office: str
    as_of_on: date
    row: int | None


@dataclass(frozen=True)
class ListRow:
    """One row of a list. ``shown`` is a masked ID number or an enterprise's name; ``uscc`` the employer or payee it names."""

    source: Source
    subject: str
    shown: str
    uscc: str | None
    note: str
    amount_fen: int | None
    from_on: date | None
    until_on: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the row's period, open where a day is missing, contains the day."""
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True)
class ListInForce:
    """The newest list of a kind that an office gave."""

    list_id: UUID
    kind: Kind
    office: str
    as_of_on: date


@dataclass(frozen=True)
class Asked:
    """A person who is looked for. ``ref`` is the caller's own name of the row, ``id_index`` the blind index of the ID number
    (``people.id_number_index``). ``insured_by``: the USCC of the enterprise that has to insure them; None for those dispatched
    in (their company does) and for platform workers (二(二): nobody need)."""

    ref: str
    id_index: str
    insured_by: str | None


@dataclass(frozen=True)
class Finding:
    """What one list says of a person or enterprise. ``code`` is stable: LIST_<KIND>, LIST_NOT_INSURED,
    LIST_INSURED_ELSEWHERE. ``sentence`` is Chinese, names office, day and row, and holds no personal data."""

    kind: Kind
    code: str
    action: Action
    sentence: str
    source: Source

    @property
    def refuses(self) -> bool:
        """Whether the policy refuses; otherwise a person looks."""
        return self.action == "refuse"

    def as_json(self) -> dict[str, str | int | bool | None]:
        """The finding as canonical JSON can hold it."""
        return {
            "kind": self.kind,
            "code": self.code,
            "refuses": self.refuses,
            "sentence": self.sentence,
            "list_id": str(self.source.list_id),
            "office": self.source.office,
            "as_of_on": self.source.as_of_on.isoformat(),
            "row": self.source.row,
        }


def in_force(lists: Sequence[ListInForce]) -> list[ListInForce]:
    """Of lists in the order they were taken in: of each kind and office the one with the latest day, the last taken if two
    have it."""
    newest: dict[tuple[str, str], ListInForce] = {}
    for item in lists:
        key = (item.kind, item.office)
        if key not in newest or item.as_of_on >= newest[key].as_of_on:
            newest[key] = item
    return list(newest.values())


def join_person(
    asked: Asked, rows: Sequence[ListRow], lists: Sequence[ListInForce], *, on: date, actions: ListValues
) -> tuple[Finding, ...]:
    """What the lists in force say of a person on a day; ``rows`` are all of that person's. Being on a list of the insured is
    no finding, being absent from all of them is one."""
    held = [row for row in rows if row.holds_on(on)]
    found = [_hit(row, "此人", actions) for row in held if row.source.kind != "insured"]
    insured_lists = [item for item in lists if item.kind == "insured"]
    if asked.insured_by is None or not insured_lists:
        return tuple(found)
    insured = [row for row in held if row.source.kind == "insured"]
    elsewhere = bool(insured) and all(row.uscc not in (None, asked.insured_by) for row in insured)
    if not insured:
        found.insert(0, _not_insured(insured_lists, on, actions))
    elif elsewhere:
        found.insert(0, _insured_elsewhere(insured[0], actions))
    return tuple(found)


def join_enterprise(rows: Sequence[ListRow], *, on: date, actions: ListValues) -> tuple[Finding, ...]:
    """What the lists in force say of an enterprise on a day; ``rows`` are all of that enterprise's."""
    return tuple(_hit(row, "本企业", actions) for row in rows if row.holds_on(on))


def _hit(row: ListRow, who: str, actions: ListValues) -> Finding:
    source, action = row.source, actions.action(row.source.kind)
    more = "，".join(text for text in (_period(row), row.note, _yuan(row.amount_fen)) if text)
    shown = f"（{more}）" if more else ""
    sentence = f"{_name(source)}第{source.row}行列有{who}{shown}，{_TO_DO[action]}"
    return Finding(source.kind, f"LIST_{source.kind.upper()}", action, sentence, source)


def _not_insured(lists: Sequence[ListInForce], on: date, actions: ListValues) -> Finding:
    newest = max(lists, key=lambda item: item.as_of_on)
    source = Source(newest.list_id, "insured", newest.office, newest.as_of_on, None)
    named = "、".join(_name(Source(item.list_id, item.kind, item.office, item.as_of_on, None)) for item in lists)
    sentence = f"{named}里没有此人{on.isoformat()}的参保记录，{_TO_DO[actions.insured]}"
    return Finding("insured", "LIST_NOT_INSURED", actions.insured, sentence, source)


def _insured_elsewhere(row: ListRow, actions: ListValues) -> Finding:
    sentence = (
        f"{_name(row.source)}第{row.source.row}行显示此人由另一单位（{row.uscc}）参保，不是本企业，"
        f"{_TO_DO[actions.insured]}"
    )
    return Finding("insured", "LIST_INSURED_ELSEWHERE", actions.insured, sentence, row.source)


def _name(source: Source) -> str:
    return f"{source.office}提供的{KIND_WORDS[source.kind]}（截至{source.as_of_on.isoformat()}）"


def _period(row: ListRow) -> str:
    if row.from_on is None and row.until_on is None:
        return ""
    begins = f"{row.from_on.isoformat()}起" if row.from_on else ""
    return begins + (f"至{row.until_on.isoformat()}止" if row.until_on else "")


def _yuan(amount_fen: int | None) -> str:
    return "" if amount_fen is None else f"{amount_fen // 100}.{amount_fen % 100:02d}元"
