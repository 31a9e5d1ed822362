"""Which program makes a publication: its code, its rules, its libraries."""

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parents[2]
PACKAGES = ("data", "expectations", "transforms", "reports", "flows")
SUFFIXES = (".py", ".sql", ".toml", ".html", ".css", ".js")
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
)
RULES = (
    "data/contracts",
    "data/corrections",
    "data/profiles",
    "expectations/rules",
    "expectations/audits",
)


class Program(BaseModel):
    """A program: sha256 of its code, its rules and its lock file, and its libraries' versions.

    `commit` and `lock` are None where the program runs outside of a repository, or without its lock
    file.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    commit: str | None = None
    rules: str = ""
    lock: str | None = None
    python: str = ""
    libraries: dict[str, str] = {}


def describe_program(commit: str | None) -> Program:
    """Return which program this is; `commit` is that of its repository."""
    lock = ROOT / "requirements.lock"
    return Program(
        code=hash_code(),
        commit=commit,
        rules=_hash_folders(RULES).hexdigest(),
        lock=hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None,
        python=platform.python_version(),
        libraries=library_versions(),
    )


def hash_code() -> str:
    """Return the sha256 of everything of ours that can change a figure or its rendering.

    That is code, SQL, contracts, reference, assets, and the versions of the libraries.
    """
    digest = _hash_folders(PACKAGES)
    for library, library_version in library_versions().items():
        digest.update(f"{library}={library_version}\0".encode())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that can change a figure or its rendering."""
    return {library: version(library) for library in LIBRARIES}


def _hash_folders(folders: tuple[str, ...]) -> "hashlib._Hash":
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES:
                digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest
