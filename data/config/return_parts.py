"""The parts of a return's layout: its columns, what must add up, and its footnotes."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from data.config.fields import BilingualText, Count, Model, Number, Positive, Texts


class Column(Model):
    """One column that the regulator asks for, after those of period and branch."""

    name: str = Field(
        description="Name of the column, as the last SELECT returns it.", examples=["closed_count"]
    )
    title: BilingualText = Field(
        description="The regulator's words for it.",
        examples=[{"zh": "期内结案", "en": "Closed during the period"}],
    )
    type: Literal["text", "date", "integer", "exact", "number"] = Field(
        description="integer: whole; exact: DECIMAL; number: DOUBLE."
    )
    role: Literal["label", "count", "amount", "ratio", "rank"] = Field(
        description="Decides how small numbers are protected. label: words and codes; count: "
        "cases, to which the floor applies; amount: money, policies; ratio: formed from other "
        "columns; rank: the position among the rows."
    )
    unit: BilingualText = Field(
        default={},
        description="Unit of the figures.",
        examples=[{"zh": "件", "en": "claims"}],
    )
    decimals: Count = Field(default=0, description="Decimals that are shown.", examples=[2])
    scale: Positive = Field(
        default=1, description="Of a ratio: scale x numerator / denominator.", examples=[100]
    )
    numerator: str | None = Field(
        default=None,
        description="Of a ratio: the column above the line; hidden with it.",
        examples=["settled_count"],
    )
    denominator: str | None = Field(
        default=None,
        description="Of a ratio: the column below the line; hidden with it. Left out: the "
        "numerator of the total row.",
        examples=["registered_count"],
    )
    ranked: str | None = Field(
        default=None,
        validation_alias="of",
        description="Of a rank: the column that it ranks.",
        examples=["complaints_count"],
    )
    quantity: str | None = Field(
        default=None,
        description="Of a count: what is counted. The same quantity in two returns is one number.",
        examples=["complaints_in_ratio"],
    )
    covers: Literal["twelve_months"] | None = Field(
        default=None,
        description="Of a count: what it covers where that is not the period of its row. "
        "twelve_months: those that end with it.",
    )
    follows: Texts = Field(
        default=(),
        description="Columns that it would give away: it is hidden with them.",
        examples=[["upheld_count"]],
    )
    absent: BilingualText = Field(default={}, description="Why no extract can fill the column.")
    total: BilingualText = Field(default={}, description="Why the total row has no figure.")

    @model_validator(mode="after")
    def _check_role(self) -> Self:
        if self.role == "rank" and self.ranked is None:
            raise ValueError('is a rank; name the column that it ranks: of = "..."')
        if self.role == "count" and self.type != "integer":
            raise ValueError(f"is a count of type {self.type}; a count is an integer")
        if self.role == "ratio" and not (self.numerator or self.follows or self.absent):
            raise ValueError(
                "is a ratio; name the column that it is formed from, by which small numbers are "
                'protected: numerator = "...", or follows = ["..."]'
            )
        return self

    @property
    def is_number(self) -> bool:
        """Whether the column has figures, and no words or codes."""
        return self.role != "label"

    @property
    def columns_named(self) -> set[str]:
        """The other columns that this one is formed from, ranks, or would give away."""
        parts = (self.numerator, self.denominator, self.ranked, *self.follows)
        return {name for name in parts if name is not None}


def _describe_row(name: str, zh: str, en: str) -> Column:
    return Column(name=name, title={"zh": zh, "en": en}, type="text", role="label")


# What every return begins with: which period a row is of, and whose figures it has.
ROW_COLUMNS = (
    _describe_row("time_period", "期间", "Period"),
    _describe_row("time_identifier", "期间类型", "Type of period"),
    _describe_row("geographic_level", "层级", "Level"),
    _describe_row("branch_code", "机构代码", "Branch code"),
    _describe_row("branch_name", "机构", "Branch"),
)


class Control(Model):
    """What must add up, or nothing is released: in each row the left columns to the right ones; or
    a column over the rows to the total row, or to a sum.
    """

    id: str = Field(
        description="Name of the control, by which messages call it.",
        examples=["lines_add_up_to_the_total"],
    )
    left: Texts = Field(
        default=(),
        description="Columns whose sum in a row is that of the right ones.",
        examples=[["open_at_start_count", "opened_count"]],
    )
    right: Texts = Field(default=(), description="The columns that they are compared with.")
    column: str | None = Field(
        default=None, description="The column whose rows add up.", examples=["opened_count"]
    )
    sum: Number | None = Field(
        default=None,
        description="What its rows add up to; left out: the figure of the total row.",
        examples=[100],
    )

    @model_validator(mode="after")
    def _check_sides(self) -> Self:
        compares_columns = bool(self.left and self.right)
        names_a_side = bool(self.left or self.right)
        if self.column is None and compares_columns and self.sum is None:
            return self
        if self.column is not None and not names_a_side:
            return self
        raise ValueError("must have left and right columns, or one column that adds up over rows")


class Note(Model):
    """A footnote: to columns, to the rows with one value, or to the whole return."""

    columns: Texts = Field(
        default=(), description="Columns that it is about.", examples=[["branch_name"]]
    )
    rows: Annotated[tuple[str, str], Strict(False)] | None = Field(
        default=None,
        description="Column and value of the rows that it is about.",
        examples=[["line", "Total"]],
    )
    zh: str = Field(description="The note in Chinese.")
    en: str = Field(description="The note in English.")

    @property
    def text(self) -> dict[str, str]:
        """The note by language."""
        return {"zh": self.zh, "en": self.en}
