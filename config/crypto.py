"""Keys and what is done with them. ``configure`` is called once by ``app.py``; nothing else holds a key.

Personal fields are encrypted with AES-256-GCM under a random nonce, bound to their purpose as associated data, and found
again through a keyed blind index (HMAC-SHA-256). Receipts are signed with Ed25519 (RFC 8032). Canonical JSON is RFC 8785 for
the values we allow: strings, booleans, null, integers below 2**53, lists and string-keyed objects; floats are refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_NONCE_BYTES = 12
_VERSION = b"\x01"
_LARGEST_INTEGER = 2**53 - 1


@dataclass(frozen=True)
class Keys:
    """Four independent 32-byte secrets."""

    encryption: bytes
    index: bytes
    token: bytes
    signing: bytes

    def __post_init__(self) -> None:
        for name in ("encryption", "index", "token", "signing"):
            if len(getattr(self, name)) != 32:
                raise ValueError(f"the {name} key must be 32 bytes")


@dataclass(frozen=True)
class Signature:
    """An Ed25519 signature and the id of the key that made it."""

    key_id: str
    signature_b64: str


class _Ring:
    def __init__(self, keys: Keys, retired: Sequence[bytes]) -> None:
        self.keys = keys
        self.cipher = AESGCM(keys.encryption)
        self.private = Ed25519PrivateKey.from_private_bytes(keys.signing)
        self.public = self.private.public_key()
        self.key_id = key_id_of(self.public)
        earlier = [Ed25519PublicKey.from_public_bytes(raw) for raw in retired]
        self.verifiers = {key_id_of(key): key for key in (*earlier, self.public)}


_ring: _Ring | None = None


def configure(keys: Keys, *, retired: Sequence[bytes] = ()) -> None:
    """Take the keys into use. ``retired``: raw public keys of earlier signing keys, whose signatures still hold."""
    global _ring
    _ring = _Ring(keys, retired)


def _configured() -> _Ring:
    if _ring is None:
        raise RuntimeError("crypto.configure(keys) was not called; app.py does this")
    return _ring


def public_bytes_of(key: Ed25519PublicKey) -> bytes:
    """The 32 raw bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id_of(key: Ed25519PublicKey) -> str:
    """The name under which a signature says which key made it: 16 hexadecimal digits."""
    return hashlib.sha256(public_bytes_of(key)).hexdigest()[:16]


def verifying_keys() -> dict[str, bytes]:
    """The raw public keys whose signatures hold, by their ids; the present one last."""
    return {key_id: public_bytes_of(key) for key_id, key in _configured().verifiers.items()}


def encrypt(text: str, *, purpose: str) -> bytes:
    """Encrypt a personal field. The same text gives other bytes each time. ``purpose`` must be the same to decrypt."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + _configured().cipher.encrypt(nonce, text.encode(), purpose.encode())


def decrypt(data: bytes, *, purpose: str) -> str:
    """Give back what ``encrypt`` took. Raises ``cryptography.exceptions.InvalidTag`` if key, purpose or bytes differ."""
    if data[:1] != _VERSION:
        raise ValueError("this ciphertext has an unknown version")
    nonce, body = data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :]
    return _configured().cipher.decrypt(nonce, body, purpose.encode()).decode()


def blind_index(text: str, *, purpose: str) -> str:
    """A keyed digest (64 hex digits) that finds an encrypted value again without revealing it."""
    return hmac.new(_configured().keys.index, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def digest(token: str) -> str:
    """The keyed digest (64 hex digits) under which a token or API key is stored."""
    return hmac.new(_configured().keys.token, token.encode(), hashlib.sha256).hexdigest()


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of ``value``. Raises ``TypeError`` for floats and foreign types, ``ValueError`` for large integers."""
    _check_canonical(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _check_canonical(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        value.encode()  # a lone surrogate raises UnicodeEncodeError, a ValueError
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError(f"{value} cannot be canonical: beyond 2**53 - 1")
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            _check_canonical(item)
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise TypeError(f"a key must be an ASCII string, not {key!r}")
            _check_canonical(item)
        return
    raise TypeError(f"{type(value).__name__} has no canonical form")


def sign(message: bytes) -> Signature:
    """Sign with the service's Ed25519 key."""
    ring = _configured()
    return Signature(ring.key_id, base64.b64encode(ring.private.sign(message)).decode())


def verify(message: bytes, signature: Signature) -> bool:
    """Whether our key, or one we have retired, made this signature over this message."""
    key = _configured().verifiers.get(signature.key_id)
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(signature.signature_b64, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True
