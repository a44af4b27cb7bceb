"""The documents of clause 三 for one claim, by one call: a ZIP in the order in which reviewers ask for them.

00 材料清单 (SHA-256 of each file), 01 花名册, 02 授课记录证明 with its evidence, 03 合格证书, 04 开户银行账户信息. Names, ID
numbers and phones are in the clear: every making is written into the audit trail. The same claim gives the same papers.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from backend.audit import services as audit
from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.enterprises import services as enterprises
from backend.papers import services as papers
from backend.papers.services import Sheet
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.policies import services as policies
from backend.registers import bundles
from backend.registers.claim_roster import RosterPerson, granted_people, roster_table
from backend.registers.tables import shown_cell
from backend.registers.teaching_records import TaughtRow, taught_rows
from config import clock
from config.crypto import sha256_hex

_PAPERS = Path(__file__).with_name("papers")
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_OFFICE = "无锡市高技能人才公共实训服务中心"
_ROSTER, _TAUGHT, _ACCOUNT = "培训补贴人员花名册", "授课记录证明", "企业开户银行账户信息"
_TAUGHT_HEADINGS = (
    "序号",
    "姓名",
    "日期",
    "开始时间",
    "结束时间",
    "学习内容",
    "计入秒数",
    "计入分钟",
    "在线确认（已答/发起）",
    "存证编号",
)
AddressOf = Callable[[CertificateView], str]


@dataclass(frozen=True)
class ClaimPack:
    """The documents as files, in their order; ``missing`` names what clause 三 asks for and is not there."""

    claim: ClaimView
    files: dict[str, bytes]
    missing: tuple[str, ...]
    people: int

    @property
    def file_name(self) -> str:
        """What the ZIP is called when somebody saves it."""
        return f"申领材料-{self.claim.enterprise_name}-{self.claim.title}.zip".replace("/", "-")

    def manifest(self) -> bytes:
        """材料清单: lines that ``sha256sum -c`` reads, after some for people."""
        said = [
            "# 线上职业培训补贴申领材料清单（通知第三条）",
            f"# 申领单位：{_one_line(self.claim.enterprise_name)}",
            f"# 备案号：{self.claim.filing_number or '无'}　申领编号：{self.claim.claim_id}",
            f"# 人数：{self.people}人　金额：{papers.yuan(self.claim.granted_fen)}元",
            *(f"# 缺少：{name}" for name in self.missing),
            *(f"{sha256_hex(content)}  {name}" for name, content in self.files.items()),
        ]
        return ("\n".join(said) + "\n").encode()


def claim_pack(*, claim_id: UUID, actor: str, address_of: AddressOf, with_evidence: bool = True) -> ClaimPack:
    """Make the documents of a claim; who made them is audited. ``address_of``: the public page of a certificate.

    ``with_evidence`` puts the claim's evidence bundle in; callers run ``log.catch_up()`` first. Raises ``NotFound``
    CLAIM_NOT_FOUND; ``Conflict`` PACK_NOBODY, and as ``bundles.write_bundle``.
    """
    claim = claims.claim_view(claim_id)
    plan = plans.plan_view(claim.plan_id)
    named = granted_people(claim, plan)
    certified = [person.certificate for person in named if person.certificate is not None]
    account = _account(claim)
    missing = []
    with ThreadPoolExecutor(max_workers=1) as pool:  # typst works beside us: two papers at a time
        files: dict[str, bytes | Future[bytes]] = {
            **_roster(claim, plan, named, pool),
            **_taught(claim, plan, named, pool),
        }
        if with_evidence:
            files["02-授课记录存证包.zip"] = _evidence(claim_id)
        if certified:
            files["03-培训合格证书.pdf"] = certificates.certificates_pdf(certified, address_of=address_of)
        if account is not None:
            files["04-开户银行账户信息.pdf"] = account
        made = {name: file if isinstance(file, bytes) else file.result() for name, file in files.items()}
    if len(certified) < len(named):
        missing.append(f"{len(named) - len(certified)}人的培训合格证书")
    if account is None:
        missing.append(_ACCOUNT)
    pack = ClaimPack(claim, made, tuple(missing), len(named))
    detail = {"people": pack.people, "manifest_sha256": sha256_hex(pack.manifest())}
    audit.write(actor=actor, action="claim.pack_made", subject=f"claim:{claim_id}", detail=detail)
    return pack


def write_pack(pack: ClaimPack, into: BinaryIO) -> None:
    """The documents as a ZIP, the list first."""
    with zipfile.ZipFile(into, "w") as packed:
        for name, content in {"00-材料清单.txt": pack.manifest(), **pack.files}.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".zip", ".xlsx")) else zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)


def _roster(
    claim: ClaimView, plan: PlanView, named: Sequence[RosterPerson], pool: Executor
) -> dict[str, bytes | Future[bytes]]:
    policy = policies.of_version(claim.policy_id, claim.policy_version)
    columns, rows, totals = roster_table(named, policy.claim.roster_columns)
    due_fen = sum(person.line.due_fen for person in named)
    head = [
        ["填报单位", claim.enterprise_name],
        ["培训计划备案号", claim.filing_number or ""],
        ["培训项目", plan.fields.title],
    ]
    foot = [
        ["填报单位（盖章处）", claim.enterprise_name],
        ["合计人数", f"{len(named)}人"],
        ["合计金额（大写）", papers.capital_yuan(due_fen)],
        ["合计金额", f"{papers.yuan(due_fen)}元"],
        ["填表人", _filled_in_by(claim)],
        ["填报日期", claim.claimed_on.isoformat()],
    ]
    data = {
        "title": _ROSTER,
        "office": _OFFICE,
        "made": _made(claim),
        "fields": head,
        "widths": [column.width for column in columns],
        "headings": [column.heading for column in columns],
        "rows": [[shown_cell(*pair) for pair in zip(row, columns, strict=True)] for row in rows],
        "totals": [shown_cell(*pair) for pair in zip(totals, columns, strict=True)],
        "right": [place for place, column in enumerate(columns) if column.kind in ("int", "fen")],
        "foot": foot,
    }
    sheet = Sheet(
        name="花名册",
        columns=columns,
        rows=rows,
        title_lines=(_ROSTER, *(f"{label}：{value}" for label, value in head)),
        totals=totals,
        foot_lines=tuple(f"{label}：{value}" for label, value in foot),
    )
    return {
        "01-培训补贴人员花名册.pdf": pool.submit(papers.pdf, _PAPERS / "claim_roster.typ", data),
        "01-培训补贴人员花名册.xlsx": papers.workbook([sheet]),
    }


def _taught(
    claim: ClaimView, plan: PlanView, named: Sequence[RosterPerson], pool: Executor
) -> dict[str, bytes | Future[bytes]]:
    rows = taught_rows([person.line.worker_id for person in named], plan.training_class.class_id)
    of_people = [(person, row) for person in named for row in rows[person.line.worker_id]]
    seconds = sum(row.counted_seconds for _, row in of_people)
    data = {
        "title": _TAUGHT,
        "office": _OFFICE,
        "made": _made(claim),
        "fields": [
            ["填报单位", claim.enterprise_name],
            ["培训计划备案号", claim.filing_number or ""],
            ["培训项目", plan.fields.title],
            ["培训课程", "、".join(course.title for course in plan.training_class.courses)],
        ],
        "rows": [_printed(person, row) for person, row in of_people],
        "totals": ["", f"{len(named)}人", f"合计{len(of_people)}条", "", "", f"{seconds // 60}", "", ""],
        "notes": [
            "计入分钟只含签到以后、按计时规则计入的学习时间；每条记录在当时即已密封存证，存证编号取末十二位，全文见同名CSV。",
            "02-授课记录存证包.zip 内有各条存证原文和证明，任何人可用公开的核验程序脱机核对，不必信任本系统。",
        ],
    }
    lines = [_listed(person, row) for person, row in of_people]
    return {
        "02-授课记录证明.pdf": pool.submit(papers.pdf, _PAPERS / "teaching_records.typ", data),
        "02-授课记录证明.csv": papers.csv_text(_TAUGHT_HEADINGS, lines).encode("utf-8-sig"),
    }


def _printed(person: RosterPerson, row: TaughtRow) -> list[str]:
    record = str(row.record_id)[-12:]
    return [
        str(person.serial),
        person.identity.name,
        row.title,
        row.day,
        row.span,
        row.minutes,
        row.presence,
        record,
    ]


def _listed(person: RosterPerson, row: TaughtRow) -> list[str | int]:
    began, _, ended = row.span.partition("–")
    return [
        person.serial,
        person.identity.name,
        row.day,
        began,
        ended,
        row.title,
        row.counted_seconds,
        row.minutes,
        f"{row.answered}/{row.asked}",
        str(row.record_id),
    ]


def _evidence(claim_id: UUID) -> bytes:
    written = io.BytesIO()
    bundles.write_bundle(bundles.claim_bundle(claim_id=claim_id), written)
    return written.getvalue()


def _account(claim: ClaimView) -> bytes | None:
    account = enterprises.named_account_of(claim.enterprise_id)
    if account is None:
        return None
    data = {
        "title": _ACCOUNT,
        "office": _OFFICE,
        "made": _made(claim),
        "fields": [
            ["户名", account.holder_name],
            ["开户银行", account.bank_name],
            ["账号", f"尾号{account.last4}（完整账号已加密保存，只用于生成银行付款文件）"],
            ["状态", account.status_words],
            ["填报", f"{account.proposed_by}，{clock.local_date(account.proposed_at)}"],
            *(
                [["确认", f"{account.decided_by}，{clock.local_date(account.decided_at)}"]]
                if account.decided_at
                else []
            ),
        ],
        "notes": ["户名与申领单位名称一致，由系统在填报时核对；账户变更须由第二人确认。"],
    }
    return papers.pdf(_PAPERS / "bank_account.typ", data)


def _filled_in_by(claim: ClaimView) -> str:
    """Who submitted the claim, by the audit trail."""
    for entry in audit.entries(subject=f"claim:{claim.claim_id}", limit=1_000):
        if entry.action == "claim.submitted":
            kind, _, public_id = entry.actor.partition(":")
            staff = people.get_staff(UUID(public_id)) if kind == "staff" and _is_uuid(public_id) else None
            return staff.display_name if staff is not None else ""
    return ""


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _made(claim: ClaimView) -> str:
    return f"申领编号 {claim.claim_id} · 政策 {claim.policy_version.partition('+')[0]}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
