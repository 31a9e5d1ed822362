"""What a file is known by: its content, never its name."""

import hashlib
from pathlib import Path

CHUNK_BYTES = 1 << 22


def hash_file(path: Path) -> tuple[str, int]:
    """Return a file's sha256 (hexadecimal) and its size in bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest(), path.stat().st_size
