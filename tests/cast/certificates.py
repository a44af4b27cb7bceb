"""Classes whose people have earned certificates: built through the services."""

from __future__ import annotations

from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from backend.study import services as study
from backend.study.services import IssuedReport
from config.database import transaction
from tests.cast.claims import ENTERPRISE_ACTOR, Class, Office, a_class, hours, learn
from tests.cast.plans import a_person

NAMES = ("王小明", "李小红", "张小刚")


def an_earned_class(office: Office, *, serial: int = 1, people: int = 1) -> Class:
    """A class whose people all have 24 class hours and passed."""
    first = (serial - 1) * len(NAMES)
    group = a_class([a_person(first + place + 1, NAMES[place]) for place in range(people)], office, serial=serial)
    for person in group.persons:
        learn(person, group.class_id, hours(24))
    return group


def certified(group: Class) -> list[CertificateView]:
    """The class's certificates, issued by its enterprise."""
    return transaction(lambda: certificates.issue_due(class_id=group.class_id, actor=ENTERPRISE_ACTOR))


def an_issued_report(group: Class) -> IssuedReport:
    """The class's enterprise's hour report, given out."""
    prepared = study.prepare_report(
        enterprise_id=group.enterprise.id,
        office="市高训中心",
        address_of=lambda code: f"https://example.test/public/reports/{code}",
    )
    return transaction(lambda: study.issue_report(prepared=prepared, actor=ENTERPRISE_ACTOR))
