"""A form as it was typed. Reading a field gives a value or notes what is wrong; nothing typed is ever lost."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TypeVar

from werkzeug.datastructures import FileStorage, MultiDict

from config.database import transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Unavailable
from wire.schemas import EARLIEST_DAY, LATEST_DAY

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STATUSES: dict[type[DomainError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}


def status_of(refusal: DomainError) -> int:
    """The HTTP status that goes with a refusal."""
    return next((status for kind, status in _STATUSES.items() if isinstance(refusal, kind)), 400)


class Form:
    """What was typed, by field name, and what is wrong with it.

    ``form["name"]`` is the text as typed (for showing it again); the reading methods check it; ``submit`` runs the
    service only when every field could be read, and keeps a refusal for the page.
    """

    def __init__(self, typed: MultiDict[str, str] | None = None, *, given: Mapping[str, str] | None = None) -> None:
        self.typed: MultiDict[str, str] = MultiDict(given or {} if typed is None else typed)
        self.errors: dict[str, str] = {}
        self.refusal: DomainError | None = None

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def all(self, name: str) -> list[str]:
        """Every value typed for ``name`` (check boxes)."""
        return self.typed.getlist(name)

    @property
    def refused(self) -> bool:
        """Whether the page must be shown again."""
        return self.refusal is not None or bool(self.errors)

    @property
    def status(self) -> int:
        """The HTTP status of the page shown again."""
        return status_of(self.refusal) if self.refusal is not None else 422

    def note(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field."""
        self.errors[name] = sentence

    def text(self, name: str, label: str, *, limit: int = 200, required: bool = True) -> str:
        """One text, trimmed."""
        value = self[name].strip()
        if required and not value:
            self.errors[name] = f"请填写{label}"
        elif len(value) > limit:
            self.errors[name] = f"{label}最多 {limit} 个字"
        elif _CONTROL.search(value) or any("\ud800" <= character <= "\udfff" for character in value):
            self.errors[name] = f"{label}含有不能保存的字符，请重新输入"
        return value

    def day(self, name: str, label: str) -> date:
        """One date, YYYY-MM-DD, of the years 1900 to 2999."""
        try:
            day = date.fromisoformat(self[name].strip())
        except ValueError:
            day = date.min
        if not EARLIEST_DAY <= day <= LATEST_DAY:
            self.errors[name] = f"请选择{label}，例如 2020-03-09"
        return day

    def whole(self, name: str, label: str, *, least: int, most: int) -> int:
        """One whole number between ``least`` and ``most``."""
        text = self[name].strip()
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        self.errors[name] = f"{label}应为 {least} 到 {most} 的整数"
        return least

    def blank(self, name: str) -> bool:
        """Whether nothing was typed; a draft may leave a field for later."""
        return not self[name].strip()

    def choice(self, name: str, label: str, allowed: Collection[str]) -> str:
        """One of the offered values."""
        value = self[name]
        if value not in allowed:
            self.errors[name] = f"请选择{label}"
        return value

    def ticked(self, name: str) -> bool:
        """Whether a check box was ticked."""
        return self[name] == "yes"

    def ids(self, name: str, label: str, *, required: bool = True) -> list[uuid.UUID]:
        """The ticked public ids."""
        try:
            values = [uuid.UUID(text) for text in self.all(name)]
        except ValueError:
            values = []
        if required and not values:
            self.errors[name] = f"请至少选择一项{label}"
        return values

    def file(self, name: str, label: str, files: MultiDict[str, FileStorage]) -> FileStorage | None:
        """One uploaded file, or None when none was chosen."""
        upload = files.get(name)
        if upload is None or not upload.filename:
            self.note(name, f"请选择{label}")
            return None
        return upload

    def refuse(self, refusal: DomainError) -> None:
        """Keep a refusal for the page; its errors that name a field stand at that field."""
        self.refusal = refusal
        for error in refusal.errors:
            field, detail = error.get("field"), error.get("detail") or error.get("message")
            if isinstance(field, str) and isinstance(detail, str):
                self.errors.setdefault(field, detail)

    def submit(self, work: Callable[[], T]) -> T | None:
        """Run ``work`` in one transaction unless a field is already wrong. None when refused: ask ``refused``."""
        if self.errors:
            return None
        try:
            return transaction(work)
        except DomainError as refusal:
            self.refuse(refusal)
            return None

    def ask(self, work: Callable[[], T]) -> T | None:
        """Run ``work``, which only reads, unless a field is already wrong. None when refused: ask ``refused``."""
        if self.errors:
            return None
        try:
            return work()
        except DomainError as refusal:
            self.refuse(refusal)
            return None

    def submit_file(
        self, name: str, label: str, files: MultiDict[str, FileStorage], work: Callable[[bytes], T]
    ) -> T | None:
        """Run ``work`` on the bytes of an uploaded file in one transaction. None when refused: ask ``refused``."""
        upload = self.file(name, label, files)
        if upload is None:
            return None
        data = upload.read()
        return self.submit(lambda: work(data))
