"""The sections of a policy, one class each, as in its file (``config/policies/*.toml``).

Types and switches are checked on reading. A ``Literal`` names the choices the programme knows; ``X | None`` may be written as
``"none"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Effective:
    """Local dates between which the policy is the current one."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Window:
    """二(二): between which days a class must start, and what a start is."""

    level_one_response_on: date
    last_class_start_on: date
    last_day_included: bool
    class_start_means: Literal["first_session_after_filing", "reviewer_grants_late_filing"]
    hours_before_filing_claimable: bool
    time_zone: str


@dataclass(frozen=True)
class EnterpriseValues:
    """二(二): which enterprises may claim."""

    excluded_kinds: tuple[str, ...]
    dispatch_company_means: Literal["claims_for_staff_it_sends_out", "dispatch_in_business_scope", "dispatch_only"]
    affected_proof: Literal["declaration", "stop_work_proof"]
    region_prefix: str
    variant_district_codes: tuple[str, ...]
    sole_traders: Literal["manual", "eligible"]


@dataclass(frozen=True)
class RelationValues:
    """二(二): for whom each kind of enterprise may claim, and what proves it."""

    ordinary: tuple[str, ...]
    platform_company: tuple[str, ...]
    dispatched_claimant: Literal["user_enterprise", "dispatch_company"]
    platform_worker_proof: Literal["settled_payment_in_class_month", "agreement_only"]
    employed_on: Literal["class_start", "claim_day"]
    flagged_groups: tuple[str, ...]


@dataclass(frozen=True)
class Subsidy:
    """二(二): rate, cap and minimum, in fen and class hours."""

    rate_fen_per_class_hour: int
    cap_fen: int
    cap_scope: Literal["person", "plan", "person_and_enterprise", "person_and_year"]
    minimum_class_hours: int
    minimum_applies_to: Literal["plan_and_person", "plan", "person"]
    payee: Literal["enterprise"]
    paid_after: Literal["completion"]
    money_rounding: Literal["exact_fen"]
    second_claimed_once: bool
    same_course_counts_once: bool
    headcount_limit_percent: int | None
    when_fund_runs_out: Literal["queue_by_submission"]


@dataclass(frozen=True)
class NewHire:
    """二(一) and 锡人社发〔2020〕5号: the advance for newly hired workers, and the check that they were trained."""

    amount_fen: int
    excluded_kinds: tuple[str, ...]
    relations: tuple[str, ...]
    contract_renewal_counts: bool
    hire_registration_required: bool
    stable_months: int
    month_counts_as: Literal["same_day_next_month", "30_days", "two_insured_months"]
    social_insurance_required: bool
    paid_in_advance: bool
    first_day_on: date
    last_day_on: date
    window_means: Literal["hired_in_window", "month_complete_in_window"]
    apply_by_on: date | None
    contents: tuple[str, ...]
    forms: tuple[str, ...]
    together_with_on_job: bool
    other_subsidy: Literal["difference", "exclusive"]
    minimum_class_hours: int
    training_within_days: int
    log_within_days: int
    log_minutes_a_day: int


@dataclass(frozen=True)
class PlanValues:
    """三 and 一: what a training plan holds."""

    filed_before_training: bool
    required_fields: tuple[str, ...]
    required_documents: tuple[str, ...]
    entrusted_documents: tuple[str, ...]
    training_scheme_required: bool
    kinds: tuple[str, ...]
    general_topics: tuple[str, ...]
    missing_general_topic: Literal["warn", "block"]
    forms: tuple[str, ...]
    forms_that_count: tuple[str, ...]
    extra_people: Literal["amendment_before_first_session", "10_percent_tolerance"]
    reviewed_by: str


@dataclass(frozen=True)
class ClassHour:
    """二(二): how seconds become class hours."""

    seconds: int
    rounding: Literal["floor_once", "floor_per_lesson", "nearest_per_lesson"]
    daily_flag_class_hours: int
    daily_maximum_class_hours: int | None


@dataclass(frozen=True)
class QuizValues:
    """四.2: the final quiz."""

    required: bool
    pass_mark: int
    resits: int
    question_count: int
    time_limit_seconds: int


@dataclass(frozen=True)
class CertificateValues:
    """三 and 四.2: who receives a certificate."""

    attendance_percent: int
    minimum_class_hours: int
    issued_by: Literal["enterprise_or_institution", "human_resources_bureau"]
    number_prefix: str


@dataclass(frozen=True)
class ClaimValues:
    """三: claim, public notice and payment."""

    last_day_on: date
    last_day_included: bool
    check_in_required: bool
    required_documents: tuple[str, ...]
    roster_columns: tuple[str, ...]
    teaching_records_as: Literal["evidence_pack", "screenshots"]
    notice_days: int
    notice_days_are: Literal["working", "calendar"]
    notice_posting_day_counted: bool
    objection_scope: Literal["person", "claim"]
    objection_reply_working_days: int
    paid_monthly: bool
    payment_batch: Literal["month_after_clean_notice"]
    sanctions_decided_by: Literal["person_two_for_blacklist"]


@dataclass(frozen=True)
class FundValues:
    """四.1 and 四.5: what subsidies are paid from, and until when recovered money is to be back."""

    title: str
    recovery_within_days: int


@dataclass(frozen=True)
class CreditValues:
    """二(三): the credit bank."""

    counts_into_total: bool
    class_hours_per_credit: int
    demonstration_rule: bool
    exam_benefit: Literal["statement_only"]


@dataclass(frozen=True)
class PriorityValues:
    """二(三): priority at training centers."""

    epidemic_ended_on: date | None
    years_after_epidemic: int
    minimum_class_hours: int
    order: tuple[str, ...]


@dataclass(frozen=True)
class RecordsValues:
    """四.2: keeping the files."""

    keep_years: int
    kept_from: Literal["later_of_last_payment_and_last_session", "training_end"]
    destroyed_kinds: tuple[str, ...]
    archive_after_days: int
    phone_months: int
    wechat_months: int
    unjoined_months: int
    identity_months: int
    check_in_records_quiz: tuple[str, ...]


@dataclass(frozen=True)
class OfflineBan:
    """四.2: no offline training between these days."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class InspectionValues:
    """四.5: random inspections."""

    share_percent: int
    every_months: int
    minimum_per_district: int
    inspectors: int


@dataclass(frozen=True)
class Counting:
    """四.2: how time is counted; ``rules.counting_rules`` freezes these into a session."""

    beat_interval_seconds: int
    maximum_gap_seconds: int
    kept_budget_seconds: int
    ahead_tolerance_seconds: int
    idle_close_seconds: int
    longest_session_seconds: int
    presence_first_seconds: int
    presence_last_seconds: int
    presence_answer_seconds: int
    presence_after_gap_seconds: int
    presence_asks_question: bool
    complete_percent: int
    reading_characters_a_minute: int
    session_split_at_midnight: bool
    minute_earns_once: bool
    batch_beats: int


@dataclass(frozen=True)
class CheckInValues:
    """四.2: signing in."""

    required_each_day: bool
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """一(二): time that other platforms report."""

    grades_that_pay: tuple[str, ...]
    attested_class_hours_a_day: int


@dataclass(frozen=True)
class DirectoryValues:
    """一(二): the directory of platforms. ``first_batch_on``: from when the first batch stands; None, since ever."""

    first_batch_on: date | None


@dataclass(frozen=True)
class AppealValues:
    """四.2: a worker's appeal against a minute that did not count; disputes about a name or a place in a class (四.5).

    ``contact_months``: how long the contact of whoever objected or reported is kept after the answer.
    """

    within_hours: int
    answered_in_working_days: int
    disputes_answered_in_working_days: int
    contact_months: int
