"""Signatures: an Ed25519 signature over a manifest, in a file beside it (RFC 8032)."""

import base64
import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from data.problem import Problem
from data.store.manifest import SIGNATURE


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs, from an unencrypted PEM file (PKCS 8).

    Raises Problem where there is none; what the file holds is never told.
    """
    return _key(
        path,
        lambda text: load_pem_private_key(text, None),
        Ed25519PrivateKey,
        "openssl genpkey -algorithm ed25519 -out FILE",
    )


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The key that a reader trusts, from a PEM file. Raises Problem where there is none."""
    return _key(
        path, load_pem_public_key, Ed25519PublicKey, "openssl pkey -in PRIVATE -pubout -out FILE"
    )


def _key(path: Path, load, kind: type, make: str):
    try:
        key = load(path.read_bytes())
    except OSError as error:
        raise Problem(
            f"the key file {path} cannot be read: {error.strerror}",
            "give the run read access to it",
        ) from None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, kind):
        raise Problem(f"{path} holds no Ed25519 key in PEM form", f"make one: {make}")
    return key


def sign_manifest(folder: Path, key: Ed25519PrivateKey) -> None:
    """Sign the manifest of a publication."""
    signature = key.sign((folder / "manifest.json").read_bytes())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    said = {
        "algorithm": "Ed25519",
        "public_key": base64.b64encode(public).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    (folder / SIGNATURE).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def check_signature(folder: Path, trusted: Ed25519PublicKey | None = None) -> str | None:
    """The fingerprint (sha256, 16 hex digits) of the key that signed a publication; None: it is not
    signed.

    Raises Problem where the signature does not belong to the manifest, or is not by the trusted
    key.
    """
    try:
        said = json.loads((folder / SIGNATURE).read_text(encoding="utf-8"))
        raw, signature = (base64.b64decode(said[name]) for name in ("public_key", "signature"))
        key = Ed25519PublicKey.from_public_bytes(raw)
    except FileNotFoundError:
        if trusted:
            raise Problem(
                f"{folder.name} is not signed", "ask for the signed publication"
            ) from None
        return None
    except (ValueError, KeyError, TypeError):
        raise Problem(
            f"{SIGNATURE} of {folder.name} holds no signature",
            "do not trust it; ask for the publication again",
        ) from None
    if trusted and trusted.public_bytes(Encoding.Raw, PublicFormat.Raw) != raw:
        raise Problem(
            f"{folder.name} is signed by another key ({_fingerprint(raw)})",
            "do not trust it; ask for the publication again",
        )
    try:
        key.verify(signature, (folder / "manifest.json").read_bytes())
    except InvalidSignature:
        raise Problem(
            f"the signature of {folder.name} does not belong to its manifest",
            "do not trust it; ask for the publication again",
        ) from None
    return _fingerprint(raw)


def _fingerprint(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]
