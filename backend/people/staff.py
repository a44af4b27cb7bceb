"""Staff accounts of the consoles: argon2id passwords and a lock after repeated wrong ones."""

import uuid
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher, profiles
from argon2.exceptions import VerificationError
from sqlalchemy import select

from backend.people import rules
from backend.people.models import ROLES, StaffAccount
from config import clock
from config.database import db, locked
from config.errors import Conflict, Invalid, NotFound

_hasher = PasswordHasher()  # argon2id, the low-memory parameters of RFC 9106


def configure(*, cheap_passwords: bool) -> None:
    """Called by ``app.py``. ``cheap_passwords`` spares the time that a password is meant to cost; for tests only."""
    global _hasher
    _hasher = PasswordHasher.from_parameters(profiles.CHEAPEST) if cheap_passwords else PasswordHasher()
    _hash_of_nobody.cache_clear()


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    """What a password of an unknown user name is compared with, so that its answer takes as long."""
    return _hasher.hash("no account has this password")


@dataclass(frozen=True)
class StaffView:
    """A staff account. `id` stays inside; `public_id` goes into cookies and pages."""

    id: int
    public_id: uuid.UUID
    username: str
    display_name: str
    role: str


def create_staff_account(*, username: str, display_name: str, password: str, role: str) -> StaffView:
    """A new account. Raises Invalid USERNAME_INVALID, PASSWORD_TOO_WEAK, DISPLAY_NAME_INVALID, ROLE_UNKNOWN; Conflict
    USERNAME_TAKEN.
    """
    username = rules.check_username(username)
    rules.check_new_password(password, username=username)
    shown = " ".join(display_name.split())
    if not 1 <= len(shown) <= 50:
        raise Invalid("DISPLAY_NAME_INVALID", "显示名称应为1至50个字。")
    if role not in ROLES:
        raise Invalid("ROLE_UNKNOWN", "没有这个岗位，请从列表中选择。")
    if db.session.scalar(select(StaffAccount.id).where(StaffAccount.username == username)) is not None:
        raise Conflict("USERNAME_TAKEN", "这个用户名已被使用，请换一个。")
    staff = StaffAccount(
        username=username,
        display_name=shown,
        password_hash=_hasher.hash(password),
        role=role,
        created_at=clock.now(),
    )
    db.session.add(staff)
    db.session.flush()
    return _view(staff)


def check_password(username: str, password: str) -> StaffView | None:
    """Who signs in; None for an unknown name, a wrong password or a locked account alike, so that nobody can probe.

    Five wrong passwords in a row lock the account for 15 minutes of real time. Writes the count: run it in a transaction
    and let that commit also when the answer is None.
    """
    query = select(StaffAccount).where(StaffAccount.username == username.strip().lower())
    staff: StaffAccount | None = db.session.scalar(locked(query))
    correct = _verify(_hash_of_nobody() if staff is None else staff.password_hash, password)
    at = clock.real_now()
    if staff is None:
        return None
    tries = rules.PasswordTries(staff.failed_passwords, staff.locked_until)
    if rules.is_locked(tries, at=at):
        return None
    tries = rules.PasswordTries(0, None) if correct else rules.after_wrong_password(tries, at=at)
    staff.failed_passwords, staff.locked_until = tries.failed, tries.locked_until
    if correct and _hasher.check_needs_rehash(staff.password_hash):
        staff.password_hash = _hasher.hash(password)
    db.session.flush()
    return _view(staff) if correct else None


def get_staff(public_id: uuid.UUID) -> StaffView | None:
    """The account with this public id, for a console's signed cookie."""
    staff = db.session.scalar(select(StaffAccount).where(StaffAccount.public_id == public_id))
    return None if staff is None else _view(staff)


def staff_of_id(staff_id: int) -> StaffView:
    """The account with this inner id. Raises NotFound STAFF_UNKNOWN."""
    staff = db.session.get(StaffAccount, staff_id)
    if staff is None:
        raise NotFound("STAFF_UNKNOWN", "没有找到这个工作人员账号。")
    return _view(staff)


def find_staff(username: str) -> StaffView | None:
    """The account with this user name."""
    staff = db.session.scalar(select(StaffAccount).where(StaffAccount.username == username.strip().lower()))
    return None if staff is None else _view(staff)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False


def _view(staff: StaffAccount) -> StaffView:
    return StaffView(staff.id, staff.public_id, staff.username, staff.display_name, staff.role)
