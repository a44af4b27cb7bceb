"""Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint), with Ed25519 keys of signature type 0x01. Pure.

A note is text that ends in a newline, an empty line, and one line for each signature: ``— <name> base64(key id || signature)``.
A verifier key is written ``<name>+<8 hexadecimal digits of its id>+base64(0x01 || public key)``. Lines of keys we do not
know are passed over, so a second signature, of another type too, never breaks a reader.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from learning_records.evidence.tree import HASH_BYTES, LARGEST_SIZE

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_DASH = "— "
_MOST_SIGNATURES = 100
_LARGEST_NOTE_CHARACTERS = 1_000_000
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(ValueError):
    """Not a note, a checkpoint or a verifier key, or not signed by whom it should be; the message says which."""


@dataclass(frozen=True)
class Verifier:
    """A public key by which notes are checked: its name and its 32 raw bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(character.isspace() for character in self.name):
            raise NoteError(f"{self.name!r} cannot name a key: no spaces, no plus sign, not empty")
        if len(self.public) != 32:
            raise NoteError("an Ed25519 public key has 32 bytes")

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read a verifier key. Raises ``NoteError``."""
        name, key_id, encoded = [*vkey.split("+", 2), "", ""][:3]
        raw = decoded(encoded)
        if raw[:1] != _ED25519:
            raise NoteError(f"{vkey!r} is not an Ed25519 verifier key")
        verifier = cls(name, raw[1:])
        if key_id != verifier.key_id.hex():
            raise NoteError(f"{vkey!r}: the key id does not belong to this name and key")
        return verifier

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key signed."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as it is handed out."""
        return f"{self.name}+{self.key_id.hex()}+{encoded(_ED25519 + self.public)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made ``signature`` over ``text``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key (a seed of 32 bytes) and the name under which it signs."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> str:
        """The signature line over ``text``, with its newline."""
        return f"{_DASH}{self.verifier.name} {encoded(self.verifier.key_id + self._private.sign(text.encode()))}\n"


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """``text`` as a note with the signature of each signer, in order. Raises ``NoteError`` for what cannot be a note."""
    if not text.endswith("\n") or not _plain(text):
        raise NoteError("the text of a note ends in a newline and has no other control characters")
    return "".join([text, "\n", *(signer.sign(text) for signer in signers)])


def open_note(note: str, verifiers: Sequence[Verifier]) -> str:
    """The text of a note that at least one of ``verifiers`` signed; with a line of theirs that fails it is refused.

    Raises ``NoteError``.
    """
    if len(note) > _LARGEST_NOTE_CHARACTERS or not _plain(note):
        raise NoteError("not a note: control characters, or too long")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteError("not a note: no signatures after an empty line")
    text += "\n"
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    lines = signatures[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise NoteError("not a note: too many signatures")
    signed = False
    for line in lines:
        name, key_id, signature = _signature(line)
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        if not verifier.verifies(text, signature):
            raise NoteError(f"the signature of {name} does not hold")
        signed = True
    if not signed:
        raise NoteError("none of the known keys signed this note")
    return text


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its origin, how many leaves it has, and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint; extension lines are passed over. Raises ``NoteError``."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteError("a checkpoint has at least three lines, none empty")
        root = decoded(lines[2])
        if len(root) != HASH_BYTES:
            raise NoteError("the root of a checkpoint has 32 bytes")
        return cls(lines[0], parsed_number(lines[1]), root)


def open_checkpoint(note: str, verifiers: Sequence[Verifier], *, origin: str) -> Checkpoint:
    """The checkpoint in a note that one of ``verifiers`` signed, of that origin. Raises ``NoteError``."""
    checkpoint = Checkpoint.parse(open_note(note, verifiers))
    if checkpoint.origin != origin:
        raise NoteError(f"a checkpoint of {checkpoint.origin}, not of {origin}")
    return checkpoint


def parsed_number(text: str) -> int:
    """A decimal below 2**63 without leading zeros. Raises ``NoteError``."""
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST_SIZE:
        raise NoteError(f"{text[:24]!r} is not a number as the log writes it")
    return int(text)


def encoded(raw: bytes) -> str:
    """Base 64 of RFC 4648 section 4."""
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes:
    """The bytes of exactly that base 64, in the one way to write it. Raises ``NoteError``."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError(f"{text[:24]!r} is not base 64") from error
    if encoded(raw) != text:
        raise NoteError(f"{text[:24]!r} is not base 64 as the log writes it")
    return raw


def _plain(text: str) -> bool:
    """Whether it is UTF-8 without control characters other than newlines."""
    return not any((character < " " and character != "\n") or "\ud800" <= character <= "\udfff" for character in text)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2 or not parts[0] or "+" in parts[0]:
        raise NoteError(f"{line[:40]!r} is not a signature line")
    raw = decoded(parts[1])
    if len(raw) <= _KEY_ID_BYTES:
        raise NoteError(f"the signature of {parts[0]} is too short")
    return parts[0], raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]
