#!/usr/bin/env python3
"""Verify a bundle of learning records (创课存证包) without asking anybody: ``python verify.py BUNDLE.zip``.

One file; it needs Python 3.11 and the package ``cryptography``, no server and nothing else of the house. It shares no code
with the house that made the bundle: what is counted here is counted again, by the published table of counting.

A bundle (``chuangke-bundle@1``) is a ZIP of one exact shape: ``manifest.json``, ``manifest.sig``, ``checkpoint``,
``summary.txt``, then ``records/<id>.json`` and ``proofs/<id>.tlog-proof`` in the order of the manifest. Its comment is the
SHA-256 of all bytes before it. What is checked, from the outside in:

1. the container: every byte, names, sizes, nothing hidden; the manifest's signature and the hash of every file;
2. the log: the checkpoint's signatures, and for each record salt + body → commitment → entry → leaf → proof → checkpoint
   (RFC 6962 and 9162, C2SP tlog-checkpoint, signed-note and tlog-proof; suite ``sha256-1``);
3. the time: the hash chain of the beats, and each session counted again from its beats and checks alone; no wall-clock
   second and no minute of media of a person twice;
4. the money: claim line → hold → deposits → records → seconds → class hours → fen, what reviewers cut of it, the public
   notice it stood on, what was paid and what was claimed back;
5. receipts (``--receipt``): that what a phone was promised is what was sealed.

Exit status: 0 all is well, 1 something is wrong, 2 not readable as a bundle. What cannot be proved is said as a note.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import struct
import sys
import zlib
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "chuangke-bundle@1"
SUITE = "sha256-1"

# Bounds, so that no bundle can use up memory or time: bytes, members, steps of recounting.
LARGEST_BUNDLE = 2**31 - 1
LARGEST_DIRECTORY = 64 * 2**20
LARGEST_MEMBER = 16 * 2**20
LARGEST_MANIFEST = 64 * 2**20
LARGEST_TOTAL = 4 * 2**30
MOST_MEMBERS = 200_000
MOST_FINDINGS = 500
DEEPEST_JSON = 32
LARGEST_INTEGER = 2**53 - 1
STEPS_A_SESSION = 20_000_000
STEPS_A_BUNDLE = 1_000_000_000

DAY_MS = 86_400_000
LOCAL_OFFSET_MS = 8 * 3_600_000  # Wuxi: UTC+8 the whole year
CHINA = timezone(timedelta(hours=8))

# counting.md: the numbers every policy starts from. Sessions that were counted by others are noted.
PUBLISHED_RULES = {
    "gap_budget_ms": 600_000,
    "kept_budget_ms": 32_000,
    "ahead_tolerance_ms": 5_000,
    "outage_ms": 60_000,
    "presence_after_max_ms": 900_000,
    "presence_answer_ms": 60_000,
    "idle_ms": 900_000,
    "session_limit_ms": 14_400_000,
    "complete_per_mille": 980,
}


# --- what is found -----------------------------------------------------------------------------------------------------

MESSAGES: dict[str, tuple[str, str]] = {
    # the container
    "NOT_A_BUNDLE": ("这不是一个完整的存证包：{why}", "this is not a whole bundle: {why}"),
    "CONTAINER_CHANGED": (
        "文件在生成之后被改动过：全文件的SHA-256与文件末尾写明的不同",
        "the file was changed after it was made: its SHA-256 is not the one at its end",
    ),
    "CONTAINER_LAYOUT": ("ZIP结构不合规定：{why}", "the ZIP is not of the agreed shape: {why}"),
    "MEMBER_NAME": ("包内有不允许的文件名：{name}", "a file name that is not allowed: {name}"),
    "MEMBER_TWICE": ("包内有两个同名文件：{name}", "two files of one name: {name}"),
    "MEMBER_UNKNOWN": ("包内有清单没有列出的文件：{name}", "a file the manifest does not list: {name}"),
    "MEMBER_MISSING": ("缺少清单列出的文件：{name}", "a file the manifest lists is missing: {name}"),
    "MEMBER_ORDER": ("包内文件的顺序不合规定：从{name}起", "the files are not in the agreed order: from {name} on"),
    "MEMBER_UNREADABLE": ("文件无法读取：{name}，{why}", "a file cannot be read: {name}, {why}"),
    "FILE_CHANGED": (
        "文件内容与清单写明的SHA-256不同：{name}",
        "a file is not the one the manifest names by SHA-256: {name}",
    ),
    "JSON_REFUSED": ("内容不是规定格式的JSON：{name}，{why}", "not JSON of the agreed form: {name}, {why}"),
    # manifest, keys, checkpoint
    "MANIFEST_SHAPE": ("清单的内容不合规定：{path}", "the manifest is not of the agreed shape: {path}"),
    "MANIFEST_SIGNATURE": ("清单的签名不成立：{why}", "the signature of the manifest does not hold: {why}"),
    "KEY_MALFORMED": ("公钥不正确：{key}", "not a correct public key: {key}"),
    "KEY_NOT_PINNED": (
        "没有用 --key 指定可信公钥，本次使用包内自带的公钥。请把下列指纹与办理单位公布的核对：{keys}",
        "no trusted key was given with --key, the bundle's own were used. Compare these with the published ones: {keys}",
    ),
    "SERVICE_KEY_NOT_PINNED": (
        "日志公钥已指定；清单和回执的签名公钥没有指定（标题、姓名掩码和回执以它为准）：{keys}",
        "the log's key is pinned; the key that signs manifests and receipts (title, masked names, receipts) is not: {keys}",
    ),
    "CHECKPOINT_MALFORMED": ("日志检查点的格式不正确：{why}", "the checkpoint is not well formed: {why}"),
    "CHECKPOINT_SIGNATURE": ("日志检查点的签名不成立：{why}", "the signature of the checkpoint does not hold: {why}"),
    "CHECKPOINT_ORIGIN": (
        "检查点属于另一个日志：{found}，应为{wanted}",
        "the checkpoint is of another log: {found}, not {wanted}",
    ),
    "CHECKPOINT_OTHER_LINES": (
        "检查点有{count}行不认识的签名（例如见证人的），没有核对",
        "{count} signature lines of unknown keys (witnesses, say) were not checked",
    ),
    "SUMMARY_DIFFERS": (
        "摘要 summary.txt 与包内记录不一致，不能作为依据",
        "summary.txt does not say what the records say; do not rely on it",
    ),
    # records and the log
    "RECORD_TWICE": ("清单里{what}出现两次", "{what} stands twice in the manifest"),
    "RECORD_SUITE": ("不支持的算法套件：{suite}", "an unknown suite: {suite}"),
    "PROOF_MALFORMED": ("存在证明的格式不正确：{why}", "the proof is not well formed: {why}"),
    "PROOF_OTHER": (
        "存在证明的序号是{found}，清单写的是{wanted}",
        "the proof is for index {found}, the manifest says {wanted}",
    ),
    "PROOF_CHECKPOINT": (
        "存在证明所附的检查点不是本包的检查点",
        "the proof carries another checkpoint than the bundle's",
    ),
    "NOT_IN_LOG": (
        "记录内容与日志不符：内容、类别或盐被改过，或者证明属于另一条记录（{why}）",
        "the log does not hold this record: body, kind or salt were changed, or the proof is of another record ({why})",
    ),
    "RECORD_KIND": (
        "记录自称是{found}，清单写的是{wanted}",
        "the record says it is {found}, the manifest says {wanted}",
    ),
    "RECORD_SUBJECT": (
        "记录的对象是{found}，清单写的是{wanted}",
        "the record is about {found}, the manifest says {wanted}",
    ),
    "RECORD_SHAPE": ("记录的内容不合规定：{path}", "the record is not of the agreed shape: {path}"),
    "RECORD_SAME": ("同一{what}有两条记录：{name}", "two records of one {what}: {name}"),
    "NOT_RECOUNTED": (
        "有{count}条“{kind}”记录：已证明在日志里，其内容没有重新计算",
        "{count} records of kind {kind}: proved to be in the log, their content is not recounted",
    ),
    "ERASED": (
        "有{count}条记录的内容已按保存期限销毁，只证明它们曾在日志里，不能再重新计算",
        "the bodies of {count} records were erased when their time was over: proved to have been logged, no longer recounted",
    ),
    "ERASED_WITHOUT_CERTIFICATE": (
        "记录的内容已销毁，包里却没有列出它的销毁证明",
        "the body was erased, and no certificate of destruction in the bundle lists it",
    ),
    "CERTIFICATE_WRONG": ("销毁证明不成立：{why}", "the certificate of destruction does not hold: {why}"),
    "MONEY_UNPROVED": (
        "有{count}行申领所依据的学习记录已按保存期限销毁，只核对了账目，不能再从心跳算起",
        "the records behind {count} claim lines were erased when their time was over: only the books are checked for them",
    ),
    "PERSON_UNNAMED": ("清单里没有人员{person}的姓名掩码", "the manifest has no masked name for person {person}"),
    "SEVERAL_PEOPLE": ("单人存证包里有{count}个人的记录", "records of {count} people in a bundle about one"),
    "SUBJECT_MISSING": ("包内没有所说的{kind}：{id}", "the bundle does not hold the {kind} it is about: {id}"),
    # sessions
    "CHAIN_START": (
        "心跳链的起点与本次学习的编号、人员、课程和时间不符",
        "the chain of beats does not start from this session, person, lesson and hour",
    ),
    "CHAIN_BROKEN": (
        "心跳链的终点不符：至少有一条心跳被改动、增加或删去",
        "the chain of beats ends elsewhere: at least one beat was changed, added or removed",
    ),
    "BEATS_ORDER": ("心跳的序号应为{wanted}，却是{found}", "the beat should be number {wanted}, it is {found}"),
    "BATCHES_WRONG": ("心跳的批次不正确：{why}", "the batches of beats are wrong: {why}"),
    "BEAT_RANGE": ("心跳的播放位置{position}毫秒超出课程", "the beat's position {position} ms is outside the lesson"),
    "BEAT_TOO_LATE": (
        "这条心跳到达时，本次学习应已结束（{why}）",
        "the session was over when this beat arrived ({why})",
    ),
    "BEAT_COUNT": (
        "这条心跳应计{counted}毫秒（从{start}起，{verdict}），记录写的是{said}毫秒（从{said_start}起，{said_verdict}）",
        "the beat counts {counted} ms (from {start}, {verdict}), the record says {said} ms (from {said_start}, {said_verdict})",
    ),
    "BEATS_MORE": ("另有{count}条心跳的计时也不符", "{count} more beats of this session count otherwise, too"),
    "GIVEN_WRONG": (
        "申诉补记的内容{span}不在课程里或此前已计过",
        "the media {span} given back by an appeal had counted already",
    ),
    "CHECK_WRONG": (
        "在线确认“{outcome}”不该发生在这里：{why}",
        "the presence check's {outcome} cannot stand here: {why}",
    ),
    "CHECK_NOT_ASKED": (
        "手机离线超过规定时间，回来时没有发起在线确认",
        "the phone had been away too long and no presence check was asked",
    ),
    "CHECK_MISS_HIDDEN": (
        "在线确认没有按时回答，记录却没有写明",
        "a presence check was missed and the record does not say so",
    ),
    "SECOND_MISS": (
        "当天不是第一次错过在线确认，却按第一次处理",
        "not the first check missed that day, yet treated as the first",
    ),
    "PIECES_DIFFER": (
        "重新计算得到的时段与记录不同，从{at}起：应为{wanted}，记录写的是{found}",
        "the counted pieces differ from {at} on: recounted {wanted}, recorded {found}",
    ),
    "SUM_DIFFERS": ("{what}应为{wanted}，记录写的是{found}", "{what} should be {wanted}, the record says {found}"),
    "UNCOUNTED_DIFFERS": (
        "未计入的时段与计入的时段合起来不是全部时间，从{at}起",
        "counted and uncounted time do not add up to the whole session, from {at} on",
    ),
    "PREDECESSOR_MISSING": (
        "本次学习接着零点前的一次（{session}），包里没有那条记录，不能重新计算",
        "this session goes on from one before midnight ({session}) that is not in the bundle; it cannot be recounted",
    ),
    "SPLIT_DIFFERS": ("零点前后两次学习接不上：{what}", "the sessions before and after midnight do not join: {what}"),
    "TOO_COMPLEX": ("记录过于复杂，没有重新计算", "too complex to be recounted"),
    "RULES_DIFFER": (
        "有{count}次学习的计时规则与公布的不同：{names}",
        "{count} sessions were counted by other numbers than the published ones: {names}",
    ),
    "REST_UNPROVED": (
        "有{count}门课程的前期学习不在包内：每门课程最多有1秒（此前不足1秒的余数）无法证明",
        "of {count} lessons earlier sessions are not in the bundle: at most one second each (a remainder) is unproved",
    ),
    # other time
    "OUTSIDE_SPAN": (
        "计入的时段{piece}不在{start}至{end}之内或不成立",
        "the piece {piece} is not within {start} to {end}, or is no piece",
    ),
    "NOT_EARNED": ("{why}，却计入了学时", "time was counted although {why}"),
    "ATTESTED_TOO_MUCH": (
        "凭证明计入的学时超过每天的上限：{day}，{seconds}秒",
        "more attested time than a day may have: {day}, {seconds} s",
    ),
    "GRADE_WRONG": ("记录的证据等级不正确：{found}", "the record has the wrong grade: {found}"),
    "APPEAL_TOO_MUCH": (
        "申诉补记{given}毫秒，超过未计入的{limit}秒",
        "the appeal gave back {given} ms, more than the {limit} s uncounted",
    ),
    # a person over all records
    "WALL_TWICE": (
        "同一个人的同一段时间计了两次：{start}至{end}，另一条记录是{other}",
        "the same time of a person counted twice: {start} to {end}, also in record {other}",
    ),
    "MEDIA_TWICE": (
        "同一个人的同一段课程内容计了两次：{start}至{end}毫秒，另一条记录是{other}",
        "the same media of a person counted twice: {start} to {end} ms, also in record {other}",
    ),
    "ALLOWANCE_TWICE": (
        "同一课程给了两次学完补足，另一条记录是{other}",
        "the allowance of a lesson was given twice, also in record {other}",
    ),
    "COVERED_BEFORE": (
        "开始学习时已学过的内容与此前的记录不一致：{why}",
        "what was covered before does not follow from the earlier records: {why}",
    ),
    # transfers
    "DEPOSIT_FORM": ("存入的账目不合规定：{why}", "the deposit is not well formed: {why}"),
    "EVIDENCE_MISSING": (
        "存入所依据的存证记录不在包内：{id}",
        "the record a deposit rests on is not in the bundle: {id}",
    ),
    "EVIDENCE_OTHER": ("存入与所依据的存证记录不符：{why}", "the deposit does not fit its record: {why}"),
    "DEPOSIT_AMOUNT": (
        "存入{found}秒，依据的记录只证明{wanted}秒",
        "deposited {found} s, the record proves {wanted} s",
    ),
    "DEPOSIT_MISSING": ("冻结或核销的存入不在包内：{key}", "the deposit that was drawn is not in the bundle: {key}"),
    "DRAW_SUM": ("账目{found}秒，所用的各笔存入合计{wanted}秒", "a transfer of {found} s draws {wanted} s of deposits"),
    "DRAW_OTHER": (
        "所用的存入{key}不属于此人、此班或不可申领",
        "the deposit {key} is of another person or class, or not claimable",
    ),
    "OVERDRAWN": (
        "存入{key}共{amount}秒，却用了{drawn}秒",
        "the deposit {key} has {amount} s, {drawn} s of it are drawn",
    ),
    "HOLD_MISSING": ("所说的冻结不在包内：{key}", "the hold is not in the bundle: {key}"),
    "RESOLVE_OTHER": ("核销或解除与冻结{key}不符：{why}", "settlement or release does not fit the hold {key}: {why}"),
    # claims and payments
    "RATES_WRONG": ("补贴标准不成立：{why}", "the rates are not valid: {why}"),
    "LINE_OTHER": (
        "第{line}行{what}应为{wanted}，申领写的是{found}",
        "line {line}: {what} should be {wanted}, the claim says {found}",
    ),
    "LINE_UNHELD": ("第{line}行有金额，却没有冻结学时", "line {line} has an amount and holds no seconds"),
    "LINE_TWICE": ("申领里{what}出现两次", "{what} stands twice in the claim"),
    "TOTAL_OTHER": ("{what}合计应为{wanted}分，写的是{found}分", "{what} should come to {wanted} fen, it says {found}"),
    "ADJUSTMENT_OTHER": (
        "对第{line}行的核减不成立：{why}",
        "the cut of line {line} does not hold: {why}",
    ),
    "NOTICE_OTHER": (
        "第{line}行的公示不合规定：{why}",
        "the public notice of line {line} is not as it must be: {why}",
    ),
    "CERTIFICATE_OTHER": ("合格证书{number}不成立：{why}", "the training certificate {number} does not hold: {why}"),
    "UNCERTIFIED": (
        "本包没有{count}名已拨付人员在申领前取得的合格证书",
        "the bundle holds no training certificate, issued before the claim, of {count} people who were paid",
    ),
    "RECOVERY_OTHER": ("追回不合规定：{why}", "the recovery is not as it must be: {why}"),
    "PAYMENT_OTHER": ("拨付与申领不符：{why}", "the payment does not fit the claim: {why}"),
    "REVIEW_OTHER": ("审核不合规定：{why}", "the reviews are not as they must be: {why}"),
    "CLAIM_UNPAID": ("本包没有该申领的拨付记录", "the bundle holds no payment of the claim"),
    "LINES_UNPAID": (
        "有{count}行核给了金额，本包没有其拨付记录，也没有解除冻结",
        "{count} granted lines are neither paid nor released in the bundle",
    ),
    "CONDITIONS_TRUSTED": (
        "人员资格（用工、签到、测验等）由审核决定，本程序只核对学时和金额",
        "who is eligible (relation, check-in, quiz) was decided by reviewers; only hours and money are worked out here",
    ),
    # receipts
    "RECEIPT_MALFORMED": ("回执{name}不是规定的格式：{why}", "receipt {name} is not of the agreed form: {why}"),
    "RECEIPT_FORGED": (
        "回执{name}的签名不成立：不是本服务签发的，或被改动过",
        "receipt {name} was not signed by this service, or was changed",
    ),
    "RECEIPT_REPEATED": (
        "回执{name}与另一张完全相同，只算一张",
        "receipt {name} is the same as another and counts once",
    ),
    "RECEIPT_CONTRADICTED": (
        "回执{name}与存证记录不符：{why}。双方的签名合在一起就是记录被改动的证明",
        "receipt {name} contradicts the sealed record: {why}. Both are signed: together they prove a change",
    ),
    "RECEIPT_VANISHED": (
        "回执{name}承诺最迟{sealed_by}存证，本包没有这次学习（{session}）的记录。如果是本人的回执，记录已经丢失",
        "receipt {name} promised a record by {sealed_by}; the bundle holds none of session {session}. If it is this "
        "person's, the record is gone",
    ),
    "RECEIPT_WAITING": (
        "回执{name}的学习最迟{sealed_by}存证，还没有到期",
        "receipt {name}: to be sealed by {sealed_by}, not due yet",
    ),
    "RECEIPT_ELSEWHERE": (
        "回执{name}的学习（{session}）不在本包内；请用此人的存证包核对",
        "receipt {name}: session {session} is not part of this bundle; check it against the person's own",
    ),
    "RECEIPT_KEPT": ("回执{name}与存证记录一致", "receipt {name} was kept: it is in the sealed record"),
    "UNEXPECTED": ("检查中断：{why}", "the check broke off: {why}"),
    "MORE_FINDINGS": ("另有{count}个问题没有列出", "{count} more findings are not listed"),
}

NOTES = {
    "KEY_NOT_PINNED",
    "SERVICE_KEY_NOT_PINNED",
    "CHECKPOINT_OTHER_LINES",
    "NOT_RECOUNTED",
    "ERASED",
    "MONEY_UNPROVED",
    "PERSON_UNNAMED",
    "RULES_DIFFER",
    "REST_UNPROVED",
    "CLAIM_UNPAID",
    "LINES_UNPAID",
    "UNCERTIFIED",
    "CONDITIONS_TRUSTED",
    "RECEIPT_REPEATED",
    "RECEIPT_WAITING",
    "RECEIPT_ELSEWHERE",
    "RECEIPT_KEPT",
}
"""What is said without being wrong: limits of what the bundle can prove, and good news."""


class Refused(Exception):
    """Something is not as agreed; ``code`` and ``said`` become a finding."""

    def __init__(self, code: str, **said: object) -> None:
        super().__init__(code)
        self.code, self.said = code, said


@dataclass(frozen=True)
class Finding:
    """What is wrong and where: which record (its id), which beat (its number)."""

    code: str
    record: str
    beat: int | None
    zh: str
    en: str

    def to_json(self) -> dict[str, object]:
        """For machines."""
        return dict(self.__dict__)


@dataclass
class PersonTotal:
    """What one person's records come to. ``drawn_seconds``, hours and money are of the claims in the bundle, as granted;
    ``paid_fen`` is what its payments paid of that."""

    label: str = ""
    records: int = 0
    recounted_ms: int = 0
    checked_in_ms: int = 0
    allowance_seconds: int = 0
    attested_seconds: int = 0
    drawn_seconds: int = 0
    class_hours: int = 0
    amount_fen: int = 0
    paid_fen: int = 0

    def to_json(self) -> dict[str, object]:
        """For machines; whole seconds beside the milliseconds."""
        return {**self.__dict__, "recounted_seconds": self.recounted_ms // 1000}


@dataclass
class Report:
    """Everything the verifier has to say. ``read``: it could be read as a bundle at all."""

    read: bool = True
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    unlisted: int = 0
    about: dict[str, str] = field(default_factory=dict)
    checkpoint: dict[str, object] = field(default_factory=dict)
    keys: dict[str, object] = field(default_factory=lambda: {"pinned": False, "service_pinned": False})
    kinds: Counter[str] = field(default_factory=Counter)
    people: dict[str, PersonTotal] = field(default_factory=dict)

    def say(self, code: str, *, record: str = "", beat: int | None = None, **said: object) -> None:
        """Add a finding, or a note."""
        target = self.notes if code in NOTES else self.findings
        if len(target) >= MOST_FINDINGS:
            self.unlisted += 1
            return
        plain = {name: _printable(value) for name, value in said.items()}
        zh, en = MESSAGES[code]
        target.append(Finding(code, record, beat, zh.format(**plain), en.format(**plain)))

    def refuse(self, refused: Refused, record: str = "") -> None:
        """Add what was refused as a finding."""
        self.say(refused.code, record=record, **refused.said)  # type: ignore[arg-type]

    def person(self, ref: str) -> PersonTotal:
        """The totals of that person."""
        return self.people.setdefault(ref, PersonTotal())

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return self.read and not self.findings

    @property
    def status(self) -> int:
        """The exit status."""
        if not self.read:
            return 2
        return 0 if self.ok else 1

    def totals(self) -> dict[str, object]:
        """Sums over all people."""
        people = self.people.values()
        return {
            "people": len(self.people),
            "records": sum(self.kinds.values()),
            "recounted_seconds": sum(person.recounted_ms for person in people) // 1000,
            "drawn_seconds": sum(person.drawn_seconds for person in people),
            "class_hours": sum(person.class_hours for person in people),
            "amount_fen": sum(person.amount_fen for person in people),
            "paid_fen": sum(person.paid_fen for person in people),
            "per_person": {ref: person.to_json() for ref, person in self.people.items()},
        }

    def to_json(self) -> dict[str, object]:
        """Everything, for machines."""
        return {
            "ok": self.ok,
            "about": self.about,
            "findings": [finding.to_json() for finding in self.findings],
            "unlisted_findings": self.unlisted,
            "notes": [finding.to_json() for finding in self.notes],
            "totals": self.totals(),
            "kinds": dict(self.kinds),
            "checkpoint": self.checkpoint,
            "keys": self.keys,
        }


def _printable(value: object) -> str:
    """A value in a message: short, on one line, nothing that moves a terminal's cursor."""
    text = str(value)
    if not text.isprintable():
        text = ascii(text)[1:-1]
    return text if len(text) <= 300 else f"{text[:300]}…"


def _clock(at_ms: int) -> str:
    """An instant as people in Wuxi read it."""
    try:
        return (datetime(1970, 1, 1, tzinfo=CHINA) + timedelta(hours=8, milliseconds=at_ms)).strftime(
            "%Y-%m-%d %H:%M:%S"
        )
    except OverflowError:
        return f"{at_ms} ms"


# --- JSON of exactly one form ------------------------------------------------------------------------------------------

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


def canonical(value: object) -> bytes:
    """The one way to write strings, integers, booleans, null, lists and objects (RFC 8785 for these)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_json(data: bytes, name: str) -> Any:
    """Canonical JSON. Raises ``Refused`` JSON_REFUSED for every other bytes."""
    try:
        text = data.decode()
        _check_depth(text)
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_no_float, parse_constant=_no_float
        )
        same = canonical(value) == data
    except (ValueError, RecursionError) as error:
        raise Refused("JSON_REFUSED", name=name, why=error) from None
    if not same:
        raise Refused("JSON_REFUSED", name=name, why="not canonical")
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST_JSON:
            raise ValueError("nested too deeply")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    if not all(map(str.isascii, made)):
        raise ValueError("a key that is not ASCII")
    return made


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        raise ValueError("an integer beyond 2**53 - 1")
    return int(text)


def _no_float(text: str) -> float:
    raise ValueError(f"{text[:20]} is not an integer")


# --- shapes ------------------------------------------------------------------------------------------------------------

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_HEX16 = re.compile(r"[0-9a-f]{16}")

Shape = Any
"""A test (value → bool), a dict of shapes by key (more keys may follow), ``ListOf`` or ``Row``."""


def is_int(value: object) -> bool:
    """An integer, and not a boolean."""
    return type(value) is int


def is_size(value: object) -> bool:
    """An integer not below zero."""
    return type(value) is int and value >= 0


def is_text(value: object) -> bool:
    """A string."""
    return type(value) is str


def is_bool(value: object) -> bool:
    """True or false."""
    return type(value) is bool


def is_uuid(value: object) -> bool:
    """A UUID as the house writes it."""
    return type(value) is str and _UUID.fullmatch(value) is not None


def is_hash(value: object) -> bool:
    """64 lower-case hexadecimal digits."""
    return type(value) is str and _HEX64.fullmatch(value) is not None


def maybe(test: Callable[[object], bool]) -> Callable[[object], bool]:
    """Null, or what the test asks for."""
    return lambda value: value is None or test(value)


class ListOf(NamedTuple):
    """A list of that shape, of at most so many."""

    shape: Shape
    most: int = 100_000


class Row(NamedTuple):
    """A list with exactly these tests in order."""

    tests: tuple[Callable[[object], bool], ...]


class Nullable(NamedTuple):
    """Null, or that shape."""

    shape: Shape


class ByName(NamedTuple):
    """An object whose names and values pass these tests."""

    name: Callable[[object], bool]
    value: Callable[[object], bool]


def misfit(value: object, shape: Shape, path: str = "") -> str | None:
    """Where ``value`` departs from ``shape``; None when it fits."""
    if isinstance(shape, dict):
        return _misfit_in_object(value, shape, path)
    if isinstance(shape, Nullable):
        return None if value is None else misfit(value, shape.shape, path)
    if isinstance(shape, ListOf):
        return _misfit_in_list(value, shape, path)
    if isinstance(shape, Row):
        fits = type(value) is list and len(value) == len(shape.tests)
        fits = fits and all(test(item) for test, item in zip(shape.tests, value, strict=True))  # type: ignore[call-overload]
        return None if fits else path or "."
    if isinstance(shape, ByName):
        fits = type(value) is dict and all(shape.name(key) and shape.value(item) for key, item in value.items())
        return None if fits else path or "."
    return None if shape(value) else path or "."


def _misfit_in_object(value: object, shape: dict[str, Shape], path: str) -> str | None:
    if type(value) is not dict:
        return path or "."
    for key, inner in shape.items():
        here = f"{path}.{key}" if path else key
        if key not in value:
            return here
        if (found := misfit(value[key], inner, here)) is not None:
            return found
    return None


def _misfit_in_list(value: object, shape: ListOf, path: str) -> str | None:
    if type(value) is not list or len(value) > shape.most:
        return path or "."
    for position, item in enumerate(value):
        if (found := misfit(item, shape.shape, f"{path}[{position}]")) is not None:
            return found
    return None


# --- the container -----------------------------------------------------------------------------------------------------

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_COMMENT_BYTES = 64
# What every entry of the directory says: by and for ZIP 2.0, no flags, 1980-01-01, no extra field, no comment, a plain file.
_CONSTANT = (b"PK\x01\x02", 3 << 8 | 20, 20, 0, 0, 0x21, 0, 0, 0, 0, 0o100644 << 16)
_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?")


class Member(NamedTuple):
    """Where a file of the bundle stands in it."""

    name: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int


class Container:
    """The ZIP, read strictly: no gaps, no overlaps, no extra fields, no encryption, nothing before or after.

    Whatever else a ZIP may be, two programs could read differently; here there is one way to read it.
    """

    def __init__(self, file: BinaryIO, say: Callable[..., None]) -> None:
        self._file, self._say = file, say
        self.size = file.seek(0, io.SEEK_END)
        if not _END.size + _COMMENT_BYTES <= self.size <= LARGEST_BUNDLE:
            raise Refused("NOT_A_BUNDLE", why=f"{self.size} bytes")
        self._end_at = self.size - _END.size - _COMMENT_BYTES
        self.members: dict[str, Member] = {}
        self._check_hash()
        self._read_directory(*self._find_directory())

    def _bytes(self, offset: int, count: int) -> bytes:
        self._file.seek(offset)
        data = self._file.read(count)
        if len(data) != count:
            raise Refused("NOT_A_BUNDLE", why="cut short")
        return data

    def _check_hash(self) -> None:
        digest, left = hashlib.sha256(), self.size - _COMMENT_BYTES
        self._file.seek(0)
        while left and (chunk := self._file.read(min(left, 2**20))):
            digest.update(chunk)
            left -= len(chunk)
        if self._bytes(self.size - _COMMENT_BYTES, _COMMENT_BYTES) != digest.hexdigest().encode():
            self._say("CONTAINER_CHANGED")

    def _find_directory(self) -> tuple[int, int, int]:
        """Offset, size and number of entries of the central directory."""
        end = _END.unpack(self._bytes(self._end_at, _END.size))
        signature, disk, first_disk, here, count, size, offset, comment = end
        if signature != b"PK\x05\x06" or comment != _COMMENT_BYTES or disk or first_disk or here != count:
            raise Refused("NOT_A_BUNDLE", why="no ZIP with a comment of 64 characters at its end")
        ends_at = self._end_at
        if count == 0xFFFF:  # more members than the old field can say
            ends_at -= _END64.size + _LOCATOR64.size
            if ends_at < 0:
                raise Refused("CONTAINER_LAYOUT", why="zip64")
            end64 = self._bytes(ends_at, _END64.size + _LOCATOR64.size)
            locator = _LOCATOR64.unpack(end64[_END64.size :])
            magic, length, _, needed, disk, first_disk, here, count, size, offset = _END64.unpack(end64[: _END64.size])
            sane = (magic, length, needed, disk, first_disk, here) == (b"PK\x06\x06", 44, 45, 0, 0, count)
            if not sane or locator != (b"PK\x06\x07", 0, ends_at, 1) or count < 0xFFFF:
                raise Refused("CONTAINER_LAYOUT", why="zip64")
        if offset + size != ends_at or size > LARGEST_DIRECTORY or count > MOST_MEMBERS:
            raise Refused("CONTAINER_LAYOUT", why="the directory is not where it must be, or too large")
        return offset, size, count

    def _read_directory(self, offset: int, size: int, count: int) -> None:
        directory = self._bytes(offset, size)
        at = expected = total = 0
        for _ in range(count):
            if at + _CENTRAL.size > size:
                raise Refused("CONTAINER_LAYOUT", why="the directory is cut short")
            fields = _CENTRAL.unpack_from(directory, at)
            at += _CENTRAL.size + fields[10]
            name = directory[at - fields[10] : at]
            member = self._member(fields, name)
            if at > size or member.offset != expected:
                raise Refused("CONTAINER_LAYOUT", why="members overlap or have gaps between them")
            expected = self._data_end(member, fields, name, offset)
            total += member.size
            self._keep(member)
        if at != size or expected != offset:
            raise Refused("CONTAINER_LAYOUT", why="bytes that belong to no member")
        if total > LARGEST_TOTAL:
            raise Refused("CONTAINER_LAYOUT", why="too large when unpacked")

    @staticmethod
    def _member(fields: tuple[Any, ...], raw_name: bytes) -> Member:
        method, crc, packed, size = fields[4], *fields[7:10]
        name = raw_name.decode("ascii", "replace")
        if fields[:4] + fields[5:7] + fields[11:16] != _CONSTANT or method not in (0, 8):
            raise Refused("CONTAINER_LAYOUT", why=f"{name[:80]}: encrypted, a link, or otherwise not a plain file")
        if size > (LARGEST_MANIFEST if name == "manifest.json" else LARGEST_MEMBER) or packed > size + 1024:
            raise Refused("CONTAINER_LAYOUT", why=f"{name[:80]}: {size} bytes are too many")
        return Member(name, fields[16], packed, size, crc, method)

    def _data_end(self, member: Member, fields: tuple[Any, ...], name: bytes, directory_at: int) -> int:
        if member.offset + _LOCAL.size + len(name) + member.packed > directory_at:
            raise Refused("CONTAINER_LAYOUT", why="a member reaches into the directory")
        header = self._bytes(member.offset, _LOCAL.size + len(name))
        if header != _LOCAL.pack(b"PK\x03\x04", *fields[2:10], len(name), 0) + name:
            raise Refused("CONTAINER_LAYOUT", why=f"{member.name[:80]}: its two headers differ")
        return member.offset + len(header) + member.packed

    def _keep(self, member: Member) -> None:
        parts = member.name.split("/")
        if not _NAME.fullmatch(member.name) or "." in parts or ".." in parts or len(member.name) > 200:
            self._say("MEMBER_NAME", name=member.name)
        elif member.name in self.members:
            self._say("MEMBER_TWICE", name=member.name)
        else:
            self.members[member.name] = member

    def read(self, name: str) -> bytes:
        """The bytes of a member. Raises ``Refused`` MEMBER_MISSING, MEMBER_UNREADABLE."""
        member = self.members.get(name)
        if member is None:
            raise Refused("MEMBER_MISSING", name=name)
        data = self._bytes(member.offset + _LOCAL.size + len(name), member.packed)
        if member.method == 8:
            inflating = zlib.decompressobj(-15)
            try:
                data = inflating.decompress(data, member.size + 1)
            except zlib.error as error:
                raise Refused("MEMBER_UNREADABLE", name=name, why=error) from None
            if not inflating.eof or inflating.unused_data or inflating.unconsumed_tail:
                raise Refused("MEMBER_UNREADABLE", name=name, why="not as long as it says")
        if len(data) != member.size or zlib.crc32(data) != member.crc:
            raise Refused("MEMBER_UNREADABLE", name=name, why="size or checksum differ")
        return data


# --- keys, signed notes, the tree --------------------------------------------------------------------------------------

_DASH = "— "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


def from_base64(text: str) -> bytes:
    """The bytes of that base 64, in the one way to write it. Raises ``ValueError``."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not base 64 in its one form")
    return data


def signature_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the Ed25519 key made this signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class LogKey:
    """A key of the log: C2SP verifier key ``name+<8 hex digits>+base64(0x01 || public key)``."""

    name: str
    key_id: bytes
    public: bytes
    text: str

    @classmethod
    def parse(cls, text: str) -> LogKey:
        """Read a verifier key. Raises ``Refused`` KEY_MALFORMED."""
        name, _, rest = text.partition("+")
        said, _, encoded = rest.partition("+")
        try:
            raw = from_base64(encoded)
        except ValueError:
            raise Refused("KEY_MALFORMED", key=text) from None
        key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if len(raw) != 33 or raw[:1] != b"\x01" or said != key_id.hex() or not name or re.search(r"\s", name):
            raise Refused("KEY_MALFORMED", key=text)
        return cls(name, key_id, raw[1:], text)


def service_key_id(public: bytes) -> str:
    """The name of a key that signs manifests and receipts: 16 hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()[:16]


@dataclass(frozen=True)
class Checkpoint:
    """The signed head of the log."""

    origin: str
    size: int
    root: bytes


def open_checkpoint(data: bytes, keys: Sequence[LogKey], report: Report) -> Checkpoint:
    """The checkpoint in a signed note. Raises ``Refused`` CHECKPOINT_MALFORMED, CHECKPOINT_SIGNATURE."""
    try:
        note = data.decode()
    except ValueError:
        raise Refused("CHECKPOINT_MALFORMED", why="not UTF-8") from None
    text, separator, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if not separator or not signatures.endswith("\n") or len(lines) < 3 or not all(lines):
        raise Refused("CHECKPOINT_MALFORMED", why="not a signed note of at least three lines")
    if not _NUMBER.fullmatch(lines[1]):
        raise Refused("CHECKPOINT_MALFORMED", why="the size is no number")
    try:
        root = from_base64(lines[2])
    except ValueError:
        root = b""
    if len(root) != 32:
        raise Refused("CHECKPOINT_MALFORMED", why="the root is no hash")
    _check_signatures(f"{text}\n".encode(), signatures[:-1].split("\n"), keys, report)
    return Checkpoint(lines[0], int(lines[1]), root)


def _check_signatures(message: bytes, lines: Sequence[str], keys: Sequence[LogKey], report: Report) -> None:
    known = {(key.name, key.key_id): key for key in keys}
    signed, others = set(), 0
    for line in lines[:100]:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        try:
            raw = from_base64(encoded)
        except ValueError:
            raw = b""
        if not line.startswith(_DASH) or not name or len(raw) <= 4:
            raise Refused("CHECKPOINT_MALFORMED", why="not a signature line")
        key = known.get((name, raw[:4]))
        if key is None:
            others += 1
        elif not signature_holds(key.public, raw[4:], message):
            raise Refused("CHECKPOINT_SIGNATURE", why=key.text)
        else:
            signed.add(key.text)
    if not signed:
        raise Refused("CHECKPOINT_SIGNATURE", why="no known key signed it")
    if others or len(lines) > 100:
        report.say("CHECKPOINT_OTHER_LINES", count=others + max(0, len(lines) - 100))


def leaf_of(entry: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root_from(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root to which the path leads from the leaf (RFC 9162 section 2.1.3.2); None when its length cannot be right."""
    if not 0 <= index < size:
        return None
    here, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        here, last = here >> 1, last >> 1
    return node if last == 0 else None


def read_proof(data: bytes, checkpoint: bytes) -> tuple[int, list[bytes]]:
    """Index and path of a proof file (C2SP tlog-proof). Raises ``Refused`` PROOF_MALFORMED, PROOF_CHECKPOINT."""
    head, separator, rest = data.partition(b"\n\n")
    if not separator:
        raise Refused("PROOF_MALFORMED", why="no checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
        if lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 2 or len(lines) > 66:
            raise ValueError("not a tlog-proof of version 1")
        word, _, number = lines[1].partition(" ")
        if word != "index" or not _NUMBER.fullmatch(number):
            raise ValueError("no index")
        path = [from_base64(line) for line in lines[2:]]
        if any(len(item) != 32 for item in path):
            raise ValueError("a hash has 32 bytes")
    except ValueError as error:
        raise Refused("PROOF_MALFORMED", why=error) from None
    if rest != checkpoint:
        raise Refused("PROOF_CHECKPOINT")
    return int(number), path


# --- intervals ---------------------------------------------------------------------------------------------------------


class Effort:
    """How many steps recounting may still take, so that no record keeps the verifier busy for long."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises ``Refused`` TOO_COMPLEX when it is used up."""
        self.left -= steps
        if self.left < 0:
            raise Refused("TOO_COMPLEX")


class Coverage:
    """Sorted, disjoint, half-open intervals of milliseconds; touching ones are one."""

    def __init__(self, spans: Iterable[Sequence[int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted((span[0], span[1]) for span in spans):
            if start >= end:
                continue
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coverage) and (self._starts, self._ends) == (other._starts, other._ends)

    __hash__ = None  # type: ignore[assignment]

    def copy(self) -> Coverage:
        """Another one that says the same."""
        made = Coverage()
        made._starts, made._ends = self._starts.copy(), self._ends.copy()
        return made

    def spans(self) -> list[tuple[int, int]]:
        """The intervals."""
        return list(zip(self._starts, self._ends, strict=True))

    def length(self) -> int:
        """The sum of their lengths."""
        return sum(self._ends) - sum(self._starts)

    def add(self, start: int, end: int) -> None:
        """Cover [start, end)."""
        if start >= end:
            return
        low, high = bisect_left(self._ends, start), bisect_right(self._starts, end)
        if low < high:
            start, end = min(start, self._starts[low]), max(end, self._ends[high - 1])
        self._starts[low:high], self._ends[low:high] = [start], [end]

    def remove(self, start: int, end: int) -> None:
        """Cover [start, end) no longer."""
        low, high = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if start >= end or low >= high:
            return
        rest = [(self._starts[low], start), (end, self._ends[high - 1])]
        rest = [(one, two) for one, two in rest if one < two]
        self._starts[low:high] = [one for one, _ in rest]
        self._ends[low:high] = [two for _, two in rest]

    def gaps(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of [start, end) that are not covered."""
        found = []
        at = bisect_right(self._ends, start)
        while start < end:
            if at == len(self._starts) or self._starts[at] >= end:
                found.append((start, end))
                break
            if self._starts[at] > start:
                found.append((start, self._starts[at]))
            start = self._ends[at]
            at += 1
        return found

    def inside(self, start: int, end: int) -> int:
        """How many intervals touch [start, end)."""
        return bisect_left(self._starts, end) - bisect_right(self._ends, start)

    def first_gap(self, start: int, end: int) -> int:
        """The first point from ``start`` on that is not covered, ``end`` when all is."""
        gaps = self.gaps(start, end)
        return gaps[0][0] if gaps else end


def local_day(at_ms: int) -> int:
    """The number of the local day."""
    return (at_ms + LOCAL_OFFSET_MS) // DAY_MS


def day_start(day: int) -> int:
    """The instant at which that local day begins."""
    return day * DAY_MS - LOCAL_OFFSET_MS


class Stretch(NamedTuple):
    """Wall time from, to; media from, to: both equally long."""

    start: int
    end: int
    media_from: int
    media_to: int


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In order of wall time, those that go on without a break as one."""
    made: list[Stretch] = []
    for item in sorted(stretches):
        if made and made[-1].end == item.start and made[-1].media_to == item.media_from:
            made[-1] = Stretch(made[-1].start, item.end, made[-1].media_from, item.media_to)
        else:
            made.append(item)
    return made


def cut(stretch: Stretch, at: int) -> tuple[list[Stretch], list[Stretch]]:
    """What of a stretch lies before a wall instant, and from it on."""
    if at <= stretch.start:
        return [], [stretch]
    if at >= stretch.end:
        return [stretch], []
    media = stretch.media_from + at - stretch.start
    return [Stretch(stretch.start, at, stretch.media_from, media)], [Stretch(at, stretch.end, media, stretch.media_to)]


def pieces_of(stretches: Iterable[Stretch], check_ins: Mapping[int, int]) -> list[list[Any]]:
    """Stretches cut at local midnight and at the check-in of their day, each with whether the check-in covers it.

    ``check_ins``: local day → instant.
    """
    pieces: list[list[Any]] = []
    for stretch in stretches:
        rest = [stretch]
        while rest:
            day = local_day(rest[0].start)
            today, rest = cut(rest[0], day_start(day + 1))
            before, under = cut(today[0], check_ins.get(day, day_start(day + 1)))
            pieces += [[*part, False] for part in before] + [[*part, True] for part in under]
    return pieces


# --- one session, counted again ----------------------------------------------------------------------------------------

_PIECE = Row((is_int, is_int, is_int, is_int, is_bool))
_SPAN = Row((is_text, is_int, is_int))
_RULE_NAMES = (
    "gap_budget_ms",
    "kept_budget_ms",
    "ahead_tolerance_ms",
    "outage_ms",
    "presence_after_max_ms",
    "presence_answer_ms",
    "idle_ms",
    "session_limit_ms",
    "complete_per_mille",
    "batch_limit_beats",
    "end_tolerance_ms",
)

SESSION_SHAPE: Shape = {
    "session": is_uuid,
    "person": is_uuid,
    "context": maybe(is_uuid),
    "lesson": {"ref": is_uuid, "version": is_int, "sha256": is_hash, "kind": is_text, "media_ms": is_size},
    "opened_ms": is_int,
    "closed_ms": is_int,
    "close_reason": is_text,
    "continues": maybe(is_uuid),
    "rules": dict.fromkeys(_RULE_NAMES, is_size),
    "check_in": Nullable({"at_ms": is_int}),
    "chain_start": is_hash,
    "chain_head": is_hash,
    "beats": ListOf(Row((is_int, is_int, is_int, is_int, is_size, is_text)), 50_000),
    "batches": ListOf(is_size, 50_000),
    "before": {
        "from_ms": is_int,
        "unconfirmed_ms": is_size,
        "check_waiting": is_bool,
        "covered": ListOf(Row((is_size, is_size)), 50_000),
    },
    "given": ListOf(Row((is_size, is_size, is_size)), 50_000),
    "checks": ListOf(Row((is_text, is_text, is_text, is_int, is_int, is_size)), 50_000),
    "pieces": ListOf(_PIECE, 50_000),
    "uncounted": ListOf(_SPAN, 50_000),
    "counted_ms": is_size,
    "learned_seconds": is_size,
    "checked_in_seconds": is_size,
    "allowance_ms": is_size,
    "allowance_seconds": is_size,
    "allowance_checked_in_seconds": is_size,
}

MISSES = ("MISSED", "MISSED_AGAIN")
ISSUES = ("ISSUED", "ISSUED_AGAIN")


class Event(NamedTuple):
    """What happened to a presence check, after how many of the session's beats."""

    check: str
    cause: str
    outcome: str
    at: int
    answer_by: int
    after: int


@dataclass
class Check:
    """A presence check that waits. ``name`` is None where the record does not say which one it is."""

    name: str | None
    due: int
    answer_by: int
    seen: bool = False
    stopped: bool = False


class Walk:
    """Walks through the beats of a session by the table of counting, and on into the session that midnight moved it to.

    The wall time not used yet is the window from ``window`` to ``arrived``. ``kept`` counted before the last confirmation,
    ``since`` after it, ``waiting`` waits for an answer.
    """

    def __init__(self, body: Mapping[str, Any], effort: Effort) -> None:
        before = body["before"]
        self.effort = effort
        self.media: int = body["lesson"]["media_ms"]
        self.window = self.arrived = self.seen = before["from_ms"]
        self.unconfirmed: int = before["unconfirmed_ms"]
        self.check = Check(None, 0, 0, stopped=True) if before["check_waiting"] else None
        self.covered = Coverage(before["covered"])
        effort.spend(len(before["covered"]))
        self.cursor = min(self.covered.first_gap(0, self.media), self.media)
        self.kept: list[Stretch] = []
        self.since: list[Stretch] = []
        self.waiting: list[Stretch] = []
        self.missed_day: int | None = None
        self.misses: list[tuple[int, str]] = []
        self.remember = False
        self.heads: dict[int, tuple[int, int]] = {}  # seq at the end of a batch → when it came, ms counted so far

    # what a session says about itself

    def take(
        self,
        body: Mapping[str, Any],
        say: Callable[..., None],
        *,
        elsewhere: Sequence[tuple[int, int]],
        known: int = 0,
        to_be_continued: bool = False,
    ) -> None:
        """Walk through ``body``. ``elsewhere``: wall time that counted elsewhere; ``known``: how many of its checks the
        session before midnight told already; ``to_be_continued``: the session after midnight is at hand."""
        self.say, self.rules, self.elsewhere = say, body["rules"], elsewhere
        self.opened: int = body["opened_ms"]
        self.body, self.to_be_continued = body, to_be_continued
        self.midnight = day_start(local_day(self.opened) + 1)
        self.events = deque(Event(*item) for item in body["checks"][known:])
        self.given = deque(body["given"])
        self.wrong_beats = 0
        self.heads = {}
        done = 0
        beats = body["beats"]
        for last in body["batches"]:
            if not done < last <= len(beats):
                self.say("BATCHES_WRONG", beat=last, why=f"{done}..{last}")
                break
            self._between(done)
            self._batch(beats[done:last], done)
            done = last
        if done != len(beats):
            self.say("BATCHES_WRONG", beat=len(beats), why=f"{done} of {len(beats)}")
        self._between(done)
        self._close(done)
        if self.wrong_beats > 1:
            self.say("BEATS_MORE", count=self.wrong_beats - 1)

    def _between(self, done: int) -> None:
        """What happened after ``done`` beats and before the next: answers, then media given back by appeals."""
        self._events_after(done)
        while self.given and self.given[0][0] <= done:
            _, start, end = self.given.popleft()
            self._give(start, end, done)

    def _events_after(self, done: int) -> None:
        while self.events and self.events[0].after <= done:
            event = self.events[0]
            if event.after < done or event.outcome in ISSUES:
                self._wrong(event, "out of order")
            elif event.outcome in MISSES:
                follows = self.events[1] if len(self.events) > 1 else None
                late = follows is not None and follows.after == done and follows.outcome == "ANSWERED_LATE"
                if not late:
                    return  # the next arrival found it missed
                self._missed(event, done)
            elif event.outcome in ("CONFIRMED", "ANSWERED_LATE"):
                self._confirmed(event, done)
            elif event.outcome == "LEFT_OPEN":
                return
            else:
                self._wrong(event, "unknown")
            self.events.popleft()

    def _give(self, start: int, end: int, done: int) -> None:
        free = sum(two - one for one, two in self.covered.gaps(start, end))
        if not 0 <= start < end <= self.media or free != end - start:
            self.say("GIVEN_WRONG", beat=done or None, span=f"{start}..{end}")
        self.covered.add(start, min(end, self.media))

    def _wrong(self, event: Event, why: str) -> None:
        self.say("CHECK_WRONG", beat=event.after or None, outcome=event.outcome, why=why)

    def _confirmed(self, event: Event, done: int) -> None:
        now, check = max(event.at, self.arrived), self.check
        if check is not None and not check.stopped and now > check.answer_by:
            self.say("CHECK_MISS_HIDDEN", beat=done or None)
            self._miss(None)
        late = check is not None and check.stopped
        if event.at < self.arrived or late != (event.outcome == "ANSWERED_LATE"):
            self._wrong(event, _clock(event.at))
        elif (check is not None and check.name not in (None, event.check)) or (
            check is None and event.cause != "PROOF"
        ):
            self._wrong(event, "another check")
        if late:
            self.window = self.arrived = now
        self.kept += [*self.since, *self.waiting]
        self.since, self.waiting = [], []
        self.seen, self.unconfirmed, self.check = now, 0, None

    def _missed(self, event: Event, done: int) -> None:
        """A miss that an answer or an arrival found."""
        check = self.check
        if check is None or check.stopped or check.name not in (None, event.check) or event.at != check.answer_by:
            self._wrong(event, _clock(event.at))
        else:
            self._miss(event)

    def _miss(self, event: Event | None) -> None:
        check = self.check
        assert check is not None
        day = local_day(check.answer_by)
        again = self.missed_day == day
        if event is not None:
            if again and event.outcome == "MISSED":
                self.say("SECOND_MISS", beat=event.after or None)
            elif not again and self.missed_day is not None and event.outcome == "MISSED_AGAIN":
                self._wrong(event, "the first of the day")
            again = again or event.outcome == "MISSED_AGAIN"
        self.misses.append((check.answer_by, "MISSED_AGAIN" if again else "MISSED"))
        self.missed_day = day
        voided = [*(self.since if again else []), *self.waiting]
        if again:
            self.since, self.unconfirmed = [], 0
        self._void(voided)
        check.stopped = True

    def _void(self, voided: Sequence[Stretch]) -> None:
        self.waiting = []
        self.effort.spend(len(voided))
        for item in voided:
            self.covered.remove(item.media_from, item.media_to)
        if voided:
            self.cursor = min(self.cursor, voided[0].media_from)

    # arrivals

    def _batch(self, batch: Sequence[Sequence[Any]], done: int) -> None:
        seq, raw = done + 1, batch[0][2]
        rules = self.rules
        if any(beat[2] != raw for beat in batch) or len(batch) > rules["batch_limit_beats"]:
            self.say("BATCHES_WRONG", beat=seq, why="not one arrival")
        if raw - self.seen > rules["idle_ms"]:
            self.say("BEAT_TOO_LATE", beat=seq, why="idle_ms")
        elif done and self.arrived - self.opened >= rules["session_limit_ms"]:
            self.say("BEAT_TOO_LATE", beat=seq, why="session_limit_ms")
        now = max(raw, self.arrived)
        self._forgo(batch, now)
        self._settle(now, done, seq)
        stopped = self.check is not None and self.check.stopped
        away = now - self.seen > rules["outage_ms"]
        new = self._cover(batch, done, now, stopped)
        self.window = now if stopped else max(self.window, now - rules["kept_budget_ms"])
        self.arrived = self.seen = now
        self._place(new, now, away, done + len(batch))
        self.effort.spend(len(batch))
        if self.remember:
            counted = sum(item.end - item.start for group in (self.kept, self.since) for item in group)
            self.effort.spend(len(self.kept) + len(self.since))
            self.heads[done + len(batch)] = (raw, counted)

    def _forgo(self, batch: Sequence[Sequence[Any]], now: int) -> None:
        """Give up window time that counted elsewhere meanwhile. When exactly it did is not in the record, so of the ways it
        may have been, one that fits the record is taken; each leaves less time to count than nothing given up would."""
        ends = [end for start, end in self.elsewhere if start <= self.window < end]
        if not ends:
            return
        latest = min(max(ends), now)
        stated = [beat[3] for beat in batch if beat[4]][:1]
        ways = [end for end in ends if end <= now] + [self.window, latest]
        ways += [at for at in stated if self.window < at <= latest]
        best = min(ways, key=lambda until: self._misfits(batch, now, until))
        self.window, self.arrived = best, max(self.arrived, best)

    def _misfits(self, batch: Sequence[Sequence[Any]], now: int, until: int) -> int:
        """How many beats of the batch would count otherwise than recorded, were the window to begin at ``until``."""
        other = Walk.__new__(Walk)
        other.__dict__.update(self.__dict__)
        other.covered, other.events, other.say = self.covered.copy(), deque(self.events), _silent
        other.kept, other.since, other.waiting = self.kept[:], self.since[:], self.waiting[:]
        other.misses, other.wrong_beats = [], 0
        other.check = None if self.check is None else Check(**self.check.__dict__)
        self.effort.spend(len(self.kept) + len(self.since) + len(self.events) + self.covered.inside(0, self.media))
        other.window, other.arrived = until, max(self.arrived, until)
        other._settle(now, batch[0][0] - 1, batch[0][0])
        other._cover(batch, batch[0][0] - 1, now, other.check is not None and other.check.stopped)
        return other.wrong_beats

    def _settle(self, now: int, done: int, seq: int | None) -> None:
        """Miss a check whose time is over, unless the phone was away all the while and not too much waits for an answer."""
        check, rules = self.check, self.rules
        event = self.events[0] if self.events and self.events[0].after == done else None
        told = event is not None and event.outcome in MISSES
        missed = False
        if check is not None and not check.stopped and now > check.answer_by:
            away = not check.seen and now - self.seen > rules["outage_ms"]
            waits = sum(item.end - item.start for item in self.waiting)
            waits += min(now - self.arrived, rules["gap_budget_ms"])
            missed = not (away and waits <= rules["presence_after_max_ms"])
        if told and event is not None:
            self.events.popleft()
            if missed:
                self._missed(event, done)
            else:
                self._wrong(event, "not missed")
        elif missed:
            self.say("CHECK_MISS_HIDDEN", beat=seq)
            self._miss(None)

    def _cover(self, batch: Sequence[Sequence[Any]], done: int, now: int, stopped: bool) -> list[Stretch]:
        unused = self.arrived - self.window
        self.window = max(self.window, now - unused - min(now - self.arrived, self.rules["gap_budget_ms"]))
        new: list[Stretch] = []
        for offset, (seq, position, _, start, counted, code) in enumerate(batch):
            if seq != done + offset + 1:
                self.say("BEATS_ORDER", beat=seq, wanted=done + offset + 1, found=seq)
            if not 0 <= position <= self.media + self.rules["end_tolerance_ms"]:
                self.say("BEAT_RANGE", beat=seq, position=position)
            began = self.window
            verdict = self._beat(min(position, self.media), now, stopped, new)
            size = self.window - began
            if (size, verdict, began if size else 0) != (counted, code, start) and not self._beyond(began):
                self.wrong_beats += 1
                if self.wrong_beats == 1:
                    self.say(
                        "BEAT_COUNT",
                        beat=seq,
                        counted=size,
                        start=_clock(began),
                        verdict=verdict or "OK",
                        said=counted,
                        said_start=_clock(start),
                        said_verdict=code or "OK",
                    )
        return new

    def _beyond(self, began: int) -> bool:
        """Time from midnight on is the next session's: how it counted cannot be said without that one at hand."""
        return self.body["close_reason"] == "MIDNIGHT" and not self.to_be_continued and began >= self.midnight

    def _beat(self, position: int, now: int, stopped: bool, new: list[Stretch]) -> str:
        """What the beat newly covers, up to the budget; the code of why it covers nothing."""
        if position <= self.cursor:
            self.cursor = position
            return ""
        if stopped:
            return "CHECK_UNANSWERED"
        self.effort.spend(1 + self.covered.inside(self.cursor, position))
        gaps = self.covered.gaps(self.cursor, position)
        newly, budget = sum(end - start for start, end in gaps), now - self.window
        if newly == 0:
            self.cursor = position
            return "ALREADY_COUNTED"
        if newly - budget > self.rules["ahead_tolerance_ms"]:
            return "AHEAD_OF_TIME"
        for start, end in gaps:
            size = min(end - start, budget)
            if size == 0:
                return ""
            new.append(Stretch(self.window, self.window + size, start, start + size))
            self.covered.add(start, start + size)
            self.window += size
            budget -= size
            self.cursor = start + size
            if self.cursor < end:
                return ""
        self.cursor = position
        return ""

    def _place(self, new: list[Stretch], now: int, away: bool, done: int) -> None:
        """Put new time where it belongs, and hold the record to asking a presence check where one had to be asked."""
        event = None
        if self.events and self.events[0].after == done and self.events[0].outcome in ISSUES:
            event = self.events.popleft()
        check, wanted = self.check, ""
        if check is not None and not check.stopped:
            self.waiting += new
            if now > check.answer_by:
                wanted = "ISSUED_AGAIN"
            elif now > check.due:
                check.seen = True
        elif check is None and away:
            self.waiting += new
            wanted = "ISSUED"
        elif check is None:
            self._count(new)
            if event is not None and (event.outcome, event.cause) == ("ISSUED", "INTERVAL"):
                wanted = "ISSUED"
        if not wanted:
            if event is not None:
                self._wrong(event, "none was due")
            return
        answer_by = now + self.rules["presence_answer_ms"]
        if event is None:
            self.say("CHECK_NOT_ASKED", beat=done)
            self.check = Check(None, now, answer_by)
            return
        if (event.outcome, event.at, event.answer_by) != (wanted, now, answer_by):
            self._wrong(event, f"{wanted} {_clock(now)}")
        self.check = Check(event.check, now, answer_by)

    def _count(self, new: list[Stretch]) -> None:
        """Count, but no more than the longest presence interval without a confirmation; the rest waits for one."""
        room = max(0, self.rules["presence_after_max_ms"] - self.unconfirmed)
        for item in new:
            now, later = cut(item, item.start + room)
            self.since += now
            self.waiting += later
            taken = sum(part.end - part.start for part in now)
            room -= taken
            self.unconfirmed += taken

    # the end

    def _close(self, done: int) -> None:
        reason, closed = self.body["close_reason"], self.body["closed_ms"]
        if reason == "FINISHED":
            self._settle(max(closed, self.arrived), done, None)
        elif reason == "IDLE":
            self._settle(max(self.seen + self.rules["idle_ms"], self.arrived), done, None)
        elif self.events and self.events[0].outcome in MISSES:  # when the other session began is in that one's record
            self._missed(self.events.popleft(), done)
        event = self.events.popleft() if self.events else None
        check = self.check
        if check is not None and not check.stopped and (reason != "MIDNIGHT" or event is not None):
            self._void(self.waiting)
            check.stopped = True
            if event is None or event.outcome != "LEFT_OPEN" or check.name not in (None, event.check):
                self.say("CHECK_WRONG", beat=done or None, outcome=event.outcome if event else "LEFT_OPEN", why=reason)
        elif event is not None:
            self._wrong(event, reason)
        for late in self.events:
            self._wrong(late, "out of order")

    def split(self) -> tuple[list[Stretch], Coverage]:
        """At midnight: what counted before it, and the media covered by then. The walk keeps what comes after."""
        parts = [[cut(item, self.midnight) for item in group] for group in (self.kept, self.since)]
        before = [item for group in parts for early, _ in group for item in early]
        self.kept, self.since = ([item for _, late in group for item in late] for group in parts)
        if self.waiting:
            self.say("SPLIT_DIFFERS", what="waiting")
            self._void(self.waiting)
        covered = self.covered.copy()
        for item in (*self.kept, *self.since):
            covered.remove(item.media_from, item.media_to)
        return before, covered

    def counted(self) -> list[Stretch]:
        """What counted."""
        return [*self.kept, *self.since]


def _silent(*_: object, **__: object) -> None:
    """Says nothing."""


# --- what a record proves ----------------------------------------------------------------------------------------------

_OUTSIDE: dict[str, Shape] = {
    "person": is_uuid,
    "context": maybe(is_uuid),
    "learned_seconds": is_size,
}
_PIECES = ListOf(_PIECE, 50_000)
QUIZ_SHAPE: Shape = {
    **_OUTSIDE,
    "attempt": is_uuid,
    "status": is_text,
    "passed": is_bool,
    "opened_ms": is_int,
    "closed_ms": is_int,
    "time_limit_seconds": is_size,
    "pieces": _PIECES,
    "checked_in_seconds": is_size,
}
APPEAL_SHAPE: Shape = {
    **_OUTSIDE,
    "appeal": is_uuid,
    "session": is_uuid,
    "started_ms": is_int,
    "ended_ms": is_int,
    "uncounted_seconds": is_size,
    "upheld": is_bool,
    "decided_ms": is_int,
    "pieces": _PIECES,
    "checked_in_seconds": is_size,
    "allowance_seconds": is_size,
}
IMPORT_SHAPE: Shape = {
    **_OUTSIDE,
    "source": is_uuid,
    "grade": is_text,
    "lesson": maybe(is_uuid),
    "intervals": ListOf(Row((is_int, is_int, maybe(is_size), maybe(is_size))), 2_000),
    "check_in": {"stated": is_bool, "days": ListOf(Row((is_int, is_int)), 2_000)},
    "before": {
        "taken": ListOf(Row((is_int, is_int)), 50_000),
        "covered": ListOf(Row((is_size, is_size)), 50_000),
        "rooms": ListOf(Row((is_int, is_size)), 2_000),
        "rests": Row((is_size, is_size)),
    },
    "ahead_tolerance_ms": is_size,
    "pieces": _PIECES,
    "counted_ms": is_size,
    "checked_in_seconds": is_size,
}
ATTESTED_SHAPE: Shape = {
    **_OUTSIDE,
    "source": is_uuid,
    "grade": is_text,
    "local_day": is_int,
    "class_hours": is_size,
    "class_hour_seconds": is_size,
    "limit_seconds": is_size,
    "before": {"attested_seconds": is_size, "room_seconds": is_size},
}
DESTRUCTION_SHAPE: Shape = {
    "destruction": is_uuid,
    "proposed_by": is_text,
    "approved_by": is_text,
    "records": ListOf(Row((is_uuid, is_text, is_hash, is_size, is_int))),
    "list_sha256": is_hash,
}
ATTACHMENT_SHAPE: Shape = {"sha256": is_hash, "size_bytes": is_size, "media_type": is_text}


_NAMED_BY = {
    "session": "session",
    "quiz": "attempt",
    "appeal": "appeal",
    "import": "source",
    "attested": "source",
    "transfer": "key",
    "claim": "claim",
    "adjustment": "adjustment",
    "certificate": "certificate",
    "payment": "order",
    "recovery": "recovery",
    "recovery_receipt": "receipt",
    "destruction": "destruction",
}


def name_of(kind: str, body: Mapping[str, Any]) -> str | None:
    """What a record is about, in the words of its subject; None where the body does not say. Keys of deposits begin so."""
    if kind in ("import", "attested") and is_text(body.get("platform")) and is_text(body.get("external_id")):
        return f"import:{body['platform']}:{body['external_id']}"
    return f"{kind}:{body[_NAMED_BY[kind]]}" if kind in _NAMED_BY else None


class Proven(NamedTuple):
    """What a record of time proves: whose, for which class, under which name, and the seconds it may bring.

    ``seconds``: (``time`` or ``allowance``, ``learned`` or ``claimable``) → whole seconds.
    """

    record: str
    kind: str
    person: str
    context: str | None
    name: str
    seconds: Mapping[tuple[str, str], int]


@dataclass
class LessonPart:
    """What one record adds to a person's lesson. ``before`` is None where the record does not say (an appeal)."""

    record: str
    index: int
    before: Coverage | None
    media: list[tuple[int, int]]
    counted: tuple[int, int]  # ms: all, under a check-in
    seconds: tuple[int, int]
    media_ms: int | None = None
    complete_per_mille: int = 1000
    given: list[tuple[int, int]] = field(default_factory=list)
    rest: list[tuple[int, int]] = field(default_factory=list)  # what the allowance covers
    allowance: tuple[int, int] = (0, 0)
    rests: tuple[int, int] | None = None
    continues: bool = False


@dataclass
class Person:
    """Everything of one person that must fit together over all records; in the order of the log."""

    wall: list[tuple[int, int, str]] = field(default_factory=list)
    lessons: dict[str, list[LessonPart]] = field(default_factory=dict)
    misses: list[tuple[int, str, str]] = field(default_factory=list)
    attested: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
    appeals: list[tuple[str, LessonPart]] = field(default_factory=list)


class Remembered(NamedTuple):
    """What a receipt of a session is held against. ``heads``: last beat of a batch → when it came, ms counted by then;
    ``end``: the same when the session closed."""

    record: str
    start: str
    beats: list[tuple[int, int]]
    heads: Mapping[int, tuple[int, int]]
    end: tuple[int, int]


Say = Callable[..., None]


class Recount:
    """Counts records of time again, one by one, and then each person's over all of them."""

    def __init__(self, report: Report, *, everything: bool, remembered: Iterable[str]) -> None:
        """``everything``: the bundle says it holds all of its person; ``remembered``: sessions that receipts ask about."""
        self.report, self.everything, self.remembered = report, everything, set(remembered)
        self.index: dict[str, int] = {}
        self.people: dict[str, Person] = {}
        self.proven: dict[str, Proven] = {}
        self.lesson_of: dict[str, str] = {}  # session → lesson
        self.other_rules: Counter[str] = Counter()
        self.heads: dict[str, Remembered] = {}
        self.effort = Effort(STEPS_A_BUNDLE)

    def say(self, record: str) -> Say:
        """Says something of that record."""
        return lambda code, **said: self.report.say(code, record=record, **said)

    def person(self, ref: str) -> Person:
        """The person of that reference."""
        return self.people.setdefault(ref, Person())

    def _prove(self, record: str, kind: str, body: Mapping[str, Any], **seconds: int) -> None:
        """``seconds``: claimable, allowance, allowance_checked_in."""
        table = {
            ("time", "learned"): body["learned_seconds"],
            ("time", "claimable"): seconds.get("claimable", body.get("checked_in_seconds", 0)),
            ("allowance", "learned"): seconds.get("allowance", 0),
            ("allowance", "claimable"): seconds.get("allowance_checked_in", 0),
        }
        name = name_of(kind, body) or ""
        self.proven[record] = Proven(record, kind, body["person"], body["context"], name, table)

    def _claimable(self, record: str, body: Mapping[str, Any], most: int) -> int:
        """What of another platform's time may be claimed: what the record says, where it says it, and never more than
        ``most``."""
        claimable = body.get("claimable_seconds", most)
        if not is_size(claimable) or claimable > most:
            self.say(record)("SUM_DIFFERS", what="claimable_seconds", wanted=f"≤{most}", found=claimable)
            return most
        return int(claimable)

    def _total(self, person: str, pieces: Sequence[Sequence[Any]], allowance_seconds: int = 0) -> None:
        total = self.report.person(person)
        total.recounted_ms += sum(piece[1] - piece[0] for piece in pieces)
        total.checked_in_ms += sum(piece[1] - piece[0] for piece in pieces if piece[4])
        total.allowance_seconds += allowance_seconds

    # sessions

    def session(self, record: str, body: Mapping[str, Any]) -> None:
        """Count a session that stands for itself."""
        self.sessions([(record, lambda: body)])

    def sessions(self, chain: Sequence[tuple[str, Callable[[], Mapping[str, Any]]]]) -> None:
        """Count a session and those that midnight moved it on to. Bodies are asked for one or two at a time."""
        walk: Walk | None = None
        known = at = 0
        effort = Effort(min(STEPS_A_SESSION, self.effort.left))
        steps = effort.left
        try:
            for at, (record, read) in enumerate(chain):
                body = read()
                following = chain[at + 1][1]() if at + 1 < len(chain) else None
                if walk is None:
                    walk = Walk(body, effort)
                walk.remember = body["session"] in self.remembered
                walk.take(
                    body,
                    self.say(record),
                    elsewhere=_elsewhere(body, following),
                    known=known,
                    to_be_continued=following is not None,
                )
                before_misses = walk.misses
                walk.misses = []
                self._finished(record, body, walk, before_misses)
                if following is not None:
                    known = self._go_on(chain[at + 1][0], body, following, walk)
        except Refused as refused:
            for left, _ in chain[at:]:
                self.report.refuse(refused, left)
        self.effort.left -= steps - max(0, effort.left)

    def _finished(self, record: str, body: Mapping[str, Any], walk: Walk, misses: Sequence[tuple[int, str]]) -> None:
        say, midnight = self.say(record), body["close_reason"] == "MIDNIGHT"
        if midnight:
            if body["closed_ms"] != walk.midnight:
                say("SPLIT_DIFFERS", what="closed_ms")
            stretches, covered = walk.split()
        else:
            stretches, covered = walk.counted(), walk.covered
        check_in = body["check_in"]
        days = {local_day(check_in["at_ms"]): check_in["at_ms"]} if check_in else {}
        days = {day: at for day, at in days.items() if day == local_day(body["opened_ms"])}
        pieces = pieces_of(joined(stretches), days)
        _compare_pieces(body["pieces"], pieces, say)
        counted = sum(piece[1] - piece[0] for piece in pieces)
        if body["counted_ms"] != counted:
            say("SUM_DIFFERS", what="counted_ms", wanted=counted, found=body["counted_ms"])
        _check_chain(body, say)
        _check_all_time(body, say)
        gaps = covered.gaps(0, walk.media)
        self._check_allowance(body, gaps, walk.media, say)
        self._keep_session(record, body, pieces, misses, gaps)
        if body["session"] in self.remembered:
            beats = [(beat[0], beat[1]) for beat in body["beats"]]
            end = (body["closed_ms"], counted)
            self.heads[body["session"]] = Remembered(record, body["chain_start"], beats, walk.heads, end)

    def _keep_session(
        self,
        record: str,
        body: Mapping[str, Any],
        pieces: Sequence[Sequence[Any]],
        misses: Sequence[tuple[int, str]],
        gaps: list[tuple[int, int]],
    ) -> None:
        person = self.person(body["person"])
        person.wall += [(piece[0], piece[1], record) for piece in body["pieces"]]
        person.misses += [(at, outcome, record) for at, outcome in misses]
        allowance = (body["allowance_seconds"], body["allowance_checked_in_seconds"])
        lesson = body["lesson"]["ref"]
        self.lesson_of[body["session"]] = lesson
        person.lessons.setdefault(lesson, []).append(
            LessonPart(
                record,
                self.index.get(record, 0),
                Coverage(body["before"]["covered"]),
                [(piece[2], piece[3]) for piece in body["pieces"]],
                _lengths(pieces),
                (body["learned_seconds"], body["checked_in_seconds"]),
                body["lesson"]["media_ms"],
                body["rules"]["complete_per_mille"],
                given=[(item[1], item[2]) for item in body["given"]],
                rest=gaps if body["allowance_ms"] else [],
                allowance=allowance,
                continues=body["continues"] is not None,
            )
        )
        self._prove(
            record,
            "session",
            body,
            allowance=allowance[0],
            allowance_checked_in=allowance[1],
        )
        self._total(body["person"], pieces, body["allowance_seconds"])
        for name, value in PUBLISHED_RULES.items():
            if body["rules"][name] != value:
                self.other_rules[f"{name}={body['rules'][name]}"] += 1

    @staticmethod
    def _check_allowance(body: Mapping[str, Any], gaps: Sequence[tuple[int, int]], media: int, say: Say) -> None:
        """The missing rest of a lesson that is complete, and nothing otherwise."""
        missing = sum(end - start for start, end in gaps)
        complete = (media - missing) * 1000 >= media * body["rules"]["complete_per_mille"]
        wanted = missing if complete and body["allowance_ms"] else 0
        if body["allowance_ms"] != wanted:
            say("SUM_DIFFERS", what="allowance_ms", wanted=missing if complete else 0, found=body["allowance_ms"])

    def _go_on(self, record: str, older: Mapping[str, Any], newer: Mapping[str, Any], walk: Walk) -> int:
        """Compare what the session after midnight says it began with; how many of its checks the older one told."""
        say, before = self.say(record), newer["before"]
        known = [event[:5] for event in older["checks"] if event[3] >= walk.midnight]
        told = [event[:5] for event in newer["checks"][: len(known)]]
        covered = walk.covered.copy()
        for item in walk.counted():
            covered.remove(item.media_from, item.media_to)
        same: list[tuple[str, object, object]] = [
            ("person", older["person"], newer["person"]),
            ("lesson", older["lesson"], newer["lesson"]),
            ("context", older["context"], newer["context"]),
            ("rules", older["rules"], newer["rules"]),
            ("opened_ms", walk.midnight, newer["opened_ms"]),
            ("before.from_ms", walk.midnight, before["from_ms"]),
            ("before.unconfirmed_ms", walk.unconfirmed, before["unconfirmed_ms"]),
            ("before.check_waiting", walk.check is not None, before["check_waiting"]),
            ("before.covered", covered, Coverage(before["covered"])),
            ("checks", known, told),
        ]
        for name, wanted, found in same:
            if wanted != found:
                say("SPLIT_DIFFERS", what=name)
        return len(known)

    # other time

    def quiz(self, record: str, body: Mapping[str, Any]) -> None:
        """A passed quiz counts the real time to its limit."""
        say = self.say(record)
        end = min(body["closed_ms"], body["opened_ms"] + body["time_limit_seconds"] * 1000)
        if body["pieces"] and not (body["passed"] and body["status"] == "submitted"):
            say("NOT_EARNED", why="测验未通过 (the quiz was not passed)")
        self._outside(record, body, body["opened_ms"], end)
        for what, wanted, found in zip(
            ("learned_seconds", "checked_in_seconds"),
            (item // 1000 for item in _lengths(body["pieces"])),
            (body["learned_seconds"], body["checked_in_seconds"]),
            strict=True,
        ):
            if wanted != found:
                say("SUM_DIFFERS", what=what, wanted=wanted, found=found)
        self._prove(record, "quiz", body)

    def _outside(self, record: str, body: Mapping[str, Any], start: int, end: int) -> None:
        """Pieces within a span; kept for what must hold over all records of the person."""
        last = start
        for piece in body["pieces"]:
            fits = last <= piece[0] < piece[1] <= end and piece[3] - piece[2] == piece[1] - piece[0] and piece[2] >= 0
            if not fits:
                self.say(record)("OUTSIDE_SPAN", piece=piece, start=_clock(start), end=_clock(end))
            last = piece[1]
        self.person(body["person"]).wall += [(piece[0], piece[1], record) for piece in body["pieces"]]
        self._total(body["person"], body["pieces"], body.get("allowance_seconds", 0))

    def appeal(self, record: str, body: Mapping[str, Any]) -> None:
        """An upheld appeal gives back at most what it was about."""
        say = self.say(record)
        given = _lengths(body["pieces"])
        if not body["upheld"] and (body["pieces"] or body["learned_seconds"] or body["allowance_seconds"]):
            say("NOT_EARNED", why="申诉未成立 (the appeal was refused)")
        if given[0] > body["uncounted_seconds"] * 1000:
            say("APPEAL_TOO_MUCH", given=given[0], limit=body["uncounted_seconds"])
        self._outside(record, body, body["started_ms"], body["ended_ms"])
        self.person(body["person"]).appeals.append(
            (
                body["session"],
                LessonPart(
                    record,
                    self.index.get(record, 0),
                    None,
                    [(piece[2], piece[3]) for piece in body["pieces"]],
                    given,
                    (body["learned_seconds"], body["checked_in_seconds"]),
                    allowance=(body["allowance_seconds"], 0),
                ),
            )
        )
        # How much of its allowance was under check-ins the record does not say: never more than the allowance.
        rest = body["allowance_seconds"]
        self._prove(record, "appeal", body, allowance=rest, allowance_checked_in=rest and rest + 1)

    def imported(self, record: str, body: Mapping[str, Any]) -> None:
        """Time of another platform, counted again within its own timestamps from what the record found."""
        say = self.say(record)
        if body["grade"] != "imported":
            say("GRADE_WRONG", found=body["grade"])
        pieces = _recounted_import(body, say, self.effort)
        _compare_pieces(body["pieces"], pieces, say)
        counted = _lengths(pieces)
        if body["counted_ms"] != counted[0]:
            say("SUM_DIFFERS", what="counted_ms", wanted=counted[0], found=body["counted_ms"])
        person = self.person(body["person"])
        person.wall += [(piece[0], piece[1], record) for piece in body["pieces"]]
        rests = tuple(body["before"]["rests"])
        with_media = any(item[2] is not None for item in body["intervals"])
        if body["lesson"] is not None:
            person.lessons.setdefault(body["lesson"], []).append(
                LessonPart(
                    record,
                    self.index.get(record, 0),
                    Coverage(body["before"]["covered"]),
                    [(piece[2], piece[3]) for piece in body["pieces"]] if with_media else [],
                    counted,
                    (body["learned_seconds"], body["checked_in_seconds"]),
                    rests=(rests[0], rests[1]),
                )
            )
        else:
            wanted = tuple((rest + ms) // 1000 for rest, ms in zip(rests, counted, strict=True))
            if rests != (0, 0) or wanted != (body["learned_seconds"], body["checked_in_seconds"]):
                say("SUM_DIFFERS", what="learned_seconds", wanted=wanted, found=body["learned_seconds"])
        self._prove(record, "import", body, claimable=self._claimable(record, body, body["checked_in_seconds"]))
        self._total(body["person"], pieces)

    def attested(self, record: str, body: Mapping[str, Any]) -> None:
        """Class hours of a day that another platform states: bounded by the day's limit and its room."""
        say, before = self.say(record), body["before"]
        if body["grade"] != "attested":
            say("GRADE_WRONG", found=body["grade"])
        limit = body["limit_seconds"]
        wanted = min(
            body["class_hours"] * body["class_hour_seconds"],
            max(0, limit - before["attested_seconds"]),
            before["room_seconds"],
        )
        if body["learned_seconds"] != wanted or limit > DAY_MS // 1000:
            say("SUM_DIFFERS", what="learned_seconds", wanted=wanted, found=body["learned_seconds"])
        self.report.person(body["person"]).attested_seconds += body["learned_seconds"]
        days = self.person(body["person"]).attested
        days.setdefault(body["local_day"], []).append((body["learned_seconds"], limit, record))
        self._prove(record, "attested", body, claimable=self._claimable(record, body, body["learned_seconds"]))

    # over all records of a person

    def finish(self) -> None:
        """What must hold over all records of each person."""
        unproved = 0
        for person in self.people.values():
            self._check_wall(person)
            self._check_misses(person)
            self._check_days(person)
            self._place_appeals(person)
            for parts in person.lessons.values():
                _check_media_once(parts, self.say)
                unproved += _LessonLedger(self.say, self.everything).check(sorted(parts, key=lambda part: part.index))
        if unproved:
            self.report.say("REST_UNPROVED", count=unproved)
        if self.other_rules:
            names = "、".join(sorted(self.other_rules)[:20])
            self.report.say("RULES_DIFFER", count=max(self.other_rules.values()), names=names)

    def _check_wall(self, person: Person) -> None:
        latest: tuple[int, int, str] | None = None
        for item in sorted(person.wall):
            if latest is not None and item[0] < latest[1]:
                end = min(item[1], latest[1])
                self.say(item[2])("WALL_TWICE", start=_clock(item[0]), end=_clock(end), other=latest[2])
            if latest is None or item[1] > latest[1]:
                latest = item

    def _check_misses(self, person: Person) -> None:
        """Only the first missed check of a local day costs little."""
        days: set[int] = set()
        for at, outcome, record in sorted(person.misses):
            if outcome == "MISSED" and local_day(at) in days:
                self.say(record)("SECOND_MISS")
            days.add(local_day(at))

    def _check_days(self, person: Person) -> None:
        """A day never holds more attested time than its limit, nor with everything else more than 24 hours."""
        for day, items in person.attested.items():
            attested = sum(item[0] for item in items)
            start, end = day_start(day), day_start(day + 1)
            counted = sum(max(0, min(item[1], end) - max(item[0], start)) for item in person.wall)
            if attested > min(item[1] for item in items) or attested * 1000 + counted > DAY_MS:
                self.say(items[-1][2])("ATTESTED_TOO_MUCH", day=_clock(start)[:10], seconds=attested)

    def _place_appeals(self, person: Person) -> None:
        """An appeal adds to the lesson of its session; where that session is not in the bundle, only its sums are bounded."""
        for session, part in person.appeals:
            lesson = self.lesson_of.get(session, f"session {session}")
            person.lessons.setdefault(lesson, []).append(part)


def _elsewhere(*bodies: Mapping[str, Any] | None) -> list[tuple[int, int]]:
    """Wall time of sessions that counted elsewhere, joined where midnight cut it."""
    spans = Coverage(
        (start, end) for body in bodies if body for code, start, end in body["uncounted"] if code == "COUNTED_ELSEWHERE"
    )
    return spans.spans()


def _lengths(pieces: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """Milliseconds: all, and under a check-in."""
    return sum(item[1] - item[0] for item in pieces), sum(item[1] - item[0] for item in pieces if item[4])


def _compare_pieces(said: Sequence[Sequence[Any]], wanted: Sequence[Sequence[Any]], say: Say) -> None:
    for position in range(max(len(said), len(wanted))):
        one = wanted[position] if position < len(wanted) else None
        two = said[position] if position < len(said) else None
        if one != two:
            start = min(item[0] for item in (one, two) if item is not None)
            say("PIECES_DIFFER", at=_clock(start), wanted=one, found=two)
            return


def _check_chain(body: Mapping[str, Any], say: Say) -> None:
    """Each beat carries the hash of the one before; the first that of the session's own facts."""
    facts = {
        "lesson": body["lesson"]["sha256"],
        "opened_ms": body["opened_ms"],
        "person": body["person"],
        "session": body["session"],
    }
    if body["chain_start"] != hashlib.sha256(canonical(facts)).hexdigest():
        say("CHAIN_START")
    if chain_after(body["session"], body["chain_start"], body["beats"]) != body["chain_head"]:
        say("CHAIN_BROKEN")


def chain_after(session: str, head: str, beats: Iterable[Sequence[Any]]) -> str:
    """The hash after these beats (seq, position_ms, …)."""
    for beat in beats:
        text = f'{{"position_ms":{beat[1]},"prev":"{head}","seq":{beat[0]},"session":"{session}"}}'
        head = hashlib.sha256(text.encode()).hexdigest()
    return head


def _check_all_time(body: Mapping[str, Any], say: Say) -> None:
    """Every wall millisecond of a session counted, or has its reason: once."""
    spans = [(piece[0], piece[1]) for piece in body["pieces"]] + [(item[1], item[2]) for item in body["uncounted"]]
    at = body["before"]["from_ms"]
    for start, end in sorted(spans):
        if start != at or end <= start:
            say("UNCOUNTED_DIFFERS", at=_clock(min(start, at)))
            return
        at = end


def _recounted_import(body: Mapping[str, Any], say: Say, effort: Effort) -> list[list[Any]]:
    """The pieces that intervals of another platform come to. What is ahead of real time adds up while they go on without a
    break."""
    before, intervals = body["before"], body["intervals"]
    taken, seen, rooms = Coverage(before["taken"]), Coverage(before["covered"]), dict(before["rooms"])
    first = intervals[0][0] if intervals else 0
    stretches: list[Stretch] = []
    ahead, last = 0, None
    for start, end, media_from, media_to in intervals:
        effort.spend(10 + taken.inside(start, end) + seen.inside(media_from or 0, media_to or 0))
        if end <= start or (media_from is None) != (media_to is None) or (media_from or 0) > (media_to or 0):
            say("OUTSIDE_SPAN", piece=[start, end], start=_clock(start), end=_clock(end))
            continue
        ahead, last = ahead if start == last else 0, end
        free = _within_rooms(taken.gaps(start, end), rooms)
        newly = [] if media_from is None else seen.gaps(media_from, media_to)
        would_be = max(0, ahead + sum(two - one for one, two in newly) - (end - start))
        if would_be > body["ahead_tolerance_ms"]:
            continue
        ahead = would_be
        new = _paired(free, newly)
        if media_from is None:  # without media the wall time itself counts
            new = [Stretch(one, two, one - first, two - first) for one, two in free]
        effort.spend(len(new) * (1 + len(rooms)))
        for part in new:
            taken.add(part.start, part.end)
            if media_from is not None:
                seen.add(part.media_from, part.media_to)
            for day in rooms:
                rooms[day] -= max(0, min(part.end, day_start(day + 1)) - max(part.start, day_start(day)))
        stretches += new
    days = dict(body["check_in"]["days"])
    if not body["check_in"]["stated"] and days != _first_of_days(intervals):
        say("SUM_DIFFERS", what="check_in", wanted=_first_of_days(intervals), found=days)
    return pieces_of(sorted(stretches), days)


def _first_of_days(intervals: Sequence[Sequence[Any]]) -> dict[int, int]:
    days: dict[int, int] = {}
    for start, end, *_ in intervals:
        for day in range(local_day(start), min(local_day(end - 1), local_day(start) + 2) + 1):
            at = max(start, day_start(day))
            days[day] = min(days.get(day, at), at)
    return days


def _within_rooms(free: Sequence[tuple[int, int]], rooms: Mapping[int, int]) -> list[tuple[int, int]]:
    """Free time as far as its local days have room, the earliest first."""
    left, fits = dict(rooms), Coverage()
    for start, end in free:
        while start < end:
            day = local_day(start)
            until = min(end, day_start(day + 1))
            allowed = min(until - start, max(0, left.get(day, until - start)))
            fits.add(start, start + allowed)
            if day in left:
                left[day] -= allowed
            start = until
    return fits.spans() if rooms else list(free)


def _paired(wall: Sequence[tuple[int, int]], media: Sequence[tuple[int, int]]) -> list[Stretch]:
    """Wall time set against media, both from the earliest on, as long as both last."""
    made: list[Stretch] = []
    rest = deque(media)
    for start, end in wall:
        while start < end and rest:
            media_from, media_to = rest.popleft()
            size = min(end - start, media_to - media_from)
            part = Stretch(start, start + size, media_from, media_from + size)
            if made and made[-1].end == part.start and made[-1].media_to == part.media_from:
                part = Stretch(made[-1].start, part.end, made[-1].media_from, part.media_to)
                made.pop()
            made.append(part)
            if media_from + size < media_to:
                rest.appendleft((media_from + size, media_to))
            start += size
    return made


def _check_media_once(parts: Sequence[LessonPart], say: Callable[[str], Say]) -> None:
    """No millisecond of media earns twice: neither counted, nor as the rest of a complete lesson."""
    spans = sorted((start, end, part.record) for part in parts for start, end in (*part.media, *part.rest))
    latest: tuple[int, int, str] | None = None
    for item in spans:
        if latest is not None and item[0] < latest[1]:
            say(item[2])("MEDIA_TWICE", start=item[0], end=min(item[1], latest[1]), other=latest[2])
        if latest is None or item[1] > latest[1]:
            latest = item
    given = [part for part in parts if part.allowance[0]]
    for earlier, later in pairwise(given):
        say(later.record)("ALLOWANCE_TWICE", other=earlier.record)


class _LessonLedger:
    """Coverage and remainders below a second of one person's lesson, from record to record.

    A remainder is known as a range of milliseconds: exactly, where the bundle holds the lesson from its beginning.
    ``checked_in`` is the time under check-ins, None where it is not known.
    """

    def __init__(self, say: Callable[[str], Say], everything: bool) -> None:
        self.say, self.everything = say, everything
        self.covered: Coverage | None = None
        self.rests = [(0, 999), (0, 999)]
        self.checked_in: int | None = None
        self.media_ms: int | None = None
        self.complete_per_mille = 1000

    def check(self, parts: Sequence[LessonPart]) -> int:
        """Check them in order; 1 when a remainder from before the bundle could not be proved."""
        unproved = 0
        for part in parts:
            unproved |= self._join(part)
            if part.media_ms is not None:
                self.media_ms, self.complete_per_mille = part.media_ms, part.complete_per_mille
            for side, what in enumerate(("learned_seconds", "checked_in_seconds")):
                self._whole_seconds(side, part.counted[side], part.seconds[side], part, what)
            if self.checked_in is not None:
                self.checked_in += part.counted[1]
            covered = self.covered or Coverage()
            for start, end in (*part.given, *part.media):
                covered.add(start, end)
            if any(part.allowance) or part.rest:
                self._allowance(part, covered)
            self.covered = covered
        return unproved

    def _join(self, part: LessonPart) -> int:
        """Hold what the part found covered against what came before it. 1 when something before it is not at hand."""
        if part.before is None:
            if self.covered is None:
                self._restart(part, fresh=False)
                return 1
            return 0
        known, self.covered = self.covered, part.before.copy()
        if known is None:
            fresh = not part.before.spans() and not part.continues
            if self.everything and not fresh:
                self.say(part.record)("COVERED_BEFORE", why="缺少更早的记录 (earlier records are missing)")
            self._restart(part, fresh=fresh)
            return 0 if fresh else 1
        found = part.before.copy()
        for start, end in part.given:
            found.add(start, end)
        lost = [gap for start, end in known.spans() for gap in found.gaps(start, end)]
        if lost and not part.continues:
            self.say(part.record)("COVERED_BEFORE", why=f"{lost[0][0]}..{lost[0][1]} ms")
        if any(known.gaps(start, end) for start, end in found.spans()):
            if self.everything:
                self.say(part.record)("COVERED_BEFORE", why="缺少中间的记录 (records between are missing)")
            self._restart(part, fresh=False)
            return 1
        pairs = zip(part.rests or (), self.rests, strict=False)
        if any(not low <= rest <= high for rest, (low, high) in pairs):
            self.say(part.record)("SUM_DIFFERS", what="before.rests", wanted=self.rests, found=part.rests)
        return 0

    def _restart(self, part: LessonPart, *, fresh: bool) -> None:
        self.checked_in = 0 if fresh else None
        if fresh:
            self.rests = [(0, 0), (0, 0)]
        elif part.rests is not None:
            self.rests = [(rest, rest) for rest in part.rests]
        else:
            self.rests = [(0, 999), (0, 999)]

    def _whole_seconds(self, side: int, counted: int, said: int, part: LessonPart, what: str) -> None:
        """Whole seconds are what counted and the remainder from before; what is left is carried on."""
        low, high = self.rests[side]
        after = max(0, low + counted - said * 1000), min(999, high + counted - said * 1000)
        if after[0] > after[1]:
            wanted = sorted({(low + counted) // 1000, (high + counted) // 1000})
            self.say(part.record)("SUM_DIFFERS", what=what, wanted="–".join(map(str, wanted)), found=said)
            after = (0, 999)
        self.rests[side] = after

    def _allowance(self, part: LessonPart, covered: Coverage) -> None:
        """The rest of a complete lesson joins the remainder; the lesson is covered from now on."""
        if part.before is None:
            self._allowance_of_appeal(part, covered)
            return
        rest = sum(end - start for start, end in part.rest)
        self._whole_seconds(0, rest, part.allowance[0], part, "allowance_seconds")
        if part.allowance[1]:
            few = (
                self.checked_in is not None and self.checked_in * 1000 < (part.media_ms or 0) * part.complete_per_mille
            )
            if few:
                self.say(part.record)(
                    "SUM_DIFFERS", what="allowance_checked_in_seconds", wanted=0, found=part.allowance[1]
                )
            else:
                self._whole_seconds(1, rest, part.allowance[1], part, "allowance_checked_in_seconds")
        for start, end in part.rest:
            covered.add(start, end)

    def _allowance_of_appeal(self, part: LessonPart, covered: Coverage) -> None:
        """An appeal says only the seconds: at most what the lesson still lacked, and no more than may lack at all."""
        self.rests = [(0, 999), (0, 999)]
        if self.media_ms is None:
            return
        missing = sum(end - start for start, end in covered.gaps(0, self.media_ms))
        most = min(missing, self.media_ms - self.media_ms * self.complete_per_mille // 1000)
        if part.allowance[0] > (most + 999) // 1000:
            self.say(part.record)("SUM_DIFFERS", what="allowance_seconds", wanted=f"≤{most}ms", found=part.allowance[0])
        covered.add(0, self.media_ms)


# --- decisions and money -----------------------------------------------------------------------------------------------

DEPOSITS = ("deposit", "allowance", "appeal")
TRANSFER_SHAPE: Shape = {
    "key": is_text,
    "transfer": is_text,
    "person": is_uuid,
    "from": is_text,
    "to": is_text,
    "amount_seconds": is_size,
    "context": maybe(is_uuid),
    "evidence": maybe(is_uuid),
    "hold": maybe(is_text),
    "reverses": maybe(is_text),
    "at_ms": is_int,
    "draws": ListOf(Row((is_text, is_size))),
}
CLAIM_SHAPE: Shape = {
    "claim": is_uuid,
    "total_fen": is_size,
    "rates": {"rate_fen": is_size, "class_hour_seconds": is_size, "minimum_class_hours": is_size, "cap_fen": is_size},
    "lines": ListOf(
        {
            "line": is_uuid,
            "person": is_uuid,
            "class": is_uuid,
            "class_hours": is_size,
            "seconds": is_size,
            "claimable_seconds": is_size,
            "drawn_fen": is_size,
            "cap_fen": is_size,
            "amount_fen": is_size,
            "eligible": is_bool,
            "hold": maybe(is_text),
        }
    ),
}
PAYMENT_SHAPE: Shape = {
    "order": is_uuid,
    "claim": is_uuid,
    "amount_fen": is_size,
    "at_ms": is_int,
    "created_by": is_uuid,
    "released_by": is_uuid,
    "lines": ListOf({"line": is_uuid, "amount_fen": is_size, "settle": is_text}),
}
NEW_HIRE_PAYMENT_SHAPE: Shape = {"order": is_uuid, "new_hire": is_uuid, "amount_fen": is_size}
ADJUSTMENT_SHAPE: Shape = {
    "adjustment": is_uuid,
    "claim": is_uuid,
    "line": is_uuid,
    "person": is_uuid,
    "from_fen": is_size,
    "class_hours": is_size,
    "seconds": is_size,
    "amount_fen": is_size,
    "hold": maybe(is_text),
    "staff": is_uuid,
}
CERTIFICATE_SHAPE: Shape = {
    "certificate": is_uuid,
    "number": is_text,
    "person": is_uuid,
    "class": is_uuid,
    "says": {"score": is_int, "pass_mark": is_int, "class_hours": is_size, "attendance_percent": is_int},
    "at_ms": is_int,
}
NOTICE_SHAPE: Shape = {
    "posted_on": is_text,
    "total_fen": is_size,
    "people": is_size,
    "closes_ms": is_int,
    "lines": ListOf({"claim": is_uuid, "line": is_uuid, "class_hours": is_size, "amount_fen": is_size}),
}
REDATING_SHAPE: Shape = {"notice": is_uuid, "from_closes_ms": is_int, "closes_ms": is_int}
RECOVERY_SHAPE: Shape = {
    "recovery": is_uuid,
    "order": is_uuid,
    "line": is_uuid,
    "amount_fen": is_size,
    "proposed_by": is_uuid,
    "demanded_by": is_uuid,
}
RECEIPT_SHAPE: Shape = {"receipt": is_uuid, "recovery": is_uuid, "amount_fen": is_size}
REVIEW_SHAPE: Shape = {
    "subject_kind": is_text,
    "subject_id": is_uuid,
    "stage": is_text,
    "verdict": is_text,
    "staff": is_uuid,
    "at_ms": is_int,
}


# What these bring is known as an upper bound only: the record does not say it to the second.
_BOUNDED = {("appeal", "allowance", "claimable"), ("attested", "time", "claimable")}


class Transfer(NamedTuple):
    """Seconds moved from one account of a person to another."""

    record: str
    place: int
    key: str
    kind: str
    person: str
    source: str
    target: str
    seconds: int
    context: str | None
    evidence: str | None
    hold: str | None
    reverses: str | None
    draws: list[list[Any]]


class Granted(NamedTuple):
    """What is left of a claim line after the reviewers' cuts. ``hold``: the hold that a payment settles."""

    class_hours: int
    seconds: int
    amount_fen: int
    hold: str | None


class Sealed(NamedTuple):
    """A record of the money: its id, its place in the log, what the manifest says it is about, its body."""

    record: str
    place: int
    subject: str
    body: Mapping[str, Any]


class Books:
    """Follows money back: payment → claim line → hold → deposits → the records that prove them."""

    def __init__(self, report: Report, proven: Mapping[str, Proven], erased: Iterable[Mapping[str, Any]]) -> None:
        """``erased``: the manifest's entries of records without bodies."""
        self.report, self.proven = report, proven
        self.gone = {name for entry in erased for name in (entry["id"], entry["subject"]) if name is not None}
        self.unproved = 0
        self.transfers: dict[str, Transfer] = {}
        self.claims: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.places: dict[str, int] = {}  # record of a claim → its place in the log
        self.others: dict[str, list[Sealed]] = defaultdict(list)
        self.granted: dict[str, dict[str, Granted]] = {}  # claim → line → what is left of it
        self.released: set[str | None] = set()  # holds
        self.noticed: dict[tuple[str, str], tuple[Sealed, Mapping[str, Any]]] = {}  # claim, line → its last notice
        self.closes_ms: dict[str, int] = {}  # subject of a notice → when it is over
        self.certified: dict[tuple[str, str], int] = {}  # person, class → place of the first certificate

    def say(self, record: str) -> Say:
        """Says something of that record."""
        return lambda code, **said: self.report.say(code, record=record, **said)

    def transfer(self, record: str, index: int, body: Mapping[str, Any]) -> None:
        """Take in a transfer."""
        self.transfers[body["key"]] = Transfer(
            record,
            index,
            body["key"],
            body["transfer"],
            body["person"],
            body["from"],
            body["to"],
            body["amount_seconds"],
            body["context"],
            body["evidence"],
            body["hold"],
            body["reverses"],
            body["draws"],
        )
        self.report.person(body["person"])

    def claim(self, record: str, index: int, body: Mapping[str, Any]) -> None:
        """Take in a claim."""
        self.claims[body["claim"]] = (record, body)
        self.places[record] = index

    def other(self, kind: str, record: str, index: int, subject: str | None, body: Mapping[str, Any]) -> None:
        """Take in a decision or what came of it: a cut, a certificate, a notice, a review, a payment, a recovery."""
        self.others[kind].append(Sealed(record, index, subject or "", body))

    def finish(self) -> None:
        """Check everything taken in."""
        ordered = sorted(self.transfers.values(), key=lambda item: item.place)
        self._check_deposits([item for item in ordered if item.kind in DEPOSITS])
        self._check_draws(ordered)
        self._index(ordered)
        for record, body in self.claims.values():
            self._check_claim(record, body)
        self._check_adjustments()
        self._check_certificates()
        self._check_payments()
        self._check_recoveries()
        if self.unproved:
            self.report.say("MONEY_UNPROVED", count=self.unproved)

    def _index(self, ordered: Iterable[Transfer]) -> None:
        """Put what was taken in into the order of the log, and what is looked up for each line under its name."""
        for records in self.others.values():
            records.sort(key=lambda item: item.place)
        self.released = {item.hold for item in ordered if item.kind == "release"}
        for notice in self.others["notice"]:
            self.noticed.update(((entry["claim"], entry["line"]), (notice, entry)) for entry in notice.body["lines"])
            self.closes_ms[notice.subject] = notice.body["closes_ms"]
        for moved in self.others["redating"]:
            name = f"notice:{moved.body['notice']}"
            self.closes_ms[name] = max(self.closes_ms.get(name, 0), moved.body["closes_ms"])
        for item in reversed(self.others["certificate"]):
            self.certified[item.body["person"], item.body["class"]] = item.place

    # deposits

    def _check_deposits(self, deposits: Sequence[Transfer]) -> None:
        sums: Counter[tuple[str, str, str]] = Counter()
        for item in deposits:
            say = self.say(item.record)
            if item.source != "issued" or item.target not in ("learned", "claimable") or item.evidence is None:
                say("DEPOSIT_FORM", why=f"{item.source} → {item.target}")
                continue
            proof = self.proven.get(item.evidence)
            if proof is None:
                if item.evidence not in self.gone:
                    say("EVIDENCE_MISSING", id=item.evidence)
                continue
            sort = "allowance" if item.kind == "allowance" else "time"
            name = proof.name
            if sort == "allowance":
                name = f"allowance:{name.partition(':')[2]}"
            wanted_key = f"{name}:{item.target}"
            if (item.person, item.context, item.key) != (proof.person, proof.context, wanted_key):
                say("EVIDENCE_OTHER", why=f"{item.key}, {wanted_key}")
            proved = proof.seconds[sort, item.target]
            exact = (proof.kind, sort, item.target) not in _BOUNDED
            if item.seconds > proved or (exact and item.seconds != proved):
                say("DEPOSIT_AMOUNT", found=item.seconds, wanted=proved)
            sums[item.evidence, sort, item.target] += item.seconds
            if sums[item.evidence, sort, item.target] > item.seconds:
                say("DEPOSIT_AMOUNT", found=sums[item.evidence, sort, item.target], wanted=proved)

    # holds and what becomes of them

    def _check_draws(self, ordered: Sequence[Transfer]) -> None:
        drawn: Counter[str] = Counter()
        held: dict[str, Counter[str]] = {}
        for item in ordered:
            say = self.say(item.record)
            sign = self._direction(item)
            if sign is None:
                continue
            total = sum(seconds for _, seconds in item.draws)
            draws = Counter(dict(item.draws))
            if total != item.seconds or len(draws) != len(item.draws):
                say("DRAW_SUM", found=item.seconds, wanted=total)
            if item.kind in ("settle", "release"):
                self._check_resolved(item, draws, held)
            elif item.kind == "hold":
                held[item.key] = Counter(draws)
            for key, seconds in item.draws:
                self._check_drawn(item, key)
                drawn[key] += sign * seconds
                deposit = self.transfers.get(key)
                if deposit is not None and not 0 <= drawn[key] <= deposit.seconds:
                    say("OVERDRAWN", key=key, amount=deposit.seconds, drawn=drawn[key])

    def _direction(self, item: Transfer) -> int | None:
        """+1 draws deposits, 0 leaves them drawn, -1 gives back; None has no draws of its own."""
        accounts = (item.source, item.target)
        if item.kind == "hold":
            wanted, sign = ("claimable", "held"), 1
        elif item.kind == "settle":
            wanted, sign = ("held", "settled"), 0
        elif item.kind == "release":
            wanted, sign = ("held", "claimable"), -1
        elif item.kind == "reverse":
            return self._reversed(item)
        else:
            if item.kind not in DEPOSITS:
                self.say(item.record)("DEPOSIT_FORM", why=item.kind)
            return None
        if accounts != wanted:
            self.say(item.record)("DEPOSIT_FORM", why=f"{item.kind}: {item.source} → {item.target}")
        return sign

    def _reversed(self, item: Transfer) -> int | None:
        original = self.transfers.get(item.reverses or "")
        if original is None:
            return -1 if item.source == "settled" else (1 if item.source == "claimable" else None)
        back = "claimable" if original.kind == "settle" else "issued"
        same = (item.source, item.target, item.seconds, item.person)
        if original.kind not in (*DEPOSITS, "settle") or same != (
            original.target,
            back,
            original.seconds,
            original.person,
        ):
            self.say(item.record)("RESOLVE_OTHER", key=original.key, why="reverse")
        if original.kind == "settle":
            return -1
        return 1 if original.target == "claimable" else None

    def _check_resolved(self, item: Transfer, draws: Counter[str], held: dict[str, Counter[str]]) -> None:
        say, hold = self.say(item.record), self.transfers.get(item.hold or "")
        if hold is None or hold.kind != "hold" or hold.key not in held:
            if f"transfer:{item.hold}" not in self.gone:
                say("HOLD_MISSING", key=item.hold)
            return
        left = held[hold.key]
        left.subtract(draws)
        if (item.person, item.context) != (hold.person, hold.context) or any(seconds < 0 for seconds in left.values()):
            say("RESOLVE_OTHER", key=hold.key, why=f"{item.seconds} s")

    def _check_drawn(self, item: Transfer, key: str) -> None:
        deposit = self.transfers.get(key)
        if deposit is None:
            if f"transfer:{key}" not in self.gone:
                self.say(item.record)("DEPOSIT_MISSING", key=key)
            return
        other_class = item.kind == "hold" and item.context is not None and item.context != deposit.context
        if (
            deposit.kind not in DEPOSITS
            or deposit.target != "claimable"
            or deposit.person != item.person
            or other_class
        ):
            self.say(item.record)("DRAW_OTHER", key=key)

    def _rests_on_erased(self, hold: Transfer) -> bool:
        """Whether something under the hold has no body any more."""
        deposits = [(key, self.transfers.get(key)) for key, _ in hold.draws]
        return any(
            f"transfer:{key}" in self.gone if deposit is None else deposit.evidence in self.gone
            for key, deposit in deposits
        )

    def _proved_seconds(self, hold: Transfer) -> int:
        """Of the seconds a hold draws, those that records in the bundle prove."""
        proved = 0
        for key, seconds in hold.draws:
            deposit = self.transfers.get(key)
            proof = self.proven.get(deposit.evidence or "") if deposit is not None else None
            if deposit is not None and proof is not None:
                sort = "allowance" if deposit.kind == "allowance" else "time"
                proved += min(seconds, proof.seconds[sort, "claimable"], deposit.seconds)
        return proved

    # claims

    def _check_claim(self, record: str, body: Mapping[str, Any]) -> None:
        say, rates = self.say(record), body["rates"]
        if not rates["class_hour_seconds"]:
            say("RATES_WRONG", why="class_hour_seconds")
            return
        total = 0
        seen: set[str] = set()
        for line in body["lines"]:
            for name in (line["line"], line["person"], *([line["hold"]] if line["hold"] is not None else [])):
                if name in seen:
                    say("LINE_TWICE", what=name)
                seen.add(name)
            total += self._check_line(line, rates, say)
        self.granted[body["claim"]] = {
            line["line"]: Granted(line["class_hours"], line["seconds"], line["amount_fen"], line["hold"])
            for line in body["lines"]
            if line["amount_fen"]
        }
        if total != body["total_fen"]:
            say("TOTAL_OTHER", what="申领 (claim)", wanted=total, found=body["total_fen"])

    def _check_line(self, line: Mapping[str, Any], rates: Mapping[str, Any], say: Say) -> int:
        """Work the line out again; what it comes to, in fen."""
        unit, name = rates["class_hour_seconds"], line["line"]
        hold = self.transfers.get(line["hold"] or "")
        hours = line["claimable_seconds"] // unit
        pays = line["eligible"] and hours >= rates["minimum_class_hours"]
        left = max(0, rates["cap_fen"] - line["drawn_fen"])
        amount = min(hours * rates["rate_fen"], left) if pays else 0
        proved = 0
        if hold is not None:
            proved = self._proved_seconds(hold)
            if (hold.kind, hold.person, hold.context) != ("hold", line["person"], line["class"]):
                say("LINE_OTHER", line=name, what="hold", wanted=line["person"], found=hold.person)
            if hold.seconds != line["seconds"]:
                say("LINE_OTHER", line=name, what="seconds", wanted=hold.seconds, found=line["seconds"])
            proved_hours = min(proved, hold.seconds) // unit
            if amount and self._rests_on_erased(hold):
                self.unproved += 1
            elif amount and proved_hours != hours:
                say("LINE_OTHER", line=name, what="proved class_hours", wanted=proved_hours, found=line["class_hours"])
                hours, amount = proved_hours, min(proved_hours * rates["rate_fen"], left)
        elif amount or line["hold"] is not None:
            say("LINE_UNHELD" if line["hold"] is None else "HOLD_MISSING", line=name, key=line["hold"])
            amount = 0
        for what, wanted, found in (
            ("class_hours", hours, line["class_hours"]),
            ("seconds", hours * unit if amount else 0, line["seconds"]),
            ("cap_fen", rates["cap_fen"], line["cap_fen"]),
            ("eligible", amount > 0, line["eligible"]),
            ("amount_fen", amount, line["amount_fen"]),
        ):
            if wanted != found:
                say("LINE_OTHER", line=name, what=what, wanted=wanted, found=found)
        person = self.report.person(line["person"])
        if amount:
            person.drawn_seconds += proved
            person.class_hours += hours
            person.amount_fen += amount
        return amount

    # cuts, certificates, notices

    def _check_adjustments(self) -> None:
        """Each cut lowers what the one before left, under the rates of the claim, and holds the rest anew."""
        for cut in self.others["adjustment"]:
            body, claim = cut.body, self.claims.get(cut.body["claim"])
            if claim is None:  # a person's own bundle has the cut without the claim
                continue
            before = self.granted.get(body["claim"], {}).get(body["line"])
            line = next((item for item in claim[1]["lines"] if item["line"] == body["line"]), None)
            why = ""
            if before is None or line is None or line["person"] != body["person"]:
                why = "申领里没有这一行 (no such line of the claim)"
            elif not before.amount_fen or body["from_fen"] != before.amount_fen:
                why = f"此前为{before.amount_fen}分，不是{body['from_fen']}分 (another amount before)"
            elif body["class_hours"] >= before.class_hours or body["amount_fen"] >= before.amount_fen:
                why = "没有减少 (not lower)"
            else:
                why = self._against_rates(body, line, claim[1]["rates"]) or self._holds_anew(body, line, before)
            if why:
                self.say(cut.record)("ADJUSTMENT_OTHER", line=body["line"], why=why)
            if before is not None:
                after = Granted(body["class_hours"], body["seconds"], body["amount_fen"], body["hold"])
                self.granted[body["claim"]][body["line"]] = after
                person = self.report.person(body["person"])
                person.class_hours -= before.class_hours - after.class_hours
                person.amount_fen -= before.amount_fen - after.amount_fen
                person.drawn_seconds -= before.seconds - after.seconds

    @staticmethod
    def _against_rates(body: Mapping[str, Any], line: Mapping[str, Any], rates: Mapping[str, Any]) -> str:
        """What of a cut does not follow from its class hours and the rates; empty when all does."""
        hours = body["class_hours"]
        amount = min(hours * rates["rate_fen"], max(0, rates["cap_fen"] - line["drawn_fen"]))
        if hours < rates["minimum_class_hours"]:
            amount = 0
        seconds = hours * rates["class_hour_seconds"] if amount else 0
        if (body["amount_fen"], body["seconds"]) != (amount, seconds):
            return f"{hours}课时应为{amount}分、{seconds}秒 (other money or seconds than its class hours bring)"
        return ""

    def _holds_anew(self, body: Mapping[str, Any], line: Mapping[str, Any], before: Granted) -> str:
        """What of a cut's seconds is wrong: the hold before it is to be released, the rest held; empty when all is right."""
        if before.hold not in self.released:
            return "原来的冻结没有解除 (the hold before it was not released)"
        if body["amount_fen"] == 0:
            return "" if body["hold"] is None else "核减为0却仍有冻结 (nothing left, and a hold)"
        hold = self.transfers.get(body["hold"] or "")
        wanted = ("hold", line["person"], line["class"], body["seconds"])
        if hold is None or (hold.kind, hold.person, hold.context, hold.seconds) != wanted:
            return "其余学时没有如数冻结 (the rest is not held)"
        return ""

    def _check_certificates(self) -> None:
        """A certificate says attendance and a score that pass."""
        for item in self.others["certificate"]:
            says = item.body["says"]
            if says["score"] < says["pass_mark"]:
                why = f"{says['score']}分不及格 (below the pass mark of {says['pass_mark']})"
                self.say(item.record)("CERTIFICATE_OTHER", number=item.body["number"], why=why)

    def _check_on_notice(self, payment: Sealed, line: str, granted: Granted) -> None:
        """三: a line is paid after a public notice that named its hours and money, and that was over."""
        say, claim = self.say(payment.record), payment.body["claim"]
        if (claim, line) not in self.noticed:
            if not self._erased_any("notice"):
                say("NOTICE_OTHER", line=line, why="没有公示记录 (it was on no notice)")
            return
        notice, entry = self.noticed[claim, line]
        if (entry["class_hours"], entry["amount_fen"]) != (granted.class_hours, granted.amount_fen):
            why = f"公示{entry['class_hours']}课时、{entry['amount_fen']}分 (other hours or money than granted)"
            say("NOTICE_OTHER", line=line, why=why)
        closes_ms = self.closes_ms[notice.subject]
        if payment.body["at_ms"] < closes_ms or payment.place < notice.place:
            say("NOTICE_OTHER", line=line, why=f"公示至{_clock(closes_ms)}，此前已拨付 (paid before it was over)")

    def _erased_any(self, kind: str) -> bool:
        """Whether records of this kind have no body any more, so that nothing can be said about what is missing."""
        return any(name.startswith(f"{kind}:") for name in self.gone)

    # payments, reviews, recoveries

    def _check_payments(self) -> None:
        paid: dict[str, int] = {}
        uncertified = 0
        for payment in self.others["payment"]:
            body, say = payment.body, self.say(payment.record)
            claim = self.claims.get(body["claim"])
            if claim is None:
                say("SUBJECT_MISSING", kind="claim", id=body["claim"])
                continue
            if body["created_by"] == body["released_by"]:
                say("PAYMENT_OTHER", why="编制和放款是同一人 (made and released by one person)")
            total = sum(line["amount_fen"] for line in body["lines"])
            if total != body["amount_fen"]:
                say("TOTAL_OTHER", what="拨付 (payment)", wanted=total, found=body["amount_fen"])
            whose = {line["line"]: line["person"] for line in claim[1]["lines"]}
            for line in body["lines"]:
                if line["line"] in paid:
                    say("PAYMENT_OTHER", why=f"同一行拨付了两次 (line {line['line']} paid twice)")
                paid[line["line"]] = line["amount_fen"]
                if line["line"] in whose:
                    self.report.person(whose[line["line"]]).paid_fen += line["amount_fen"]
                self._check_paid(payment, line)
            self._check_reviews(claim, payment)
            uncertified += self._uncertified(claim, body["lines"])
        if uncertified:
            self.report.say("UNCERTIFIED", count=uncertified)
        self._say_unpaid(paid)

    def _check_paid(self, payment: Sealed, line: Mapping[str, Any]) -> None:
        """One line of a payment: of the claim, for what was granted, settling the seconds that are held."""
        say, name = self.say(payment.record), line["line"]
        granted = self.granted.get(payment.body["claim"], {}).get(name)
        if granted is None or not granted.amount_fen:
            say("PAYMENT_OTHER", why=f"申领里没有核给这一行 (line {name} is not granted)")
            return
        settle = self.transfers.get(line["settle"])
        wanted = ("settle", granted.hold, granted.seconds)
        agrees = settle is not None and (settle.kind, settle.hold, settle.seconds) == wanted
        if not agrees and self._erased_any("adjustment"):
            self.unproved += 1
            return
        if line["amount_fen"] != granted.amount_fen:
            say("LINE_OTHER", line=name, what="amount_fen", wanted=granted.amount_fen, found=line["amount_fen"])
        if not agrees:
            say("PAYMENT_OTHER", why=f"核销与该行不符 (settlement of line {name})")
        self._check_on_notice(payment, name, granted)

    def _uncertified(self, claim: tuple[str, Mapping[str, Any]], lines: Iterable[Mapping[str, Any]]) -> int:
        """How many people of these lines have no certificate that was sealed before the claim."""
        place = self.places[claim[0]]
        paid = {line["line"] for line in lines}
        return sum(
            line["line"] in paid and self.certified.get((line["person"], line["class"]), place) >= place
            for line in claim[1]["lines"]
        )

    def _say_unpaid(self, paid: Mapping[str, int]) -> None:
        """What is still to be paid: nothing yet, or some lines."""
        if self.claims and not paid:
            self.report.say("CLAIM_UNPAID")
            return
        unpaid = sum(
            line not in paid and bool(granted.amount_fen) and granted.hold not in self.released
            for lines in self.granted.values()
            for line, granted in lines.items()
        )
        if unpaid:
            self.report.say("LINES_UNPAID", count=unpaid)

    def _check_reviews(self, claim: tuple[str, Mapping[str, Any]], payment: Sealed) -> None:
        """A claim that is paid was approved twice, by two persons, before; the second may have asked the first again."""
        reviews = [
            item.body
            for item in self.others["review"]
            if (item.body["subject_kind"], item.body["subject_id"]) == ("claim", claim[1]["claim"])
            and item.place < payment.place
        ]
        stages = [(body["stage"], body["verdict"]) for body in reviews]
        while stages[:2] == [("first", "approve"), ("second", "return")]:
            del stages[:2], reviews[:2]
        if stages != [("first", "approve"), ("second", "approve")]:
            said = "、".join(f"{stage} {verdict}" for stage, verdict in stages)
            self.say(payment.record)("REVIEW_OTHER", why=said or "没有审核记录 (no reviews)")
        elif reviews[0]["staff"] == reviews[1]["staff"]:
            self.say(payment.record)("REVIEW_OTHER", why="初审和复核是同一人 (one person)")

    def _check_recoveries(self) -> None:
        """Money is claimed back by two persons, of a paid line and not more than was paid; receipts not more than claimed."""
        paid = {
            (item.body["order"], line["line"]): line["amount_fen"]
            for item in self.others["payment"]
            for line in item.body["lines"]
        }
        left: dict[str, int] = {}
        for item in self.others["recovery"]:
            body, say = item.body, self.say(item.record)
            place = (body["order"], body["line"])
            if body["proposed_by"] == body["demanded_by"]:
                say("RECOVERY_OTHER", why="提出和批准是同一人 (one person)")
            if place not in paid or body["amount_fen"] > paid[place]:
                say("RECOVERY_OTHER", why=f"超过已拨付的金额 (more than was paid for line {body['line']})")
            else:
                paid[place] -= body["amount_fen"]
            left[body["recovery"]] = body["amount_fen"]
        for item in self.others["recovery_receipt"]:
            body = item.body
            left[body["recovery"]] = left.get(body["recovery"], 0) - body["amount_fen"]
            if left[body["recovery"]] < 0:
                self.say(item.record)("RECOVERY_OTHER", why="到账多于追回 (more came back than was claimed)")


# --- the summary people read -------------------------------------------------------------------------------------------

_TITLES = {
    "session": "学习",
    "quiz": "测试",
    "appeal": "申诉答复",
    "import": "其他平台的学习",
    "attested": "其他平台的证明",
    "transfer": "学时账目",
    "claim": "补贴申领",
    "review": "审核",
    "adjustment": "核减",
    "certificate": "合格证书",
    "notice": "公示",
    "redating": "公示延期",
    "payment": "拨付",
    "recovery": "追回",
    "recovery_receipt": "追回到账",
    "attachment": "附件",
    "destruction": "销毁证明",
}
_ABOUT = {"session": "一次学习", "worker": "个人学习", "report": "学时报告", "claim": "补贴申领"}


class Summary:
    """The text of ``summary.txt``: what the records say, in Chinese. Whoever makes a bundle writes exactly this text, and
    whoever verifies one works it out again, so that nobody is shown other figures than those in the records."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.learned: Counter[str] = Counter()
        self.checked_in: Counter[str] = Counter()
        self.claims: list[str] = []
        self.erased = 0

    def add(self, kind: str, body: object) -> None:
        """Take in a record. What is not as agreed is left out; the verifier says so elsewhere."""
        self.kinds[kind] += 1
        if not isinstance(body, dict):
            return
        person = body.get("person")
        if kind in ("session", "quiz", "appeal", "import", "attested") and isinstance(person, str):
            self.learned[person] += _sum_of(body, "learned_seconds", "allowance_seconds")
            self.checked_in[person] += _sum_of(body, "checked_in_seconds", "allowance_checked_in_seconds")
        if kind == "claim":
            lines = body.get("lines")
            count = len(lines) if isinstance(lines, list) else 0
            hours = sum(
                _sum_of(line, "class_hours") for line in lines or () if isinstance(line, dict) and line.get("eligible")
            )
            number, on = body.get("filing_number"), body.get("claimed_on")
            total = yuan(_sum_of(body, "total_fen"))
            self.claims.append(f"申领：备案号{number or '无'}，{on}提出，共{count}人，{hours}课时，{total}元")
        if kind == "adjustment":
            left = f"{_sum_of(body, 'class_hours')}课时、{yuan(_sum_of(body, 'amount_fen'))}元"
            self.claims.append(f"核减：一人由{yuan(_sum_of(body, 'from_fen'))}元减为{left}")
        if kind == "notice":
            self.claims.append(f"公示：{body.get('posted_on')}发布")
        if kind in ("payment", "recovery"):
            self.claims.append(f"{_TITLES[kind]}：{yuan(_sum_of(body, 'amount_fen'))}元")

    def add_erased(self, kind: str) -> None:
        """Take in a record whose body was destroyed."""
        self.kinds[kind] += 1
        self.erased += 1

    def text(self, manifest: Mapping[str, Any], checkpoint_size: int) -> str:
        """``manifest`` may already name this file's hash or not: it makes no difference."""
        about, people = manifest["about"], manifest["people"]
        lines = [
            "创课学习存证包",
            f"内容：{_ABOUT.get(about['kind'], about['kind'])}　{about['title']}",
            f"编号：{about['id']}",
            f"日志：{manifest['origin']}，检查点共{checkpoint_size}条",
            f"生成时间：{_clock(manifest['made_ms'])}（北京时间）",
            f"人员：{len(people)}人；存证记录：{sum(self.kinds.values())}条",
            *(f"　{_TITLES.get(kind, kind)}：{count}条" for kind, count in sorted(self.kinds.items())),
            *([f"　其中已按保存期限销毁内容：{self.erased}条"] if self.erased else []),
            "",
            *(
                f"{people.get(ref, ref)}：记录的学习时间{_hours(self.learned[ref])}，其中签到后{_hours(self.checked_in[ref])}"
                for ref in sorted(self.learned)
            ),
            *self.claims,
            "",
            "本摘要由包内记录生成。请用核验程序核对：python verify.py 本文件.zip",
            f"清单SHA-256：{manifest_digest(manifest)}",
        ]
        return "\n".join(line.replace("\n", " ") if line else line for line in lines) + "\n"


def _sum_of(body: Mapping[str, Any], *names: str) -> int:
    values = (body.get(name, 0) for name in names)
    return sum(value for value in values if type(value) is int)


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}小时{seconds // 60 % 60}分{seconds % 60}秒（{seconds}秒）"


def yuan(fen: int) -> str:
    """``44400`` → ``444.00``."""
    return f"{fen // 100}.{fen % 100:02d}"


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical manifest without the line of ``summary.txt`` in it: so the summary binds the manifest too."""
    files = {name: value for name, value in manifest["files"].items() if name != "summary.txt"}
    return hashlib.sha256(canonical({**manifest, "files": files})).hexdigest()


# --- the bundle --------------------------------------------------------------------------------------------------------

RECORD_SHAPE: Shape = {
    "id": is_uuid,
    "kind": is_text,
    "suite": is_text,
    "salt": is_hash,
    "index": is_size,
    "subject": maybe(is_text),
    "sha256": is_hash,
}
ERASED_SHAPE: Shape = {
    "id": is_uuid,
    "kind": is_text,
    "index": is_size,
    "subject": maybe(is_text),
    "entry": is_text,
}
MANIFEST_SHAPE: Shape = {
    "format": lambda value: value == FORMAT,
    "about": {"kind": lambda value: value in _ABOUT, "id": is_text, "title": is_text},
    "origin": is_text,
    "made_ms": is_size,
    "verifiers": ListOf(is_text, 100),
    "receipt_keys": ByName(lambda name: _HEX16.fullmatch(str(name)) is not None, is_text),
    "people": ByName(is_uuid, is_text),
    "records": ListOf(RECORD_SHAPE, MOST_MEMBERS),
    "files": ByName(is_text, is_hash),
}

SHAPES: dict[str, Shape] = {
    "session": SESSION_SHAPE,
    "quiz": QUIZ_SHAPE,
    "appeal": APPEAL_SHAPE,
    "import": IMPORT_SHAPE,
    "attested": ATTESTED_SHAPE,
    "transfer": TRANSFER_SHAPE,
    "claim": CLAIM_SHAPE,
    "adjustment": ADJUSTMENT_SHAPE,
    "certificate": CERTIFICATE_SHAPE,
    "notice": NOTICE_SHAPE,
    "redating": REDATING_SHAPE,
    "payment": PAYMENT_SHAPE,
    "recovery": RECOVERY_SHAPE,
    "recovery_receipt": RECEIPT_SHAPE,
    "review": REVIEW_SHAPE,
    "destruction": DESTRUCTION_SHAPE,
    "attachment": ATTACHMENT_SHAPE,
}
_OF_BOOKS = frozenset(
    ("adjustment", "certificate", "notice", "redating", "payment", "review", "recovery", "recovery_receipt")
)
_FIXED = ("manifest.json", "manifest.sig", "checkpoint", "summary.txt")


@dataclass(frozen=True)
class Receipt:
    """A receipt as a phone keeps it: signed canonical JSON."""

    name: str
    data: bytes


class Bundle:
    """One bundle under verification."""

    def __init__(
        self, container: Container, report: Report, keys: Sequence[LogKey], services: Mapping[str, bytes]
    ) -> None:
        self.container, self.report = container, report
        self.pinned_keys, self.pinned_services = keys, services
        self.manifest: dict[str, Any] = {}
        self.services: dict[str, bytes] = {}
        self.checkpoint: Checkpoint | None = None
        self.note = b""
        self.summary = Summary()
        self.postponed: list[tuple[str, dict[str, Any]]] = []
        self.seen: dict[str, str] = {}  # name of what a record is about → record
        self.destroyed: dict[str, tuple[str, int]] = {}  # record → leaf and index, as certificates have them

    def verify(self, receipts: Sequence[Receipt]) -> None:
        """Check everything. Raises ``Refused`` when it is no bundle at all."""
        data = self.container.read("manifest.json")
        self.manifest = read_json(data, "manifest.json")
        self._check_shape()
        self.report.about = dict(self.manifest["about"])
        self._check_signature(data)
        self._check_members()
        self._open_checkpoint()
        read = [read_receipt(receipt, self.services, self.report) for receipt in receipts]
        asked = [item for item in read if item is not None]
        erased = self.manifest.get("erased", [])
        everything = self.manifest["about"]["kind"] == "worker" and not erased
        recount = Recount(self.report, everything=everything, remembered=[item.session for item in asked])
        books = Books(self.report, recount.proven, erased)
        for entry in self.manifest["records"]:
            self._record(entry, recount, books)
        for entry in erased:
            self._erased(entry)
        self._recount_over_midnight(recount)
        recount.finish()
        books.finish()
        self._check_about(recount, books)
        self._check_summary()
        check_receipts(asked, recount.heads, self.manifest, self.report)

    def _check_shape(self) -> None:
        shape = MANIFEST_SHAPE
        if type(self.manifest) is dict and "erased" in self.manifest:
            shape = {**shape, "erased": ListOf(ERASED_SHAPE, MOST_MEMBERS)}
        path = misfit(self.manifest, shape)
        if path is None and (extra := sorted(set(self.manifest) - set(shape))):
            path = extra[0]
        if path is not None:
            raise Refused("MANIFEST_SHAPE", path=path)

    # signatures

    def _check_signature(self, data: bytes) -> None:
        for key_id, encoded in self.manifest["receipt_keys"].items():
            try:
                public = from_base64(encoded)
            except ValueError:
                public = b""
            if len(public) != 32 or service_key_id(public) != key_id:
                self.report.say("KEY_MALFORMED", key=f"{key_id} {encoded}")
            elif not self.pinned_services or self.pinned_services.get(key_id) == public:
                self.services[key_id] = public
        try:
            said = read_json(self.container.read("manifest.sig"), "manifest.sig")
            if misfit(said, {"key_id": is_text, "signature": is_text}) or len(said) != 2:
                raise Refused("MANIFEST_SIGNATURE", why="manifest.sig")
            public = self.services.get(said["key_id"], b"")
            try:
                signature = from_base64(said["signature"])
            except ValueError:
                signature = b""
            if not public or not signature_holds(public, signature, data):
                raise Refused("MANIFEST_SIGNATURE", why=said["key_id"])
        except Refused as refused:
            self.report.refuse(refused)

    def _open_checkpoint(self) -> None:
        own = []
        for text in self.manifest["verifiers"]:
            try:
                own.append(LogKey.parse(text))
            except Refused as refused:
                self.report.refuse(refused)
        keys = list(self.pinned_keys) or own
        self.report.keys = {
            "pinned": bool(self.pinned_keys),
            "service_pinned": bool(self.pinned_services),
            "log": [key.text for key in keys],
            "service": sorted(self.services),
        }
        fingerprints = "、".join(sorted(self.services))
        if not self.pinned_keys:
            self.report.say("KEY_NOT_PINNED", keys="、".join([key.text for key in keys] + sorted(self.services)))
        elif not self.pinned_services:
            self.report.say("SERVICE_KEY_NOT_PINNED", keys=fingerprints)
        try:
            self.note = self.container.read("checkpoint")
            self.checkpoint = open_checkpoint(self.note, keys, self.report)
        except Refused as refused:
            self.report.refuse(refused)
            return
        origin = self.manifest["origin"]
        if self.checkpoint.origin != origin:
            self.report.say("CHECKPOINT_ORIGIN", found=self.checkpoint.origin, wanted=origin)
        root = self.checkpoint.root.hex()
        self.report.checkpoint = {"origin": self.checkpoint.origin, "size": self.checkpoint.size, "root": root}

    # files

    def _check_members(self) -> None:
        """Exactly the files the manifest asks for, in their order, each with its hash."""
        records, erased = self.manifest["records"], self.manifest.get("erased", [])
        wanted = [
            *_FIXED,
            *(f"records/{entry['id']}.json" for entry in records),
            *(f"proofs/{entry['id']}.tlog-proof" for entry in (*records, *erased)),
        ]
        found, files = list(self.container.members), self.manifest["files"]
        for name in found:
            if name not in files and name not in _FIXED[:2]:
                self.report.say("MEMBER_UNKNOWN", name=name)
        for name in files:
            if name not in self.container.members:
                self.report.say("MEMBER_MISSING", name=name)
        if set(files) != set(wanted[2:]) or len(set(wanted)) != len(wanted):
            odd = sorted(set(files) ^ set(wanted[2:]))
            self.report.say("MANIFEST_SHAPE", path=f"files: {odd[0] if odd else 'records'}")
        elif set(found) == set(wanted) and found != wanted:
            first = next(name for name, right in zip(found, wanted, strict=True) if name != right)
            self.report.say("MEMBER_ORDER", name=first)
        for entry in records:
            if files.get(f"records/{entry['id']}.json") != entry["sha256"]:
                self.report.say("FILE_CHANGED", record=entry["id"], name="manifest.json: records / files")
        for what in ("id", "index"):
            for value, count in Counter(entry[what] for entry in (*records, *erased)).items():
                if count > 1:
                    self.report.say("RECORD_TWICE", what=f"{what} {value}")
        for name in ("checkpoint", "summary.txt"):
            self._read(name, "")

    def _read(self, name: str, record: str) -> bytes | None:
        """A file whose hash is the manifest's; what is wrong with it is said."""
        try:
            data = self.container.read(name)
        except Refused as refused:
            if refused.code != "MEMBER_MISSING" or name not in self.manifest["files"]:  # said once already
                self.report.refuse(refused, record)
            return None
        if hashlib.sha256(data).hexdigest() != self.manifest["files"].get(name):
            self.report.say("FILE_CHANGED", record=record, name=name)
        return data

    # records

    def _record(self, entry: Mapping[str, Any], recount: Recount, books: Books) -> None:
        record, kind = entry["id"], entry["kind"]
        self.report.kinds[kind] += 1
        recount.index[record] = entry["index"]
        data = self._read(f"records/{record}.json", record)
        proof = self._read(f"proofs/{record}.tlog-proof", record)
        if data is None:
            return
        if entry["suite"] != SUITE:
            self.report.say("RECORD_SUITE", record=record, suite=entry["suite"])
        commitment = hashlib.sha256(bytes.fromhex(entry["salt"]) + data).hexdigest()
        committed = canonical({"commitment": commitment, "kind": kind, "suite": entry["suite"]})
        self._check_proof(record, entry["index"], committed, proof)
        try:
            body = read_json(data, f"records/{record}.json")
        except Refused as refused:
            self.report.refuse(refused, record)
            return
        self.summary.add(kind, body)
        said = (body.get("kind"), body.get("suite")) if isinstance(body, dict) else None
        if said != (kind, entry["suite"]):
            self.report.say("RECORD_KIND", record=record, found=said, wanted=kind)
        elif kind == "payment" and "new_hire" in body:  # of another scheme: no seconds behind it
            if path := misfit(body, NEW_HIRE_PAYMENT_SHAPE):
                self.report.say("RECORD_SHAPE", record=record, path=path)
        elif kind in SHAPES:
            path = misfit(body, SHAPES[kind])
            if path is not None:
                self.report.say("RECORD_SHAPE", record=record, beat=_beat_of(path), path=path)
                return
            subject = name_of(kind, body)
            if entry["subject"] not in (subject, None) and subject is not None:
                self.report.say("RECORD_SUBJECT", record=record, found=subject, wanted=entry["subject"])
            self._take(entry, kind, body, recount, books)

    def _check_proof(self, record: str, index: int, committed: bytes, proof: bytes | None) -> None:
        if proof is None or self.checkpoint is None:
            return
        try:
            found, path = read_proof(proof, self.note)
        except Refused as refused:
            self.report.refuse(refused, record)
            return
        if found != index:
            self.report.say("PROOF_OTHER", record=record, found=found, wanted=index)
        root = root_from(found, self.checkpoint.size, leaf_of(committed), path)
        if root != self.checkpoint.root:
            why = "长度不对 (of a wrong length)" if root is None else "根不同 (another root)"
            self.report.say("NOT_IN_LOG", record=record, why=why)

    def _take(self, entry: Mapping[str, Any], kind: str, body: dict[str, Any], recount: Recount, books: Books) -> None:
        record, index = entry["id"], entry["index"]
        person = body.get("person")
        if isinstance(person, str):
            self.report.person(person).records += 1
        try:
            name = name_of(kind, body)
            if name is not None and self.seen.setdefault(name, record) != record:
                self.report.say("RECORD_SAME", record=record, what=kind, name=name)
            if kind == "session":
                self._take_session(record, body, recount)
            elif kind == "quiz":
                recount.quiz(record, body)
            elif kind == "appeal":
                recount.appeal(record, body)
            elif kind == "import":
                recount.imported(record, body)
            elif kind == "attested":
                recount.attested(record, body)
            elif kind == "transfer":
                books.transfer(record, index, body)
            elif kind == "claim":
                books.claim(record, index, body)
            elif kind == "destruction":
                self._destruction(record, body)
            elif kind in _OF_BOOKS:
                books.other(kind, record, index, entry["subject"], body)
        except Refused as refused:
            self.report.refuse(refused, record)

    def _take_session(self, record: str, body: dict[str, Any], recount: Recount) -> None:
        if body["continues"] is None and body["close_reason"] != "MIDNIGHT":
            recount.session(record, body)
        else:
            names = ("session", "continues", "close_reason")
            self.postponed.append((record, {name: body[name] for name in names}))

    def _recount_over_midnight(self, recount: Recount) -> None:
        """Sessions that midnight cut are counted together, from the first on."""
        following = {facts["continues"]: record for record, facts in self.postponed if facts["continues"] is not None}
        sessions = {facts["session"]: record for record, facts in self.postponed}
        facts_of = dict(self.postponed)
        done: set[str] = set()
        for record, facts in self.postponed:
            if facts["continues"] in sessions and facts_of[sessions[facts["continues"]]]["close_reason"] == "MIDNIGHT":
                continue
            if facts["continues"] is not None:
                self.report.say("PREDECESSOR_MISSING", record=record, session=facts["continues"])
                continue
            chain = [record]
            while facts_of[chain[-1]]["close_reason"] == "MIDNIGHT":
                later = following.get(facts_of[chain[-1]]["session"])
                if later is None or later in chain:
                    break
                chain.append(later)
            done |= set(chain)
            recount.sessions([(item, self._reader(item)) for item in chain])
        for record, facts in self.postponed:
            if record not in done and facts["continues"] in sessions:
                self.report.say("PREDECESSOR_MISSING", record=record, session=facts["continues"])

    def _reader(self, record: str) -> Callable[[], Mapping[str, Any]]:
        def read() -> Mapping[str, Any]:
            name = f"records/{record}.json"
            body: Mapping[str, Any] = read_json(self.container.read(name), name)
            return body

        return read

    def _destruction(self, record: str, body: Mapping[str, Any]) -> None:
        if hashlib.sha256(canonical(body["records"])).hexdigest() != body["list_sha256"]:
            self.report.say("CERTIFICATE_WRONG", record=record, why="list_sha256")
        if body["proposed_by"] == body["approved_by"]:
            self.report.say("CERTIFICATE_WRONG", record=record, why="提出和批准是同一人 (one person)")
        self.destroyed.update((item[0], (item[2], item[3])) for item in body["records"])

    def _erased(self, entry: Mapping[str, Any]) -> None:
        """A record whose body was destroyed: only that its entry is in the log."""
        record = entry["id"]
        self.report.kinds[entry["kind"]] += 1
        self.summary.add_erased(entry["kind"])
        proof = self._read(f"proofs/{record}.tlog-proof", record)
        committed = entry["entry"].encode("utf-8", "replace")
        try:
            said = read_json(committed, "entry")
            if misfit(said, {"commitment": is_hash, "kind": lambda kind: kind == entry["kind"], "suite": is_text}):
                raise Refused("RECORD_SHAPE", path="entry")
        except Refused as refused:
            self.report.refuse(refused, record)
        self._check_proof(record, entry["index"], committed, proof)
        if self.destroyed.get(record) != (leaf_of(committed).hex(), entry["index"]):
            self.report.say("ERASED_WITHOUT_CERTIFICATE", record=record)

    # what the whole says

    def _check_about(self, recount: Recount, books: Books) -> None:
        about, people = self.manifest["about"], self.manifest["people"]
        for ref, total in self.report.people.items():
            total.label = people.get(ref, "")
            if ref not in people:
                self.report.say("PERSON_UNNAMED", person=ref)
        if about["kind"] in ("session", "worker") and len(self.report.people) > 1:
            self.report.say("SEVERAL_PEOPLE", count=len(self.report.people))
        name = f"{about['kind']}:{about['id']}"
        held = {f"claim:{claim}" for claim in books.claims} | {proof.name for proof in recount.proven.values()}
        if about["kind"] in ("claim", "session") and name not in held | books.gone:
            self.report.say("SUBJECT_MISSING", kind=about["kind"], id=about["id"])
        if books.claims:
            self.report.say("CONDITIONS_TRUSTED")
        for kind, count in sorted(self.report.kinds.items()):
            if kind not in SHAPES or kind == "attachment":
                self.report.say("NOT_RECOUNTED", count=count, kind=kind)
        if self.summary.erased:
            self.report.say("ERASED", count=self.summary.erased)

    def _check_summary(self) -> None:
        size = self.checkpoint.size if self.checkpoint is not None else 0
        try:
            text = self.container.read("summary.txt")
        except Refused:  # said already
            return
        if text != self.summary.text(self.manifest, size).encode("utf-8", "replace"):
            self.report.say("SUMMARY_DIFFERS")


def _beat_of(path: str) -> int | None:
    """The beat that a path into a session's body points at."""
    found = re.match(r"beats\[(\d+)\]", path)
    return int(found[1]) + 1 if found else None


# --- receipts ----------------------------------------------------------------------------------------------------------

_RECEIPT_SHAPE: Shape = {"payload": is_text, "signature": is_text, "key_id": is_text}
_PAYLOAD_SHAPE: Shape = {
    "chain_head": is_hash,
    "counted_ms": is_size,
    "seq": is_size,
    "server_time": is_text,
    "session": is_uuid,
}
_SEALED_AT_LATEST = timedelta(hours=5, minutes=15)
"""For receipts that do not say ``sealed_by``: the longest session, the silence that ends it, and an hour."""


class ReadReceipt(NamedTuple):
    """What a receipt of the service says."""

    name: str
    session: str
    seq: int
    head: str
    counted: int
    at: datetime
    sealed_by: datetime
    payload: str


def read_receipt(receipt: Receipt, services: Mapping[str, bytes], report: Report) -> ReadReceipt | None:
    """Check a receipt's signature and read it; None when it is not the service's."""
    try:
        said = json.loads(receipt.data[:100_000], object_pairs_hook=_object)
        if misfit(said, _RECEIPT_SHAPE):
            raise ValueError("payload, signature, key_id")
        payload = said["payload"].encode()
        signature = from_base64(said["signature"])
    except (ValueError, RecursionError) as error:
        report.say("RECEIPT_MALFORMED", name=receipt.name, why=error)
        return None
    if not signature_holds(services.get(said["key_id"], b""), signature, payload):
        report.say("RECEIPT_FORGED", name=receipt.name)
        return None
    try:
        body = read_json(payload, receipt.name)
        if path := misfit(body, _PAYLOAD_SHAPE):
            raise ValueError(path)
        at = _instant(body["server_time"])
        sealed_by = _instant(body["sealed_by"]) if "sealed_by" in body else at + _SEALED_AT_LATEST
    except (Refused, ValueError, TypeError, OverflowError) as error:
        report.say("RECEIPT_MALFORMED", name=receipt.name, why=error)
        return None
    return ReadReceipt(
        receipt.name,
        body["session"],
        body["seq"],
        body["chain_head"],
        body["counted_ms"],
        at,
        sealed_by,
        said["payload"],
    )


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return at


def check_receipts(
    receipts: Sequence[ReadReceipt], known: Mapping[str, Remembered], manifest: Mapping[str, Any], report: Report
) -> None:
    """Hold receipts against the sealed sessions."""
    made = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(manifest["made_ms"], 10**14))
    seen: set[str] = set()
    for receipt in receipts:
        said: dict[str, Any] = {
            "name": receipt.name,
            "session": receipt.session,
            "sealed_by": receipt.sealed_by.isoformat(),
        }
        session = known.get(receipt.session)
        if receipt.payload in seen:
            report.say("RECEIPT_REPEATED", **said)
        elif session is not None:
            wrong = _against(receipt, session)
            code = "RECEIPT_CONTRADICTED" if wrong else "RECEIPT_KEPT"
            report.say(code, record=session.record, beat=receipt.seq or None, why=wrong, **said)
        elif receipt.sealed_by > made:
            report.say("RECEIPT_WAITING", **said)
        elif manifest["about"]["kind"] in ("session", "worker"):
            report.say("RECEIPT_VANISHED", **said)
        else:
            report.say("RECEIPT_ELSEWHERE", **said)
        seen.add(receipt.payload)


def _against(receipt: ReadReceipt, session: Remembered) -> str:
    """What of a receipt does not fit the sealed session; empty when all fits."""
    if receipt.seq > len(session.beats):
        return "记录里没有这条心跳 (the beat is not in the record)"
    if chain_after(receipt.session, session.start, session.beats[: receipt.seq]) != receipt.head:
        return "心跳链不同 (the chain of beats differs)"
    at = round(receipt.at.timestamp() * 1000)
    if (at, receipt.counted) not in (session.end, session.heads.get(receipt.seq)):
        return "时间或已计毫秒不同 (time or counted milliseconds differ)"
    return ""


# --- the programme -----------------------------------------------------------------------------------------------------


def verify(source: Path | BinaryIO, *, keys: Sequence[str] = (), receipts: Sequence[Receipt] = ()) -> Report:
    """Verify a bundle. ``keys``: trusted verifier keys of the log (``name+id+base64``), or of the service that signs
    manifests and receipts (base 64 of 32 bytes). Raises nothing: whatever happens is in the report."""
    report = Report()
    try:
        log_keys, services = read_keys(keys)
        if isinstance(source, Path):
            with source.open("rb") as file:
                Bundle(Container(file, report.say), report, log_keys, services).verify(receipts)
        else:
            Bundle(Container(source, report.say), report, log_keys, services).verify(receipts)
    except Refused as refused:
        report.read = False
        report.refuse(refused)
    except OSError as error:
        report.read = False
        report.say("NOT_A_BUNDLE", why=error.strerror or type(error).__name__)
    except Exception as error:  # the one guard: a verifier that breaks off has verified nothing
        report.say("UNEXPECTED", why=f"{type(error).__name__}: {error}")
    return report


def read_keys(texts: Iterable[str]) -> tuple[list[LogKey], dict[str, bytes]]:
    """Trusted keys of the log, and of the service by their ids. Raises ``Refused`` KEY_MALFORMED."""
    log_keys, services = [], {}
    for text in texts:
        if "+" in text and text.count("+") >= 2 and re.search(r"\+[0-9a-f]{8}\+", text):
            log_keys.append(LogKey.parse(text))
            continue
        try:
            public = from_base64(text)
        except ValueError:
            public = b""
        if len(public) != 32:
            raise Refused("KEY_MALFORMED", key=text)
        services[service_key_id(public)] = public
    return log_keys, services


def printed(report: Report, languages: Sequence[str]) -> Iterator[str]:
    """The report as lines for people: findings first, the summary at the end."""
    for sign, items in (("✗", report.findings), ("·", report.notes)):
        for item in items:
            where = f" {item.record}" if item.record else ""
            where += f" 心跳/beat {item.beat}" if item.beat is not None else ""
            yield f"{sign} [{item.code}]{where}"
            yield from (f"    {getattr(item, language)}" for language in languages)
    if report.unlisted:
        zh, en = MESSAGES["MORE_FINDINGS"]
        yield from (f"    {text.format(count=report.unlisted)}" for text in ((zh,) if languages == ["zh"] else (en,)))
    yield ""
    yield from _printed_totals(report, languages)
    verdict = {
        0: ("核验通过", "verified"),
        1: ("核验不通过", "NOT verified"),
        2: ("无法作为存证包读取", "not readable as a bundle"),
    }
    zh, en = verdict[report.status]
    yield " / ".join([zh] * ("zh" in languages) + [en] * ("en" in languages))


def _printed_totals(report: Report, languages: Sequence[str]) -> Iterator[str]:
    totals, checkpoint = report.totals(), report.checkpoint
    money = yuan(sum(person.amount_fen for person in report.people.values()))
    paid = yuan(sum(person.paid_fen for person in report.people.values()))
    if report.about:
        yield f"{report.about['kind']} {_printable(report.about['id'])} {_printable(report.about['title'])}"
    if checkpoint:
        yield f"{_printable(checkpoint['origin'])} · {checkpoint['size']} · {checkpoint['root']}"
    for ref, person in list(report.people.items())[:200]:
        if "zh" in languages:
            yield (
                f"  {_printable(person.label) or ref}：重新计算{person.recounted_ms // 1000}秒，签到后"
                f"{person.checked_in_ms // 1000}秒，申领{person.class_hours}课时，{yuan(person.amount_fen)}元"
            )
        if "en" in languages:
            yield (
                f"  {_printable(person.label) or ref}: {person.recounted_ms // 1000} s recounted, "
                f"{person.checked_in_ms // 1000} s checked in, {person.class_hours} class hours claimed, "
                f"{yuan(person.amount_fen)} yuan"
            )
    if "zh" in languages:
        yield (
            f"合计：{totals['people']}人，{totals['records']}条记录，重新计算{totals['recounted_seconds']}秒，"
            f"{totals['class_hours']}课时，{money}元，其中已拨付{paid}元"
        )
    if "en" in languages:
        yield (
            f"Total: {totals['people']} people, {totals['records']} records, {totals['recounted_seconds']} s recounted, "
            f"{totals['class_hours']} class hours, {money} yuan, {paid} of it paid"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="核验创课存证包 / verify a bundle of learning records",
        epilog="exit status: 0 verified, 1 something is wrong, 2 not readable as a bundle",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE.zip")
    parser.add_argument(
        "--key", action="append", default=[], help="可信公钥 / a trusted key (more than one may be given)"
    )
    parser.add_argument(
        "--receipt", action="append", default=[], type=Path, help="要核对的回执 / a receipt to hold against it"
    )
    parser.add_argument("--json", action="store_true", help="结果以JSON输出 / the result as JSON")
    parser.add_argument("--lang", choices=["zh", "en"], help="只用一种语言 / one language only")
    chosen = parser.parse_args(arguments)
    receipts = []
    for path in chosen.receipt:
        try:
            receipts.append(Receipt(path.name, path.read_bytes()))
        except OSError as error:
            receipts.append(Receipt(path.name, f"{error.strerror}".encode()))
    report = verify(chosen.bundle, keys=chosen.key, receipts=receipts)
    if chosen.json:
        lines: Iterable[str] = [json.dumps(report.to_json(), ensure_ascii=False, indent=2)]
    else:
        lines = printed(report, [chosen.lang] if chosen.lang else ["zh", "en"])
    for line in lines:
        sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "replace"))
    return report.status


if __name__ == "__main__":
    sys.exit(main())
