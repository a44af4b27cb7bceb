"""The people of a claim as 花名册 names them (clause 三): in the clear, so only for the claim's documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from backend.claims import services as claims
from backend.claims.services import ClaimLineView, ClaimView
from backend.enterprises import services as enterprises
from backend.enterprises.services import RosterIdentity
from backend.papers.services import Cell, Column
from backend.plans import services as plans
from backend.plans.services import ClassMember, PlanView
from backend.policies import services as policies
from config.errors import Conflict

_RELATIONS = {"contract": "劳动合同", "dispatched_in": "劳务派遣", "platform_worker": "平台从业"}


@dataclass(frozen=True)
class RosterPerson:
    """One person who is granted money, with everything that the columns ask for."""

    serial: int
    line: ClaimLineView
    member: ClassMember
    identity: RosterIdentity
    certificate: CertificateView | None
    party: str
    courses: str
    starts_on: date | None
    ends_on: date | None
    rate_fen: int
    remark: str


_CELLS: Mapping[str, tuple[Column, Callable[[RosterPerson], Cell]]] = {
    "序号": (Column("序号", 5, "int"), lambda person: person.serial),
    "姓名": (Column("姓名", 10), lambda person: person.identity.name),
    "性别": (Column("性别", 5), lambda person: _sex(person.identity.id_number)),
    "身份证号": (Column("身份证号", 20), lambda person: person.identity.id_number),
    "手机号": (Column("手机号", 13), lambda person: person.identity.phone),
    "用工形式": (Column("用工形式", 10), lambda person: _RELATIONS.get(person.member.relation, "")),
    "参保状态/派遣单位": (Column("参保状态/派遣单位", 16), lambda person: person.party),
    "岗位（工种）": (Column("岗位（工种）", 12), lambda person: person.member.roster_entry.position),
    "培训课程": (Column("培训课程", 20), lambda person: person.courses),
    "开班日期": (Column("开班日期", 11, "date"), lambda person: person.starts_on),
    "结束日期": (Column("结束日期", 11, "date"), lambda person: person.ends_on),
    "核定课时": (Column("核定课时", 8, "int"), lambda person: person.line.granted_class_hours),
    "考核成绩": (Column("考核成绩", 8, "int"), lambda person: _score(person.certificate)),
    "合格证书编号": (Column("合格证书编号", 22), lambda person: _number(person)),
    "补贴标准": (Column("补贴标准", 9, "fen"), lambda person: person.rate_fen),
    "补贴金额": (Column("补贴金额", 10, "fen"), lambda person: person.line.due_fen),
    "本人确认": (Column("本人确认", 9), lambda person: ""),
    "备注": (Column("备注", 14), lambda person: person.remark),
}
"""What each heading of the policy's ``claim.roster_columns`` holds; a heading not here is an empty column to write in."""


def granted_people(claim: ClaimView, plan: PlanView) -> tuple[RosterPerson, ...]:
    """Everybody who is granted money, in the order of the class list. Raises ``Conflict`` PACK_NOBODY when nobody is."""
    lines = {line.enrollment_id: line for line in claim.lines if line.due_fen}
    if not lines:
        raise Conflict("PACK_NOBODY", "这份申领目前没有核给金额的人员，没有可以下载的申领材料。")
    class_id = plan.training_class.class_id
    members = [member for member in plans.class_members(class_id) if member.enrollment.id in lines]
    identities = enterprises.roster_identities(member.enrollment.roster_entry_id for member in members)
    certified = certificates.of_class(class_id)
    cuts = claims.adjustments_of(claim.claim_id)
    policy = policies.of_version(claim.policy_id, claim.policy_version)
    party = _dispatched_by(plan)
    courses = "、".join(course.title for course in plan.training_class.courses)
    people = []
    for serial, member in enumerate(members, start=1):
        line = lines[member.enrollment.id]
        people.append(
            RosterPerson(
                serial=serial,
                line=line,
                member=member,
                identity=identities[member.enrollment.roster_entry_id],
                certificate=certified.get(line.worker_id),
                party=party if member.relation == "dispatched_in" else "",
                courses=courses,
                starts_on=plan.training_class.starts_on,
                ends_on=plan.training_class.ends_on,
                rate_fen=policy.subsidy.rate_fen_per_class_hour,
                remark="审核核减" if line.line_id in cuts else "",
            )
        )
    return tuple(people)


def roster_table(
    people: Sequence[RosterPerson], headings: Sequence[str]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]], tuple[Cell, ...]]:
    """(columns, rows, totals) under these headings."""
    known = [_CELLS.get(heading, (Column(heading, 10), lambda person: "")) for heading in headings]
    rows = [tuple(cell(person) for _, cell in known) for person in people]
    sums: dict[str, Cell] = {
        "姓名": f"合计{len(people)}人",
        "核定课时": sum(person.line.granted_class_hours for person in people),
        "补贴金额": sum(person.line.due_fen for person in people),
    }
    return tuple(column for column, _ in known), rows, tuple(sums.get(heading) for heading in headings)


def _dispatched_by(plan: PlanView) -> str:
    """The dispatch company of the plan's agreement, for the people it sends."""
    found = [each.facts.party for each in plans.documents_of(plan.plan_id) if each.facts.kind == "dispatch_agreement"]
    return found[-1] if found else ""


def _sex(id_number: str) -> str:
    """The 17th digit of a citizen identity number is odd for men (GB 11643); nothing once it is erased."""
    sign = id_number[16:17]
    return "" if not sign.isdecimal() else "男" if int(sign) % 2 else "女"


def _score(certificate: CertificateView | None) -> int | None:
    return None if certificate is None else certificate.score


def _number(person: RosterPerson) -> str:
    if person.line.certificate_number is not None:
        return person.line.certificate_number
    return "" if person.certificate is None else person.certificate.number
