"""The manifest: what went in, how it was judged, what was built, by which code. One JSON per
publication.
"""

import hashlib
import json
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

from data.problem import Problem

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
ROOT = Path(__file__).parents[2]
RULES = (
    "data/contracts",
    "data/corrections",
    "data/profiles",
    "expectations/rules",
    "expectations/audits",
)
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"


def hash_code() -> str:
    """sha256 over everything of ours that can change a figure or its rendering: code, SQL,
    contracts, reference, assets, and the libraries used.
    """
    digest = _hash_of(PACKAGES)
    for library, held in library_versions().items():
        digest.update(f"{library}={held}\0".encode())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """The versions of the libraries that can change a figure or its rendering."""
    return {library: version(library) for library in LIBRARIES}


def describe_program(commit: str | None) -> dict:
    """Which program makes a publication: sha256 of its code, its rules and its lock (None where it
    is not beside the code), its libraries.
    """
    lock = ROOT / "requirements.lock"
    return {
        "code": hash_code(),
        "commit": commit,
        "rules": _hash_of(RULES).hexdigest(),
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None,
        "python": platform.python_version(),
        "libraries": library_versions(),
    }


def _hash_of(folders: tuple[str, ...]):
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".sql", ".toml", ".html", ".css", ".js"):
                digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest


def identify_publication(
    as_of: date,
    known_at: date | None,
    timezone: str,
    policy: dict,
    deliveries: list[dict],
    rendered: bool,
) -> tuple[str, dict]:
    """The publication's id and what it is made of. The same inputs, policy and code give the same
    id.
    """
    made_of = {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "timezone": timezone,
        "rendered": rendered,
        "code": hash_code(),
        "policy": policy,
        "inputs": sorted(
            {
                # The rows let in: a release or a correction may change them with the same files.
                (
                    row["extract"],
                    row["extract_date"].isoformat(),
                    row["sha256"],
                    row["rows_accepted"],
                    row["rows_quarantined"],
                )
                for row in deliveries
                if row["rows_accepted"] or row["rows_quarantined"]
            }
        ),
    }
    return _id(made_of), made_of


def _id(made_of: dict) -> str:
    digest = hashlib.sha256(
        json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    return f"{made_of['as_of']}-{digest[:12]}"


def describe_files(folder: Path, tables: dict[str, int]) -> dict:
    """Every file of a built publication with size and sha256, and the rows of each table."""
    return {"tables": dict(sorted(tables.items())), "files": list_files(folder)}


def list_files(folder: Path) -> dict[str, dict]:
    """Every file below a folder but the manifest and its signature: `{bytes, sha256}` by its
    path.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in ("manifest.json", SIGNATURE):
            content = path.read_bytes()
            found[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return found


def write_manifest(folder: Path, manifest: dict) -> None:
    """The last file of a publication: where it is, the rest is."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict:
    """Raises Problem where a publication has no manifest that can be read."""
    try:
        return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(
            f"the manifest of {folder.name} cannot be read: {error}",
            "restore the publication from a copy, or reproduce its inputs",
            "damaged-store",
        ) from None


def manifest_sha256(folder: Path) -> str:
    """Checksum of a publication's manifest, and so of all of it."""
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def find_differences(folder: Path) -> list[str]:
    """What is not as the manifest of a publication says, a sentence each; none: everything is."""
    manifest = read_manifest(folder)
    wrong = []
    if not manifest["publication_id"] == folder.name == _id(manifest["made_of"]):
        wrong.append("manifest.json: the id is not that of what it says the publication is made of")
    return wrong + compare_checksums(manifest["files"], list_files(folder))


def compare_checksums(named: dict[str, dict], found: dict[str, dict]) -> list[str]:
    """How files differ from those that a manifest names, a sentence each (both as `files` tells
    them).
    """
    wrong = []
    for name in sorted(named | found):
        if name not in found:
            wrong.append(f"{name}: the manifest names it, but it is not there")
        elif name not in named:
            wrong.append(f"{name}: the manifest does not name it")
        elif named[name] != found[name]:
            then, now = named[name], found[name]
            wrong.append(
                f"{name}: it differs ({then['bytes']:,} bytes, {then['sha256'][:12]}; now {now['bytes']:,} bytes, {now['sha256'][:12]})"
            )
    return wrong
