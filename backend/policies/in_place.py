"""The policy files in place: which there are, which one is the office's, which variant an enterprise falls under."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

import config
from backend.policies.reading import read_policy
from backend.policies.values import Policy
from config import clock
from config.errors import NotFound

SHIPPED = Path(config.__file__).parent / "policies"
_directory = [SHIPPED]
_configured: list[str] = []


def configure(*, policy_id: str, directory: str | Path = "") -> None:
    """Choose the office's policy and the folder of its files; empty: those that come with the programme.

    Called once by ``app.py``. Raises what ``get`` raises.
    """
    _directory[:] = [Path(directory) if directory else SHIPPED]
    get.cache_clear()
    get(policy_id)
    _configured[:] = [policy_id]


def files() -> list[Path]:
    """All policy files, sorted; a file is named after its policy's id."""
    return sorted(_directory[0].glob("*.toml"))


@lru_cache(maxsize=32)
def get(policy_id: str) -> Policy:
    """The policy of that id, as its file is now. Raises ``NotFound`` POLICY_NOT_FOUND, ``Invalid`` POLICY_INVALID."""
    found = {path.stem: path for path in files()}
    if policy_id not in found:
        raise NotFound("POLICY_NOT_FOUND", f"没有编号为“{policy_id}”的政策；现有：{'、'.join(found)}。")
    return read_policy(found[policy_id])


def read(path: Path) -> Policy:
    """The policy in any file, to check it before it is put in place. Raises ``Invalid`` POLICY_INVALID."""
    return read_policy(path, bases=_directory[0])


def configured() -> Policy:
    """The office's policy, whatever day it is."""
    if not _configured:
        raise RuntimeError("policies.configure(policy_id=...) was not called; app.py does this")
    return get(_configured[0])


def current() -> Policy:
    """The office's policy. Raises ``NotFound`` POLICY_NOT_IN_FORCE on a day outside its effective dates."""
    return _in_force(configured(), clock.today())


def for_enterprise(uscc: str) -> Policy:
    """The policy that new plans of this enterprise fall under: by its district of registration the office's own or a
    variant of it (尾: 江阴、宜兴参照执行).

    Raises ``NotFound`` POLICY_NOT_IN_FORCE, ``Invalid`` POLICY_INVALID when a variant cannot be read.
    """
    policy, district = configured(), uscc[2:8]
    if district in policy.enterprise.variant_district_codes:
        variants = (get(path.stem) for path in files())
        policy = next((each for each in variants if each.extends == policy.id and district in each.districts), policy)
    return _in_force(policy, clock.today())


def _in_force(policy: Policy, on: date) -> Policy:
    ends_on = policy.effective.ends_on
    if on < policy.effective.starts_on or (ends_on is not None and on > ends_on):
        raise NotFound("POLICY_NOT_IN_FORCE", f"{on.isoformat()}不在政策“{policy.title}”的有效期内；请联系市高训中心。")
    return policy
