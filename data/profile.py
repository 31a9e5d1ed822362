"""Profiles: how the files of one source map onto the contracts, read from `data/profiles/*.toml`."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from data.contract import Contract, contracts
from data.problem import Problem

PROFILES = Path(__file__).parent / "profiles"
UNIT = re.compile(
    r"(?P<name>.+?)\s*[(（\[【](?:单位[:：]?)?(?P<unit>(?:千万|百万|[千万亿])?(?:元|人民币|rmb|cny|件|笔|次|分|秒)|[%％])[)）\]】]", re.IGNORECASE
)
PACKED = (".gz", ".zst", ".zip")
SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".xlsx", ".xls", ".parquet", *PACKED)


def plain(header: str) -> str:
    """A header as it is matched: in half-width letters, without case, blanks and what cannot be seen."""
    return re.sub(r"[\s\u200b\ufeff]", "", unicodedata.normalize("NFKC", header)).casefold()


@dataclass(frozen=True)
class Origin:
    """Where a canonical column comes from: a header of the file, the same value for every row, or the row's whole content.

    `values` are the source's words for the contract's, `nulls` its words for nothing (999, say). `unit` is what numbers are in (万元, %), `decimal` their
    decimal point, `dates` what comes first where the year does not (`dmy`, `mdy`).
    """

    header: str | None = None
    constant: str | None = None
    content: bool = False
    values: dict = field(default_factory=dict)
    nulls: tuple = ()
    unit: str | None = None
    decimal: str = "."
    dates: str | None = None


@dataclass(frozen=True)
class Source:
    """One file pattern of a profile.

    `delivery` is `full` (a key that is missing was withdrawn) or `delta`. `repeats` says what a key that comes
    again with other content means: `quarantine` (an error, the default) or `keep_first` (the file is finer than the contract).
    What is not declared about the file (`encoding`, `delimiter`, `sheet`, `header_line`, from 1) is found out.
    `decimal`, `dates` and `nulls` hold for all its columns (see `Origin`); a column may have `nulls`, `unit` and `values` of its own.
    """

    extract: str
    files: str
    delivery: str = "delta"
    repeats: str = "quarantine"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    extract_date: date | None = None
    columns: dict = field(default_factory=dict)
    decimal: str = "."
    dates: str | None = None
    nulls: tuple = ()

    def date_of(self, path: Path, arrived: date) -> date:
        """The extract date: declared, else eight digits in the file name, else the day of arrival."""
        if self.extract_date:
            return self.extract_date
        digits = re.search(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)", path.name)
        try:
            return date(*map(int, digits.groups())) if digits else arrived
        except ValueError:
            raise Problem(
                f"{path.name}: {digits.group(0)} in the file name is not a day",
                "name the file with the extract date as YYYYMMDD, for example claims_20121231.csv",
            ) from None

    def resolve(self, contract: Contract, headers: list[str]) -> dict[str, Origin]:
        """Find the origin of each canonical column among a file's headers; columns with none are left out."""
        cleaned = {plain(without_unit(header)[0]): header for header in reversed(headers)} | {plain(header): header for header in reversed(headers)}
        found = {}
        for column in contract.columns:
            declared = self.columns.get(column.name)
            if isinstance(declared, dict) and "column" not in declared:
                found[column.name] = Origin(constant=declared.get("constant"), content=declared.get("content", False))
                continue
            names = [declared["column"] if isinstance(declared, dict) else declared] if declared else [column.name, *column.aliases]
            header = next((cleaned[plain(name)] for name in names if plain(name) in cleaned), None)
            if header is not None:
                told = declared if isinstance(declared, dict) else {}
                found[column.name] = Origin(
                    header=header,
                    values=told.get("values", {}),
                    nulls=tuple(map(str, (*self.nulls, *told.get("nulls", ())))),
                    unit=told.get("unit", without_unit(header)[1]),
                    decimal=self.decimal,
                    dates=self.dates,
                )
        return found


def without_unit(header: str) -> tuple[str, str | None]:
    """A header, and the unit in parentheses behind it: 赔款金额(万元) -> 赔款金额, 万元."""
    found = UNIT.fullmatch(header.strip())
    name, unit = (found["name"], found["unit"].replace("％", "%")) if found else (header, None)
    return name, unit


@dataclass(frozen=True)
class Profile:
    """A source of extracts: its time zone, its patterns, settings of the policy that it needs to differ, how its control files are named."""

    name: str
    timezone: str
    sources: tuple
    policy: dict = field(default_factory=dict)
    control: str = "control*"

    def source_of(self, path: Path) -> Source | None:
        """The first pattern that a file's name meets."""
        return next((source for source in self.sources if fnmatch(path.name.lower(), source.files.lower())), None)


def load(name: str) -> Profile:
    """Read a profile by name; `default` takes files by the extracts' names.

    Raises Problem where there is no such profile.
    """
    path = PROFILES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(profile.stem for profile in PROFILES.glob("*.toml")))
        raise Problem(f"there is no profile {name!r}", f"use one of: {known}; or write data/profiles/{name}.toml")
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = tuple(Source(**entry) for entry in raw["source"])
    unknown = sorted({source.extract for source in sources} - set(contracts()))
    if unknown:
        raise Problem(f"profile {name} names extracts that have no contract: {', '.join(unknown)}", f"use one of {', '.join(contracts())}")
    return Profile(name, raw["timezone"], sources, raw.get("policy", {}), raw.get("control", "control*"))
