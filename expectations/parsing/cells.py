"""What a cell may look like: SQL that turns a file's cell into the contract's type, or into NULL
where it cannot be read.

A cell is read in steps, one column of a query each, so that clean data pays for the first two
alone:

    raw     the cell as the file has it, the profile's own words replaced; NULL where empty
    plain   its value where it is written plainly: ISO dates, plain numbers, the contract's words,
            native types of Parquet
    rest    the cell made tidy (`text.py`) where `plain` could not read it; NULL where it says that
            there is nothing
    read    `plain`, or `rest` read generously (`numbers.py`, `datetimes.py`)
    value   `read` as the contract's type, within its range

Keys are read as text, never as numbers: in half-width forms and without blanks around them, so that
１２０１ of one extract meets 1201 of another.
"""

from dataclasses import dataclass

import pyarrow as pa

from data.config.contract_parts import Column
from data.config.profile_source import Origin
from expectations.parsing import datetimes, keys, numbers, personal_data
from expectations.parsing.footers import header_names
from expectations.parsing.native_types import as_text
from expectations.parsing.text import (
    PLAIN_KEY,
    PLAIN_TEXT,
    missing_sql,
    quote_sql,
    tidy,
    tidy_sql,
    trimmed_sql,
    unwrapped_sql,
)

NUMBERS = ("money", "decimal", "integer")
TIMES = ("instant", "date")
WORDS = {
    "TRUE": ("是", "1", "true", "有", "y", "yes", "t", ".t.", "√", "✓", "✔", "对", "真", "on"),
    "FALSE": (
        "否",
        "0",
        "false",
        "无",
        "没有",
        "n",
        "no",
        "f",
        ".f.",
        "×",
        "✗",
        "✘",
        "错",
        "假",
        "off",
    ),
}
SQL_TYPES = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "instant": "TIMESTAMP",
    "date": "DATE",
    "money": "DECIMAL(18,2)",
    "decimal": "DECIMAL(18,4)",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class Cell:
    """How the cells of one canonical column are read: where they come from, and of which Arrow type
    they are in the file (None: text).
    """

    column: Column
    origin: Origin
    cell_type: pa.DataType | None = None

    @property
    def name(self) -> str:
        """The contract's name of the column."""
        return self.column.name

    @property
    def kind(self) -> str:
        """The column's type; a text that joins extracts is an identifier."""
        return "identifier" if self.column.identifier else self.column.type

    @property
    def is_native(self) -> bool:
        """Whether the file's type says what the contract's type says; else cells are read from
        their text.
        """
        kind = self.cell_type
        if kind is None or self.origin.values or self.origin.nulls:
            return False
        if self.kind in NUMBERS:
            return (
                pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
            )
        if self.kind in TIMES:
            return pa.types.is_date(kind) or pa.types.is_timestamp(kind)
        return self.kind == "boolean" and pa.types.is_boolean(kind)

    @property
    def knows_utc(self) -> bool:
        """Whether the file's own type is an instant rather than a civil time."""
        if self.cell_type is None or not self.is_native:
            return False
        return pa.types.is_timestamp(self.cell_type) and self.cell_type.tz is not None

    def raw(self, headers: list[str]) -> str:
        """The cell before it is read as a type; `headers` are the file's, for a column that is the
        row's whole content.
        """
        if self.origin.content:
            cells = [f"coalesce(CAST({header_names(name)} AS VARCHAR), '')" for name in headers]
            return f"md5(concat_ws(chr(31), {', '.join(cells)}))"
        if self.origin.constant is not None:
            return quote_sql(self.origin.constant)
        cell = header_names(self.origin.header or "")
        if self.knows_utc:
            return f"CAST({cell} AT TIME ZONE 'UTC' AS TIMESTAMP)"
        if self.cell_type is not None and pa.types.is_floating(self.cell_type):
            cell = f"CASE WHEN NOT isnan({cell}) THEN {cell} END"
        if self.is_native:
            return cell
        text = f"NULLIF({as_text(cell, self.cell_type)}, '')"
        return keys.declared_sql(text, self.origin)

    def plain(self) -> str:  # noqa: PLR0911 - one return a kind of column
        """The value of a cell that is written plainly."""
        raw = self._of("raw")
        if self.is_native:
            return self._native(raw)
        match self.kind:
            case "identifier":
                return f"CASE WHEN regexp_full_match({raw}, {quote_sql(PLAIN_KEY)}) THEN {raw} END"
            case "text" if self.column.free_text:
                is_plain = f"NOT regexp_matches({raw}, {quote_sql(personal_data.HINT)})"
                is_wrapped = f"starts_with({raw}, '=') OR starts_with({raw}, '''')"
                return f"CASE WHEN {is_plain} AND NOT ({is_wrapped}) THEN {trimmed_sql(raw)} END"
            case "text":
                return f"CASE WHEN regexp_full_match({raw}, {quote_sql(PLAIN_TEXT)}) THEN {raw} END"
            case "code" | "boolean":
                return f"CASE {raw} {self._cases(exactly=True)} END"
            case "instant" | "date":
                return datetimes.plain_sql(self.kind, raw)
        return numbers.plain_sql(self.kind, raw, self.origin.unit, self.origin.decimal)

    def rest(self) -> str:
        """The tidy text of a cell that says something and is not written plainly; words of the
        column are replaced by what they mean.
        """
        raw, plain = self._of("raw"), self._of("plain")
        if self.is_native:
            return "CAST(NULL AS VARCHAR)"
        if self.column.free_text:
            tidy_text = unwrapped_sql(trimmed_sql(raw))
        elif self.kind == "text":
            is_nothing = missing_sql("t", "text", set())
            unwrapped = unwrapped_sql(trimmed_sql(raw))
            tidy_text = f"list_transform([{unwrapped}], lambda t: CASE WHEN {is_nothing} THEN NULL ELSE t END)[1]"
        else:
            spoken = {tidy(word) for word in self._vocabulary()}
            tidy_text = tidy_sql(raw) if self.kind == "identifier" else f"lower({tidy_sql(raw)})"
            nothing = missing_sql("t", self.kind, spoken)
            meant = (
                f"CASE replace(t, ' ', '') {self._cases()} ELSE t END"
                if self._vocabulary() and self.kind in NUMBERS
                else "t"
            )
            # A list of one binds the tidy text, which is named several times and costly.
            tidy_text = f"list_transform([{tidy_text}], lambda t: CASE WHEN {nothing} THEN NULL ELSE {meant} END)[1]"
        return f"CASE WHEN {plain} IS NULL AND {raw} IS NOT NULL THEN {tidy_text} END"

    def read(self) -> str:
        """What `plain` found, else what the rest says."""
        plain, rest = self._of("plain"), self._of("rest")
        if self.is_native:
            return plain
        return f"COALESCE({plain}, CASE WHEN {rest} IS NOT NULL THEN {self._generous(rest)} END)"

    def value(self) -> str:
        """What was read, as the contract's type; instants are in UTC."""
        rest, read = self._of("rest"), self._of("read")
        if self.kind not in TIMES:
            return f"CAST({read} AS {SQL_TYPES[self.column.type]})"
        if self.kind == "instant":
            moment = (
                read
                if self.knows_utc
                else f"CASE WHEN {rest} IS NOT NULL AND {datetimes.has_offset_sql(rest)} THEN {read} ELSE instant({read}) END"
            )
            return f"CASE WHEN {datetimes.in_range_sql(read, 'instant')} THEN {moment} END"
        return f"CASE WHEN {datetimes.in_range_sql(read, 'date')} THEN {read} END"

    def unreadable(self) -> str:
        """True where the cell says something that is not of the contract's type."""
        is_filled = f"({self._of('plain')} IS NOT NULL OR {self._of('rest')} IS NOT NULL)"
        if self.is_native:
            is_filled = f"{self._of('raw')} IS NOT NULL"
        return f"{self.name} IS NULL AND {is_filled}"

    def shown(self) -> str:
        """The cell as text, for quarantine; where it could not be read as a number or a time, a
        name in it is hidden.
        """
        text = f"CAST({self._of('raw')} AS VARCHAR)"
        if self.kind == "text":
            return self.name
        return (
            text
            if self.kind == "identifier"
            else f"CASE WHEN {self.name} IS NULL THEN {personal_data.without_names_sql(text)} ELSE {text} END"
        )

    def _of(self, step: str) -> str:
        """The column that holds an earlier step."""
        return f"_{step}_{self.name}"

    def _native(self, raw: str) -> str:
        if self.kind in NUMBERS:
            return numbers.native_sql(self.kind, raw, self.origin.unit)
        if self.kind == "instant":
            return f"TRY_CAST({raw} AS TIMESTAMP)"
        if self.kind == "date":
            return f"TRY_CAST({f'civil({raw})' if self.knows_utc else raw} AS DATE)"
        return raw

    def _generous(self, rest: str) -> str:  # noqa: PLR0911 - one return a kind of column
        match self.kind:
            case "identifier":
                key = keys.key_sql(rest, self.origin.decimal)
                return f"CASE WHEN NOT {keys.is_error_sql(rest)} THEN {key} END"
            case "text" if self.column.free_text:
                return personal_data.masked_sql(rest)
            case "text":
                text = personal_data.masked_sql(keys.key_sql(rest, self.origin.decimal))
                return f"CASE WHEN NOT {keys.is_error_sql(rest)} THEN {text} END"
            case "code" | "boolean":
                word = keys.key_sql(f"replace({rest}, ' ', '')", self.origin.decimal)
                return f"CASE {word} {self._cases()} END"
            case "instant":
                return datetimes.generous_sql(rest, self.origin.dates, self.column.whole_month)
            case "date":
                moment = datetimes.generous_sql(rest, self.origin.dates, self.column.whole_month)
                return f"CAST(list_transform([{moment}], lambda d: CASE WHEN {datetimes.has_offset_sql(rest)} THEN civil(d) ELSE d END)[1] AS DATE)"
        return numbers.generous_sql(self.kind, rest, self.origin.unit, self.origin.decimal)

    def _vocabulary(self) -> dict[str, str]:
        """What words mean in this column: word -> code."""
        known = {
            word: code
            for code, words in {**self.column.values, **self.column.words}.items()
            for word in (code, *words)
        }
        if self.kind == "boolean":
            known |= {word: code for code, words in WORDS.items() for word in words}
        return known | {
            str(word): str(code) for word, code in self.origin.values.items() if code != ""
        }

    def _cases(self, exactly: bool = False) -> str:
        codes = self._vocabulary()
        if not exactly:
            codes = {tidy(word): code for word, code in codes.items()}
        cases = []
        for word, code in codes.items():
            value = code if self.kind == "boolean" else quote_sql(code)
            cases.append(f"WHEN {quote_sql(word)} THEN {value}")
        return " ".join(cases)


def shown_sql(cells: list[Cell]) -> str:
    """A row as quarantine shows it, as JSON text: keys as they came, of all else what may identify a
    person hidden. Free text is left out.
    """
    keys = [f"{cell.name} := {cell.shown()}" for cell in cells if cell.kind == "identifier"]
    others = [
        f"{cell.name} := {cell.shown()}"
        for cell in cells
        if cell.kind != "identifier" and not cell.column.free_text
    ]
    parts = [f"CAST(to_json(struct_pack({', '.join(part)})) AS VARCHAR)" for part in (keys, others)]
    # The masks go over the whole text at once: fourteen patterns per column would take longer to
    # plan than to run.
    return (
        f"rtrim({parts[0]}, '}}') || ', ' || ltrim({personal_data.masked_sql(parts[1])}, '{{')"
        if others
        else parts[0]
    )
