"""Releases at rest: `releases/<name>/<version>/`, frozen, each with a manifest; and the register of
a name, which says what became of its versions.
"""

import csv
import hashlib
import json
import os
import re
import shutil
from decimal import Decimal
from pathlib import Path

from data.config.return_layout import Layout, parse_layout
from data.problem import Problem
from data.safe_names import check_name

STATUS = "_status"
REGISTER = "register.json"


def file_stem(return_id: str) -> str:
    """The name of a return's files: the same each year, what is in them stands in their
    metadata.
    """
    return return_id.removeprefix("reg_").replace("_", "-")


class Releases:
    """The releases of a store."""

    def __init__(self, root: Path):
        self.root = root / "releases"

    def names(self) -> list[str]:
        return sorted(path.parent.name for path in self.root.glob(f"*/{REGISTER}"))

    def folder(self, name: str, version: str) -> Path:
        """The folder of a version.

        Raises Problem where there is none.
        """
        folder = self.root / check_name("release", name) / check_name("version", version)
        if not (folder / "manifest.json").is_file():
            raise Problem(
                f"there is no release {name} {version}",
                f"there are {', '.join(self.known()) or 'none yet'}",
            )
        return folder

    def known(self) -> list[str]:
        return [
            f"{name} {entry['version']}" for name in self.names() for entry in self.register(name)
        ]

    def register(self, name: str) -> list[dict]:
        """What became of each version, oldest first: `version, state (published, superseded,
        withdrawn), ...` and why.
        """
        path = self.root / check_name("release", name) / REGISTER
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []

    def latest(self, name: str) -> str:
        """The latest version that stands.

        Raises Problem where none does.
        """
        standing = [
            entry["version"] for entry in self.register(name) if entry["state"] == "published"
        ]
        if not standing:
            raise Problem(
                f"no version of release {name} stands",
                f"there are {', '.join(self.known()) or 'none yet'}",
            )
        return standing[-1]

    def building(self, name: str) -> Path:
        """An empty folder beside the releases, to make one in."""
        folder = self.root / f".building-{check_name('release', name)}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def commit(self, building: Path, name: str, version: str) -> Path:
        """Freeze a built release: fsync, read-only, one rename. Nothing is ever overwritten."""
        target = self.root / name / version
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            raise Problem(
                f"there is a release {name} {version} already",
                "a version is made once; make the next one",
            )
        for path in sorted(building.iterdir()):
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
            path.chmod(0o444)
        building.rename(target)
        return target

    def record(self, name: str, register: list[dict]) -> None:
        """Write the register anew, aside and by one rename."""
        aside = self.root / name / f".{REGISTER}"
        aside.write_text(
            json.dumps(register, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        aside.rename(self.root / name / REGISTER)


def describe_release(folder: Path) -> dict[str, dict]:
    """Every file of a release but its manifest, with size and sha256."""
    contents = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }
    return {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }


def write_release_manifest(folder: Path, manifest: dict) -> None:
    """The last file of a release."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def read_release_manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def parse_layouts(manifest: dict) -> list[Layout]:
    """The layouts of a release's returns, as they were when it was made."""
    return [parse_layout(return_id, text) for return_id, text in manifest["returns"].items()]


def read_rows(folder: Path, layout: Layout) -> tuple[list[dict], list[dict[str, str]]]:
    """A return of a release as its CSV tells it: values by column (text, int, Decimal or float;
    None where empty), and marks.
    """
    rows, marks = [], []
    kinds = {"integer": int, "exact": Decimal, "number": float}
    for path in sorted(folder.glob(f"{file_stem(layout.id)}*.csv"), key=_part):
        if re.fullmatch(rf"{file_stem(layout.id)}(-part-\d+)?\.csv", path.name):
            with path.open(encoding="utf-8", newline="") as stream:
                for told in csv.DictReader(stream):
                    rows.append(
                        {
                            c.name: kinds.get(c.type, str)(told[c.name]) if told[c.name] else None
                            for c in layout.columns
                        }
                    )
                    marks.append(
                        {
                            column.name: told.get(column.name + STATUS, "")
                            for column in layout.columns
                        }
                    )
    return rows, marks


def _part(path: Path) -> int:
    return int((re.search(r"-part-(\d+)\.csv$", path.name) or [0, 0])[1])


def next_version(before: str | None, columns_before: list[str], columns: list[str]) -> str:
    """Semantic: a column removed or renamed is a major change, one more a minor one, other figures
    a patch.
    """
    if before is None:
        return "1.0.0"
    major, minor, patch = map(int, before.split("."))
    if set(columns_before) - set(columns):
        return f"{major + 1}.0.0"
    return (
        f"{major}.{minor + 1}.0"
        if set(columns) - set(columns_before)
        else f"{major}.{minor}.{patch + 1}"
    )
