"""Erasing personal fields whose time is over. When that is, is the caller's to say; the database refuses a name or ID number
that evidence, a claim or a legal hold still needs. The caller audits."""

from collections.abc import Collection

from sqlalchemy import delete, update

from backend.people.models import WechatAccount, Worker
from backend.people.sign_in import revoke_tokens_of
from config import clock
from config.database import db


def erase_phone(*, worker_id: int) -> None:
    """Forget the phone number."""
    db.session.execute(update(Worker).where(Worker.id == worker_id).values(phone_encrypted=None))


def erase_wechat(*, worker_id: int) -> None:
    """Forget the WeChat accounts and end every token: whoever signs in by them again begins anew."""
    db.session.execute(delete(WechatAccount).where(WechatAccount.worker_id == worker_id))
    revoke_tokens_of(worker_id=worker_id)


def erase_identity(*, worker_id: int) -> None:
    """Forget everything personal of a worker for good; the row stays with its figures."""
    erase_wechat(worker_id=worker_id)
    nothing: Collection[str] = (
        "name_encrypted",
        "id_number_encrypted",
        "id_number_index",
        "sex",
        "born_on",
        "phone_encrypted",
        "identity_checked_at",
    )
    db.session.execute(
        update(Worker).where(Worker.id == worker_id).values({**dict.fromkeys(nothing), "erased_at": clock.now()})
    )
