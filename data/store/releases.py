"""Releases at rest: `releases/<audience>/<name>/<version>/`, frozen, each with a manifest; and the
register of a name, which says what became of its versions.

A regulator and the public have registers of their own: what one was given is compared with what the
same readers were given before, and with nothing else.
"""

import csv
import json
import re
import shutil
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from data.config.return_layout import Layout, parse_layout
from data.problem import Problem
from data.safe_names import check_name
from data.store.atomic import sync_to_disk, write_text
from data.store.manifest import MANIFEST, list_files, manifest_list

SIGNERS = ("prepared_by", "checked_by", "approved_by")
AUDIENCES = ("regulator", "public")
STATUS = "_status"
REGISTER = "register.json"
PARSERS: dict[str, Callable[[str], object]] = {"integer": int, "exact": Decimal, "number": float}


def file_stem(return_id: str) -> str:
    """Return the name of a return's files: the same each year, as the year is in the metadata."""
    return return_id.removeprefix("reg_").replace("_", "-")


def fold_name(name: str) -> str:
    """Return a person's name as it is compared: without case, blanks and full-width forms."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


class Releases:
    """The releases of a store to one audience."""

    def __init__(self, root: Path, audience: str):
        if audience not in AUDIENCES:
            raise Problem(f"the audience {audience} is unknown", f"use {' or '.join(AUDIENCES)}")
        self.root = root / "releases" / audience

    def names(self) -> list[str]:
        """Return the names that have a register."""
        return sorted(path.parent.name for path in self.root.glob(f"*/{REGISTER}"))

    def folder(self, name: str, version: str) -> Path:
        """Return the folder of a version.

        Raises Problem where there is no such release.
        """
        folder = self.root / check_name("release", name) / check_name("version", version)
        if not (folder / MANIFEST).is_file():
            raise Problem(
                f"release {name} {version} for the {self.root.name} not found", self._list_known()
            )
        return folder

    def known(self) -> list[str]:
        """Return every release as "NAME VERSION"."""
        releases = []
        for name in self.names():
            releases += [f"{name} {entry['version']}" for entry in self.register(name)]
        return releases

    def register(self, name: str) -> list[dict]:
        """Return what became of each version, oldest first.

        An entry has `version`, `state` (published, superseded, withdrawn), the `periods` of its
        returns, and more by state.
        """
        path = self.root / check_name("release", name) / REGISTER
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []

    def latest(self, name: str) -> str:
        """Return the latest version in force.

        Raises Problem where none is.
        """
        published = [entry for entry in self.register(name) if entry["state"] == "published"]
        if not published:
            raise Problem(
                f"no version of release {name} for the {self.root.name} is in force",
                self._list_known(),
            )
        return published[-1]["version"]

    def building(self, name: str) -> Path:
        """Return an empty folder next to the releases, to build one in."""
        folder = self.root / f".building-{check_name('release', name)}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def commit(self, building: Path, name: str, version: str) -> Path:
        """Freeze a built release: synced to disk, read-only, one rename. Returns its folder.

        Raises Problem where the version exists: nothing is ever overwritten.
        """
        target = self.root / name / version
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            raise Problem(
                f"release {name} {version} exists already",
                "a version is made once; make the next one",
            )
        for path in sorted(building.iterdir()):
            sync_to_disk(path)
            path.chmod(0o444)
        building.rename(target)
        sync_to_disk(target.parent)
        manifest_list(self.root).add([target / MANIFEST])
        return target

    def record(self, name: str, register: list[dict]) -> None:
        """Write the register anew."""
        text = json.dumps(register, indent=2, ensure_ascii=False)
        write_text(self.root / name / REGISTER, text + "\n")

    def _list_known(self) -> str:
        return f"known releases: {', '.join(self.known()) or 'none yet'}"


def describe_release(folder: Path) -> dict[str, dict]:
    """Return size in bytes and sha256 of every file of a release but its manifest."""
    return {name: facts.model_dump() for name, facts in list_files(folder).items()}


def write_release_manifest(folder: Path, manifest: dict) -> None:
    """Write the last file of a release."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_release_manifest(folder: Path) -> dict:
    """Return what a release says of itself."""
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def parse_layouts(manifest: dict) -> list[Layout]:
    """Return the layouts of a release's returns, as they were when it was made."""
    return [parse_layout(return_id, text) for return_id, text in manifest["returns"].items()]


def read_rows(folder: Path, layout: Layout) -> tuple[list[dict], list[dict[str, str]]]:
    """Return the rows of a return of a release, and their marks, as its CSV files have them.

    Values by column are text, int, Decimal or float; None where a cell is empty.
    """
    stem = re.escape(file_stem(layout.id))
    is_of_return = re.compile(rf"{stem}(-part-\d+)?\.csv").fullmatch
    rows, marks = [], []
    for path in sorted(folder.glob("*.csv"), key=_part_number):
        if not is_of_return(path.name):
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                rows.append(_parse_line(line, layout))
                marks.append(
                    {column.name: line.get(column.name + STATUS, "") for column in layout.columns}
                )
    return rows, marks


def _parse_line(line: dict[str, str], layout: Layout) -> dict:
    row = {}
    for column in layout.columns:
        parse = PARSERS.get(column.type, str)
        row[column.name] = parse(line[column.name]) if line[column.name] else None
    return row


def _part_number(path: Path) -> int:
    part = re.search(r"-part-(\d+)\.csv$", path.name)
    return int(part[1]) if part else 0


def next_version(latest: str | None, columns_before: list[str], columns: list[str]) -> str:
    """Return the next semantic version after the latest one of a register.

    A column removed or renamed is a major change, an added one a minor one, other figures a patch.
    """
    if latest is None:
        return "1.0.0"
    major, minor, patch = map(int, latest.split("."))
    if set(columns_before) - set(columns):
        return f"{major + 1}.0.0"
    if set(columns) - set(columns_before):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"
