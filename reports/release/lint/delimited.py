"""Rules about a CSV and the metadata beside it (F, and C9 for text)."""

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path

from data.problem import Problem
from reports.release.lint import Finding, new_registry, run_rules

RULES, rule = new_registry()
META = ["col_name", "col_type", "label", "unit", "decimals", "group", "hint"]
PLACE = ["time_period", "time_identifier", "geographic_level", "branch_code", "branch_name"]
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
MISSING = {"c", "x", "z", "low", "k"}
LIMIT = 1_048_576


@dataclass
class File:
    """A CSV as bytes, its rows, and the metadata beside it, where there is any."""

    path: Path
    raw: bytes

    @cached_property
    def rows(self) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.raw.decode("utf-8-sig"), newline="")))

    @property
    def head(self) -> list[str]:
        return self.rows[0] if self.rows else []

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        return {
            name: [row[place] if place < len(row) else "" for row in self.rows[1:]]
            for place, name in enumerate(self.head)
        }

    @cached_property
    def meta(self) -> dict[str, dict] | None:
        """Rows of the `.meta.csv` by column; None where there is none."""
        path = self.beside("meta.csv")
        if not path.is_file():
            return None
        with path.open(encoding="utf-8", newline="") as stream:
            return {row["col_name"]: row for row in csv.DictReader(stream)}

    @cached_property
    def key(self) -> list[str]:
        """What tells rows apart: the primary key of the metadata."""
        path = self.beside("csv-metadata.json")
        return (
            json.loads(path.read_text(encoding="utf-8"))["tableSchema"]["primaryKey"]
            if self.meta and path.is_file()
            else []
        )

    def beside(self, ending: str) -> Path:
        """The metadata of a file, or of the file that it is a part of."""
        return self.path.with_name(re.sub(r"(-part-\d+)?\.csv$", f".{ending}", self.path.name))

    def of_type(self, *kinds: str) -> list[str]:
        return [
            name
            for name in self.head
            if self.meta and self.meta.get(name, {}).get("col_type") in kinds
        ]


def lint_csv(path: Path) -> list[Finding]:
    """Every rule that a CSV breaks; those about metadata where there is metadata.

    Raises Problem where it is not text in UTF-8.
    """
    held = File(path, path.read_bytes())
    try:
        held.raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(
            f"{path.name} is not UTF-8 at byte {error.start}", "save it as UTF-8"
        ) from error
    return run_rules(RULES, path.name, held)


@rule(
    "F1",
    "write RFC 4180: commas, quotes doubled, CRLF at the end of each line, every row as wide, UTF-8 without a byte order mark",
)
def _rfc(held: File):
    if held.raw.startswith(b"\xef\xbb\xbf"):
        yield "it begins with a byte order mark"
    bare = re.sub(rb'"(?:[^"]|"")*"', b"", held.raw)
    if (
        bare.count(b"\n") != bare.count(b"\r\n")
        or bare.count(b"\r") != bare.count(b"\r\n")
        or not held.raw.endswith(b"\r\n")
    ):
        yield "lines do not all end in CRLF"
    yield from (
        f"line {number} has {len(row)} cells, the header {len(held.head)}"
        for number, row in enumerate(held.rows, start=1)
        if len(row) != len(held.head)
    )


@rule(
    "F2",
    "begin with one header row, then records only: no titles, notes, blank lines or second header",
)
def _records(held: File):
    if len([name for name in held.head if name.strip()]) < 2:
        yield f"the first line is {','.join(held.head)[:60]!r}"
    for number, row in enumerate(held.rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            yield f"line {number} is blank"
        elif row == held.head:
            yield f"line {number} is the header again"
        elif re.match(r"(source|note|total)s?\b.*[:：]|来源|注[:：]", row[0], re.IGNORECASE):
            yield f"line {number} is {row[0][:40]!r}"


@rule("F3", "name columns in snake_case, ASCII, from a letter, up to 50 characters, each once")
def _names(held: File):
    yield from (
        repr(name)
        for name, count in Counter(held.head).items()
        if count > 1 or not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > 50
    )


@rule("F4", "keep one observation to a row: no key twice, Total in filters only")
def _tidy(held: File):
    if set(held.key) <= set(held.head):
        keys = Counter(zip(*(held.columns[name] for name in held.key), strict=True))
        yield from (
            f"{' '.join(found)} stands {count} times" for found, count in keys.items() if count > 1
        )
    for name in ("time_period", "branch_code", "branch_name"):
        yield from (
            f"{name} has {cell!r}"
            for cell in set(held.columns.get(name, ()))
            if cell.lower() in ("total", "合计")
        )


@rule("F5", f"begin with {', '.join(PLACE)}, then filters and indicators, and end with status")
def _mandatory(held: File):
    if held.meta:
        yield from (f"{name} is missing" for name in [*PLACE, "status"] if name not in held.head)
        levels = set(held.columns.get("geographic_level", ())) - {
            "company",
            "region",
            "branch",
            "other",
        }
        yield from (f"geographic_level has {level!r}" for level in sorted(levels))


@rule(
    "F6",
    "write numbers as plain digits with a decimal point: no separators, units, exponents or percent signs",
)
def _numbers(held: File):
    for name in held.of_type("Indicator"):
        yield from (
            f"{name} has {cell!r}"
            for cell in held.columns[name]
            if cell and not DECIMAL.fullmatch(cell)
        )
    if not held.meta:
        odd = re.compile(
            r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)? ?%|[¥$£€]\d.*|-?\d(\.\d+)?[eE][-+]?\d+"
        )
        yield from (
            f"{name} has {cell!r}"
            for name, cells in held.columns.items()
            for cell in cells
            if odd.fullmatch(cell)
        )


@rule("F7", "write dates as YYYY-MM-DD, times with their offset, and periods all in one way")
def _dates(held: File):
    for name, cells in held.columns.items():
        yield from (
            f"{name} has {cell!r}"
            for cell in cells
            if re.fullmatch(
                r"\d{1,2}/\d{1,2}/\d{2,4}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}\.\d{1,2}\.\d{2,4}", cell
            )
        )
    shapes = {re.sub(r"\d", "0", cell) for cell in held.columns.get("time_period", ())}
    if len(shapes) > 1:
        yield f"time_period is written as {' and '.join(sorted(shapes))}"


@rule(
    "F8",
    "leave the cell of a missing figure empty and say why in its _status: c, x, z or low; never NA, - or 0",
)
def _missing(held: File):
    for name, cells in held.columns.items():
        yield from (
            f"{name} has {cell!r}"
            for cell in set(cells)
            if re.fullmatch(r"N/?A|n/?a|NaN|nan|null|NULL|-|–|\.\.|#N/A|~|:", cell)
        )
    for name in held.of_type("Indicator"):
        states = held.columns.get(f"{name}_status")
        if states is None:
            yield f"{name} has no {name}_status"
            continue
        for number, (cell, state) in enumerate(
            zip(held.columns[name], states, strict=True), start=2
        ):
            if (state in MISSING) != (cell == ""):
                yield f"line {number}: {name} is {cell!r} and its status {state!r}"


@rule(
    "F9",
    "describe each column, and only these, in name.meta.csv and name.csv-metadata.json beside the file",
)
def _described(held: File):
    if held.path.name.endswith(".meta.csv"):
        return
    if held.meta is None:
        yield f"there is no {held.beside('meta.csv').name}"
        return
    yield from (
        f"{name} is in one of data and meta.csv only"
        for name in sorted(set(held.meta) ^ set(held.head))
    )
    path = held.beside("csv-metadata.json")
    if not path.is_file():
        yield f"there is no {path.name}"
        return
    web = json.loads(path.read_text(encoding="utf-8"))
    told = [column["name"] for column in web["tableSchema"]["columns"]]
    if told != held.head:
        yield f"{path.name} describes other columns, or in another order"
    files = [web["url"]] if "url" in web else [table["url"] for table in web["tables"]]
    if held.path.name not in files:
        yield f"{path.name} does not name {held.path.name}"


@rule(
    "F10",
    "write text in Unicode NFC, without control characters, blanks at its ends or non-breaking spaces",
)
def _text(held: File):
    for name, cells in {**held.columns, "the header": held.head}.items():
        for cell in set(cells):
            if (
                cell != cell.strip()
                or unicodedata.normalize("NFC", cell) != cell
                or re.search(r"[\x00-\x1f\x7f\u00a0\u200b-\u200f\u202a-\u202e\ufeff]", cell)
            ):
                yield f"{name} has {cell[:40]!r}"


@rule("F11", f"split a file of over {LIMIT:,} rows by years, or in the order of its key")
def _size(held: File):
    if len(held.rows) > LIMIT:
        yield f"{len(held.rows):,} rows"


@rule(
    "T13",
    "complete the matrix: one row for every combination of branch and filters, with a status where there is no figure",
)
def _complete(held: File):
    filters = [name for name in held.key if name != "geographic_level" and name in held.head]
    found = set(zip(*(held.columns[name] for name in filters), strict=True))
    sets = [sorted(set(held.columns[name])) for name in filters]
    if filters and len(found) < prod(map(len, sets)):
        missing = next(combination for combination in product(*sets) if combination not in found)
        yield f"{' '.join(missing)} is missing"


@rule(
    "C9", "put an apostrophe before text that begins with = + - @, so that no spreadsheet runs it"
)
def _live(held: File):
    for name, cells in held.columns.items():
        yield from (
            f"{name} has {cell[:40]!r}"
            for cell in set(cells)
            if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not DECIMAL.fullmatch(cell)
        )
