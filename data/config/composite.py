"""Composite leagues as their owner wants them: which KPIs, with which weights, and which score is
which grade (`data/reference/composite.toml`).
"""

import tomllib
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from data.config.fields import BilingualText, InnerShare, Model, Number, Positive
from data.config.reference import REFERENCE

PeriodKind = Literal["month", "quarter", "ytd", "rolling12"]
# Ranks are computed with every combination of smaller and greater weights: 1,024 of them.
MAX_PARTS = 10
WEIGHT_SUM = 100
# Weights such as 33.3 are not exact in binary: a sum this close to 100 is 100.
TOLERANCE = 1e-9


class CompositePart(Model):
    """How one KPI becomes points."""

    weight: Positive = Field(
        description="Points for the best value; those of all parts and of `unmeasured` sum to 100.",
        examples=[15],
    )
    zero_at: Number = Field(
        description="The value that earns no points, in the KPI's unit.", examples=[80]
    )
    full_at: Number = Field(
        description="The value that earns all points; less than `zero_at` where less is better.",
        examples=[95],
    )

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        if self.zero_at == self.full_at:
            raise ValueError(
                f"gives no points and all points at {self.full_at}; set zero_at and full_at apart"
            )
        return self


class Composite(Model):
    """One composite league: its score is 100 x points / weight of the KPIs that have a value."""

    title: BilingualText = Field(
        description="Name of the league in both languages.",
        examples=[{"zh": "保险服务评价", "en": "Service evaluation"}],
    )
    source: str = Field(description="The regulation or decision that the weights come from.")
    period_kinds: Annotated[tuple[PeriodKind, ...], Strict(False)] = Field(
        description="For which kinds of period the league is formed.",
        examples=[["ytd", "rolling12"]],
    )
    minimum_coverage: Positive = Field(
        description="A branch has no grade and no rank where its KPIs with a value weigh less; "
        "at most what all parts weigh.",
        examples=[60],
    )
    weight_change: InnerShare = Field(
        description="Ranks are computed again with every weight greater or smaller by this share.",
        examples=[0.25],
    )
    grades: dict[str, Number] = Field(
        description="The lowest score of each grade, from the best grade to the last, which "
        "begins at 0.",
        examples=[{"A": 80, "B": 60, "C": 0}],
    )
    unmeasured: dict[str, Positive] = Field(
        description="Weights of indicators that no extract holds; may be empty.",
        examples=[{"inbound_calls_answered": 10}],
    )
    parts: dict[str, CompositePart] = Field(
        description=f"The KPIs by id, 1 to {MAX_PARTS} of them.",
        examples=[{"satisfaction_pct": {"weight": 10, "zero_at": 85, "full_at": 98}}],
    )

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise ValueError(f"has {len(self.parts)} parts; give it 1 to {MAX_PARTS} KPIs")
        measured = sum(part.weight for part in self.parts.values())
        unmeasured = sum(self.unmeasured.values())
        if abs(measured + unmeasured - WEIGHT_SUM) > TOLERANCE:
            raise ValueError(
                f"has weights that add up to {measured + unmeasured:g}; those of its parts and of "
                f"what is unmeasured must add up to {WEIGHT_SUM}"
            )
        most = WEIGHT_SUM - unmeasured
        if self.minimum_coverage > most:
            raise ValueError(
                f"has minimum_coverage {self.minimum_coverage}; it must be {most:g} or less, "
                "which is what its parts weigh"
            )
        return self

    @model_validator(mode="after")
    def _check_grades(self) -> Self:
        scores = list(self.grades.values())
        if not scores:
            raise ValueError("has no grades; list them from the best, the last from 0")
        is_falling = scores == sorted(set(scores), reverse=True)
        if not is_falling or scores[0] > WEIGHT_SUM or scores[-1] != 0:
            raise ValueError(
                f"has grades from {', '.join(map(str, scores))}; list them from the best, each "
                "from a lower score than the one before, the last from 0"
            )
        return self


@cache
def _read_shipped_composites() -> dict[str, dict]:
    return tomllib.loads((REFERENCE / "composite.toml").read_text(encoding="utf-8"))


def shipped_composites() -> dict[str, dict]:
    """Return the composites of `data/reference/composite.toml` by id, as they are written."""
    return dict(_read_shipped_composites())
