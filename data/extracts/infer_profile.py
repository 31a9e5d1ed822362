"""Looking at an unknown file: what its columns hold, which contract they are likely to fill, and
what is odd about them.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.config.contract import Column, Contract, load_contracts
from data.config.profile import normalize_header
from data.extracts.opened_file import OpenedFile

WORDS = 30  # a column of more different texts is no list of codes
LOOKED_AT = 100_000  # rows whose cells are looked at one by one
SHEET_LIMITS = (65_535, 65_536, 1_048_575, 1_048_576)
NULL_WORDS = {
    "-",
    "--",
    "n.v.t.",
    "n/a",
    "na",
    "null",
    "none",
    "unknown",
    "不详",
    "未知",
    "无",
    "999",
    "9999",
    "99999",
    "-1",
}
YES_NO = {"y", "n", "yes", "no", "true", "false", "t", "f", "是", "否", "有", "无", "0", "1"}
DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b.*")
YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))([ T].*)?")
NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)([.,]\d+)?")
WHOLE = re.compile(r"[-+]?\d+([.]0+)?")
DAMAGED = re.compile(r"\d(\.\d+)?[eE]\+\d+")
# Words by which foreign systems call our columns, beside the contracts' own names and aliases.
CALLED = {
    "claim_id": "claim case file number id no",
    "complaint_id": "complaint file number id no",
    "callback_id": "callback call response survey number id no",
    "branch_code": "branch office company insurer agency airport code surgery location org organisation department",
    "reported_at": "reported report received notified notification open opened date ts",
    "received_at": "received contact opened open complaint date ts",
    "occurred_at": "incident accident acc loss occurred date",
    "closed_at": "closed close closing final fin end date ts",
    "paid_at": "paid payment settlement date",
    "completed_at": "completed end time date ts",
    "first_dialled_at": "dialled start begin ts",
    "paid_amount": "paid close amount agg aggregate claim",
    "first_estimate": "estimate claim amount requested req",
    "outcome": "outcome status disposition result finding",
    "line": "line type coverage class",
    "category": "category reason theme complaint",
    "rating": "rating score satisfaction",
    "agent_id": "agent operator user",
    "is_valid": "valid confirmed justified",
    "channel": "channel source",
    "subject_id": "case claim subject id",
    "has_injury": "injury injured",
    "month": "month period",
}
ALIKE = {
    "日期": "时间",
    "号码": "号",
    "编号": "号",
    "编码": "代码",
    "名称": "",
    "金额": "",
}  # 报案日期 is 报案时间 in another hand
# Words that say nothing by themselves about what a column is of.
GENERIC = {"id", "no", "number", "code", "date", "ts", "time", "type"}
FITS = {
    "instant": ("date", "day first"),
    "date": ("date", "day first"),
    "money": ("integer", "amount"),
    "decimal": ("integer", "amount"),
    "integer": ("integer",),
    "boolean": ("yes/no",),
    "code": ("text", "integer"),
    "text": ("text", "integer"),
}


@dataclass
class ColumnProfile:
    """What one column of a file holds, by the rows that were looked at."""

    name: str
    kind: str = "empty"
    filled: int = 0
    empty: int = 0
    distinct: int = 0
    nulls: dict = field(default_factory=dict)
    examples: list = field(default_factory=list)
    words: tuple = ()
    order: str | None = None
    damaged: int = 0

    @property
    def is_key(self) -> bool:
        return self.filled > 1 and self.distinct == self.filled and not self.empty


@dataclass
class Draft:
    """A file looked at: its rows, its columns, the likeliest extract and which of its columns fills
    which of the contract's.

    `unspoken` are the words of a column that the contract's one does not know; `assumed` is what
    stands in for a required column that was not found; `keys` are the different keys among the rows
    that were looked at.
    """

    rows: int
    looked_at: int
    columns: list[ColumnProfile]
    extract: str
    mapping: dict[str, ColumnProfile]
    unspoken: dict[str, list[str]]
    assumed: dict[str, dict]
    keys: int
    warnings: list[str]


def infer_draft(reading: OpenedFile, file_name: str) -> Draft:
    """Read a file to its end; the cells of its first rows are looked at."""
    rows, batches = 0, []
    for batch in reading.batches:
        if rows < LOOKED_AT:
            batches.append(batch.slice(0, LOOKED_AT - rows))
        rows += batch.num_rows
    table = pa.Table.from_batches(batches, reading.batches.schema)
    columns = [
        _seen(name, [_text(cell) for cell in table[name].to_pylist()]) for name in reading.headers
    ]
    extract, mapping = _mapped(columns, file_name)
    contract = load_contracts()[extract]
    unspoken = {
        name: words
        for name, seen in mapping.items()
        if (words := _unspoken(contract.column(name), seen))
    }
    missing = [
        column for column in contract.columns if column.required and column.name not in mapping
    ]
    assumed = {column.name: told for column in missing if (told := _assumed(column, contract))}
    names = [mapping[name].name for name in contract.key if name in mapping]
    keys = (
        pa.table([table[name].cast(pa.string()) for name in names], names)
        .group_by(names)
        .aggregate([])
        .num_rows
        if names
        else table.num_rows
    )
    draft = Draft(rows, table.num_rows, columns, extract, mapping, unspoken, assumed, keys, [])
    draft.warnings = _warnings(rows + len(reading.malformed), draft)
    return draft


def _unspoken(column: Column, seen: ColumnProfile) -> list[str]:
    """The words of a column of codes that the contract does not know."""
    if column.type not in ("code", "boolean", "integer"):
        return []
    known = {
        normalize_header(word)
        for code, words in {**column.values, **column.words}.items()
        for word in (code, *words)
    }
    told = [
        word
        for word in seen.words
        if normalize_header(word) not in known
        and not (column.type == "boolean" and word.lower() in YES_NO)
    ]
    return [word for word in told if not (column.type == "integer" and WHOLE.fullmatch(word))]


def _assumed(column: Column, contract: Contract) -> dict:
    """What a required column may be filled with for a first try: a row is its own key, all rows are
    of one branch and of one kind.
    """
    if column.name in contract.key and column.type == "text" and column.name != "branch_code":
        return {"content": True}
    if column.type == "code":
        return {"constant": next(iter(column.values))}
    return {"constant": "ALL"} if column.type == "text" else {}


def _text(cell) -> str:
    return "" if cell is None else str(cell).strip()


def _seen(name: str, cells: list[str]) -> ColumnProfile:
    counted = Counter(cells)
    empty = counted.pop("", 0)
    nulls = {word: counted[word] for word in counted if word.lower() in NULL_WORDS}
    kinds = Counter()
    orders = set()
    for cell, count in counted.items():
        if cell not in nulls:
            kind, order = _kind(cell)
            kinds[kind] += count
            orders.add(order)
    seen = ColumnProfile(
        name, filled=len(cells) - empty, empty=empty, distinct=len(counted), nulls=nulls
    )
    seen.damaged = sum(count for cell, count in counted.items() if DAMAGED.fullmatch(cell))
    seen.words = (
        tuple(sorted(cell for cell in counted if cell not in nulls))
        if len(counted) <= WORDS
        else ()
    )
    seen.examples = [cell for cell, _ in counted.most_common() if cell not in nulls][:3]
    words = {cell.lower() for cell in counted if cell not in nulls or cell in "01"}
    if words and words <= YES_NO and len(words) <= 2:
        seen.kind, seen.nulls = (
            "yes/no",
            {word: count for word, count in nulls.items() if word.lower() not in YES_NO},
        )
    elif kinds:
        likeliest, most = kinds.most_common(1)[0]
        seen.kind = (
            likeliest
            if most >= 0.9 * kinds.total()
            else "amount"
            if kinds["integer"] + kinds["amount"] >= 0.9 * kinds.total()
            else "text"
        )
    # A number such as 999 stands for nothing only where it is out of all proportion; else it is
    # one.
    seen.nulls = {
        word: count
        for word, count in seen.nulls.items()
        if not word.lstrip("-").isdigit() or count > 0.02 * max(1, seen.filled)
    }
    orders -= {None}
    seen.order = (
        orders.pop()
        if len(orders - {"either"}) == 0 and orders
        else next(iter(orders - {"either"}))
        if len(orders - {"either"}) == 1
        else None
    )
    return seen


def _kind(cell: str) -> tuple[str, str | None]:
    """The kind of one cell; of a date with the day or the month first, which of the two it can
    be.
    """
    if found := YEAR_FIRST.fullmatch(cell):
        if _is_day(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5])):
            return "date", None
    if found := DAY_FIRST.fullmatch(cell):
        first, second = int(found[1]), int(found[2])
        return "day first", "dmy" if first > 12 else "mdy" if second > 12 else "either"
    if NUMBER.fullmatch(cell):
        return "integer" if WHOLE.fullmatch(cell) else "amount", None
    return "text", None


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return 1950 <= date(year, month, day).year <= 2100
    except ValueError:
        return False


def _mapped(columns: list[ColumnProfile], file_name: str) -> tuple[str, dict[str, ColumnProfile]]:
    """The likeliest extract, and its columns with those of the file that fill them."""
    found = {name: _filled(contract, columns) for name, contract in load_contracts().items()}

    def likelihood(name: str) -> tuple:
        contract = load_contracts()[name]
        required = [column.name for column in contract.columns if column.required]
        named = name.rstrip("s").removesuffix("e") in file_name.lower()
        return (
            named,
            sum(column in found[name] for column in required) / len(required),
            len(found[name]),
            name == "claims",
        )

    extract = max(found, key=likelihood)
    return extract, found[extract]


def _filled(contract: Contract, columns: list[ColumnProfile]) -> dict[str, ColumnProfile]:
    """Each file column fills at most one of the contract's, the best match first."""
    scored = sorted(
        (
            (_score(column, seen, contract), -place, -number)
            for place, column in enumerate(contract.columns)
            for number, seen in enumerate(columns)
        ),
        reverse=True,
    )
    filled: dict[str, ColumnProfile] = {}
    for score, place, number in scored:
        column, seen = contract.columns[-place], columns[-number]
        if score > 0 and column.name not in filled and seen not in filled.values():
            filled[column.name] = seen
    return {
        column.name: filled[column.name] for column in contract.columns if column.name in filled
    }


def _score(column: Column, seen: ColumnProfile, contract: Contract) -> float:
    """How well a file's column fits one of the contract: by its name, then by what it holds."""
    if seen.kind == "empty":
        return 0
    if normalize_header(seen.name) in {
        normalize_header(name) for name in (column.name, *column.aliases)
    }:
        return 10
    if seen.kind not in FITS[column.type] or (column.free_text and seen.kind != "text"):
        return 0
    if _alike(seen.name) in {_alike(name) for name in column.aliases}:
        return 5
    words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", seen.name).lower()))
    known = set(CALLED.get(column.name, column.name.replace("_", " ")).split())
    if not words & known - GENERIC:
        return 0
    common = len(words & known) / len(words)
    is_key = column.name in contract.key[:1]
    return common + (0.3 if column.required else 0) + (0.5 if is_key and seen.is_key else 0)


def _alike(name: str) -> str:
    """A Chinese header in the words that most systems would use."""
    name = normalize_header(name)
    for word, other in ALIKE.items():
        name = name.replace(word, other)
    return name


def _warnings(lines: int, draft: Draft) -> list[str]:
    said, mapping, extract = [], draft.mapping, draft.extract
    if lines in SHEET_LIMITS or lines + 1 in SHEET_LIMITS:
        said.append(
            f"the file has {lines:,} rows: it seems to have been cut off at a spreadsheet's limit"
        )
    for seen in draft.columns:
        if seen.damaged:
            said.append(
                f"{seen.name}: {seen.damaged:,} cells like 4e+05: identifiers that a spreadsheet has damaged?"
            )
        if seen.kind == "day first":
            said.append(
                f'{seen.name}: dates with {"the day" if seen.order == "dmy" else "the month"} first: declare dates = "{seen.order}"'
                if seen.order in ("dmy", "mdy")
                else f'{seen.name}: dates of which the day or the month may come first: ask the sender, then declare dates = "dmy" or "mdy"'
            )
    contract = load_contracts()[extract]
    if draft.keys < draft.looked_at:
        names = " with ".join(mapping[name].name for name in contract.key if name in mapping)
        said.append(
            f"{names} repeats: {draft.looked_at:,} rows, {draft.keys:,} different keys; is it the key?"
        )
    for name, words in draft.unspoken.items():
        said.append(
            f"{mapping[name].name}: {len(words)} words that {name} does not know: say what they mean, or leave the column out"
        )
    for column in contract.columns:
        if column.required and column.name not in mapping:
            told = draft.assumed.get(column.name)
            so = (
                "; every row is taken for a case of its own"
                if "content" in (told or {})
                else f"; {told['constant']} is assumed for every row"
                if told
                else ""
            )
            said.append(
                f"no column was found for {column.name}, without which the {extract} cannot be read{so}"
            )
    closed = mapping.get("closed_at")
    if (
        extract in ("claims", "complaints")
        and closed
        and not closed.empty
        and not closed.nulls
        and draft.looked_at >= 100
    ):
        said.append(
            f"every row has {closed.name}: the file seems to hold closed cases only, from which no closure rate can be told"
        )
    return said
