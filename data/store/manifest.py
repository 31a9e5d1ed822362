"""The manifest: what went in, how it was judged, what was built, by which code.

One JSON file per publication, the last one written: where it is, the rest is. Its keys are
published; where a name here differs from its key, the key is the alias.
"""

import hashlib
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.checksum import hash_file
from data.problem import Problem
from data.store.checksum_list import ChecksumList, damage_problem, find_fault
from data.store.program import Program, hash_code

ModelType = TypeVar("ModelType", bound=BaseModel)
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
MANIFEST_LIST = "manifests.sha256"  # next to the publications, and to the releases

# Extract, extract date, sha256 of the file, rows accepted, rows quarantined. The counts are there
# because a release or a correction may change which rows of the same files are let in.
InputFile = tuple[str, str, str, int, int]


class ManifestPart(BaseModel):
    """A part of a manifest: never changed, and written with the keys that are published."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)


class Recipe(ManifestPart):
    """What a publication is made of: the same inputs, policy and code give the same id.

    `known_at` is None where all that is known was used. Keys of a later program are kept, since the
    id depends on them.
    """

    model_config = ConfigDict(extra="allow")

    as_of: date
    known_at: date | None = None
    timezone: str
    rendered: bool
    code: str
    policy: dict[str, Any]
    inputs: list[InputFile]

    def identify(self) -> str:
        """Return the id of the publication that is made of this."""
        content = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return f"{self.as_of}-{digest[:12]}"


class ComparedWith(ManifestPart):
    """The publication that readers saw before, and the checksum of its manifest."""

    publication_id: str
    manifest_sha256: str


class FileFacts(ManifestPart):
    """Size in bytes and checksum of a file."""

    bytes: int
    sha256: str


class Checks(ManifestPart):
    """Rows that fail each rule of the extracts, and rows that each audit of the tables found."""

    rules: list[dict[str, Any]] = []
    audits: dict[str, int] = {}


class BuildFacts(ManifestPart):
    """What the manifest and the report both say of a publication.

    `hold_request` is why it was asked for without showing it to readers; `hold_reasons` are all
    reasons why they do not see it. `owners` has who hears of a rule, by its id, or of an extract,
    by its name.
    """

    publication_id: str
    recipe: Recipe = Field(validation_alias="made_of", serialization_alias="made_of")
    notes: list[str]
    problems: list[str]
    hold_request: str | None = Field(
        default=None, validation_alias="aside", serialization_alias="aside"
    )
    owners: dict[str, str] = {}
    hold_reasons: list[str] = Field(
        validation_alias="held_because", serialization_alias="held_because"
    )
    compared_with: ComparedWith | None = None


class ManifestHead(BuildFacts):
    """What a list of publications needs of each: read in a third of the time of the whole."""

    finished: str


class Manifest(BuildFacts):
    """Everything that a publication says of itself.

    `lake` has the Delta version of every table that was read; None in publications that were made
    before it was kept, which cannot be reproduced. `tables` has the rows of each table.
    """

    state: str
    started: str
    finished: str
    seconds: dict[str, float] = {}
    computed_by: str = "duckdb"
    program: Program = Field(validation_alias="made_by", serialization_alias="made_by")
    lake: dict[str, int] | None = None
    checks: Checks = Checks()
    tables: dict[str, int] = {}
    files: dict[str, FileFacts]


def make_recipe(
    as_of: date,
    known_at: date | None,
    timezone: str,
    policy: dict,
    deliveries: list[dict],
    rendered: bool,
) -> Recipe:
    """Return what a publication is made of.

    Args:
        as_of: the day that its figures are of.
        known_at: the day up to which extracts count; None: all of them.
        timezone: where the clocks of the sources are.
        policy: the policy that the figures follow.
        deliveries: the rows of the ledger that count.
        rendered: whether it has a report.
    """
    inputs = {
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
    return Recipe(
        as_of=as_of,
        known_at=known_at,
        timezone=timezone,
        rendered=rendered,
        code=hash_code(),
        policy=policy,
        inputs=sorted(inputs),
    )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the last file of a publication."""
    content = manifest.model_dump(mode="json", by_alias=True)
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


@cache
def manifest_list(folder: Path) -> ChecksumList:
    """Return the checksums of all manifests below a folder, of publications or of releases."""
    return ChecksumList(folder / MANIFEST_LIST, folder)


def read_manifest(folder: Path) -> Manifest:
    """Return what a publication says of itself.

    Raises Problem where its manifest cannot be read, is not what was written, or does not have the
    form of one.
    """
    return _read(folder, Manifest)


def read_head(folder: Path) -> ManifestHead:
    """Return the head of a publication's manifest. Raises Problem as `read_manifest` does."""
    return _read(folder, ManifestHead)


def _read(folder: Path, model: type[ModelType]) -> ModelType:
    path = folder / MANIFEST
    checksums = manifest_list(folder.parent)
    checksum = checksums.read().get(checksums.name_of(path))
    # None while the publication is being built.
    fault = find_fault(path, checksum) if checksum else None
    if fault:
        raise damage_problem(fault)
    try:
        # Not by pydantic's own parser: ids depend on what Python's makes of a number.
        return model.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise _damage(path, f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise _damage(path, f"is damaged: {key}: {first['msg']}") from None
    except ValueError as error:
        raise _damage(path, f"is not valid JSON: {error}") from None


def _damage(path: Path, sentence: str) -> Problem:
    return Problem(
        f"the manifest {path} {sentence}",
        "restore the publication from a backup, or run its day again",
        "damaged-store",
    )


def manifest_sha256(folder: Path) -> str:
    """Return the checksum of a publication's manifest, and so of all of the publication."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def list_names(folder: Path) -> list[str]:
    """Return the path of every file below a folder but the manifest and its signature."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(name for name in names if name not in (MANIFEST, SIGNATURE))


def list_files(folder: Path) -> dict[str, FileFacts]:
    """Return every file below a folder but the manifest and its signature, by its path."""
    return {name: measure_file(folder / name) for name in list_names(folder)}


def measure_file(path: Path) -> FileFacts:
    """Return size and checksum of a file."""
    sha256, size = hash_file(path)
    return FileFacts(bytes=size, sha256=sha256)


def find_differences(folder: Path) -> list[str]:
    """Return what is not as the manifest of a publication says, a sentence each."""
    manifest = read_manifest(folder)
    differences = []
    if not manifest.publication_id == folder.name == manifest.recipe.identify():
        differences.append(
            "manifest.json: the id is not that of what it says the publication is made of"
        )
    return differences + compare_files(manifest.files, list_files(folder))


def compare_files(expected: dict[str, FileFacts], actual: dict[str, FileFacts]) -> list[str]:
    """Return how files differ from those that a manifest names, a sentence each."""
    differences = []
    for name in sorted(expected | actual):
        if name not in actual:
            differences.append(f"{name}: the manifest names it, but it is missing")
        elif name not in expected:
            differences.append(f"{name}: the manifest does not name it")
        elif expected[name] != actual[name]:
            before, now = _describe(expected[name]), _describe(actual[name])
            differences.append(f"{name}: it differs ({before}; now {now})")
    return differences


def _describe(file: FileFacts) -> str:
    return f"{file.bytes:,} bytes, {file.sha256[:12]}"
