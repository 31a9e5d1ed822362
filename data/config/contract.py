"""Contracts: what an extract must look like, read from `data/contracts/*.toml`."""

from functools import cache
from pathlib import Path
from typing import Annotated, Self

import pyarrow as pa
from pydantic import AfterValidator, ConfigDict, Field, Strict, model_validator

from data.config.column_rules import derive_column_rules
from data.config.contract_parts import ARROW_TYPES, Column, Rule
from data.config.fields import BilingualText, Model, Texts, check_column_names
from data.config.validation import parse_model, read_toml
from data.problem import Problem

FOLDER = Path(__file__).parents[1] / "contracts"
REMEDY = "correct the contract; docs/reference/contract.md describes every key"
# From this many rows on, all of them closed, an extract is taken to hold closed cases only; of
# fewer all may well be closed by chance.
CLOSED_ONLY_ROWS = 100
# A row's broken rules are the bits of one BIGINT.
MAX_RULES = 62


class ContractFile(Model):
    """What a contract's TOML says of one kind of extract."""

    model_config = ConfigDict(title="Contract")

    name: str = Field(description="Name of the extract, and of the file.", examples=["claims"])
    title: BilingualText = Field(
        description="Its name for the report.", examples=[{"zh": "赔案", "en": "Claims"}]
    )
    key: Annotated[Texts, Field(min_length=1)] = Field(
        description="Columns that tell its rows apart.", examples=[["claim_id"]]
    )
    history: Texts = Field(
        description="Columns of dates: the month of the earliest of them is where its history "
        "begins.",
        examples=[["reported_at"]],
    )
    month: str = Field(
        description="Column whose month a row is stored under; empty: all are stored together.",
        examples=["reported_at"],
    )
    branch_column: str = Field(
        default="branch_code", description="Column that says which branch a row belongs to."
    )
    optional: bool = Field(
        default=False, description="true: nobody is notified that it is missing."
    )
    columns: Annotated[tuple[Column, ...], Strict(False), Field(min_length=1)] = Field(
        validation_alias="column", description="Its columns, in the order of the tables."
    )
    own_rules: Annotated[tuple[Rule, ...], Strict(False)] = Field(
        default=(),
        validation_alias="rule",
        description="Its rules, besides those that follow from the types of its columns.",
    )

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        named = {*self.key, *self.history, self.branch_column}
        if self.month:
            named.add(self.month)
        for rule in self.own_rules:
            if rule.column is not None:
                named.add(rule.column)
        check_column_names(named, self.column_names)
        return self

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        ids = [rule.id for rule in self.list_rules()]
        repeated = sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1})
        if repeated:
            raise ValueError(f"has several rules with one id: {', '.join(repeated)}")
        if len(ids) > MAX_RULES:
            raise ValueError(
                f"has {len(ids)} rules with those of its columns; {MAX_RULES} are possible"
            )
        return self

    def list_rules(self) -> tuple[Rule, ...]:
        """Return all rules: those of its columns' types, then its own."""
        return (*derive_column_rules(self.columns), *self.own_rules)

    @property
    def column_names(self) -> list[str]:
        """The names of the canonical columns, in their order."""
        return [column.name for column in self.columns]


class Contract(ContractFile):
    """One kind of extract: what its file says, and all its rules, whose order is that of the bits
    by which a row says which it breaks.
    """

    rules: tuple[Rule, ...]

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)

    def key_sql(self, alias: str) -> str:
        """Return one comparable key of a row; a key column that may be empty counts as empty
        text.
        """
        parts = [f"coalesce(CAST({alias}.{name} AS STRING), '')" for name in self.key]
        return parts[0] if len(parts) == 1 else f"concat_ws('|', {', '.join(parts)})"

    @property
    def schema(self) -> pa.Schema:
        """The canonical columns, as stored (instants in UTC)."""
        return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in self.columns])


def load_contract(path: Path) -> Contract:
    """Return the contract of one file.

    Raises Problem where it is not valid TOML, lacks a key, has one that does not exist, names a
    column that it does not have, or is called otherwise than its file.
    """
    name = f"data/contracts/{path.name}"
    content = read_toml(path, name, "write it like the other contracts")
    declared = parse_model(ContractFile, content, name, REMEDY)
    if declared.name != path.stem:
        raise Problem(f"{name}: name is {declared.name!r}, the file is {path.stem!r}", REMEDY)
    return Contract.model_construct(**dict(declared), rules=declared.list_rules())


@cache
def load_contracts() -> dict[str, Contract]:
    """Return all contracts by name, in the order of their file names."""
    return {path.stem: load_contract(path) for path in sorted(FOLDER.glob("*.toml"))}


def _check_extract(extract: str) -> str:
    if extract not in load_contracts():
        extracts = ", ".join(load_contracts())
        raise ValueError(f"is {extract!r}, it must be the name of an extract: {extracts}")
    return extract


ExtractName = Annotated[str, AfterValidator(_check_extract)]
