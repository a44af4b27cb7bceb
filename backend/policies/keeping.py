"""Versions of policies as they were used: kept whole, so that old decisions stand when a file changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from backend.policies import in_place
from backend.policies.checking import content_of, plain, version_of
from backend.policies.models import PolicyVersion
from backend.policies.reading import parse_content, read_data
from backend.policies.values import Policy
from config import clock
from config.crypto import canonical_json
from config.database import db, is_sqlite
from config.errors import Invalid, NotFound


@dataclass(frozen=True)
class KeptVersion:
    """One kept version and since when."""

    policy_id: str
    version: str
    kept_at: datetime


def keep(policy: Policy) -> str:
    """Keep the policy's whole content, if this version is not kept yet; its version."""
    known = select(PolicyVersion.id).where(PolicyVersion.version == policy.version)
    if db.session.scalar(known) is None:
        _insert(policy.id, policy.version, content_of(policy).decode())
    return policy.version


def keep_file(path: Path) -> str:
    """Keep an earlier state of a policy's file as it is, also one that lacks keys which the programme learned since.

    For plans from before versions were kept. Returns its version. Raises ``NotFound`` POLICY_NOT_FOUND,
    ``Invalid`` POLICY_INVALID.
    """
    data = plain(read_data(path))
    if not isinstance(data.get("id"), str):
        raise Invalid("POLICY_INVALID", f"政策文件 {path.name} 没有写明编号（id）。")
    version, content = version_of(data), canonical_json(data).decode()
    _parsed(version, content, in_place.get(data["id"]).version)
    _insert(data["id"], version, content)
    return version


def of_version(policy_id: str, version: str) -> Policy:
    """The policy as it was in that version, from what was kept or, while it still is that, from its file.

    Raises ``NotFound`` POLICY_VERSION_NOT_KEPT, ``Invalid`` POLICY_VERSION_ALTERED.
    """
    try:
        now = in_place.get(policy_id)
    except NotFound:  # a policy whose file was taken away; its plans go on
        now = in_place.configured()
    if now.version == version:
        return now
    kept = db.session.scalar(
        select(PolicyVersion.content).where(PolicyVersion.policy_id == policy_id, PolicyVersion.version == version)
    )
    if kept is None:
        raise NotFound(
            "POLICY_VERSION_NOT_KEPT",
            f"政策版本 {version} 没有留存；请用当时的政策文件执行 flask policies keep 补存后再办理。",
        )
    return _parsed(version, kept, now.version)


def kept_versions() -> list[KeptVersion]:
    """All kept versions, the oldest first."""
    rows = db.session.execute(
        select(PolicyVersion.policy_id, PolicyVersion.version, PolicyVersion.kept_at).order_by(PolicyVersion.id)
    )
    return [KeptVersion(*row) for row in rows]


@lru_cache(maxsize=64)
def _parsed(version: str, content: str, today_version: str) -> Policy:
    """``today_version`` is the state of the file that fills in what the content does not know."""
    parsed: dict[str, Any] = json.loads(content)
    today = in_place.get(today_version.split("+")[0])
    return parse_content(parsed, version=version, today=json.loads(content_of(today)))


def _insert(policy_id: str, version: str, content: str) -> None:
    """Two people may draft the first plan of a version at once: who is second keeps nothing."""
    adding = sqlite.insert if is_sqlite() else postgresql.insert
    row = {"policy_id": policy_id, "version": version, "content": content, "kept_at": clock.now()}
    db.session.execute(adding(PolicyVersion).values(row).on_conflict_do_nothing())
