"""One source of a profile: which files it is for, how they are read, and which of their columns is
which of the contract's.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from data.config.contract import Contract, ExtractName, load_contracts
from data.config.contract_parts import Column
from data.config.day_in_name import find_day
from data.config.fields import Model, Word, Words
from data.config.header_text import index_headers, normalize_header, strip_unit
from data.config.validation import name_nearest

DecimalPoint = Literal[".", ","]
DateOrder = Literal["dmy", "mdy"]


@dataclass(frozen=True)
class Origin:
    """Where a canonical column comes from: a header of the file, the same value for every row, or
    the row's whole content; and how its cells are read.
    """

    header: str | None = None
    constant: str | None = None
    content: bool = False
    values: dict[str, str] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    unit: str | None = None
    decimal: DecimalPoint = "."
    dates: DateOrder | None = None


class ColumnMapping(Model):
    """Where a column of the contract comes from: a header of the file, as text or in a table with
    more about its cells; the same value for every row; or the row's whole content.
    """

    header: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        validation_alias="column",
        description="Header in the file; left out: the contract's name or one of its aliases.",
        examples=["Status"],
    )
    constant: Word | None = Field(
        default=None, description="The value in every row.", examples=["HQ"]
    )
    content: bool = Field(
        default=False,
        description="true: the row's whole content; two rows that are equal in every cell are one.",
    )
    values: dict[str, Word] = Field(
        default={},
        description="The source's words for the contract's values; an empty one means nothing.",
        examples=[{"bezahlt": "normal", "k.A.": ""}],
    )
    nulls: Words = Field(
        default=(), description="Words for an empty cell of this column.", examples=[[999]]
    )
    unit: str | None = Field(
        default=None,
        description="Unit of its numbers; left out: the one in parentheses behind the header.",
        examples=["万元"],
    )

    @model_validator(mode="after")
    def _check_origin(self) -> Self:
        origins = [self.header is not None, self.constant is not None, self.content]
        if sum(origins) > 1:
            raise ValueError("must have one of column, constant and content")
        has_cells = self.constant is None and not self.content
        if not has_cells and (self.values or self.nulls or self.unit is not None):
            raise ValueError("reads no cells; values, nulls and unit are for a column of the file")
        return self


def _read_header(mapping: Any) -> Any:
    """Return the mapping that a header alone stands for."""
    if isinstance(mapping, str):
        return {"column": mapping}
    if not isinstance(mapping, dict | ColumnMapping):
        raise ValueError(
            f"is {mapping!r}, it must be a header in quotes, or a table such as "
            '{ constant = "HQ" }'
        )
    return mapping


def _check_extract_date(value: Any) -> Any:
    is_column = isinstance(value, dict) and list(value) == ["column"]
    if type(value) is date or (is_column and isinstance(value["column"], str)):
        return value
    raise ValueError(
        f"is {value!r}, it must be a day such as 2012-12-31, without quotes, or "
        '{ column = "..." }'
    )


ExtractDate = Annotated[
    date | dict[str, str],
    BeforeValidator(_check_extract_date),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {
                    "type": "object",
                    "properties": {"column": {"type": "string"}},
                    "required": ["column"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
Mapping = Annotated[
    ColumnMapping, BeforeValidator(_read_header, json_schema_input_type=str | ColumnMapping)
]


class Source(Model):
    """Files of one extract. What is not declared about a file is found out from its content."""

    extract: ExtractName = Field(description="The contract that they are read by.")
    files: str = Field(
        description="Pattern of their names in landing; the first source that fits counts.",
        examples=["schaden*.csv"],
    )
    delivery: Literal["delta", "full"] = Field(
        default="delta",
        description="full: every row, and one that is missing was withdrawn; delta: only new and "
        "changed ones.",
    )
    repeats: Literal["quarantine", "keep_first"] = Field(
        default="quarantine",
        description="What a key means that comes again with other content: quarantine, an error; "
        "keep_first, the file is finer than the contract.",
    )
    encoding: str | None = Field(
        default=None, description="Encoding of a text.", examples=["gb18030"]
    )
    delimiter: str | None = Field(
        default=None, description="What separates the cells of a text.", examples=[";"]
    )
    sheet: str | None = Field(
        default=None, description="The sheet of a workbook.", examples=["理赔"]
    )
    header_line: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Line of the header, from 1.", examples=[3]
    )
    extract_date: ExtractDate | None = Field(
        default=None,
        description="A day, or the column that has the same day in every row; left out: the day in "
        "the file's name, else that of its arrival.",
        examples=[{"column": "提数日期"}],
    )
    decimal: DecimalPoint = Field(default=".", description="Decimal point of its numbers.")
    dates: DateOrder | None = Field(
        default=None, description="Order of day and month where the year is not first."
    )
    nulls: Words = Field(
        default=(), description="Words for an empty cell of any column.", examples=[["-", "k.A."]]
    )
    int96: Literal["utc", "local"] | None = Field(
        default=None,
        description="What instants of Parquet's old type INT96 are; left out: UTC, unless Impala "
        "wrote them.",
    )
    columns: dict[str, Mapping] = Field(
        default={},
        description="The contract's columns; those left out are found by name and aliases.",
    )

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        known = self.contract.column_names
        unknown = [name for name in self.columns if name not in known]
        if unknown:
            hints = [name + name_nearest(name, known) for name in unknown]
            raise ValueError(
                f"maps {', '.join(hints)}, which {self.extract} does not have; use "
                f"{', '.join(known)}"
            )
        return self

    @property
    def contract(self) -> Contract:
        """What the rows must look like."""
        return load_contracts()[self.extract]

    def date_of(self, path: Path, arrived: date) -> date:
        """Return the extract date: declared, else the day in the file name, else that of arrival.

        Raises Problem where the name has a number that looks like a day and is not one, several
        days, or one that is ambiguous.
        """
        if isinstance(self.extract_date, date):
            return self.extract_date
        return find_day(path.name, arrived)

    def resolve(self, contract: Contract, headers: list[str]) -> dict[str, Origin]:
        """Return the origin of each canonical column among a file's headers, by its name; columns
        with none are left out.
        """
        index = index_headers(headers)
        origins = {}
        for column in contract.columns:
            mapping = self.columns.get(column.name, ColumnMapping())
            origin = self._find_origin(column, mapping, index)
            if origin is not None:
                origins[column.name] = origin
        return origins

    def _find_origin(
        self, column: Column, mapping: ColumnMapping, index: dict[str, str]
    ) -> Origin | None:
        if mapping.constant is not None or mapping.content:
            return Origin(constant=mapping.constant, content=mapping.content)
        names = [column.name, *column.aliases] if mapping.header is None else [mapping.header]
        known = [index[key] for key in map(normalize_header, names) if key in index]
        if not known:
            return None
        header = known[0]
        return Origin(
            header=header,
            values=mapping.values,
            nulls=(*self.nulls, *mapping.nulls),
            unit=strip_unit(header)[1] if mapping.unit is None else mapping.unit,
            decimal=self.decimal,
            dates=self.dates,
        )
