"""Two people press 核发 at the same moment: everybody gets one certificate, and the numbers have no gap."""

from __future__ import annotations

from functools import partial

from flask import Flask

from backend.certificates import services as certificates
from tests.cast.at_once import at_once
from tests.cast.certificates import an_earned_class
from tests.cast.claims import an_office


def test_issuing_at_once_gives_each_one_certificate(app: Flask) -> None:
    office = an_office()
    groups = [an_earned_class(office, serial=serial, people=2) for serial in (1, 2)]
    works = [partial(certificates.issue_due, class_id=group.class_id, actor="staff:agent") for group in groups]
    assert at_once(app, [*works, *works, certificates.issue_due]) == []
    issued = [found for group in groups for found in certificates.of_class(group.class_id).values()]
    assert sorted(found.number[-6:] for found in issued) == ["000001", "000002", "000003", "000004"]
