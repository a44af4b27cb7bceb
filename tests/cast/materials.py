"""Files kept of a class, handed in through the services."""

from __future__ import annotations

import io
from uuid import UUID

from backend.plans import services as plans
from backend.plans.services import AttachmentView
from config.database import transaction
from tests.cast.files import a_jpeg
from tests.cast.plans import AGENT


def a_material(
    plan_id: UUID, data: bytes | None = None, *, kind: str = "photo", name: str = "第1课 现场.jpg"
) -> AttachmentView:
    """A photo of the class, or what is given."""
    stream = io.BytesIO(a_jpeg() if data is None else data)
    file = plans.receive_material(kind=kind, name=name, stream=stream)
    return transaction(lambda: plans.add_material(plan_id=plan_id, file=file, actor=AGENT))
