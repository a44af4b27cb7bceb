"""One policy, its sections and where each value comes from: clause, note and alternatives are kept in ``Policy.entries``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.lists.rules import ListValues
from backend.policies.sections import (
    AppealValues,
    CertificateValues,
    CheckInValues,
    ClaimValues,
    ClassHour,
    Counting,
    CreditValues,
    DirectoryValues,
    Effective,
    EnterpriseValues,
    FundValues,
    Imported,
    InspectionValues,
    NewHire,
    OfflineBan,
    PlanValues,
    PriorityValues,
    QuizValues,
    RecordsValues,
    RelationValues,
    Subsidy,
    Window,
)


@dataclass(frozen=True)
class Entry:
    """Where one value comes from. ``default``: "said by the notice", True (our default) or False (an office decided)."""

    value: object
    clause: str
    default: bool | str
    note: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """One policy file, checked. ``version`` is its id and the first 12 hex digits of the SHA-256 of its content.

    A variant (尾: 参照执行) ``extends`` another policy; ``districts`` are the registration codes whose enterprises take it.
    """

    id: str
    title: str
    document_number: str
    jurisdiction: str
    version: str
    extends: str | None
    districts: tuple[str, ...]
    effective: Effective
    window: Window
    enterprise: EnterpriseValues
    relation: RelationValues
    subsidy: Subsidy
    new_hire: NewHire
    plan: PlanValues
    class_hour: ClassHour
    quiz: QuizValues
    certificate: CertificateValues
    claim: ClaimValues
    fund: FundValues
    credit: CreditValues
    priority: PriorityValues
    records: RecordsValues
    offline_ban: OfflineBan
    inspection: InspectionValues
    lists: ListValues
    counting: Counting
    check_in: CheckInValues
    imported: Imported
    directory: DirectoryValues
    appeal: AppealValues
    entries: Mapping[str, Entry]

    def clause(self, key: str) -> str:
        """The clause of one value, for instance ``policy.clause("subsidy.cap_fen")`` -> ``"二(二)"``."""
        return self.entries[key].clause
