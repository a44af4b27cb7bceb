"""Taking rows in: each judged on its own, the good ones counted, sealed and banked together, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.imports.counting import Counted, count_all
from backend.imports.matching import Person, match
from backend.imports.rules import Fault, Judged, Row, Unread, claimable_seconds, refused
from backend.imports.setting import Setting
from backend.platforms import services as platforms
from backend.study import services as study
from backend.study.services import ImportedTime, KnownImport
from config import crypto

MOST_ROWS = 1_000
_CONTENT = "imported_row"


@dataclass(frozen=True)
class Taken:
    """A judged row and the inner id of what it brought, or brought before."""

    judged: Judged
    banked_import_id: int | None = None


def take_in(rows: Sequence[Row | Unread], setting: Setting) -> list[Taken]:
    """Judge rows (at most 1,000), take in the good ones, and say of each what became of it, in the order given.

    The platform is held until the transaction ends, so two batches with the same ids take turns; people are gone through in
    one order, so that no two batches wait for each other, and each person's rows in the order given.
    """
    if len(rows) > MOST_ROWS:
        raise ValueError(f"at most {MOST_ROWS} rows at once")
    platforms.hold_platform(setting.platform.id)
    taken = {row.number: Taken(refused(row, *row.faults)) for row in rows if isinstance(row, Unread)}
    waiting = [row for row in rows if isinstance(row, Row)]
    while waiting:
        first: dict[str, Row] = {}
        for row in waiting:
            first.setdefault(row.external_id, row)
        taken |= _take_in_once(list(first.values()), setting)
        # The same id again, further down, is judged when it is known what became of the first.
        waiting = [row for row in waiting if row.number not in taken]
    return [taken[row.number] for row in rows]


def _take_in_once(rows: Sequence[Row], setting: Setting) -> dict[int, Taken]:
    """Rows of different ids."""
    known = study.known_imports(platform_id=setting.platform.id, external_ids=[row.external_id for row in rows])
    taken = {row.number: _known(row, known[row.external_id]) for row in rows if row.external_id in known}
    fresh = [row for row in rows if row.external_id not in known]
    people = match(fresh, setting.class_view)
    here: list[tuple[Row, Person]] = []
    for row in fresh:
        person = people[row.number]
        if isinstance(person, Fault):
            taken[row.number] = Taken(refused(row, person))
        else:
            here.append((row, person))
    here.sort(key=lambda item: item[1].worker_id)
    counted: list[tuple[Judged, ImportedTime]] = []
    for (row, person), outcome in zip(here, count_all(here, setting), strict=True):
        if isinstance(outcome, Fault):
            taken[row.number] = Taken(refused(row, outcome))
        else:
            counted.append(_good(row, person, outcome, setting))
    ids = study.bank_imports([item for _, item in counted])
    return taken | {judged.number: Taken(judged, banked) for (judged, _), banked in zip(counted, ids, strict=True)}


def _known(row: Row, known: KnownImport) -> Taken:
    if known.content_digest == _digest(row):
        said = "这条记录以前已经收录，没有重复计入。"
        return Taken(Judged(row.number, row.external_id, "same", "DUPLICATE", said), known.id)
    said = (
        f"编号“{row.external_id}”已经收录过另一份内容，收录后不能修改。确是另一条记录的，请换一个编号；"
        "原来的内容有误的，请平台书面说明，交审核人员处理。"
    )
    return Taken(refused(row, Fault("CHANGED", said)))


def _digest(row: Row) -> str:
    return crypto.blind_index(crypto.canonical_json(row.content()).decode(), purpose=_CONTENT)


def _good(row: Row, person: Person, counted: Counted, setting: Setting) -> tuple[Judged, ImportedTime]:
    claimable = claimable_seconds(row.grade, counted.checked_in_seconds, setting.policy.imported.grades_that_pay)
    judged = Judged(
        number=row.number,
        external_id=row.external_id,
        verdict="taken",
        code=counted.code,
        detail=counted.detail,
        counted_seconds=counted.learned_seconds,
        claimable_seconds=claimable,
        overlap_seconds=counted.overlap_seconds,
    )
    item = ImportedTime(
        platform_id=setting.platform.id,
        platform_code=setting.platform.code,
        external_id=row.external_id,
        grade=row.grade,
        content_digest=_digest(row),
        batch_ref=setting.batch_ref,
        worker_id=person.worker_id,
        person_ref=person.person_ref,
        context_ref=setting.class_view.class_id,
        course=row.course,
        lesson=row.lesson,
        happened_at=counted.happened_at,
        learned_seconds=counted.learned_seconds,
        claimable_seconds=claimable,
        body=counted.facts,
    )
    return judged, item
