"""What an enterprise promises with an application for new hires: versioned text and its digest.

A text once used is never edited; a new wording is a new version.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.crypto import sha256_hex

CURRENT_VERSION = "2020-1"
TEXTS: Mapping[str, str] = {
    "2020-1": (
        "本企业申请新录用职工岗前培训补贴，郑重承诺：\n"
        "一、所填人员均为新录用职工，劳动合同、录用备案和参保情况真实；续签合同的人员不在其中。\n"
        "二、本企业没有不良信用记录，不在失信被执行人名单中。\n"
        "三、补贴预拨后，按确认的内容和方式在期限内完成岗前培训，如实记录，接受核查。\n"
        "四、没有为同一人重复申请；已享受以工代训补贴的如实填写，就高不重复。\n"
        "五、未按要求完成培训或情况不实的，退回补贴，并承担相应责任。"
    ),
}


def digest_of(version: str) -> str:
    """SHA-256 of one version's text."""
    return sha256_hex(TEXTS[version].encode())
