"""Settings: frozen values from ``config/default.toml``, a TOML file of the office's own, and the environment.

Only ``app.py`` reads them and hands values down. Later sources win: defaults, the file named by ``CHUANGKE_SETTINGS``, then
``CHUANGKE_<NAME>`` variables (and ``DATABASE_URL``). Production refuses to start without its own secrets.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

DEFAULTS = Path(__file__).with_name("default.toml")
_SECRETS = ("secret_key", "encryption_key", "index_key", "token_key", "signing_key", "log_key")


class SettingsError(Exception):
    """The settings cannot be used; the message names each value and what is wrong with it."""


@dataclass(frozen=True)
class Settings:
    """Everything a deployment may choose. Paths are absolute; keys are 32 bytes."""

    mode: str
    database_url: str
    data_dir: Path
    secret_key: bytes
    encryption_key: bytes
    index_key: bytes
    token_key: bytes
    signing_key: bytes
    log_key: bytes
    log_origin: str
    log_next_key: bytes | None
    log_retired_verifiers: tuple[str, ...]
    receipt_retired_keys: tuple[bytes, ...]
    wechat_app_id: str
    wechat_app_secret: str
    wechat_base_url: str
    wechat_templates: Mapping[str, str]
    public_base_url: str
    office_contact: str
    policy_id: str
    policies_dir: str
    log_level: str
    calendar_starts_at: datetime
    upload_limit_bytes: int
    cheap_passwords: bool

    @property
    def demonstration(self) -> bool:
        """Whether the calendar can be stepped and demonstration sign-ins exist."""
        return self.mode == "demonstration"

    @property
    def media_dir(self) -> Path:
        """Where course media are kept, addressed by their SHA-256."""
        return self.data_dir / "media"

    @property
    def blobs_dir(self) -> Path:
        """Where attachments and archives are kept, addressed by their SHA-256."""
        return self.data_dir / "blobs"

    @property
    def log_dir(self) -> Path:
        """Where the last signed checkpoint is kept outside the database. Not part of the database's backup."""
        return self.data_dir / "log"


class _SettingsSchema(Schema):
    class Meta:
        unknown = RAISE

    mode = fields.Str(required=True, validate=validate.OneOf(["development", "demonstration", "production"]))
    database_url = fields.Str(required=True)
    data_dir = fields.Str(required=True, validate=validate.Length(min=1))
    secret_key = fields.Str(load_default="")
    encryption_key = fields.Str(load_default="")
    index_key = fields.Str(load_default="")
    token_key = fields.Str(load_default="")
    signing_key = fields.Str(load_default="")
    log_key = fields.Str(load_default="")
    log_origin = fields.Str(required=True, validate=validate.Regexp(r"[^\s+]{1,250}\Z"))
    log_next_key = fields.Str(required=True)
    log_retired_verifiers = fields.Str(required=True)
    receipt_retired_keys = fields.Str(required=True)
    wechat_app_id = fields.Str(required=True)
    wechat_app_secret = fields.Str(load_default="")
    wechat_base_url = fields.Url(required=True, require_tld=False)
    wechat_templates = fields.Str(required=True, validate=validate.Regexp(r"(\s*[a-z-]+=[\w-]{1,64})*\s*\Z"))
    public_base_url = fields.Url(required=True, require_tld=False)
    office_contact = fields.Str(required=True)
    policy_id = fields.Str(required=True)
    policies_dir = fields.Str(required=True)
    log_level = fields.Str(required=True, validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
    calendar_starts_at = fields.AwareDateTime(required=True, format="iso")
    cheap_passwords = fields.Bool(required=True)
    upload_limit_bytes = fields.Int(required=True, validate=validate.Range(min=1_000_000))


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read, check and freeze the settings. Raises ``SettingsError`` with every fault at once."""
    environ = os.environ if environ is None else environ
    values = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
    if path := environ.get("CHUANGKE_SETTINGS"):
        try:
            values |= tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"the settings file {path} cannot be read: {error}") from error
    if url := environ.get("DATABASE_URL"):
        values["database_url"] = url
    for name in _SettingsSchema().fields:
        if (value := environ.get(f"CHUANGKE_{name.upper()}")) is not None:
            values[name] = value
    values |= overrides
    try:
        checked = _SettingsSchema().load(values)
    except ValidationError as error:
        raise SettingsError(f"settings refused: {error.messages}") from error
    production = checked["mode"] == "production"
    missing = [name for name in (*_SECRETS, "wechat_app_secret") if production and not checked[name]]
    if missing:
        raise SettingsError(f"production needs its own secrets: {', '.join(missing)}")
    if production and checked["cheap_passwords"]:
        raise SettingsError("production needs passwords that are dear to guess: cheap_passwords must be false")
    data_dir = Path(checked["data_dir"]).resolve()
    if checked["log_next_key"] and checked["log_next_key"] == checked["log_key"]:
        raise SettingsError("log_next_key must be another key than log_key: it is the one that follows")
    keys = {name: _key(name, checked[name]) for name in _SECRETS}
    following = {
        "wechat_templates": dict(pair.split("=") for pair in checked["wechat_templates"].split()),
        "log_next_key": _decoded("log_next_key", checked["log_next_key"]) if checked["log_next_key"] else None,
        "log_retired_verifiers": tuple(checked["log_retired_verifiers"].split()),
        "receipt_retired_keys": tuple(
            _decoded("receipt_retired_keys", text) for text in checked["receipt_retired_keys"].split()
        ),
    }
    database_url = _database_url(checked["database_url"], data_dir)
    return Settings(**{**checked, **keys, **following, "data_dir": data_dir, "database_url": database_url})


def _key(name: str, text: str) -> bytes:
    if not text:  # outside production only: a fixed key, so that a restarted development server reads its own data
        return hashlib.sha256(f"chuangke development {name}".encode()).digest()
    return _decoded(name, text)


def _decoded(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SettingsError(f"{name} must be base64 of 32 bytes") from error
    if len(key) != 32:
        raise SettingsError(f"{name} must be 32 bytes, not {len(key)}")
    return key


def _database_url(url: str, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'chuangke.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
