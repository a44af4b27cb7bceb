"""Which papers a plan is filed with (clauses 三, 二(二) and 四.2), and what they prove. Pure: policy and day are arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.policies.rules import Policy
from config.errors import Invalid

DOCUMENT_KINDS: Mapping[str, str] = {
    "business_licence": "营业执照等资质证明",
    "training_scheme": "线上培训方案",
    "entrustment_agreement": "委托培训协议",
    "dispatch_agreement": "劳务派遣协议",
    "platform_agreement": "平台服务协议",
    "platform_settlement": "平台报酬结算记录",
    "stop_work_proof": "停工证明",
    "other_document": "其他材料",
}
"""As what a document of a plan may be handed in, in the order of the clauses."""

AGREEMENTS = frozenset({"entrustment_agreement", "dispatch_agreement", "platform_agreement"})
"""Kinds that name the other side: the training institution, the dispatch company, the platform."""

PARTY_LENGTH = 100
_SIGNED_HERE = "commitment_letter"  # the policy lists it among the documents; here it is a signature, not a file


@dataclass(frozen=True)
class DocumentFacts:
    """A document as filed. ``expires_on``: the last day it holds, None without end; ``settled_month``: the first day of the
    month whose pay a settlement shows."""

    kind: str
    party: str = ""
    expires_on: date | None = None
    settled_month: date | None = None


@dataclass(frozen=True)
class Want:
    """A document that the plan needs: by which clause, and what to say when it is not there."""

    kind: str
    clause: str
    sentence: str


def clean_document(facts: DocumentFacts) -> DocumentFacts:
    """The facts of a document, each only where its kind has it. Raises ``Invalid`` DOCUMENT_FACTS_INVALID with the fields."""
    party = " ".join(facts.party.split())
    errors = []
    if facts.kind not in DOCUMENT_KINDS:
        errors.append({"field": "document_kind", "message": "请选择材料类别"})
    if facts.kind in AGREEMENTS and not 2 <= len(party) <= PARTY_LENGTH:
        errors.append({"field": "party", "message": f"请填写协议对方单位的全称（2至{PARTY_LENGTH}个字）"})
    if facts.kind == "platform_settlement" and facts.settled_month is None:
        errors.append({"field": "settled_month", "message": "请选择结算的是哪个月的报酬"})
    if errors:
        raise Invalid("DOCUMENT_FACTS_INVALID", "材料信息没有填好，请按提示改正后再上传。", errors=errors)
    month = facts.settled_month
    return DocumentFacts(
        kind=facts.kind,
        party=party if facts.kind in AGREEMENTS else "",
        expires_on=facts.expires_on if facts.kind == "business_licence" else None,
        settled_month=month.replace(day=1) if month and facts.kind == "platform_settlement" else None,
    )


def wanted(mode: str | None, relations: Collection[str], starts_on: date | None, policy: Policy) -> list[Want]:
    """Every document that a plan of this mode with people of these relations needs, in the order of the clauses."""
    found = [
        Want(kind, policy.clause("plan.required_documents"), f"请上传{_word(kind)}电子材料。")
        for kind in policy.plan.required_documents
        if kind != _SIGNED_HERE
    ]
    if policy.plan.training_scheme_required:
        clause = policy.clause("plan.training_scheme_required")
        found.append(Want("training_scheme", clause, "请上传线上培训方案；方案应按职业培训标准和课时要求制定。"))
    if mode == "entrusted":
        clause = policy.clause("plan.entrusted_documents")
        found += [
            Want(kind, clause, f"委托培训机构开展的，请上传{_word(kind)}。") for kind in policy.plan.entrusted_documents
        ]
    if policy.enterprise.affected_proof == "stop_work_proof":
        clause = policy.clause("enterprise.affected_proof")
        found.append(Want("stop_work_proof", clause, "请上传停工证明，说明企业受疫情影响。"))
    return [*found, *_wanted_of_relations(relations, starts_on, policy)]


def _wanted_of_relations(relations: Collection[str], starts_on: date | None, policy: Policy) -> list[Want]:
    """Domain reference A17 and A18: what proves that people without a labour contract work here."""
    found = []
    if "dispatched_in" in relations:
        clause = policy.clause("relation.dispatched_claimant")
        found.append(Want("dispatch_agreement", clause, "名单中有劳务派遣人员，请上传与派遣单位签订的劳务派遣协议。"))
    if "platform_worker" in relations:
        clause = policy.clause("relation.platform_worker_proof")
        found.append(Want("platform_agreement", clause, "名单中有平台从业人员，请上传与其签订的平台服务协议。"))
        if policy.relation.platform_worker_proof == "settled_payment_in_class_month":
            month = f"开班当月（{starts_on.year}年{starts_on.month}月）" if starts_on else "开班当月"
            sentence = f"名单中有平台从业人员，请上传{month}至少一笔已结算报酬的记录。"
            found.append(Want("platform_settlement", clause, sentence))
    return found


def missing(wants: Iterable[Want], documents: Sequence[DocumentFacts], starts_on: date | None) -> list[Want]:
    """Those documents that are not there; a settlement of another month than the class's is not there."""
    there = {document.kind for document in documents if _fits(document, starts_on)}
    return [want for want in wants if want.kind not in there]


def proven_relations(documents: Sequence[DocumentFacts], starts_on: date | None, policy: Policy) -> frozenset[str]:
    """The relations that these documents prove (二(二), domain reference A17, A18); a labour contract needs none."""
    others = ("dispatched_in", "platform_worker")
    return frozenset(
        {"contract"}
        | {
            relation
            for relation in others
            if not missing(_wanted_of_relations([relation], starts_on, policy), documents, starts_on)
        }
    )


LicenceState = Literal["good", "expired", "ends_in_class"]


def licence_state(
    documents: Sequence[DocumentFacts], on: date, ends_on: date | None
) -> tuple[LicenceState, date | None]:
    """The licence handed in last: whether it still holds on that day and until the class ends, and its last day."""
    licence = next((document for document in reversed(documents) if document.kind == "business_licence"), None)
    if licence is None or licence.expires_on is None:
        return "good", None
    if licence.expires_on < on:
        return "expired", licence.expires_on
    return ("ends_in_class" if ends_on and licence.expires_on < ends_on else "good"), licence.expires_on


def _fits(document: DocumentFacts, starts_on: date | None) -> bool:
    if document.kind != "platform_settlement" or starts_on is None:
        return True
    return document.settled_month == starts_on.replace(day=1)


def _word(kind: str) -> str:
    return DOCUMENT_KINDS.get(kind, kind)
