"""The manifest: what went in, how it was judged, what was built, by which code. One JSON per publication."""

import hashlib
import json
from datetime import date
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("data", "expectations", "transforms", "reports", "flows")
LIBRARIES = (
    "duckdb",
    "pyarrow",
    "pandas",
    "deltalake",
    "great-expectations",
    "matplotlib",
    "xlsxwriter",
    "jinja2",
    "fonttools",
    "pylopdf-fonts-zh-cn",
    "scipy",
    "statsmodels",
)


def code_hash() -> str:
    """sha256 over everything of ours that can change a figure or its rendering: code, SQL, contracts, reference, assets."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".sql", ".toml", ".html", ".css", ".js"):
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library}={version(library)}\0".encode())
    return digest.hexdigest()


def identity(as_of: date, known_at: date | None, policy: dict, deliveries: list[dict], rendered: bool) -> tuple[str, dict]:
    """The publication's id and what it is made of. The same inputs, policy and code give the same id."""
    made_of = {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "rendered": rendered,
        "code": code_hash(),
        "policy": policy,
        "inputs": sorted(
            {
                # The rows let in: a release or a correction may change them with the same files.
                (row["extract"], row["extract_date"].isoformat(), row["sha256"], row["rows_accepted"], row["rows_quarantined"])
                for row in deliveries
                if row["rows_accepted"] or row["rows_quarantined"]
            }
        ),
    }
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return f"{as_of.isoformat()}-{digest[:12]}", made_of


def describe(folder: Path, tables: dict[str, int]) -> dict:
    """Every file of a built publication with size and sha256, and the rows of each table."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            content = path.read_bytes()
            files[path.relative_to(folder).as_posix()] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return {"tables": dict(sorted(tables.items())), "files": files}


def write(folder: Path, manifest: dict) -> None:
    """The last file of a publication: where it is, the rest is."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
