"""Putting an application together: whose new hires, what is said of each, and which papers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.enterprises.services import RosterEntryView
from backend.new_hires import rules
from backend.new_hires.models import NewHireApplication, NewHireLine
from backend.new_hires.reading import application_view, load_application, load_line
from backend.new_hires.reports import person_indexes
from backend.new_hires.rules import Particulars
from backend.new_hires.views import NewHireApplicationView
from backend.policies import services as policies
from config import clock
from config.database import db
from config.errors import Invalid, NotFound
from learning_records.evidence import attachments
from learning_records.evidence.attachments import AttachmentView, ReceivedFile


def draft_application(*, enterprise_id: int, actor: str) -> NewHireApplicationView:
    """Begin an application; an empty draft that is there already is given back. Raises ``NotFound`` ENTERPRISE_UNKNOWN."""
    enterprise = enterprises.enterprise_by_id(enterprise_id)
    empty = db.session.scalar(
        select(NewHireApplication).where(
            NewHireApplication.enterprise_id == enterprise.id,
            NewHireApplication.status == "draft",
            ~NewHireApplication.lines.any(),
        )
    )
    if empty is not None:
        return application_view(empty.public_id)
    policy = policies.for_enterprise(enterprise.uscc)
    row = NewHireApplication(
        enterprise_id=enterprise.id,
        status="draft",
        policy_id=policy.id,
        policy_version=policy.version,
        created_at=clock.now(),
        total_fen=0,
        decision_reason="",
        decision_clause="",
    )
    db.session.add(row)
    db.session.flush()
    audit.write(actor=actor, action="new_hires.drafted", subject=f"new_hire:{row.public_id}", detail={})
    return application_view(row.public_id)


def put_people(
    *,
    application_id: UUID,
    entry_ids: Sequence[UUID],
    particulars: Particulars,
    mentor_id: UUID | None = None,
    actor: str,
) -> NewHireApplicationView:
    """Say the same of these people of the roster; those already in the draft are changed. Hire dates are the roster's.

    Raises ``NotFound`` NEW_HIRES_NOT_FOUND, ROSTER_ENTRY_UNKNOWN; ``Conflict`` NEW_HIRES_NOT_DRAFT; ``Invalid``
    NEW_HIRE_INVALID, NEW_HIRES_TOO_MANY.
    """
    application = load_application(application_id, lock=True)
    rules.require_draft(application.status)
    policy = policies.for_enterprise(enterprises.enterprise_by_id(application.enterprise_id).uscc)
    given = rules.check_particulars(particulars, has_mentor=mentor_id is not None, policy=policy, today=clock.today())
    people = {entry.public_id: entry for entry in enterprises.roster(application.enterprise_id)}
    chosen = [_entry(people, entry_id) for entry_id in dict.fromkeys(entry_ids)]
    mentor = _entry(people, mentor_id) if mentor_id is not None and given.form == "mentor" else None
    if mentor is not None and mentor in chosen:
        raise _invalid("mentor", "带教师傅不能是新录用职工本人，请另选一位。")
    lines = {line.roster_entry_id: line for line in application.lines}
    if len(lines.keys() | {entry.id for entry in chosen}) > rules.MOST_PEOPLE:
        raise Invalid("NEW_HIRES_TOO_MANY", f"一份申请最多{rules.MOST_PEOPLE}人，请分成几份申请。")
    indexes = person_indexes([entry.id for entry in chosen])
    for entry in chosen:
        line = lines.get(entry.id)
        if line is None:
            line = NewHireLine(enterprise_id=application.enterprise_id, roster_entry_id=entry.id, status="draft")
            line.amount_fen, line.decision = 0, None
            application.lines.append(line)
        _say(line, entry, indexes[entry.id], given, mentor)
    db.session.flush()
    return application_view(application_id)


def remove_person(*, application_id: UUID, line_id: UUID) -> NewHireApplicationView:
    """Take a person out of a draft. Raises ``NotFound`` NEW_HIRES_NOT_FOUND, NEW_HIRE_NOT_FOUND; ``Conflict``
    NEW_HIRES_NOT_DRAFT."""
    application = load_application(application_id, lock=True)
    rules.require_draft(application.status)
    line = load_line(line_id)
    if line.application_id != application.id:
        raise NotFound("NEW_HIRE_NOT_FOUND", "申请中没有这个人，请刷新后再试。")
    db.session.delete(line)
    db.session.flush()
    db.session.expire(application, ["lines"])
    return application_view(application_id)


def copy_application(*, application_id: UUID, actor: str) -> NewHireApplicationView:
    """A new draft with the people and particulars of an application that was sent back or withdrawn, to be corrected.

    Raises ``NotFound`` NEW_HIRES_NOT_FOUND, ``Conflict`` NEW_HIRES_MOVE_REFUSED for any other.
    """
    old = load_application(application_id)
    if old.status not in ("sent_back", "withdrawn"):
        rules.next_status(old.status, "send_back" if old.status == "draft" else "submit")
    made = draft_application(enterprise_id=old.enterprise_id, actor=actor)
    draft = load_application(made.application_id, lock=True)
    for line in old.lines:
        kept = {name: getattr(line, name) for name in _COPIED}
        draft.lines.append(NewHireLine(**kept, status="draft", amount_fen=0, decision=None))
    db.session.flush()
    return application_view(made.application_id)


_COPIED = (
    "enterprise_id",
    "roster_entry_id",
    "mentor_entry_id",
    "person_index",
    "hired_on",
    "contract_on",
    "contract_renewed",
    "hire_registered",
    "insured_on",
    "left_on",
    "other_subsidy_fen",
    "form",
    "contents",
)


def add_paper(*, application_id: UUID, file: ReceivedFile, actor: str) -> AttachmentView:
    """Keep a received paper with the application (proof of insurance, contracts, registration, training).

    Raises ``NotFound`` NEW_HIRES_NOT_FOUND; ``Conflict`` as ``attachments.add``.
    """
    application = load_application(application_id)
    owner = enterprises.enterprise_by_id(application.enterprise_id).public_id
    paper = attachments.add(context_ref=application.public_id, owner_ref=owner, file=file, uploaded_by=actor)
    if not paper.repeated:
        detail = {"attachment": str(paper.attachment_id), "kind": paper.kind, "sha256": paper.sha256}
        audit.write(actor=actor, action="new_hires.paper_added", subject=f"new_hire:{application_id}", detail=detail)
    return paper


def papers_of(application_id: UUID) -> list[AttachmentView]:
    """What the enterprise handed in with the application, the newest first. Raises ``NotFound`` NEW_HIRES_NOT_FOUND."""
    application = load_application(application_id)
    owner = enterprises.enterprise_by_id(application.enterprise_id).public_id
    return [item for item in attachments.list_of(context_ref=application.public_id) if item.owner_ref == owner]


def open_file(*, application_id: UUID, attachment_id: UUID) -> tuple[AttachmentView, Path]:
    """A paper or a photo of the application and where to read it. Raises as ``attachments.open_attachment``; a file of
    something else looks as if it did not exist."""
    application = load_application(application_id)
    if attachments.get_attachment(attachment_id=attachment_id).context_ref != application.public_id:
        raise NotFound("ATTACHMENT_NOT_FOUND", "没有找到这份资料，请从列表重新打开。")
    return attachments.open_attachment(attachment_id=attachment_id)


def _entry(people: dict[UUID, RosterEntryView], entry_id: UUID) -> RosterEntryView:
    if entry_id not in people:
        raise NotFound("ROSTER_ENTRY_UNKNOWN", "花名册中没有这个人，请刷新后再试。")
    return people[entry_id]


def _say(
    line: NewHireLine, entry: RosterEntryView, index: str, given: Particulars, mentor: RosterEntryView | None
) -> None:
    line.person_index, line.hired_on = index, entry.hired_on
    line.mentor_entry_id = None if mentor is None else mentor.id
    line.contract_on, line.contract_renewed = given.contract_on, given.contract_renewed
    line.hire_registered, line.insured_on, line.left_on = given.hire_registered, given.insured_on, given.left_on
    line.other_subsidy_fen, line.form = given.other_subsidy_fen, given.form
    line.contents = rules.chosen(given.contents)


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid("NEW_HIRE_INVALID", "有几项没有填对，请按提示修改。", errors=[{"field": field, "detail": sentence}])
