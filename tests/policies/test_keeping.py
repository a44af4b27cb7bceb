"""Old decisions stand when a policy's file changes: every version that was used is kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.policies import services
from backend.policies.checking import content_of
from backend.policies.rules import PersonFacts, Policy, decide
from config.crypto import canonical_json
from config.database import db, transaction
from config.errors import Invalid, NotFound
from tests.cast.at_once import at_once
from tests.policies.conftest import FILE

POLICY_ID = "wuxi-2020-10"
FACTS = PersonFacts(seconds=24 * 2700)


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The office's own folder of policies, in use."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / FILE.name).write_bytes(FILE.read_bytes())
    services.configure(policy_id=POLICY_ID, directory=folder)
    yield folder
    services.configure(policy_id=POLICY_ID)


def change(folder: Path, before: str, after: str) -> Policy:
    """The policy after somebody edited its file."""
    path = folder / FILE.name
    whole = path.read_text(encoding="utf-8")
    assert before in whole
    path.write_text(whole.replace(before, after), encoding="utf-8")
    services.configure(policy_id=POLICY_ID, directory=folder)
    return services.get(POLICY_ID)


def test_a_kept_version_decides_as_it_did(folder: Path) -> None:
    old = services.get(POLICY_ID)
    assert transaction(lambda: services.keep(old)) == old.version
    before = decide(FACTS, old)
    new = change(folder, "value = 1850", "value = 1900")
    assert new.version != old.version
    again = services.of_version(POLICY_ID, old.version)
    assert again == old
    assert canonical_json(decide(FACTS, again).to_dict()) == canonical_json(before.to_dict())
    assert (before.amount_fen, decide(FACTS, services.of_version(POLICY_ID, new.version)).amount_fen) == (
        44_400,
        45_600,
    )
    assert [each.version for each in services.kept_versions()] == [old.version]


def test_a_version_is_kept_once_also_by_two_at_once(app: Flask) -> None:
    policy = services.get(POLICY_ID)
    assert at_once(app, [lambda: services.keep(policy), lambda: services.keep(policy)]) == []
    transaction(lambda: services.keep(policy))
    assert len(services.kept_versions()) == 1


def test_a_variant_is_kept_whole(app: Flask) -> None:
    variant = services.get("jiangyin")
    transaction(lambda: services.keep(variant))
    content = db.session.execute(text("SELECT content FROM policy_version")).scalar_one()
    assert content.encode() == content_of(variant)
    assert '"extends":"wuxi-2020-10"' in content
    assert '"cap_fen"' in content


def test_a_version_nobody_kept_is_refused_with_the_way_out(folder: Path) -> None:
    old = services.get(POLICY_ID)
    change(folder, "value = 1850", "value = 1900")
    with pytest.raises(NotFound, match="flask policies keep"):
        services.of_version(POLICY_ID, old.version)


def test_an_earlier_file_can_be_kept_afterwards(folder: Path, tmp_path: Path) -> None:
    """Also one that lacks what the programme learned since: that has the value of today."""
    whole = FILE.read_text(encoding="utf-8")
    start = whole.index("[quiz.resits]")
    earlier = tmp_path / "earlier.toml"
    earlier.write_text(whole[:start] + whole[whole.index("[quiz.question_count]") :], encoding="utf-8")
    version = transaction(lambda: services.keep_file(earlier))
    change(folder, "value = 1850", "value = 1900")
    policy = services.of_version(POLICY_ID, version)
    assert (policy.version, policy.subsidy.rate_fen_per_class_hour, policy.quiz.resits) == (version, 1850, 2)
    with pytest.raises(Invalid, match="POLICY_INVALID"):
        services.read(earlier)
    earlier.write_text('title = "?"', encoding="utf-8")
    with pytest.raises(Invalid, match="没有写明编号"):
        services.keep_file(earlier)


def test_kept_content_cannot_be_changed_or_passed_off_as_another(folder: Path) -> None:
    policy = services.get(POLICY_ID)
    transaction(lambda: services.keep(policy))
    for statement in ("UPDATE policy_version SET content = '{}'", "DELETE FROM policy_version"):
        with pytest.raises(DBAPIError, match="append-only"):
            transaction(lambda said=statement: db.session.execute(text(said)))  # type: ignore[misc]
    new = change(folder, "value = 1850", "value = 1900")
    change(folder, "value = 1900", "value = 1950")
    columns = "policy_id, version, content, kept_at"
    forged = (
        f"INSERT INTO policy_version ({columns}) SELECT {columns.replace('version', ':version')} FROM policy_version"
    )
    transaction(lambda: db.session.execute(text(forged), {"version": new.version}))
    with pytest.raises(Invalid, match="POLICY_VERSION_ALTERED"):
        services.of_version(POLICY_ID, new.version)
