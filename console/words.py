"""How figures, times and states are written for people: Chinese words, Wuxi time, exact integers."""

from __future__ import annotations

from datetime import date, datetime

from backend.certificates import rules as certificate_rules
from backend.claims import rules as claim_rules
from backend.imports import rules as import_rules
from backend.new_hires import rules as new_hire_rules
from backend.notices import rules as notice_rules
from backend.plans import rules as plan_rules
from backend.plans import services as plan_services
from config.clock import SHANGHAI

_COLORS = {
    "draft": "secondary",
    "submitted": "azure",
    "reviewed": "azure",
    "sent_back": "orange",
    "approved": "green",
    "on_notice": "green",
    "payable": "teal",
    "rejected": "red",
    "withdrawn": "secondary",
    "paid": "teal",
}
PLAN_STATUS = {status: (word, _COLORS[status]) for status, word in plan_rules.STATUS_WORDS.items()}
CLAIM_STATUS = {status: (word, _COLORS[status]) for status, word in claim_rules.STATUS_WORDS.items()}
CLAIM_LIVE = claim_rules.LIVE_STATUSES
CLAIM_OPEN = {status for status, move in claim_rules.MOVES if move == "withdraw"}
_CERTIFICATE_COLORS = {"valid": "green", "revoked": "red", "corrected": "orange"}
CERTIFICATE_STATUS = {
    status: (word, _CERTIFICATE_COLORS[status]) for status, word in certificate_rules.STATUS_WORDS.items()
}
_NOTICE_COLORS = {"draft": "secondary", "posted": "green", "closed": "teal", "discarded": "secondary"}
ACCOUNT_COLOR = {
    "proposed": "orange",
    "active": "green",
    "replaced": "secondary",
    "refused": "red",
    "withdrawn": "secondary",
}
NOTICE_STATUS = {status: (word, _NOTICE_COLORS[status]) for status, word in notice_rules.STATUS_WORDS.items()}
_DISPUTE_COLORS = {"open": "orange", "upheld": "red", "dismissed": "green", "withdrawn": "secondary"}
OBJECTION_STATUS = {status: (word, _DISPUTE_COLORS[status]) for status, word in notice_rules.OBJECTION_WORDS.items()}
NEW_HIRE_STATUS = {status: (word, _COLORS[status]) for status, word in new_hire_rules.STATUS_WORDS.items()}
_NEW_HIRE_COLORS = {
    "held": "azure",
    "refused": "red",
    "payable": "green",
    "paid": "orange",
    "trained": "teal",
    "untrained": "red",
}
NEW_HIRE_LINE = {
    status: (word, _NEW_HIRE_COLORS.get(status, "secondary")) for status, word in new_hire_rules.LINE_WORDS.items()
}
NEW_HIRE_FORM = new_hire_rules.FORMS
NEW_HIRE_CONTENT = new_hire_rules.CONTENTS
NEW_HIRE_ANSWER = {
    "confirmed": ("已确认，计入", "green"),
    "refused": ("新职工退回", "red"),
    "withdrawn": ("已撤回", "secondary"),
}
PLAN_KIND = plan_rules.KINDS
PLAN_MODE = plan_rules.MODES
AMENDMENT_STATUS = {status: (word, _COLORS[status]) for status, word in plan_rules.AMENDMENT_WORDS.items()}
DOCUMENT_KIND = plan_services.DOCUMENT_KINDS
PLAN_EDITABLE = plan_rules.EDITABLE
LINE_STATUS = {"refused": "不符合", "held": "已冻结", "released": "已解冻", "settled": "已核销"}
VERDICT = {"ok": ("可导入", "green"), "flagged": ("需留意", "orange"), "refused": ("未导入", "red")}
RELATION = {"contract": "劳动合同", "dispatched_in": "劳务派遣", "platform_worker": "平台从业"}
ENTERPRISE_KIND = {"ordinary": "一般企业", "dispatch_company": "劳务派遣企业", "platform_company": "平台企业"}
LESSON_KIND = {"video": "视频", "reading": "图文", "simulation": "模拟实操"}
LESSON_CHANGE = {"new": "新增", "changed": "有改动", "unchanged": "未变", "removed": "已移除"}
TOPIC = {"infectious_disease": "传染病防控", "work_safety": "安全生产", "law": "法律法规", "trade": "专业技能"}
FINDING = {"block": ("不能提交", "red"), "warn": ("提醒", "orange")}
EVIDENCE_KIND = {
    "session": "学习",
    "quiz": "测试",
    "appeal": "申诉核定",
    "import": "其他平台的学习记录",
    "attested": "其他平台的学习证明",
}
MATERIAL_KIND = plan_services.MATERIAL_KINDS
MATERIAL_ACCEPT = ",".join(
    dict.fromkeys(media_type.name for kind in MATERIAL_KIND.values() for media_type in kind.media_types)
)
MATERIAL_STATE = {"destroyed": ("已按期销毁", "secondary"), "missing": ("文件缺失", "red")}
IMPORT_STATUS = {"waiting": ("核对中", "azure"), "done": ("已完成", "green"), "failed": ("中断", "red")}
IMPORT_VERDICT = {
    verdict: (word, {"taken": "green", "same": "secondary", "refused": "red"}[verdict])
    for verdict, word in import_rules.VERDICT_WORDS.items()
}
IMPORT_CODE = import_rules.CODE_WORDS
IMPORT_GRADE = import_rules.GRADE_WORDS
PAPER_KIND = {"paper": "盖章材料", "statement": "签名声明", "table": "学习记录表格"}
BATCH_COLOR = {"created": "orange", "released": "azure", "paid": "teal", "failed": "red", "cancelled": "secondary"}
ALLOTMENT_COLOR = {"proposed": "orange", "confirmed": "green", "refused": "red"}
RECOVERY_COLOR = {"proposed": "orange", "demanded": "azure", "received": "green", "refused": "secondary"}
VERDICT_OF_REVIEW = {
    "approve": ("通过", "green"),
    "return": ("退回初审", "orange"),
    "send_back": ("退回", "orange"),
    "reject": ("不予通过", "red"),
}
STAGE = {"only": "", "first": "初审", "second": "复核"}
SUBJECT = {  # word, color, page, the name of the page's id
    "plan": ("培训计划", "azure", "reviewer.plan", "plan_id"),
    "amendment": ("备案变更", "cyan", "reviewer.amendment", "amendment_id"),
    "claim": ("补贴申领", "green", "reviewer.claim", "claim_id"),
    "bank_account": ("银行账户", "yellow", "reviewer.bank_account", "account_id"),
    "new_hire": ("新录用补贴", "lime", "reviewer.new_hires_page", "application_id"),
    "identity_claim": ("换机申请", "purple", "reviewer.identity", "claim_id"),
    "appeal": ("学时申诉", "orange", "reviewer.appeal", "appeal_id"),
    "objection": ("公示异议", "red", "reviewer.objection", "objection_id"),
    "dispute": ("培训争议", "red", "reviewer.dispute", "dispute_id"),
}


def yuan(fen: int) -> str:
    """``49950`` → ``499.50 元``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d} 元"


def duration(seconds: int) -> str:
    """``62100`` → ``17小时15分``; seconds are shown only below a minute, so nothing is rounded up."""
    if seconds < 60:
        return f"{seconds}秒"
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return (f"{hours}小时" if hours else "") + (f"{minutes}分" if minutes or not hours else "")


def exact_duration(seconds: int) -> str:
    """``62105`` → ``17:15:05``, for tables that must reconcile to the second."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def moment(value: datetime | None) -> str:
    """An instant in Wuxi time, to the minute; a dash when there is none."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def moment_exact(value: datetime) -> str:
    """An instant in Wuxi time, to the second."""
    return value.astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S")


def day(value: date | None) -> str:
    """A local date; a dash when there is none."""
    return value.isoformat() if value else "—"


def file_size(size_bytes: int) -> str:
    """``1300000`` → ``1.2 MB``; small files in whole KB, rounded up."""
    if size_bytes < 1024**2:
        return f"{-(-size_bytes // 1024)} KB"
    tenths = size_bytes * 10 // 1024**2
    return f"{tenths // 10}.{tenths % 10} MB"


def short(value: object) -> str:
    """The last eight characters of an identifier: enough to compare by eye, with the whole text in a title."""
    return str(value)[-8:]
