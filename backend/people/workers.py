"""The worker's own data: consent first, then name, ID number and phone; only masks leave, save to those who must match."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.people import rules
from backend.people.models import WechatAccount, Worker
from config import clock, crypto
from config.database import db, locked
from config.errors import Conflict, Invalid, NotAllowed, NotFound, TooManyTries

T = TypeVar("T")

ID_NUMBER = "id_number"
NAME = "name"
PHONE = "phone"
OPENID = "openid"


@dataclass(frozen=True)
class WorkerView:
    """What the worker's phone and a desk may show: masks only. `identified` means name and ID number were checked. Where their
    time is over, the masks say so."""

    public_id: uuid.UUID
    masked_name: str | None
    masked_id_number: str | None
    masked_phone: str | None
    consented: bool
    consent_version: str | None
    identified: bool


@dataclass(frozen=True)
class Identity:
    """What another slice needs to match a person with a roster row, and to know their age; never shown."""

    worker_id: int
    learner_ref: uuid.UUID
    id_number_index: str
    name: str
    sex: rules.Sex
    born_on: date


@dataclass(frozen=True)
class FullIdentity:
    """Everything in the clear, for registers that the office must print in full; the reader is audited by its caller."""

    name: str
    id_number: str
    phone: str | None


def id_number_index(id_number: str) -> str:
    """The keyed blind index of a checked ID number: the same in every slice that must find the same person."""
    return crypto.blind_index(id_number, purpose=ID_NUMBER)


def give_consent(*, worker_id: int, version: str) -> WorkerView:
    """Record the privacy notice the worker agreed to; agreeing again to the same version changes nothing.

    Raises Invalid CONSENT_VERSION_INVALID, NotFound WORKER_UNKNOWN.
    """
    worker = load(worker_id, for_update=True)
    if worker.consent_version != rules.check_consent_version(version):
        worker.consent_version = version
        worker.consented_at = clock.now()
        db.session.flush()
    return view(worker)


def count_identity_try(*, worker_id: int, name: str, id_number: str) -> None:
    """Spend one of the day's tries of an account without an identity; one that could not be right costs nothing.

    The door calls this in a transaction of its own before ``set_identity`` and ``ask_at_desk``, whose refusals say that a
    number is registered and are rolled back: the count must stay. Raises TooManyTries TOO_MANY_TRIES, and as they do for
    consent, name and number.
    """
    worker = load(worker_id, for_update=True)
    require_consent(worker)
    check_identity(name, id_number)
    if worker.id_number_index is not None:
        return  # this account is told the same whatever it sends
    before = rules.IdentityTries(worker.identity_tries, worker.identity_tries_since)
    tries = rules.after_identity_try(before, at=clock.real_now())
    if tries is None:
        raise TooManyTries(
            "TOO_MANY_TRIES", "今天填写身份证号的次数已用完，请核对身份证，24小时后再试；如需帮助，请联系企业经办人。"
        )
    worker.identity_tries, worker.identity_tries_since = tries.count, tries.since
    db.session.flush()


def set_identity(*, worker_id: int, name: str, id_number: str) -> WorkerView:
    """Bind name and ID number to the worker, once. The same again changes nothing.

    Raises NotAllowed CONSENT_REQUIRED; Invalid NAME_INVALID, ID_NUMBER_LENGTH, ID_NUMBER_CHARACTERS, ID_NUMBER_PROVINCE,
    ID_NUMBER_BIRTH_DATE, ID_NUMBER_CHECK_DIGIT; Conflict IDENTITY_ALREADY_SET (this account is somebody else's),
    IDENTITY_TAKEN (the number is bound to another account; `errors` names the two ways out); NotFound WORKER_UNKNOWN.
    """
    worker = load(worker_id, for_update=True)
    require_consent(worker)
    checked_name, checked = check_identity(name, id_number)
    index = id_number_index(checked.number)
    if worker.id_number_index is not None:
        if worker.id_number_index == index and decrypted(worker.name_encrypted, NAME) == checked_name:
            return view(worker)
        raise already_set()
    if find_by_id_number(checked.number) is not None:
        raise taken()
    worker.name_encrypted = crypto.encrypt(checked_name, purpose=NAME)
    worker.id_number_encrypted = crypto.encrypt(checked.number, purpose=ID_NUMBER)
    worker.id_number_index = index
    worker.sex = checked.sex
    worker.born_on = checked.born_on
    worker.identity_checked_at = clock.now()
    try:
        db.session.flush()
    except IntegrityError as error:  # two phones at the same moment: the unique index decides
        raise taken() from error
    return view(worker)


def set_phone(*, worker_id: int, phone: str) -> WorkerView:
    """Keep the phone number WeChat gave. Raises NotAllowed CONSENT_REQUIRED, Invalid PHONE_INVALID."""
    worker = load(worker_id, for_update=True)
    require_consent(worker)
    checked = _upper_code(rules.check_phone, phone)
    if decrypted(worker.phone_encrypted, PHONE) != checked:
        worker.phone_encrypted = crypto.encrypt(checked, purpose=PHONE)
        db.session.flush()
    return view(worker)


def worker_view(worker_id: int) -> WorkerView:
    """The worker in masks. Raises NotFound WORKER_UNKNOWN."""
    return view(load(worker_id))


def require_consented(worker_id: int) -> None:
    """Raises NotAllowed CONSENT_REQUIRED, NotFound WORKER_UNKNOWN."""
    require_consent(load(worker_id))


def require_identified(worker_id: int) -> Identity:
    """The worker's checked identity. Raises NotAllowed CONSENT_REQUIRED or IDENTITY_REQUIRED; NotFound WORKER_UNKNOWN."""
    worker = load(worker_id)
    require_consent(worker)
    name = decrypted(worker.name_encrypted, NAME)
    if worker.id_number_index is None or name is None or worker.born_on is None:
        raise NotAllowed("IDENTITY_REQUIRED", "请先填写姓名和身份证号，完成实名登记。")
    sex: rules.Sex = "male" if worker.sex == "male" else "female"
    return Identity(worker.id, worker.learner_ref, worker.id_number_index, name, sex, worker.born_on)


def full_identity(worker_id: int) -> FullIdentity:
    """Name, ID number and phone in the clear. Raises like require_identified."""
    name = require_identified(worker_id).name
    worker = load(worker_id)
    id_number = decrypted(worker.id_number_encrypted, ID_NUMBER)
    assert id_number is not None  # the CHECK identity_whole
    return FullIdentity(name, id_number, decrypted(worker.phone_encrypted, PHONE))


def names_of(worker_ids: Iterable[int]) -> dict[int, str]:
    """The checked names of some workers in the clear, for papers that state a name; absent where none is kept."""
    rows = db.session.execute(select(Worker.id, Worker.name_encrypted).where(Worker.id.in_(list(worker_ids))))
    found = {row.id: decrypted(row.name_encrypted, NAME) for row in rows}
    return {worker_id: name for worker_id, name in found.items() if name is not None}


def find_by_id_number(id_number: str) -> int | None:
    """The id of the worker to whom this checked ID number is bound."""
    return db.session.scalar(select(Worker.id).where(Worker.id_number_index == id_number_index(id_number)))


def learner_ref(worker_id: int) -> uuid.UUID:
    """The pseudonym under which the records floor knows the worker. Raises NotFound WORKER_UNKNOWN."""
    reference = db.session.scalar(select(Worker.learner_ref).where(Worker.id == worker_id))
    if reference is None:
        raise _unknown()
    return reference


def learner_refs(worker_ids: Iterable[int]) -> dict[int, uuid.UUID]:
    """The pseudonyms of some workers, by their inner ids."""
    rows = db.session.execute(select(Worker.id, Worker.learner_ref).where(Worker.id.in_(list(worker_ids))))
    return {row.id: row.learner_ref for row in rows}


def find_by_learner_ref(reference: uuid.UUID) -> int | None:
    """The id of the worker behind a pseudonym of the records floor."""
    return db.session.scalar(select(Worker.id).where(Worker.learner_ref == reference))


def find_by_public_id(public_id: uuid.UUID) -> int | None:
    """The id of the worker with this public id."""
    return db.session.scalar(select(Worker.id).where(Worker.public_id == public_id))


def openid_of(worker_id: int) -> str | None:
    """The WeChat account that messages to the worker go to: the one bound last."""
    query = select(WechatAccount.openid_encrypted).where(WechatAccount.worker_id == worker_id)
    return decrypted(db.session.scalar(query.order_by(WechatAccount.id.desc()).limit(1)), OPENID)


def load(worker_id: int, *, for_update: bool = False) -> Worker:
    """The row (for this slice only)."""
    query = select(Worker).where(Worker.id == worker_id)
    worker: Worker | None = db.session.scalar(locked(query) if for_update else query)
    if worker is None:
        raise _unknown()
    return worker


def view(worker: Worker) -> WorkerView:
    name = decrypted(worker.name_encrypted, NAME)
    id_number = decrypted(worker.id_number_encrypted, ID_NUMBER)
    phone = decrypted(worker.phone_encrypted, PHONE)
    nothing = None if worker.erased_at is None else rules.ERASED
    return WorkerView(
        public_id=worker.public_id,
        masked_name=nothing if name is None else rules.mask_name(name),
        masked_id_number=nothing if id_number is None else rules.mask_id_number(id_number),
        masked_phone=None if phone is None else rules.mask_phone(phone),
        consented=worker.consented_at is not None,
        consent_version=worker.consent_version,
        identified=worker.identity_checked_at is not None,
    )


def decrypted(data: bytes | None, purpose: str) -> str | None:
    return None if data is None else crypto.decrypt(data, purpose=purpose)


def require_consent(worker: Worker) -> None:
    """PIPL art. 13: no personal field before the person agreed."""
    if worker.consented_at is None:
        raise NotAllowed("CONSENT_REQUIRED", "请先阅读并同意隐私协议，再填写个人信息。")


def check_identity(name: str, id_number: str) -> tuple[str, rules.IdNumber]:
    """Both checked; the codes of the rules in the spelling of the API."""
    return _upper_code(rules.check_name, name), check_id_number(id_number)


def check_id_number(id_number: str) -> rules.IdNumber:
    """The number, of somebody born by today; the codes in the spelling of the API."""
    today = clock.today()
    return _upper_code(lambda text: rules.check_id_number(text, on=today), id_number)


def _upper_code(check: Callable[[str], T], text: str) -> T:
    try:
        return check(text)
    except Invalid as refusal:
        raise Invalid(refusal.code.upper(), refusal.detail) from None


def already_set() -> Conflict:
    return Conflict("IDENTITY_ALREADY_SET", "本账号已登记另一身份，不能更换；如登记有误，请联系企业经办人。")


def taken() -> Conflict:
    """Never taken over silently; the two ways out stand in `errors`."""
    return Conflict(
        "IDENTITY_TAKEN",
        "这个身份证号已在另一个微信账号上登记。请用下面两种办法之一换到本机。",
        errors=[
            {
                "way": "old_phone",
                "sentence": "旧手机还能用：在旧手机“我的—更换微信”里显示一次性换机码，10分钟内在本机输入。",
            },
            {
                "way": "desk",
                "sentence": "旧手机不能用：在本机申请办理码交给企业经办人，由经办人提出、审核人员核对后换到本机。",
            },
        ],
    )


def _unknown() -> NotFound:
    return NotFound("WORKER_UNKNOWN", "没有找到这个账号，请重新登录。")
