"""Declared corrections: known errors of a source, mended on reading, with who asked and why
(`data/corrections/*.toml`).

    [[correction]] id = "jinhua_code_of_september" extract = "claims" files = "claims_201209*"
    # of these files; left out: of all match = { branch_code = "0790" }            # cells as they
    stand in the file, a date as it is written there set = { branch_code = "0709" }              #
    the cells they are replaced with; or set_aside = true: the row goes to quarantine reason = "the
    old code was still in use after the move" asked_by = "Zhejiang claims department" since =
    2012-10-08                          # the day it was decided expect = [1, 500]
    # rows it finds in each delivery of such files, at least and at most

Where it finds fewer or more, the delivery fails: the source has been mended, or something else is
wrong.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from data.config.contract import load_contracts
from data.problem import Problem

FOLDER = Path(__file__).parents[1] / "corrections"
FIELDS = ("id", "extract", "match", "reason", "asked_by", "since", "expect")


@dataclass(frozen=True)
class Correction:
    """One declared correction: rows whose cells are as in `match` get the cells of `set`, or are
    set aside.
    """

    id: str
    extract: str
    match: dict
    reason: str
    asked_by: str
    since: date
    expect: tuple
    files: str = "*"
    set: dict = field(default_factory=dict)
    set_aside: bool = False

    def concerns(self, extract: str, file_names: list[str]) -> bool:
        return extract == self.extract and any(fnmatch(name, self.files) for name in file_names)

    def check(self, rows: int) -> None:
        """Raises Problem where it found another number of rows than is expected."""
        least, most = self.expect
        if not least <= rows <= most:
            found = (
                "found none of its rows: the source seems to have been mended"
                if not rows
                else f"found {rows:,} rows"
            )
            raise Problem(
                f"the correction {self.id} of {self.extract} {found}, and expects {least:,} to {most:,}",
                "take it out of data/corrections, or tell there what is to be expected from now on",
                "settings",
            )


def load_corrections() -> list[Correction]:
    """Every declared correction, in the order of files and entries.

    Raises Problem where one lacks a field, has one that nobody reads, or names a column that its
    extract does not have.
    """
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8")).get("correction", [])
        except tomllib.TOMLDecodeError as error:
            raise Problem(
                f"data/corrections/{path.name} is not TOML: {error}", "mend the file"
            ) from None
        found += [
            _correction(path.name, number, entry) for number, entry in enumerate(entries, start=1)
        ]
    return found


def _correction(file_name: str, number: int, entry: dict) -> Correction:
    where = f"data/corrections/{file_name}, correction {number}"
    lacking = [name for name in FIELDS if name not in entry]
    unknown = sorted(set(entry) - set(FIELDS) - {"files", "set", "set_aside"})
    if lacking or unknown:
        said = [f"lacks {', '.join(lacking)}"] * bool(lacking) + [
            f"has {', '.join(unknown)}, which means nothing"
        ] * bool(unknown)
        raise Problem(
            f"{where} {' and '.join(said)}", f"it has {', '.join(FIELDS)}, and set or set_aside"
        )
    if bool(entry.get("set")) == bool(entry.get("set_aside")):
        raise Problem(
            f"{where} must either set cells or set rows aside",
            "write set = {{ column = value }} or set_aside = true",
        )
    if entry["extract"] not in load_contracts():
        raise Problem(
            f"{where}: there is no extract {entry['extract']!r}",
            f"use one of {', '.join(load_contracts())}",
        )
    columns = set(load_contracts()[entry["extract"]].schema.names)
    wrong = sorted((set(entry["match"]) | set(entry.get("set", {}))) - columns)
    if wrong or not entry["match"]:
        raise Problem(
            f"{where}: {entry['extract']} have no column {', '.join(wrong) or '(match is empty)'}",
            f"use {', '.join(sorted(columns))}",
        )
    return Correction(**{**entry, "expect": tuple(entry["expect"])})
