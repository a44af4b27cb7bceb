"""``flask retention …``: what is due, legal holds, destruction by two persons, certificates; ``flask evidence archive``.

Looking is the default: only ``propose``, ``approve``, ``hold``, ``lift`` and ``archive --write`` change something, the first
four by somebody who gives the password of a staff account.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import with_appcontext

from backend.people import services as people
from backend.people.services import StaffView
from backend.policies import services as policies
from backend.retention import services as retention
from backend.retention.services import CertificateView, DueUnit, HoldView
from config import clock
from config.clock import SHANGHAI
from config.database import transaction
from config.errors import DomainError
from learning_records import keeping
from learning_records.evidence import log

T = TypeVar("T")
AS = click.option("--as", "username", required=True, help="user name of the staff account that does it")
PASSWORD = click.option("--password", prompt="密码", hide_input=True, help="asked for when left out")
REASON = click.option("--reason", required=True, help="why, in words")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("retention")
def retention_commands() -> None:
    """Evidence for two years, personal fields shorter, legal holds, destruction with a certificate (四.2)."""


@retention_commands.command("due")
@click.option("--all", "everything", is_flag=True, help="also what is not due yet")
@AS_JSON
@with_appcontext
def due(everything: bool, as_json: bool) -> None:
    """What may be destroyed today and what keeps the rest. Changes nothing."""
    units = [unit for unit in _said(retention.due) if everything or unit.is_due]
    personal = _said(retention.personal_due)
    if as_json:
        _print_json({"units": [asdict(unit) for unit in units], "personal": asdict(personal)})
        return
    for unit in units:
        click.echo(_unit_line(unit))
    ready = [unit for unit in units if unit.is_due]
    click.echo(f"今天到期可销毁：{len(ready)}个班级或个人，{sum(unit.records for unit in ready)}份存证。")
    click.echo(
        f"今天到期的个人信息：手机号{personal.phones}人，微信账号{personal.wechat_accounts}人，"
        f"姓名和身份证号{personal.identities}人，花名册上未参加的{personal.unjoined}人（flask jobs 每天自动删除）。"
    )


@retention_commands.command("propose")
@click.option("--only", "only", type=click.UUID, multiple=True, help="only this class or person (may be given again)")
@REASON
@AS
@PASSWORD
@with_appcontext
def propose(only: tuple[UUID, ...], reason: str, username: str, password: str) -> None:
    """Propose to destroy what is due. Another person approves."""
    staff = _staff(username, password)
    found = _said(partial(transaction, partial(retention.propose, staff=staff, reason=reason, only=only)))
    click.echo(
        f"销毁清单 {found.proposal_id}：{found.units}个班级或个人，{found.records}份存证。尚未销毁，须由另一人批准："
    )
    click.echo(f"flask retention approve {found.proposal_id} --as <另一账号>")


@retention_commands.command("proposals")
@with_appcontext
def proposals() -> None:
    """All proposals, the newest first."""
    for found in retention.proposals():
        state = (
            "待批准" if found.certificate_id is None else f"{found.approved_by}已批准，销毁证明 {found.certificate_id}"
        )
        click.echo(
            f"{found.proposal_id}  {_local(found.proposed_at)}  {found.proposed_by}提出，"
            f"{found.records}份存证，{found.reason}；{state}"
        )


@retention_commands.command("approve")
@click.argument("proposal_id", type=click.UUID)
@AS
@PASSWORD
@with_appcontext
def approve(proposal_id: UUID, username: str, password: str) -> None:
    """Destroy what PROPOSAL_ID lists, for good, and print the certificate."""
    staff = _staff(username, password)
    _said(log.sequence)
    found = _said(partial(transaction, partial(retention.approve, staff=staff, proposal_id=proposal_id)))
    keeping.remove_files()
    keeping.wipe_remains()
    log.sequence()
    assert found.certificate_id is not None
    click.echo(certificate_text(retention.certificate(certificate_id=found.certificate_id)))


@retention_commands.command("certificate")
@click.argument("certificate_id", type=click.UUID)
@AS_JSON
@with_appcontext
def certificate(certificate_id: UUID, as_json: bool) -> None:
    """Print a certificate of destruction. Exit 1 when its record is not what was sealed."""
    found = _said(partial(retention.certificate, certificate_id=certificate_id))
    if as_json:
        _print_json(asdict(found))
    else:
        click.echo(certificate_text(found))
    if not found.intact:
        raise SystemExit(1)


@retention_commands.command("hold")
@click.option("--worker", "worker_id", type=click.UUID, help="public id of the worker")
@click.option("--class", "class_id", type=click.UUID, help="id of the class")
@click.option("--everything", is_flag=True, help="hold all evidence")
@REASON
@AS
@PASSWORD
@with_appcontext
def hold(
    worker_id: UUID | None, class_id: UUID | None, everything: bool, reason: str, username: str, password: str
) -> None:
    """Keep the evidence of a worker, of a class, or all of it, whatever its age, until the hold is lifted."""
    if everything == bool(worker_id or class_id):
        raise click.UsageError("请指定 --worker、--class 或 --everything 之一")
    staff = _staff(username, password)
    placing = partial(retention.hold, staff=staff, reason=reason, worker_id=worker_id, class_id=class_id)
    click.echo(_hold_line(_said(partial(transaction, placing))))


@retention_commands.command("lift")
@click.argument("hold_id", type=click.UUID)
@REASON
@AS
@PASSWORD
@with_appcontext
def lift(hold_id: UUID, reason: str, username: str, password: str) -> None:
    """End the hold HOLD_ID."""
    staff = _staff(username, password)
    click.echo(
        _hold_line(_said(partial(transaction, partial(retention.lift, staff=staff, hold_id=hold_id, reason=reason))))
    )


@retention_commands.command("holds")
@click.option("--all", "also_lifted", is_flag=True, help="also those that were lifted")
@with_appcontext
def holds(also_lifted: bool) -> None:
    """The holds that stand."""
    for found in retention.holds(also_lifted=also_lifted):
        click.echo(_hold_line(found))


@click.command("archive")
@click.option("--month", required=True, help="local month, as 2020-03")
@click.option("--write", is_flag=True, help="move the month; without it only say what there is")
@with_appcontext
def archive(month: str, write: bool) -> None:
    """Move the bodies of a closed month into archive files; their records stay proven and traceable."""
    days_after = _said(policies.current).records.archive_after_days
    if write:
        _said(log.sequence)
    state = _said(partial(keeping.month_state, month, days_after=days_after))
    view = state.view
    click.echo(
        f"{month}：表中{view.records}份正文，{view.body_bytes}字节；已归档{view.archived_records}份，{view.archive_bytes}字节。"
    )
    if not write:
        for obstacle in state.obstacles:
            click.echo(obstacle)
        if not state.obstacles and view.records:
            click.echo("可以归档：加上 --write 运行。")
        return
    with click.progressbar(length=view.records, label="归档") as bar:
        made = _said(partial(keeping.archive_month, month, days_after=days_after, advance=bar.update))
    keeping.wipe_remains()
    log.sequence()
    for item in made:
        share = item.size_bytes // item.record_count
        click.echo(
            f"归档 {item.archive_id}：{item.record_count}份，{item.size_bytes}字节（每份{share}），SHA-256 {item.sha256}"
        )


def certificate_text(found: CertificateView) -> str:
    """A certificate as it is printed: who, why, by what clause, when, what."""
    counts = "，".join(f"{kind} {count}份" for kind, count in sorted(found.counts.items()))
    removed = "尚未" if found.files_removed_at is None else _local(found.files_removed_at)
    place = "等待进入日志" if found.log_index is None else f"日志序号{found.log_index}"
    lines = [
        "销毁证明",
        f"编号　　　{found.certificate_id}",
        f"依据　　　{found.clause}（保存两年）",
        f"事由　　　{found.reason}",
        f"提出人　　{found.proposed_by}",
        f"批准人　　{found.approved_by}",
        f"销毁时间　{_local(found.destroyed_at)}",
        f"销毁内容　{len(found.records)}份存证的正文：{counts}",
        f"存证时间　{_local(found.first_at)} 至 {_local(found.last_at)}",
        f"清单哈希　{found.list_sha256}",
        f"文件　　　{len(found.files)}个，清除时间 {removed}",
        f"本证明　　存证 {found.record_id}，叶 {found.leaf_hash}，{place}，{'完好' if found.intact else '与封存时不符'}",
        "",
        "清单（存证编号，种类，叶哈希，日志序号，存证时间）：",
    ]
    lines += [f"{row[0]}  {row[1]}  {row[2]}  {row[3]}  {_local(row[4])}" for row in found.records]
    if found.files:
        lines += ["", "文件（SHA-256）：", *found.files]
    return "\n".join(lines)


def _unit_line(unit: DueUnit) -> str:
    name = f"“{unit.title}”（{unit.enterprise}）" if unit.title else ""
    state = "可以销毁" if unit.is_due else "保存中"
    keeps = list(unit.waits_for) + ([f"依法保留：{unit.held}"] if unit.held else [])
    days = f"最后学习{unit.last_session_on or '—'}，最后拨付{unit.last_payment_on or '—'}，保存至{unit.kept_until}"
    return f"{state}  {retention.UNIT_WORDS[unit.kind]}{name} {unit.ref}：{unit.records}份，{days}" + (
        f"；{'，'.join(keeps)}" if keeps else ""
    )


def _hold_line(found: HoldView) -> str:
    line = f"保留 {found.hold_id}：{found.about}，{found.placed_by}于{_local(found.placed_at)}，{found.reason}"
    if found.lifted_at is None:
        return line
    return f"{line}；{found.lifted_by}于{_local(found.lifted_at)}解除，{found.lift_reason}"


def _staff(username: str, password: str) -> StaffView:
    found = transaction(lambda: people.check_password(username, password))
    if found is None:
        raise click.ClickException("用户名或密码不对，或账号已锁定15分钟。")
    return found


def _said(work: Callable[[], T]) -> T:
    try:
        return work()
    except DomainError as error:
        raise click.ClickException(error.detail) from None


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _print_json(value: Any) -> None:
    shown = {"at": clock.now(), **value}
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
