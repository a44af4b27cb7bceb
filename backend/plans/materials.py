"""培训台账资料 (四.2): the pictures, videos and papers an enterprise keeps of a class, and who may add them when.

The files themselves, their examination and their record in the log are the records floor's (``evidence.attachments``).
Every function here goes by the plan, so that whoever may see the plan sees its files and no others.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.plans import rules
from backend.plans.loading import load_plan
from config.errors import NotFound
from learning_records.evidence import attachments
from learning_records.evidence.attachments import KINDS, AttachmentView, ReceivedFile, receive

receive_material = receive
MATERIAL_KINDS = {name: KINDS[name] for name in ("photo", "video", "paper", "statement")}
"""As what a material of a class may be handed in, in the order of clause 四.2."""


def add_material(*, plan_id: UUID, file: ReceivedFile, actor: str) -> AttachmentView:
    """Keep a received file with the plan's class. The same file as the same kind a second time gives back the first.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_REJECTED, ATTACHMENTS_FULL, ATTACHMENT_DESTROYED,
    ATTACHMENT_FILE_GONE.
    """
    plan = load_plan(plan_id)
    rules.require_keeping(plan.status)
    material = attachments.add(
        context_ref=plan.training_class.public_id,
        owner_ref=enterprises.enterprise_by_id(plan.enterprise_id).public_id,
        file=file,
        uploaded_by=actor,
    )
    if not material.repeated:
        audit.write(
            actor=actor,
            action="plan.material_added",
            subject=f"plan:{plan.public_id}",
            detail={"attachment": str(material.attachment_id), "kind": material.kind, "sha256": material.sha256},
        )
    return material


def materials_of(plan_id: UUID) -> list[AttachmentView]:
    """What is kept of the plan's class, the newest first. Raises ``NotFound`` PLAN_NOT_FOUND."""
    return attachments.list_of(context_ref=load_plan(plan_id).training_class.public_id)


def open_material(*, plan_id: UUID, attachment_id: UUID) -> tuple[AttachmentView, Path]:
    """A file of the plan's class and where to read it. Raises as ``attachments.open_attachment``; a file of another class
    looks as if it did not exist."""
    class_id = load_plan(plan_id).training_class.public_id
    if attachments.get_attachment(attachment_id=attachment_id).context_ref != class_id:
        raise NotFound("ATTACHMENT_NOT_FOUND", "没有找到这份资料，请从列表重新打开。")
    return attachments.open_attachment(attachment_id=attachment_id)
