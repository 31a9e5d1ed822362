"""mart_survival: how long claims take when those still open are counted as open. Curves, and the
figures that are read off them.
"""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from transforms.engine.models import Model
from transforms.kpis.arrow_columns import dictionary_column, number_column, text_column
from transforms.kpis.cube import ALL, Cube, PositionedRows, sum_by_cell, to_positions
from transforms.kpis.mart_kpi_value import NO_CASES, missing_reason, stale_reason
from transforms.statistics.survival_curves import (
    HALF,
    SurvivalCurves,
    curve_limits,
    estimate_curves,
    median_time,
)

# a claim is observed for a year: days 0 to 365 after its report; settlements after that are counted
# at 366
DAYS = 366
SHOWN = [
    *range(31),
    *range(35, 365, 7),
    365,
]  # days of a published curve: each of the first month, then each week
STATES = ["ok", "no_cases", "immature", "stale", "not_available", "not_reached"]
REASONS = [
    "",
    NO_CASES,
    "no claim of the period has been observed without a gap until that day",
    "too few claims: all under observation on one day ended, while older ones go on",
    *(f"fewer than half are settled within {day} days" for day in range(DAYS)),
]
TOLD, NO_CLAIMS, NOT_OBSERVED, CUT_OFF, NOT_REACHED = range(
    5
)  # places of reasons; of the last one, that of day 0
COUNTS = ("claims", "claims_late", "claims_settled", "claims_withdrawn", "claims_open")
FIGURES = (
    "value",
    "interval_low",
    "interval_high",
    "withdrawn_pct",
    "closed_only_value",
    "closed_only_mean",
)


def build_mart_survival(
    engine, grid: Cube, kpis: list[Model], runs: dict[str, dict], mean: Model, level: float
) -> pa.Table:
    """The published table in the order of its key.

    `kpis` are the survival views by name, `runs` the rows of dim_kpi_run by kpi_id, `mean` the KPI
    of the mean of settled claims, `level` that of the intervals. Segment `all` has every published
    period, other segments the latest twelve months; curves are those of the latest twelve months:
    of every branch, and by segment of the head office.
    """
    run = runs[kpis[0].name]
    means = _means(engine, grid, mean) if run["reason"] is None else {}
    nothing = np.full((len(grid.branches), len(grid.periods)), np.nan)
    latest = grid.of_periods("period_end").max()
    blocks = []
    for kind in ("all", *kpis[0].header["segments"]):
        rows = _rows(engine, kind, grid, run["reason"] is None)
        for place, segment in enumerate(rows.segments):
            for position, period in enumerate(grid.periods):
                is_latest = period["period_kind"] == "rolling12" and period["period_end"] == latest
                if (
                    segment[0] != kind
                    or not period["is_published"]
                    or not (segment == ALL or is_latest)
                ):
                    continue
                estimated = _estimated(_counted(rows, place, position, grid), segment == ALL)
                mean_days = means.get(segment, nothing)[estimated.columns["branch"], position]
                for number_of, kpi in enumerate(kpis):
                    key = {"kpi": number_of, "period": position, "segment": segment}
                    if "day" in kpi.header:
                        blocks.append(estimated.shares([kpi.header["day"]], level) | key)
                    elif "share" in kpi.header:
                        blocks.append(estimated.median(level, mean_days) | key)
                    elif is_latest:
                        blocks.append(
                            estimated.of(segment == ALL, grid.head_office).shares(SHOWN, level)
                            | key
                        )
    return _published(blocks, grid, kpis, run, level)


def _means(engine, grid: Cube, mean: Model) -> dict[tuple[str, str], np.ndarray]:
    """The KPI of the closed-only mean by segment, as branches x periods; NaN where nothing is
    settled.
    """
    rows = to_positions(engine.arrow(mean.sql), grid, mean.header["segments"])
    (top, _), (bottom, _) = (
        sum_by_cell(rows, "numerator", grid),
        sum_by_cell(rows, "denominator", grid),
    )
    up, down = mean.header["scale"]
    with np.errstate(invalid="ignore"):
        value = (top.astype(float) * up) / (bottom.astype(float) * down)
    return {segment: value[:, :, place] for place, segment in enumerate(rows.segments)}


def _rows(engine, kind: str, grid: Cube, is_available: bool) -> PositionedRows:
    """What fct_claim_age counts by the values of one kind of segment, in order of interval."""
    keys = ", ".join(["interval_id", "branch_code", *([kind] if kind != "all" else []), "age"])
    sums = ", ".join(
        f"CAST(SUM({name}) AS BIGINT) AS {name}"
        for name in ("entered", "gone", "settled", "withdrawn")
    )
    table = engine.arrow(
        f"SELECT {keys}, {sums} FROM fct_claim_age GROUP BY {keys} ORDER BY interval_id {'' if is_available else 'LIMIT 0'}"
    )
    return to_positions(table, grid, [kind] if kind != "all" else [])


@dataclass(frozen=True)
class IntervalCounts:
    """Claims of one period and segment by branch and age: floats that hold whole numbers, branches
    x days 0 to 366. `late` were open at its start.
    """

    entered: np.ndarray
    gone: np.ndarray
    settled: np.ndarray
    withdrawn: np.ndarray
    late: np.ndarray


def _counted(rows: PositionedRows, place: int, position: int, grid: Cube) -> IntervalCounts:
    """The counts of a period: of its run of intervals, and of each branch with those below it."""
    period = grid.periods[position]
    held = slice(*np.searchsorted(rows.time, [period["first_interval"], period["end_interval"]]))
    inside = np.flatnonzero(rows.places[-1][held] == place)
    branch, age, interval = (
        rows.branch[held][inside],
        rows.measures["age"][held][inside],
        rows.time[held][inside],
    )
    above = next(above for positions, above in grid.trees if position in positions)
    size, cells = len(grid.branches) * (DAYS + 1), branch.astype(np.int64) * (DAYS + 1) + age

    def by_age(name: str, chosen=slice(None)) -> np.ndarray:
        # Sums of whole numbers below 2 ** 53 are exact in floats.
        own = np.bincount(cells[chosen], rows.measures[name][held][inside][chosen], size)
        return above @ own.reshape(len(grid.branches), DAYS + 1)

    late = by_age("entered", (interval == period["first_interval"]) & (age > 0)).sum(axis=1)
    return IntervalCounts(
        by_age("entered"), by_age("gone"), by_age("settled"), by_age("withdrawn"), late
    )


@dataclass(frozen=True)
class SurvivalEstimate:
    """The curves of one period and segment, a row per branch that is told of. `closed` is what they
    would be if settled claims were all there is (days 0 to 366).
    """

    columns: dict[str, np.ndarray]
    found: SurvivalCurves
    closed: np.ndarray

    def of(self, is_every: bool, branch: int) -> "SurvivalEstimate":
        """The rows of one branch, or of every."""
        chosen = is_every | (self.columns["branch"] == branch)
        found = SurvivalCurves(
            *(getattr(self.found, field.name)[chosen] for field in fields(SurvivalCurves))
        )
        columns = {name: column[chosen] for name, column in self.columns.items()}
        return SurvivalEstimate(columns, found, self.closed[chosen])

    def shares(self, days: list[int], level: float) -> dict:
        """Rows of the shares settled by some days."""
        settled, error, withdrawn, closed = (
            held[:, days]
            for held in (self.found.settled, self.found.error, self.found.withdrawn, self.closed)
        )
        figures = [
            settled,
            *curve_limits(settled, error, level),
            withdrawn,
            closed,
            np.full(settled.shape, np.nan),
        ]
        is_told = np.array(days) < self.found.told[:, None]
        return self._rows([100 * figure for figure in figures], is_told, NOT_OBSERVED, days)

    def median(self, level: float, mean: np.ndarray) -> dict:
        """Rows of the day by which half are settled; beside it the `mean` of the settled claims
        alone.
        """
        half, low, high = median_time(self.found, level, self.columns["claims_settled"])
        closed = np.where(
            np.isnan(self.closed[:, -1]), np.nan, (self.closed >= HALF).argmax(axis=1)
        )
        untold = np.where(self.found.told > 0, NOT_REACHED + self.found.told - 1, NOT_OBSERVED)
        figures = [half, low, high, np.full(len(half), np.nan), closed, mean]
        return self._rows(
            [figure[:, None] for figure in figures],
            np.isfinite(half)[:, None],
            untold[:, None],
            [-1],
        )

    def _rows(
        self,
        figures: list[np.ndarray],
        is_told: np.ndarray,
        untold: np.ndarray | int,
        days: list[int],
    ) -> dict:
        """A row per branch and day, out of arrays of that shape. `untold` says why not, where a
        figure is not told, by its place in REASONS.
        """
        has_none, is_cut = (self.columns["claims"] == 0)[:, None], self.found.is_cut[:, None]
        said = np.select([has_none, is_told, is_cut], [NO_CLAIMS, TOLD, CUT_OFF], untold)
        # What the settled claims alone would say is shown also where the curve cannot tell: that is
        # where it misleads.
        is_shown = [(said == TOLD) | name.startswith("closed_only") for name in FIGURES]
        shown = {
            name: np.where(told, held, np.nan)
            for name, told, held in zip(FIGURES, is_shown, figures, strict=True)
        }
        columns = {name: np.repeat(column, len(days)) for name, column in self.columns.items()}
        return columns | {
            name: held.reshape(-1)
            for name, held in (
                shown | {"said": said, "day": np.broadcast_to(days, said.shape)}
            ).items()
        }


def _estimated(counted: IntervalCounts, is_whole: bool) -> SurvivalEstimate:
    """The curves of every branch or, unless the grid is to be `is_whole`, of those that have
    claims.
    """
    claims = counted.entered[:, 0] + counted.late
    branch = np.flatnonzero(is_whole | (claims > 0))
    entered, gone, settled, withdrawn, late = (
        held[branch]
        for held in (
            counted.entered,
            counted.gone,
            counted.settled,
            counted.withdrawn,
            counted.late,
        )
    )
    at_risk = np.cumsum(entered, axis=1)[:, :DAYS]
    at_risk[:, 1:] -= np.cumsum(gone, axis=1)[:, : DAYS - 1]
    found = estimate_curves(at_risk, settled[:, :DAYS], withdrawn[:, :DAYS])
    with np.errstate(invalid="ignore"):
        closed = np.cumsum(settled, axis=1) / settled.sum(axis=1, keepdims=True)
    ended = [held[:, :DAYS].sum(axis=1) for held in (settled, withdrawn)]
    counts = [claims[branch], late, *ended, claims[branch] - ended[0] - ended[1]]
    columns = {"branch": branch} | dict(zip(COUNTS, counts, strict=True))
    return SurvivalEstimate(columns, found, closed)


def _published(
    blocks: list[dict], grid: Cube, kpis: list[Model], run: dict, level: float
) -> pa.Table:
    """Rows as the published table, in the order of its key."""
    segments = sorted({block["segment"] for block in blocks})
    for block in blocks:
        size = len(block["branch"])
        block |= {name: np.full(size, block[name]) for name in ("kpi", "period")} | {
            "segment": np.full(size, segments.index(block["segment"]))
        }
    rows = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    order = np.lexsort([rows[name] for name in ("day", "segment", "branch", "period", "kpi")])
    rows = {name: column[order] for name, column in rows.items()}
    absent, early = [
        np.array([reason(run, period) or "" for period in grid.periods])
        for reason in (missing_reason, stale_reason)
    ]
    is_absent, is_early = (absent != "")[rows["period"]], (early != "")[rows["period"]]
    for name in (*FIGURES, *COUNTS):
        rows[name] = np.where(is_absent, np.nan, rows[name])
    said = rows["said"]
    state = np.select(
        [
            is_absent,
            said == CUT_OFF,
            said == NO_CLAIMS,
            said == NOT_OBSERVED,
            said != TOLD,
            is_early,
        ],
        [4, 4, 1, 2, 5, 3],
        0,
    )
    texts = [*REASONS, *absent, *early]
    at = np.select(
        [is_absent, said != TOLD],
        [len(REASONS) + rows["period"], said],
        len(REASONS) + len(absent) + rows["period"],
    )
    periods = {
        name: grid.of_periods(name) for name in ("period_kind", "period_start", "period_end")
    }
    has_interval = np.isfinite(rows["interval_low"]) | np.isfinite(rows["interval_high"])
    return pa.table(
        {
            "kpi_id": text_column(rows["kpi"], [kpi.name for kpi in kpis]),
            "period_kind": dictionary_column(periods["period_kind"], rows["period"]),
            "period_start": pa.array(
                periods["period_start"].astype("datetime64[D]")[rows["period"]]
            ),
            "period_end": pa.array(periods["period_end"].astype("datetime64[D]")[rows["period"]]),
            "branch_code": text_column(rows["branch"], grid.branches),
            "branch_level": dictionary_column(grid.levels, (rows["period"], rows["branch"])),
            "segment_kind": dictionary_column(
                np.array([kind for kind, _ in segments]), rows["segment"]
            ),
            "segment": dictionary_column(
                np.array([segment for _, segment in segments]), rows["segment"]
            ),
            "day": pa.array(rows["day"], pa.int64(), mask=rows["day"] < 0),
            **{name: number_column(rows[name]) for name in FIGURES},
            "interval_level": number_column(np.where(has_interval, level, np.nan)),
            "interval_method": text_column(np.zeros(len(said), int), ["log_log"], has_interval),
            "gap": number_column(rows["value"] - rows["closed_only_value"]),
            **{name: pa.array(rows[name], pa.int64(), from_pandas=True) for name in COUNTS},
            "state": text_column(state, STATES),
            "reason": dictionary_column(np.array(texts), at, state > 0),
        }
    )
