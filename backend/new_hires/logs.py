"""The training logs: 自主学 by the worker, 师带徒 by the mentor and confirmed by the trainee. Entries are never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.new_hires import training
from backend.new_hires.gathering import policy_of
from backend.new_hires.models import LogAnswer, NewHireLine, TrainingLog
from backend.new_hires.reading import load_line
from backend.new_hires.reports import person_indexes, workers
from backend.new_hires.rules import Answer
from backend.new_hires.sealing import seal_answer, seal_log
from backend.new_hires.views import LogView, log_view_of
from backend.people import services as people
from config import clock
from config.database import db, new_public_id
from config.errors import Conflict, Invalid, NotAllowed, NotFound
from learning_records.evidence import attachments
from learning_records.evidence.attachments import AttachmentView, ReceivedFile

receive = attachments.receive


@dataclass(frozen=True)
class Entry:
    """What somebody writes down of one day's training. ``key`` is the writer's own, 8 to 64 characters: sent again, it is the
    same entry."""

    key: str
    trained_on: date
    minutes: int
    content: str
    words: str
    photo_ref: UUID | None = None


def write_self_study(*, worker_id: int, line_id: UUID, entry: Entry) -> LogView:
    """The worker's own entry.

    Raises ``NotFound`` NEW_HIRE_NOT_FOUND (also for another's line), PHOTO_NOT_FOUND; ``Conflict`` TRAINING_CLOSED,
    LOG_FORM_OTHER, LOG_KEY_REUSED; ``Invalid`` as ``training.check_entry`` and LOG_KEY_INVALID.
    """
    line = _own_line(worker_id, line_id)
    return _write(line, "self_study", entry, written_by=_worker(worker_id))


def write_as_mentor(*, worker_id: int, line_id: UUID, entry: Entry) -> LogView:
    """The mentor's entry from the phone; it counts once the trainee confirms it. Raises as ``write_self_study``."""
    line = load_line(line_id, lock=True)
    if line.mentor_entry_id is None or _index_of(worker_id) not in person_indexes([line.mentor_entry_id]).values():
        raise _not_found()
    return _write(line, "mentor", entry, written_by=_worker(worker_id))


def write_for_mentor(*, line_id: UUID, entry: Entry, actor: str) -> LogView:
    """The agent's entry for a mentor without a phone; it counts once the trainee confirms it. Raises as
    ``write_self_study``, but for the worker's own refusals."""
    return _write(load_line(line_id, lock=True), "mentor", entry, written_by=actor)


def answer_entry(*, worker_id: int, log_id: UUID, confirmed: bool, words: str = "") -> LogView:
    """The trainee says whether a mentor's entry is true; the same answer again changes nothing.

    Raises ``NotFound`` LOG_NOT_FOUND (also for another's); ``Conflict``
    LOG_ANSWERED, TRAINING_CLOSED; ``Invalid`` LOG_WORDS_INVALID.
    """
    log, line = _log(log_id)
    if log.form != "mentor" or line.person_index != _index_of(worker_id):
        raise _log_not_found()
    if not confirmed and not 2 <= len(words.strip()) <= 200:
        raise Invalid("LOG_WORDS_INVALID", "请写明哪里不对，2至200个字。")
    return _answer(log, line, "confirmed" if confirmed else "refused", words.strip()[:200], by=_worker(worker_id))


def take_back(*, log_id: UUID, worker_id: int | None = None, actor: str = "") -> LogView:
    """Whoever wrote an entry takes it back before it was answered; the same again changes nothing. The caller is a worker, or
    an agent as ``actor`` (the caller has checked the enterprise).

    Raises ``NotFound`` LOG_NOT_FOUND (also for another's); ``Conflict`` LOG_ANSWERED, TRAINING_CLOSED.
    """
    log, line = _log(log_id)
    by = actor if worker_id is None else _worker(worker_id)
    if log.written_by != by:
        raise _log_not_found()
    return _answer(log, line, "withdrawn", "", by=by)


def require_taking_part(*, worker_id: int, line_id: UUID) -> NewHireLine:
    """The line, if the worker is its trainee or mentor and its training still runs. Raises ``NotFound`` NEW_HIRE_NOT_FOUND,
    ``Conflict`` TRAINING_CLOSED."""
    line = load_line(line_id)
    mentors = person_indexes([line.mentor_entry_id]) if line.mentor_entry_id is not None else {}
    if line.status == "draft" or _index_of(worker_id) not in {line.person_index, *mentors.values()}:
        raise _not_found()
    training.require_trainable(line.status)
    return line


def add_photo(*, worker_id: int, line_id: UUID, file: ReceivedFile) -> AttachmentView:
    """Keep a received photo for an entry of one's own self-study or of one's trainee. Raises ``NotFound``
    NEW_HIRE_NOT_FOUND; ``Conflict`` as ``attachments.add``, TRAINING_CLOSED."""
    line = require_taking_part(worker_id=worker_id, line_id=line_id)
    return attachments.add(
        context_ref=line.application.public_id,
        owner_ref=people.learner_ref(worker_id),
        file=file,
        uploaded_by=_worker(worker_id),
    )


def logs_of(lines: Sequence[int]) -> dict[int, tuple[LogView, ...]]:
    """The entries of these lines (inner ids), the first day first."""
    query = (
        select(TrainingLog, LogAnswer)
        .outerjoin(LogAnswer, LogAnswer.log_id == TrainingLog.id)
        .where(TrainingLog.line_id.in_(lines))
        .order_by(TrainingLog.trained_on, TrainingLog.id)
    )
    found: dict[int, list[LogView]] = {line: [] for line in lines}
    for log, answer in db.session.execute(query):
        found[log.line_id].append(log_view_of(log, answer))
    return {line: tuple(entries) for line, entries in found.items()}


def _write(line: NewHireLine, form: str, entry: Entry, *, written_by: str) -> LogView:
    if not 8 <= len(entry.key) <= 64:
        raise Invalid("LOG_KEY_INVALID", "记录编号应为8至64个字符，请重新打开页面再写。")
    earlier = db.session.scalar(select(TrainingLog).where(TrainingLog.line_id == line.id, TrainingLog.key == entry.key))
    if earlier is not None:
        return _same(earlier, entry)
    if line.form != form:
        raise Conflict("LOG_FORM_OTHER", "这次岗前培训不是这种方式，请按申请时确认的方式记录。")
    training.require_trainable(line.status)
    words = training.check_entry(
        trained_on=entry.trained_on,
        minutes=entry.minutes,
        content=entry.content,
        words=entry.words,
        today=clock.today(),
        hired_on=line.hired_on,
        last_on=line.training_due_on,
        allowed=line.contents.split(),
        minutes_that_day=_minutes_of_day(line.id, entry.trained_on),
        policy=policy_of(line.application),
    )
    _require_photo(line, entry.photo_ref)
    log = TrainingLog(
        public_id=new_public_id(),
        line_id=line.id,
        key=entry.key,
        form=form,
        trained_on=entry.trained_on,
        minutes=entry.minutes,
        content=entry.content,
        words=words,
        photo_ref=entry.photo_ref,
        written_by=written_by,
        written_at=clock.now(),
    )
    seal_log(log, line.public_id, line.application.public_id, person_ref_of(line))
    db.session.add(log)
    db.session.flush()
    return log_view_of(log, None)


def _same(log: TrainingLog, entry: Entry) -> LogView:
    said = (entry.trained_on, entry.minutes, entry.content, entry.words.strip(), entry.photo_ref)
    if (log.trained_on, log.minutes, log.content, log.words, log.photo_ref) != said:
        raise Conflict("LOG_KEY_REUSED", "这个记录编号已用于另一条记录，请重新打开页面再写。")
    return log_view_of(log, db.session.scalar(select(LogAnswer).where(LogAnswer.log_id == log.id)))


def _answer(log: TrainingLog, line: NewHireLine, answer: Answer, words: str, *, by: str) -> LogView:
    earlier = db.session.scalar(select(LogAnswer).where(LogAnswer.log_id == log.id))
    if earlier is not None:
        if earlier.answer != answer:
            raise Conflict("LOG_ANSWERED", "这条记录已经确认、退回或撤回，不能再改；如有需要请另写一条。")
        return log_view_of(log, earlier)
    training.require_trainable(line.status)
    row = LogAnswer(
        public_id=new_public_id(),
        log_id=log.id,
        answer=answer,
        words=words,
        answered_by=by,
        answered_at=clock.now(),
    )
    seal_answer(row, log.public_id, line.application.public_id, person_ref_of(line))
    db.session.add(row)
    db.session.flush()
    return log_view_of(log, row)


def person_ref_of(line: NewHireLine) -> UUID | None:
    """The pseudonym of a line's person on the records floor; None before they have an account."""
    account = workers([line.person_index]).get(line.person_index)
    return None if account is None else account.learner_ref


def _minutes_of_day(line_row_id: int, day: date) -> int:
    logs = logs_of([line_row_id])[line_row_id]
    return sum(log.minutes for log in logs if log.trained_on == day and log.answer in (None, "confirmed"))


def _require_photo(line: NewHireLine, photo_ref: UUID | None) -> None:
    if photo_ref is None:
        return
    photos = {item.attachment_id for item in attachments.list_of(context_ref=line.application.public_id)}
    if photo_ref not in photos:
        raise NotFound("PHOTO_NOT_FOUND", "没有找到这张照片，请重新上传后再保存。")


def _own_line(worker_id: int, line_id: UUID) -> NewHireLine:
    line = load_line(line_id, lock=True)
    if line.status == "draft" or line.person_index != _index_of(worker_id):
        raise _not_found()
    return line


def _log(log_id: UUID) -> tuple[TrainingLog, NewHireLine]:
    row = db.session.execute(
        select(TrainingLog, NewHireLine)
        .join(NewHireLine, NewHireLine.id == TrainingLog.line_id)
        .where(TrainingLog.public_id == log_id)
    ).first()
    if row is None:
        raise _log_not_found()
    return row[0], load_line(row[1].public_id, lock=True)


def _index_of(worker_id: int) -> str:
    """The blind index of a worker who said who they are; to anybody else nothing here exists."""
    try:
        return people.require_identified(worker_id).id_number_index
    except NotAllowed:
        raise _not_found() from None


def _worker(worker_id: int) -> str:
    return f"worker:{people.worker_view(worker_id).public_id}"


def _not_found() -> NotFound:
    return NotFound("NEW_HIRE_NOT_FOUND", "没有找到这份岗前培训，请刷新后再试。")


def _log_not_found() -> NotFound:
    return NotFound("LOG_NOT_FOUND", "没有找到这条培训记录，请刷新后再试。")
