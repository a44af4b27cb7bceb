"""The 《开展线上职业培训承诺书》 of clause 三: versioned text, what is signed and its digest.

A text once used is never edited; a new wording is a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from config.crypto import canonical_json, sha256_hex
from config.errors import Invalid

CURRENT_VERSION = "2020-1"

TEXTS: Mapping[str, str] = {
    "2020-1": (
        "本企业申请开展疫情防控期间线上职业培训，郑重承诺：\n"
        "一、本企业受疫情影响，不属于劳务派遣企业，所填企业信息、培训计划和参训人员信息真实、准确、完整。\n"
        "二、培训项目与本企业主营业务相关，按备案的培训计划组织实施，培训标准不变、培训质量不降、学习收获不减。\n"
        "三、严格出勤考核和成绩考评，确保有签到注册、有学习记录、有考核测试，学习过程可查询、可追溯。\n"
        "四、完整留存培训资料，及时归档备查，保存期限不少于两年，配合人力资源社会保障、财政部门的检查。\n"
        "五、疫情防控期限内不组织线下培训、实训或评价活动。\n"
        "六、不骗取、套取培训补贴资金。如有违反，愿意退回补贴，承担法律责任，并接受失信联合惩戒。"
    ),
}


def commitment_text(version: str) -> str:
    """The text of one version. Raises ``Invalid`` COMMITMENT_VERSION_UNKNOWN."""
    try:
        return TEXTS[version]
    except KeyError:
        raise Invalid("COMMITMENT_VERSION_UNKNOWN", "承诺书版本不存在，请刷新页面后重新签署。") from None


def signed_digest(*, version: str, enterprise_name: str, plan: str, signer: str, signed_at: datetime) -> str:
    """SHA-256 over the canonical JSON of who signed what for which plan and when (lower-case hex)."""
    body = {
        "enterprise_name": enterprise_name,
        "plan": plan,
        "signed_at": signed_at.isoformat(),
        "signer": signer,
        "text": commitment_text(version),
        "version": version,
    }
    return sha256_hex(canonical_json(body))
