"""Rules about a release as a whole: its folder, figures that are the same in every file, sign-off
(F12-F14, D, P).
"""

import csv
import hashlib
import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import openpyxl

from data.config.return_layout import Layout
from data.store.releases import file_stem, parse_layouts, read_release_manifest, read_rows
from reports.release.cells import displayed_mark, displayed_number, row_order
from reports.release.lint import Finding, lint_file, new_registry, run_rules
from reports.release.lint.sheets import Sheet

RULES, rule = new_registry()
SIGNERS = ("prepared_by", "checked_by", "approved_by")
LISTS = ("changes.csv", "correction-notice.csv", "qa-log.csv")
PRECISION = 1e-12  # of a ratio formed again from its columns


@dataclass
class Release:
    """A folder and its manifest."""

    folder: Path

    @cached_property
    def manifest(self) -> dict:
        return read_release_manifest(self.folder)

    @cached_property
    def returns(self) -> list[tuple[Layout, list[dict], list[dict]]]:
        return [
            (layout, *read_rows(self.folder, layout)) for layout in parse_layouts(self.manifest)
        ]


def lint_release_files(folder: Path) -> list[Finding]:
    """Every rule that a file of a release breaks. Metadata and lists describe the returns; nothing
    describes them.
    """
    told = [path for path in sorted(folder.iterdir()) if path.suffix in (".xlsx", ".csv")]
    return [
        found
        for path in told
        for found in lint_file(path)
        if not (path.name in LISTS and found.rule == "F9")
    ]


def lint_release(folder: Path) -> list[Finding]:
    """Every rule that the release breaks as a whole."""
    return run_rules(RULES, folder.name, Release(folder))


@rule(
    "F12",
    "leave the folder as it was made: each file named in the manifest, with its sha256, and no other",
)
def _files(release: Release):
    held = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in release.folder.iterdir()
        if path.name != "manifest.json"
    }
    told = {name: entry["sha256"] for name, entry in release.manifest["files"].items()}
    yield from (f"{name} is missing" for name in sorted(set(told) - set(held)))
    yield from (f"{name} is not in the manifest" for name in sorted(set(held) - set(told)))
    yield from (
        f"{name} differs from its sha256"
        for name in sorted(set(held) & set(told))
        if held[name] != told[name]
    )


@rule(
    "F13",
    "give the release a semantic version, and list in changes.csv what differs from the one before",
)
def _version(release: Release):
    if not re.fullmatch(r"\d+\.\d+\.\d+", release.manifest["version"]):
        yield release.manifest["version"]
    if not (release.folder / "changes.csv").is_file():
        yield "there is no changes.csv"


@rule(
    "F14", "write workbook and CSV from the same figures: they agree to the decimals of each column"
)
def _parity(release: Release):
    book = openpyxl.load_workbook(release.folder / f"{release.manifest['name']}.xlsx")
    for layout, rows, marks in release.returns:
        stem = file_stem(layout.id).replace("-", "_")
        pages = [
            Sheet(page)
            for page in book.worksheets
            if re.sub(r"^Table_\d+_", "", page.title)
            and stem.startswith(re.sub(r"^Table_\d+_", "", page.title))
        ]
        body = [line for page in pages for line in page.body]
        pairs = sorted(zip(rows, marks, strict=True), key=lambda pair: row_order(layout, *pair))
        if len(body) != len(pairs):
            yield f"{layout.id} has {len(body)} rows in the workbook, {len(pairs)} in the CSV"
            continue
        heads = [re.sub(r" ?\[.*", "", str(head)).rsplit(" (", 1)[0] for head in pages[0].headers]
        language = release.manifest["asked"]["language"]
        for column in (column for column in layout.columns if column.is_number):
            position = heads.index(column.title[language])
            for line, (row, marked) in zip(body, pairs, strict=True):
                shown, mark = line[position].value, displayed_mark(column, row, marked)
                wanted = displayed_number(column, row, marked)
                if (wanted is None) == isinstance(shown, int | float) or (
                    wanted is not None and not math.isclose(shown, wanted, rel_tol=1e-14)
                ):
                    yield f"{layout.id} {column.name} {row['branch_code']}: {shown!r} in the workbook, {wanted if wanted is not None else mark!r} in the CSV"


@rule("D1", "form a ratio once, from the unrounded numerator and denominator")
def _ratios(release: Release):
    for layout, rows, marks in release.returns:
        totals = {layout.group(row): row for row in rows if layout.is_total(row)}
        for column in (
            column for column in layout.columns if column.role == "ratio" and column.numerator
        ):
            for row, marked in zip(rows, marks, strict=True):
                below = (
                    row[column.denominator]
                    if column.denominator
                    else totals.get(layout.group(row), {}).get(column.numerator)
                )
                if row[column.name] is not None and row[column.numerator] is not None and below:
                    again = column.scale * float(row[column.numerator]) / float(below)
                    if not math.isclose(
                        row[column.name], again, rel_tol=PRECISION, abs_tol=PRECISION
                    ):
                        yield f"{layout.id} {column.name} {row['branch_code']}: {row[column.name]} is not {again}"
                elif marked[column.name] == "z" and below not in (None, 0):
                    yield f"{layout.id} {column.name} {row['branch_code']} is not applicable, although it has cases"


@rule("D4", "tell a true zero as 0 and a hidden figure as an empty cell with status c")
def _zeros(release: Release):
    for layout, rows, marks in release.returns:
        for row, marked in zip(rows, marks, strict=True):
            yield from (
                f"{layout.id} {name} {row['branch_code']}"
                for name, mark in marked.items()
                if mark == "c" and row[name] is not None
            )


@rule("P1", "say when the release is published, at which hour, and when the next one will be")
def _calendar(release: Release):
    asked = release.manifest["asked"]
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d|Z)", asked["publish_at"]):
        yield f"published at {asked['publish_at']!r}"
    if not asked["next_release"]:
        yield "the next release is not announced"


@rule(
    "P2",
    "have the release prepared, checked and approved, and checked by someone who did not prepare it",
)
def _signed(release: Release):
    asked = release.manifest["asked"]
    yield from (f"{who} is empty" for who in SIGNERS if not asked[who].strip())
    if asked["prepared_by"].strip() in (asked["checked_by"].strip(), asked["approved_by"].strip()):
        yield f"{asked['prepared_by']} prepared it and signed for it"


@rule(
    "P3", "keep the log of the checks that were made before publication, and let all of them pass"
)
def _checks(release: Release):
    path = release.folder / "qa-log.csv"
    if not path.is_file():
        yield "there is no qa-log.csv"
        return
    with path.open(encoding="utf-8", newline="") as stream:
        yield from (
            f"{row['check_id']}: {row['found']}"
            for row in csv.DictReader(stream)
            if row["outcome"] != "passed"
        )


@rule(
    "P6",
    "tell in a correction notice what was wrong, old and new figures, the cause, and what prevents it from now on",
)
def _notice(release: Release):
    correction = release.manifest["asked"]["correction"]
    if correction:
        yield from (
            f"{name} is empty"
            for name in ("replaces", "cause", "prevention")
            if not correction[name].strip()
        )
        if not (release.folder / "correction-notice.csv").is_file():
            yield "there is no correction-notice.csv"
