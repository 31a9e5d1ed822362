"""The parts of a contract: its columns and its rules."""

from typing import Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from data.config.fields import BilingualText, Model, Texts

ColumnType = Literal["text", "code", "instant", "date", "money", "decimal", "integer", "boolean"]
Severity = Literal["critical", "warning"]
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "instant": pa.timestamp("us"),  # UTC, so that elapsed time never depends on a clock change
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "decimal": pa.decimal128(18, 4),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


class Column(Model):
    """One column of an extract."""

    name: str = Field(
        description="Name of the column, here, in tables and in KPIs.", examples=["paid_at"]
    )
    type: ColumnType = Field(
        description="code: one of `values`; instant: date and time, stored in UTC; money: two "
        "decimals; decimal: four."
    )
    meaning: BilingualText = Field(
        description="What it means, for the report.",
        examples=[{"zh": "支付时间", "en": "When the claim was paid"}],
    )
    required: bool = Field(
        default=False,
        description="A file without the column is refused, a row without a value quarantined.",
    )
    free_text: bool = Field(
        default=False,
        description="Of a text: anything goes; telephone numbers and the like are masked.",
    )
    identifier: bool = Field(
        default=False,
        description="Of a text: rows are found again by it, here or in another extract.",
    )
    whole_month: bool = Field(
        default=False, description="Of a date: it may be given as the month alone."
    )
    aliases: Texts = Field(
        default=(),
        description="Headers by which it is known in a file, besides its name.",
        examples=[["支付时间", "最后支付时间"]],
    )
    values: dict[str, Texts] = Field(
        default={},
        description="Of a code: its values, each with the words that stand for it.",
        examples=[{"rejected": ["拒赔", "拒付"]}],
    )
    words: dict[str, Texts] = Field(
        default={},
        description="Of another type: values, each with the words that stand for it.",
        examples=[{"true": ["有效"], "false": ["无效"]}],
    )

    @model_validator(mode="after")
    def _check_type(self) -> Self:
        if self.type == "code" and not self.values:
            raise ValueError('is a code without values; write values = { rejected = ["拒赔"] }')
        if self.type != "text" and (self.free_text or self.identifier):
            raise ValueError(f"is of type {self.type}; only a text is free or an identifier")
        if self.type not in ("date", "instant") and self.whole_month:
            raise ValueError(f"is of type {self.type}; only a date can be a whole month")
        return self


class Rule(Model):
    """A rule about one row."""

    id: str = Field(
        description="Name of the rule, by which tables and messages call it.",
        examples=["paid_before_reported"],
    )
    sql: str = Field(
        description="A condition that is true for a row that breaks it.",
        examples=["paid_at < reported_at"],
    )
    meaning: BilingualText = Field(
        description="What is wrong with such a row.",
        examples=[{"zh": "支付早于报案", "en": "the claim was paid before it was reported"}],
    )
    severity: Severity = Field(
        default="warning", description="critical: the row is quarantined; warning: it counts."
    )
    column: str | None = Field(default=None, description="The column that it is about.")
