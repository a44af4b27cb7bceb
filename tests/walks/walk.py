"""A walk: what it knows by itself, and how it takes a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from backend.claims import services as claims
from backend.claims.models import SubsidyClaim
from backend.claims.services import ClaimView
from backend.credit_bank import services as credit_bank
from backend.notices.services import FiledObjection
from config.clock import FixedCalendar
from config.database import db
from config.errors import DomainError
from learning_records.evidence import services as evidence
from tests.walks import books
from tests.walks.cast import Cast, Place

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., None])
ANY = st.integers(0, 1_000)
WHY = {"reason": "核查中发现材料与事实不符。", "clause": "四.2"}
RUNNING = ("submitted", "reviewed", "approved", "on_notice", "payable")


def one(found: Sequence[T], which: int) -> T:
    """One of these, whatever the number."""
    return found[which % len(found)]


def some(model: Any, *statuses: str) -> Callable[[Any], bool]:
    """A precondition: there are rows in one of these statuses."""
    return lambda walk: bool(books.public_ids(model, *statuses))


def anytime(walk: Any) -> bool:
    """A precondition that always holds."""
    return True


def step(possible: Callable[[Any], bool], **draws: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """A step of a walk. All that are possible are as likely: rules of Hypothesis's own would leave most out of each walk."""

    def marked(function: F) -> F:
        _steps[function.__name__] = (possible, draws)
        return function

    return marked


_steps: dict[str, tuple[Callable[[Any], bool], dict[str, st.SearchStrategy[Any]]]] = {}


class Walk(RuleBasedStateMachine):
    """Seconds deposited, keys used, objections open, people struck, and every fen that was moved."""

    cast: ClassVar[Cast]
    calendar: ClassVar[FixedCalendar]
    begins: ClassVar[datetime]

    def __init__(self) -> None:
        super().__init__()
        self.calendar.set(self.begins)
        self.deposited = dict(self.cast.deposited)
        self.keys: dict[str, tuple[UUID, UUID]] = {}
        self.objections: list[FiledObjection] = []
        self.struck: set[UUID] = set()
        self.returns: list[tuple[UUID, bytes]] = []
        self.allotted_fen = self.paid_fen = self.received_fen = 0
        self.sound = self.changed = True

    @rule(data=st.data())
    def take_a_step(self, data: st.DataObject) -> None:
        """Any one that is possible now."""
        possible = [name for name, (holds, _) in _steps.items() if holds(self)]
        name = data.draw(st.sampled_from(possible), label="step")
        getattr(self, name)(**{key: data.draw(values, label=key) for key, values in _steps[name][1].items()})

    def teardown(self) -> None:
        try:
            if self.sound:
                books.every_record_leads_to_the_same_books()
        finally:
            db.session.rollback()
            db.session.expunge_all()

    def attempt(self, work: Callable[[], T]) -> T | None:
        """Run a step in a savepoint as a request of its own; None when it is refused, and then nothing of it remains."""
        db.session.expunge_all()
        self.sound = False
        try:
            with db.session.begin_nested():
                result = work()
        except DomainError:
            result = None
        self.sound, self.changed = True, self.changed or result is not None
        return result

    def deposit(self, place: Place, seconds: int) -> None:
        record = evidence.seal(kind="session", body={"session": str(uuid4()), "counted_ms": seconds * 1000})
        credit_bank.deposit(
            worker_id=place[0],
            use="claimable",
            amount_seconds=seconds,
            context_ref=place[1],
            evidence_record_id=record.record_id,
            key=f"session:{uuid4()}:claimable",
        )
        self.deposited[place] = self.deposited.get(place, 0) + seconds
        self.changed = True

    def refusal(self, work: Callable[[], Any]) -> str:
        """The code with which a step is refused, which it must be."""
        try:
            with db.session.begin_nested():
                work()
        except DomainError as error:
            return error.code
        raise AssertionError("it was not refused")

    def views(self, *statuses: str) -> list[ClaimView]:
        """The claims in these statuses, the oldest first, with their lines."""
        return [claims.claim_view(claim_id) for claim_id in books.public_ids(SubsidyClaim, *statuses)]
