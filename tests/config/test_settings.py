"""Settings are checked whole before anything starts, and production brings its own secrets."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from config.settings import SettingsError, load

SECRETS = {
    f"CHUANGKE_{name}": base64.b64encode(bytes([number]) * 32).decode()
    for number, name in enumerate(("SECRET_KEY", "ENCRYPTION_KEY", "INDEX_KEY", "TOKEN_KEY", "SIGNING_KEY", "LOG_KEY"))
} | {"CHUANGKE_WECHAT_APP_SECRET": "of-the-office", "CHUANGKE_MODE": "production"}


def test_defaults_start_a_developer_without_a_step_by_hand(tmp_path: Path) -> None:
    settings = load({}, data_dir=str(tmp_path))
    assert settings.mode == "development"
    assert settings.database_url == f"sqlite:///{tmp_path / 'chuangke.sqlite3'}"
    assert settings == load({}, data_dir=str(tmp_path))  # a restarted server reads what it encrypted before


@pytest.mark.parametrize("missing", sorted(set(SECRETS) - {"CHUANGKE_MODE"}))
def test_production_refuses_to_start_without_its_own_secrets(missing: str) -> None:
    assert load(SECRETS).mode == "production"
    with pytest.raises(SettingsError, match=missing.removeprefix("CHUANGKE_").lower()):
        load({name: value for name, value in SECRETS.items() if name != missing})


def test_production_never_takes_cheap_passwords() -> None:
    with pytest.raises(SettingsError, match="cheap_passwords"):
        load({**SECRETS, "CHUANGKE_CHEAP_PASSWORDS": "true"})


def test_the_key_that_follows_is_another_one() -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    with pytest.raises(SettingsError, match="log_next_key"):
        load({"CHUANGKE_LOG_KEY": key, "CHUANGKE_LOG_NEXT_KEY": key})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHUANGKE_MODE", "holiday", "mode"),
        ("CHUANGKE_SIGNING_KEY", "not base64!", "signing_key"),
        ("CHUANGKE_INDEX_KEY", "YWJj", "index_key must be 32 bytes"),
        ("CHUANGKE_WECHAT_BASE_URL", "weixin", "wechat_base_url"),
        ("CHUANGKE_CALENDAR_STARTS_AT", "2020-03-02", "calendar_starts_at"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load({name: value})


def test_an_unknown_key_in_the_office_s_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_text('encryption_kye = "typing slip"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="encryption_kye"):
        load({"CHUANGKE_SETTINGS": str(path)})
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"CHUANGKE_SETTINGS": str(tmp_path / "nowhere.toml")})


def test_the_usual_postgresql_address_is_understood() -> None:
    assert load({"DATABASE_URL": "postgres://u:p@h/d"}).database_url == "postgresql+psycopg://u:p@h/d"
