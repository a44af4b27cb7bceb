"""Workers with phones and staff accounts, built through the services."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import date

from backend.people import services as people
from backend.people.rules import id_number_check_character
from backend.people.services import StaffView
from config.database import transaction

PASSWORD = "a long enough password"
CONSENT = "2020-03"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """A worker of the cast and what the test needs to speak for them."""

    worker_id: int
    public_id: uuid.UUID
    learner_ref: uuid.UUID
    openid: str
    token: str
    name: str
    id_number: str

    @property
    def headers(self) -> dict[str, str]:
        """What their phone sends with every request."""
        return {"Authorization": f"Bearer {self.token}"}


def an_id_number(serial: int, *, born_on: date = date(1988, 5, 20), district: str = "320281") -> str:
    """A valid, made-up number; `serial` (0 to 999) is odd for men."""
    first = f"{district}{born_on:%Y%m%d}{serial:03d}"
    return first + id_number_check_character(first)


def a_visitor(openid: str | None = None, *, device: str = "phone-1") -> Person:
    """Somebody who signed in and did nothing else yet."""
    openid = openid or f"oVisitor{next(_numbers)}"
    signed_in = transaction(lambda: people.sign_in_with_openid(openid=openid, device=device))
    caller = people.authenticate(signed_in.token)
    assert caller is not None
    ids = (caller.worker_id, caller.worker_public_id, caller.learner_ref)
    return Person(*ids, openid, signed_in.token, name="", id_number="")


def a_person(name: str = "王小明", id_number: str | None = None, *, openid: str | None = None) -> Person:
    """Somebody who agreed to the privacy notice and registered name and ID number."""
    visitor = a_visitor(openid)
    id_number = id_number or an_id_number(next(_numbers) % 1000)
    transaction(lambda: people.give_consent(worker_id=visitor.worker_id, version=CONSENT))
    transaction(lambda: people.set_identity(worker_id=visitor.worker_id, name=name, id_number=id_number))
    ids = (visitor.worker_id, visitor.public_id, visitor.learner_ref)
    return Person(*ids, visitor.openid, visitor.token, name, id_number)


def a_staff_member(role: str, username: str | None = None, display_name: str = "李建国") -> StaffView:
    """A staff account with PASSWORD."""
    username = username or f"{role.replace('_', '-')}-{next(_numbers)}"
    return transaction(
        lambda: people.create_staff_account(username=username, display_name=display_name, password=PASSWORD, role=role)
    )
