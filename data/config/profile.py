"""Profiles: how the files of one source map onto the contracts, read from
`data/profiles/*.toml`.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field, fields
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from zoneinfo import available_timezones

from data import safe_names
from data.config.contract import Contract, load_contracts
from data.config.unusual_day import find_unusual_day
from data.problem import Problem

PROFILES = Path(__file__).parents[1] / "profiles"
UNIT = re.compile(
    r"(?P<name>.+?)\s*[(（\[【](?:单位[:：]?)?(?P<unit>(?:千万|百万|[千万亿])?(?:元|人民币|rmb|cny|件|笔|次|分|秒)|[%％])[)）\]】]",
    re.IGNORECASE,
)
# A day in a file's name, with or without the time behind it: 20121231, 2012-12-31, 2012年12月31日,
# 20121231_020000.
DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.年]?(\d{2})[-_.月]?(\d{2})日?(?:[-_T]?\d{2}-?\d{2}(?:-?\d{2})?)?(?!\d)"
)
CHOICES = {
    "delivery": ("delta", "full"),
    "repeats": ("quarantine", "keep_first"),
    "dates": ("dmy", "mdy"),
    "decimal": (".", ","),
    "int96": ("utc", "local"),
}
IN_COLUMN = {"column", "constant", "content", "values", "nulls", "unit"}


def normalize_header(header: str) -> str:
    """A header as it is matched: in half-width letters, without case, blanks and what cannot be
    seen.
    """
    return re.sub(r"[\s\u200b\ufeff]", "", unicodedata.normalize("NFKC", header)).casefold()


@dataclass(frozen=True)
class Origin:
    """Where a canonical column comes from: a header of the file, the same value for every row, or
    the row's whole content.

    `values` are the source's words for the contract's, `nulls` its words for nothing (999, say).
    `unit` is what numbers are in (万元, %), `decimal` their decimal point, `dates` what comes first
    where the year does not (`dmy`, `mdy`).
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

    `delivery` is `full` (a key that is missing was withdrawn) or `delta`. `repeats` says what a key
    that comes again with other content means: `quarantine` (an error, the default) or `keep_first`
    (the file is finer than the contract). What is not declared about the file (`encoding`,
    `delimiter`, `sheet`, `header_line`, from 1) is found out. `extract_date` is a day, or `{ column
    = "..." }` that holds the same day in every row; else the file's name tells it (see `date_of`).
    `int96` says what instants of
    Parquet's old type are, `utc` or `local` (else the writer's name decides). `decimal`, `dates`
    and `nulls` hold for all its columns (see `Origin`); a column may have
    `nulls`, `unit` and `values` of its own.
    """

    extract: str
    files: str
    delivery: str = "delta"
    repeats: str = "quarantine"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    extract_date: date | dict | None = None
    columns: dict = field(default_factory=dict)
    decimal: str = "."
    dates: str | None = None
    nulls: tuple = ()
    int96: str | None = None

    def date_of(self, path: Path, arrived: date) -> date:
        """The extract date: declared, else the day in the file name, else the day of arrival.

        Raises Problem where the name has a number that looks like a day and is none, or several
        days.
        """
        if isinstance(self.extract_date, date):
            return self.extract_date
        remedy = "name the file with the extract date as YYYYMMDD, for example claims_20121231.csv"
        days = set()
        for digits in DAY.finditer(path.name):
            try:
                days.add(date(*map(int, digits.groups())))
            except ValueError:
                raise Problem(
                    f"{path.name}: {digits.group(0)} in the file name is not a day", remedy
                ) from None
        if len(days) > 1:
            raise Problem(
                f"{path.name}: the file name tells several days: {', '.join(map(str, sorted(days)))}",
                remedy,
            )
        return days.pop() if days else find_unusual_day(path.name, arrived) or arrived

    def resolve(self, contract: Contract, headers: list[str]) -> dict[str, Origin]:
        """Find the origin of each canonical column among a file's headers; columns with none are
        left out.
        """
        cleaned = {
            normalize_header(strip_unit(header)[0]): header for header in reversed(headers)
        } | {normalize_header(header): header for header in reversed(headers)}
        origins = {}
        for column in contract.columns:
            declared = self.columns.get(column.name)
            if isinstance(declared, dict) and "column" not in declared:
                origins[column.name] = Origin(
                    constant=declared.get("constant"), content=declared.get("content", False)
                )
                continue
            names = (
                [declared["column"] if isinstance(declared, dict) else declared]
                if declared
                else [column.name, *column.aliases]
            )
            header = next(
                (
                    cleaned[normalize_header(name)]
                    for name in names
                    if normalize_header(name) in cleaned
                ),
                None,
            )
            if header is not None:
                of_column = declared if isinstance(declared, dict) else {}
                origins[column.name] = Origin(
                    header=header,
                    values=of_column.get("values", {}),
                    nulls=tuple(map(str, (*self.nulls, *of_column.get("nulls", ())))),
                    unit=of_column.get("unit", strip_unit(header)[1]),
                    decimal=self.decimal,
                    dates=self.dates,
                )
        return origins


def strip_unit(header: str) -> tuple[str, str | None]:
    """A header, and the unit in parentheses behind it: 赔款金额(万元) -> 赔款金额, 万元."""
    match = UNIT.fullmatch(header.strip())
    name, unit = (match["name"], match["unit"].replace("％", "%")) if match else (header, None)
    return name, unit


@dataclass(frozen=True)
class Profile:
    """A source of extracts: its time zone, its patterns, settings of the policy that it needs to
    differ, how its control files are named.
    """

    name: str
    timezone: str
    sources: tuple
    policy: dict = field(default_factory=dict)
    control: str = "control*"

    def source_of(self, path: Path) -> Source | None:
        """The first pattern that a file's name meets."""
        return next(
            (source for source in self.sources if fnmatch(path.name.lower(), source.files.lower())),
            None,
        )


def load_profile(name: str) -> Profile:
    """Read a profile by name; `default` takes files by the extracts' names.

    Raises Problem where there is no such profile, or something in it means nothing.
    """
    path = PROFILES / f"{safe_names.check_name('profile', name)}.toml"
    if not path.is_file():
        known = ", ".join(sorted(profile.stem for profile in PROFILES.glob("*.toml")))
        raise Problem(
            f"there is no profile {name!r}",
            f"use one of: {known}; or write data/profiles/{name}.toml",
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"data/profiles/{path.name} is not TOML: {error}", "mend the file") from None
    if raw.get("timezone") not in available_timezones():
        raise Problem(
            f"profile {name} has no time zone that is known: {raw.get('timezone')!r}",
            'give it one, such as timezone = "Asia/Shanghai"',
        )
    sources = tuple(
        _source(f"profile {name}, source {number}", entry)
        for number, entry in enumerate(raw.get("source", []), start=1)
    )
    if not sources:
        raise Problem(
            f"profile {name} has no source", "write at least one [[source]] with extract and files"
        )
    return Profile(
        name, raw["timezone"], sources, raw.get("policy", {}), raw.get("control", "control*")
    )


def _source(where: str, entry: dict) -> Source:
    """One source as it is declared: a word that nobody reads would be a mapping that nobody
    follows.
    """
    known = {setting.name for setting in fields(Source)}
    wrong = sorted(set(entry) - known)
    if wrong or not {"extract", "files"} <= set(entry):
        fault = (
            f"has {', '.join(wrong)}, which means nothing" if wrong else "lacks extract or files"
        )
        raise Problem(f"{where} {fault}", f"use {', '.join(sorted(known))}")
    if entry["extract"] not in load_contracts():
        raise Problem(
            f"{where} names an extract that has no contract: {entry['extract']}",
            f"use one of {', '.join(load_contracts())}",
        )
    for setting, allowed in CHOICES.items():
        if entry.get(setting, allowed[0]) not in allowed:
            raise Problem(
                f"{where}: {setting} is {entry[setting]!r}", f"use one of {', '.join(allowed)}"
            )
    columns = load_contracts()[entry["extract"]].schema.names
    wrong = sorted(set(entry.get("columns", {})) - set(columns))
    for name, declared in entry.get("columns", {}).items():
        if isinstance(declared, dict):
            wrong += [f"{name}.{word}" for word in sorted(set(declared) - IN_COLUMN)]
    if wrong:
        raise Problem(
            f"{where}: [source.columns] has {', '.join(wrong)}, which means nothing",
            f"use {', '.join(columns)}",
        )
    return Source(**entry)
