"""The certificates slice's front door. ``class_id`` and ``certificate_id`` are public ids, ``worker_id`` is inside;
``actor`` is who did it, for the audit rows."""

from backend.certificates.ending import correct, erase_names, refs_of, revoke
from backend.certificates.issuing import issue_due, issue_due_by_itself
from backend.certificates.printing import certificate_pdf, certificates_pdf, file_name, write_zip
from backend.certificates.reading import (
    CertificateState,
    by_code,
    by_number,
    certificate,
    certificate_states,
    look_up,
    of_class,
    of_worker,
    standings,
)
from backend.certificates.rules import STATUS_WORDS
from backend.certificates.sealing import count_sealed_rows, sealed_rows
from backend.certificates.views import CertificateView, MemberStanding

__all__ = [
    "STATUS_WORDS",
    "CertificateState",
    "CertificateView",
    "MemberStanding",
    "by_code",
    "by_number",
    "certificate",
    "certificate_pdf",
    "certificate_states",
    "certificates_pdf",
    "correct",
    "count_sealed_rows",
    "erase_names",
    "file_name",
    "issue_due",
    "issue_due_by_itself",
    "look_up",
    "of_class",
    "of_worker",
    "refs_of",
    "revoke",
    "sealed_rows",
    "standings",
    "write_zip",
]
