"""培训台账资料 (四.2): the pictures, videos and papers an enterprise keeps of a class, and who may add them when.

The files themselves, their examination and their record in the log are the records floor's (``evidence.attachments``).
Every function here goes by the plan, so that whoever may see the plan sees its files and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.plans import rules
from backend.plans.documents import DOCUMENT_KINDS, DocumentFacts, clean_document, proven_relations
from backend.plans.loading import load_plan, policy_of
from backend.plans.models import PlanDocument, TrainingPlan
from config import clock
from config.database import db
from config.errors import Invalid, NotFound
from learning_records.evidence import attachments
from learning_records.evidence.attachments import KINDS, AttachmentView, ReceivedFile, receive

receive_material = receive
MATERIAL_KINDS = {name: KINDS[name] for name in ("photo", "video", "paper", "statement")}
"""As what a material of a class may be handed in, in the order of clause 四.2."""


@dataclass(frozen=True)
class DocumentView:
    """A document of a plan: what it is, and its file."""

    facts: DocumentFacts
    file: AttachmentView


def add_document(*, plan_id: UUID, facts: DocumentFacts, file: ReceivedFile, actor: str) -> DocumentView:
    """File a received paper with the plan (clause 三). It stays; a later one of the same kind stands instead.

    The same file with the same facts a second time changes nothing. Raises ``Invalid`` DOCUMENT_FACTS_INVALID, and what
    ``add_material`` raises.
    """
    facts = clean_document(facts)
    if file.kind != facts.kind:
        raise Invalid("DOCUMENT_FACTS_INVALID", "上传的文件与所选材料类别不一致，请重新上传。")
    plan = load_plan(plan_id, lock=True)
    kept = _keep(plan, file, actor)
    latest = next((view for view in reversed(documents_of(plan_id)) if view.facts.kind == facts.kind), None)
    if latest is None or (latest.facts, latest.file.attachment_id) != (facts, kept.attachment_id):
        row = PlanDocument(
            plan_id=plan.id,
            kind=facts.kind,
            attachment_id=kept.attachment_id,
            party=facts.party,
            expires_on=facts.expires_on,
            settled_month=facts.settled_month,
            added_at=clock.now(),
        )
        db.session.add(row)
        db.session.flush()
        audit.write(
            actor=actor,
            action="plan.document_filed",
            subject=f"plan:{plan.public_id}",
            detail={"attachment": str(kept.attachment_id), "kind": facts.kind, "sha256": kept.sha256},
        )
    return DocumentView(facts, kept)


def documents_of(plan_id: UUID) -> list[DocumentView]:
    """The documents of a plan with their files, the first one first. Raises ``NotFound`` PLAN_NOT_FOUND."""
    plan = load_plan(plan_id)
    rows = _rows(plan)
    files = {file.attachment_id: file for file in attachments.list_of(context_ref=plan.training_class.public_id)}
    return [DocumentView(_facts(row), files[row.attachment_id]) for row in rows]


def document_facts(plan: TrainingPlan) -> tuple[DocumentFacts, ...]:
    """What was handed in with the plan, the first one first."""
    return tuple(_facts(row) for row in _rows(plan))


def relation_proven(plan_id: UUID) -> frozenset[str]:
    """The relations (``contract``, ``dispatched_in``, ``platform_worker``) that the plan's documents prove (A17, A18): an
    agreement for dispatched workers; for platform workers an agreement and a settlement of the month the class starts.

    Raises ``NotFound`` PLAN_NOT_FOUND.
    """
    plan = load_plan(plan_id)
    return proven_relations(document_facts(plan), plan.training_class.starts_on, policy_of(plan))


def _keep(plan: TrainingPlan, file: ReceivedFile, actor: str) -> AttachmentView:
    rules.require_keeping(plan.status)
    return attachments.add(
        context_ref=plan.training_class.public_id,
        owner_ref=enterprises.enterprise_by_id(plan.enterprise_id).public_id,
        file=file,
        uploaded_by=actor,
    )


def _rows(plan: TrainingPlan) -> list[PlanDocument]:
    return list(
        db.session.scalars(select(PlanDocument).where(PlanDocument.plan_id == plan.id).order_by(PlanDocument.id))
    )


def _facts(row: PlanDocument) -> DocumentFacts:
    return DocumentFacts(row.kind, row.party, row.expires_on, row.settled_month)


def add_material(*, plan_id: UUID, file: ReceivedFile, actor: str) -> AttachmentView:
    """Keep a received file with the plan's class. The same file as the same kind a second time gives back the first.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_REJECTED, ATTACHMENTS_FULL, ATTACHMENT_DESTROYED,
    ATTACHMENT_FILE_GONE.
    """
    plan = load_plan(plan_id)
    material = _keep(plan, file, actor)
    if not material.repeated:
        audit.write(
            actor=actor,
            action="plan.material_added",
            subject=f"plan:{plan.public_id}",
            detail={"attachment": str(material.attachment_id), "kind": material.kind, "sha256": material.sha256},
        )
    return material


def materials_of(plan_id: UUID) -> list[AttachmentView]:
    """What is kept of the plan's class besides its documents, the newest first. Raises ``NotFound`` PLAN_NOT_FOUND."""
    kept = attachments.list_of(context_ref=load_plan(plan_id).training_class.public_id)
    return [material for material in kept if material.kind not in DOCUMENT_KINDS]


def open_material(*, plan_id: UUID, attachment_id: UUID) -> tuple[AttachmentView, Path]:
    """A file of the plan's class and where to read it. Raises as ``attachments.open_attachment``; a file of another class
    looks as if it did not exist."""
    class_id = load_plan(plan_id).training_class.public_id
    if attachments.get_attachment(attachment_id=attachment_id).context_ref != class_id:
        raise NotFound("ATTACHMENT_NOT_FOUND", "没有找到这份资料，请从列表重新打开。")
    return attachments.open_attachment(attachment_id=attachment_id)
