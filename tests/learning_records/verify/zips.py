"""Bundles taken apart and put together again with Python's own ZIP module, as anybody who changes one would."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.crypto import key_id_of, public_bytes_of
from learning_records import verify

ATTACKER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
Files = dict[str, bytes]


def opened(data: bytes) -> Files:
    """The files of a bundle in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def information(name: str) -> zipfile.ZipInfo:
    """A directory entry as bundles have it."""
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr, entry.compress_type = 3, 0o100644 << 16, zipfile.ZIP_DEFLATED
    return entry


def closed(files: Mapping[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    """A ZIP of these files with the hash of all of it as its comment."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as bundle:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            bundle.writestr(information(name), content)
        bundle.comment = b"0" * 64
    return hashed(into.getvalue())


def hashed(data: bytes) -> bytes:
    """The bytes with their own SHA-256 at their end."""
    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def manifest_of(files: Files) -> dict[str, Any]:
    """The manifest."""
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found


def canonical(value: object) -> bytes:
    """Canonical JSON, whatever the value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def rehashed(files: Files) -> None:
    """Write the hashes of the files as they are now into the manifest, which keeps its old signature."""
    manifest = manifest_of(files)
    for name, content in files.items():
        if name in manifest["files"]:
            manifest["files"][name] = hashlib.sha256(content).hexdigest()
    for entry in manifest["records"]:
        entry["sha256"] = manifest["files"].get(f"records/{entry['id']}.json", entry["sha256"])
    files["manifest.json"] = canonical(manifest)


def signed_by_attacker(files: Files) -> None:
    """Sign the manifest with a key of the attacker's, and say in it that this key is the service's."""
    manifest = manifest_of(files)
    public = ATTACKER.public_key()
    keys = manifest.get("receipt_keys")
    if isinstance(keys, dict):
        keys[key_id_of(public)] = base64.b64encode(public_bytes_of(public)).decode()
    files["manifest.json"] = canonical(manifest)
    signature = base64.b64encode(ATTACKER.sign(files["manifest.json"])).decode()
    files["manifest.sig"] = canonical({"key_id": key_id_of(public), "signature": signature})


def summarized(files: Files) -> None:
    """Write the summary anew, as whoever makes a bundle does."""
    manifest = manifest_of(files)
    summary = verify.Summary()
    for entry in manifest["records"]:
        try:
            body = verify.read_json(files[f"records/{entry['id']}.json"], "")
        except (KeyError, verify.Refused):
            continue
        summary.add(entry["kind"], body)
    size = files["checkpoint"].split(b"\n")[1]
    files["summary.txt"] = summary.text(manifest, int(size) if size.isdigit() else 0).encode()
    manifest["files"]["summary.txt"] = hashlib.sha256(files["summary.txt"]).hexdigest()
    files["manifest.json"] = canonical(manifest)
