"""The retention slice's front door. ``staff`` is who signed in; classes, workers and certificates go by their public ids.

``due`` and ``personal_due`` only look. ``propose`` and ``approve`` destroy evidence together, two persons; ``erase_personal``
is a job and commits by itself, as does ``keeping.remove_files``, which the door calls after ``approve``.
"""

from backend.retention.contacts import erase_answered_contacts
from backend.retention.destroying import (
    CertificateView,
    DueUnit,
    ProposalView,
    approve,
    certificate,
    due,
    proposals,
    propose,
)
from backend.retention.holding import HoldView, hold, holds, lift
from backend.retention.personal import PersonalDue, erase_personal, personal_due
from backend.retention.rules import UNIT_WORDS

__all__ = [
    "UNIT_WORDS",
    "CertificateView",
    "DueUnit",
    "HoldView",
    "PersonalDue",
    "ProposalView",
    "approve",
    "certificate",
    "due",
    "erase_answered_contacts",
    "erase_personal",
    "hold",
    "holds",
    "lift",
    "personal_due",
    "proposals",
    "propose",
]
