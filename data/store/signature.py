"""Signatures: an Ed25519 signature (RFC 8032) over a manifest, in a file next to it."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from data.problem import Problem
from data.store.manifest import MANIFEST, SIGNATURE

DISTRUST = "do not trust it; ask for the publication again"

Key = TypeVar("Key", Ed25519PrivateKey, Ed25519PublicKey)


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Return the key that signs, from an unencrypted PEM file (PKCS 8).

    Raises Problem where the file contains none; its content is never shown.
    """
    return _load_key(
        path,
        lambda content: load_pem_private_key(content, None),
        Ed25519PrivateKey,
        "openssl genpkey -algorithm ed25519 -out FILE",
    )


def load_public_key(path: Path) -> Ed25519PublicKey:
    """Return the key that a reader trusts, from a PEM file.

    Raises Problem where the file contains none.
    """
    return _load_key(
        path, load_pem_public_key, Ed25519PublicKey, "openssl pkey -in PRIVATE -pubout -out FILE"
    )


def _load_key(
    path: Path, load: Callable[[bytes], object], key_class: type[Key], command: str
) -> Key:
    try:
        key = load(path.read_bytes())
    except OSError as error:
        raise Problem(
            f"the key file {path} cannot be read: {error.strerror}",
            "give the run read access to it",
        ) from None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, key_class):
        raise Problem(f"{path} contains no Ed25519 key in PEM form", f"make one: {command}")
    return key


def sign_manifest(folder: Path, key: Ed25519PrivateKey) -> None:
    """Sign the manifest of a publication."""
    signature = key.sign((folder / MANIFEST).read_bytes())
    content = {
        "algorithm": "Ed25519",
        "public_key": base64.b64encode(_raw_key(key.public_key())).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    (folder / SIGNATURE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def check_signature(folder: Path, trusted: Ed25519PublicKey | None = None) -> str | None:
    """Check the signature of a publication.

    Returns the fingerprint (sha256, 16 hex digits) of the key that signed it; None where it is not
    signed. Raises Problem where the signature does not belong to the manifest, or is not by the
    trusted key.
    """
    if not (folder / SIGNATURE).exists():
        if trusted:
            raise Problem(f"{folder.name} is not signed", "ask for the signed publication")
        return None
    key, signature = _read_signature(folder)
    fingerprint = hashlib.sha256(_raw_key(key)).hexdigest()[:16]
    if trusted and _raw_key(trusted) != _raw_key(key):
        raise Problem(f"{folder.name} is signed by another key ({fingerprint})", DISTRUST)
    try:
        key.verify(signature, (folder / MANIFEST).read_bytes())
    except InvalidSignature:
        raise Problem(
            f"the signature of {folder.name} does not belong to its manifest", DISTRUST
        ) from None
    return fingerprint


def _read_signature(folder: Path) -> tuple[Ed25519PublicKey, bytes]:
    try:
        content = json.loads((folder / SIGNATURE).read_text(encoding="utf-8"))
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(content["public_key"]))
        return key, base64.b64decode(content["signature"])
    except (ValueError, KeyError, TypeError):
        raise Problem(f"{SIGNATURE} of {folder.name} is not a valid signature", DISTRUST) from None


def _raw_key(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
