"""Declared corrections: known errors of a source that are fixed on reading, with who asked for it
and why (`data/corrections/*.toml`).
"""

from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, Strict, model_validator

from data.config.contract import ExtractName, load_contracts
from data.config.fields import Count, Model
from data.config.validation import parse_model, read_toml
from data.problem import Problem

FOLDER = Path(__file__).parents[1] / "corrections"
REMEDY = "correct the entry; docs/reference/correction.md describes every key"


def _check_expect(bounds: tuple[int, int]) -> tuple[int, int]:
    least, most = bounds
    if least > most:
        raise ValueError(f"is [{least}, {most}], it must be [least, most]")
    return bounds


class Correction(Model):
    """One declared correction. Where it finds fewer or more rows than expected, the delivery is
    refused: the source has been fixed, or something else is wrong.
    """

    id: str = Field(
        description="Name of the correction, by which tables and messages call it.",
        examples=["jinhua_code_of_september"],
    )
    extract: ExtractName = Field(description="The extract.", examples=["claims"])
    files: str = Field(
        default="*",
        description="Pattern of the files' names; left out: all files of the extract.",
        examples=["claims_201209*"],
    )
    match: dict[str, str] = Field(
        description="Cells by which its rows are found, as they stand in the file; a date as it is "
        "written there.",
        examples=[{"branch_code": "0790"}],
    )
    replacements: dict[str, str] = Field(
        default={},
        validation_alias="set",
        description="Cells that take their place; or `set_aside`.",
        examples=[{"branch_code": "0709"}],
    )
    quarantines: bool = Field(
        default=False,
        validation_alias="set_aside",
        description="true: the rows are quarantined, and no cell is replaced.",
    )
    reason: str = Field(
        description="Why, in words.", examples=["the old code was still in use after the move"]
    )
    requested_by: str = Field(
        validation_alias="asked_by",
        description="Who asked for it.",
        examples=["Zhejiang claims department"],
    )
    since: date = Field(description="The day it was decided.")
    expect: Annotated[tuple[Count, Count], Strict(False), AfterValidator(_check_expect)] = Field(
        description="How many rows it finds in each delivery of such files, at least and at most.",
        examples=[[1, 500]],
    )

    @model_validator(mode="after")
    def _check_action(self) -> Self:
        if bool(self.replacements) == self.quarantines:
            raise ValueError(
                'must either replace cells or quarantine rows: set = { column = "value" } or '
                "set_aside = true"
            )
        return self

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        if not self.match:
            raise ValueError('matches every row: match = { column = "value" }')
        columns = load_contracts()[self.extract].column_names
        unknown = sorted({*self.match, *self.replacements} - set(columns))
        if unknown:
            raise ValueError(
                f"names {', '.join(unknown)}, which {self.extract} does not have; use "
                f"{', '.join(columns)}"
            )
        return self

    def concerns(self, extract: str, file_names: list[str]) -> bool:
        """Return whether it is for any of these files of an extract."""
        if extract != self.extract:
            return False
        return any(fnmatch(name, self.files) for name in file_names)

    def check(self, rows: int) -> None:
        """Raise Problem where it found another number of rows than is expected."""
        least, most = self.expect
        if least <= rows <= most:
            return
        finding = f"found {rows:,} rows"
        if rows == 0:
            finding = "found none of its rows: the source seems to have been fixed"
        raise Problem(
            f"the correction {self.id} of {self.extract} {finding}, and expects {least:,} to "
            f"{most:,}",
            "delete it from data/corrections, or write there what to expect from now on",
            "settings",
        )


class CorrectionFile(Model):
    """A file of corrections: one or more entries."""

    model_config = ConfigDict(title="Corrections")

    corrections: Annotated[tuple[Correction, ...], Strict(False)] = Field(
        default=(), validation_alias="correction"
    )


def load_corrections() -> list[Correction]:
    """Return every declared correction, in the order of files and entries.

    Raises Problem where one lacks a key, has one that does not exist, or names a column that its
    extract does not have.
    """
    corrections: list[Correction] = []
    for path in sorted(FOLDER.glob("*.toml")):
        name = f"data/corrections/{path.name}"
        entries = read_toml(path, name, "write it as docs/reference/correction.md shows")
        corrections += parse_model(CorrectionFile, entries, name, REMEDY).corrections
    return corrections
