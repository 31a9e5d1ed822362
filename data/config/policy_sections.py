"""The sections of the policy: what an owner decides about each part of a publication.

`data/reference/policy.toml` has a value for every setting; an owner's file has only those that
differ, so the JSON Schema requires none of them.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, Strict

from data.config.composite import PeriodKind
from data.config.fields import Count, InnerShare, Model, NonNegative, Positive, Share, Texts

BranchLevel = Literal["head_office", "province", "central", "sub", "unknown"]
TargetLevel = Literal["all", "head_office", "province", "central", "sub", "unknown"]
Stratum = Literal["line", "claim_group", "channel", "category", "kind"]
BranchLevels = Annotated[tuple[BranchLevel, ...], Strict(False)]


def drop_required(schema: dict) -> None:
    """Let an editor accept a file that has only some of the settings."""
    schema.pop("required", None)


class Section(Model):
    """A table of the policy."""

    model_config = ConfigDict(json_schema_extra=drop_required)


class NoticePolicy(Section):
    """Which changes of published figures a correction notice names."""

    points: NonNegative = Field(
        description="Shares that changed by more than this, in percentage points.", examples=[0.1]
    )
    percent: NonNegative = Field(
        description="Other figures that changed by more than this, in per cent.", examples=[1.0]
    )
    levels: BranchLevels = Field(
        description="Levels of the branch tree whose figures are named.",
        examples=[["head_office", "province"]],
    )


class AgentPolicy(Section):
    """From how much on a call-back agent is ranked and judged."""

    days: NonNegative = Field(
        description="Days worked, for completed cases per day.", examples=[10]
    )
    cases: NonNegative = Field(description="Cases, for all other measures.", examples=[30])


class RecognitionPolicy(Section):
    """Who is praised by name (mart_recognition), and for what. Lists hold ids of KPIs."""

    period_kinds: Annotated[tuple[PeriodKind, ...], Strict(False)] = Field(
        description="For which kinds of period branches are praised.",
        examples=[["ytd", "rolling12"]],
    )
    zero_records: Texts = Field(
        description="Counts of which a branch is praised for having none at all.",
        examples=[["complaint_valid_count"]],
    )
    zero_volume: str = Field(
        description="A KPI of kind rate: its denominator is the volume that says what zero can "
        "mean.",
        examples=["complaint_per_1000_claims"],
    )
    all_on_time: Texts = Field(
        description="Shares that are praised at 100%.", examples=[["callback_on_time_pct"]]
    )
    first_of_province: Texts = Field(
        description="KPIs of which the first branches of each province are praised.",
        examples=[["satisfaction_pct"]],
    )
    most_improved: Texts = Field(
        description="KPIs of which the most improved branches of each level are praised.",
        examples=[["satisfaction_pct"]],
    )
    places: Count = Field(
        description="How many branches are the first of a province, or the most improved of a "
        "level.",
        examples=[3],
    )


class IntervalPolicy(Section):
    """How certain the interval next to a figure is."""

    level: InnerShare = Field(
        description="The share of intervals that cover the true value.", examples=[0.95]
    )


class LeaguePolicy(Section):
    """How branches are ranked and judged against each other."""

    watch: InnerShare = Field(
        description="Level of the funnel line outside of which a branch is watched.",
        examples=[0.95],
    )
    act: InnerShare = Field(
        description="Level of the funnel line outside of which something is to be done.",
        examples=[0.998],
    )
    strata: Annotated[tuple[Stratum, ...], Strict(False)] = Field(
        description="Segments over which KPIs of claims are standardised.",
        examples=[["line", "claim_group"]],
    )
    leads: Literal["crude", "adjusted"] = Field(
        description="What verdicts hold a branch against: crude, the network; adjusted, its own "
        "mix of cases at the network's rates."
    )
    peers: Literal["none", "region", "size"] = Field(
        description="Who is ranked together: none, the whole level; region, the branches of a "
        "region; size, thirds of a level by volume."
    )


class MovementPolicy(Section):
    """When a branch has moved against its network since the year before, and when that is worth
    reporting.
    """

    false_share: InnerShare = Field(
        description="Of the movements of a page that are called real, the share that chance alone "
        "makes, on average (Benjamini-Hochberg).",
        examples=[0.05],
    )
    points: NonNegative = Field(
        description="A real movement of a share below this is small, in percentage points.",
        examples=[0.5],
    )
    percent: NonNegative = Field(
        description="The same of any other figure, in per cent of the network's value.",
        examples=[5.0],
    )


class OnepagerPolicy(Section):
    """Which branches get a page of their own (exports/onepager)."""

    levels: BranchLevels = Field(
        description="Levels of the branch tree whose managers get the page.",
        examples=[["province", "central"]],
    )


class DeliveryLimits(Section):
    """What stops a delivery, or is warned of, apart from its rows."""

    deliveries: Annotated[int, Field(ge=1)] = Field(
        description="How many earlier deliveries comparisons need; until then they are off.",
        examples=[28],
    )
    fewest_share: NonNegative = Field(
        description="A delivery is refused below this share of the fewest rows among them.",
        examples=[0.5],
    )
    most_share: Positive = Field(
        description="A delivery is refused above this share of the most rows among them.",
        examples=[2.0],
    )
    vanished_rows: NonNegative = Field(
        description="A delivery is refused where a branch that had at least this many rows in "
        "each of them has none.",
        examples=[5],
    )
    quarantined_share: Share = Field(
        description="A delivery is refused where a greater share of its rows would be quarantined.",
        examples=[0.1],
    )
    quarantined_rows: NonNegative = Field(
        description="How many rows a delivery must have for `quarantined_share` to apply.",
        examples=[100],
    )
    newest_days: NonNegative = Field(
        description="A warning where the newest row is older than the extract by more days.",
        examples=[3],
    )
    empty_share: Share = Field(
        description="A warning where the share of a column's empty cells leaves its usual range "
        "by more.",
        examples=[0.1],
    )


class ReleasePolicy(Section):
    """What leaves the house. The nightly publication hides nothing."""

    public_floor: Count = Field(
        description="A count from 1 to below it is hidden in public releases, and what would give "
        "it away; 0 hides nothing.",
        examples=[10],
    )
    regulator_floor: Count = Field(
        description="The same in releases for a regulator.", examples=[0]
    )
    few: Count = Field(
        description="A ratio of fewer cases is published, marked as of low reliability.",
        examples=[30],
    )
    low_marker: Literal["low", "k"] = Field(
        description="What is shown for a figure that rounds to zero."
    )
    contact: str = Field(
        description="Who answers questions about a release.",
        examples=["the department named by the producer"],
    )
    licence: str = Field(description="What readers may do with a release.")
    signers: Texts = Field(
        description="Who may prepare, check and approve a release; nobody named: anybody may.",
        examples=[["Li Na", "Wang Fang", "Zhao Lei"]],
    )
