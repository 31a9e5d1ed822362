"""Explain a figure: the rows that a KPI counted, and what each added.

Every row of the extracts becomes a branch of its own, and then the models run as they always do:
what the KPI's SQL counts for such a branch is what the row added to numerator and denominator.
There is no second definition, and it holds for every KPI, also for those still to be written.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pyarrow.compute as pc

from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model, load_models, order_models
from transforms.engine.sql_functions import quote_text
from transforms.kpis.arrow_columns import PUBLISHED_DECIMALS
from transforms.kpis.periods import Period, calendar_tables
from transforms.kpis.run_parameters import BuildInputs, create_parameters

# The extract and the key of a staged row. Exposure has no key of its own: it is a branch's month.
KEYS = {
    "stg_claim": ("claims", "claim_id"),
    "stg_callback": ("callbacks", "callback_id"),
    "stg_complaint": ("complaints", "complaint_id"),
    "stg_exposure": ("exposure", "concat_ws(' ', branch_code, strftime(month_start, '%Y-%m'))"),
}


@dataclass(frozen=True)
class Explanation:
    """The rows that were counted, and the models that the KPI rests on, each after what it reads.

    `rows` are in order of extract and key: `extract, key, branch_code` (its own branch),
    `numerator, denominator` (DECIMAL; of a median the observation in seconds, and 1). `network` is
    for an index: numerator and denominator of the whole network.
    """

    kpi: Model
    models: list[Model]
    rows: pa.Table
    network: tuple[Decimal, Decimal] | None = None

    def totals(self) -> tuple[Decimal | None, Decimal | None]:
        """Return numerator and denominator as they are published.

        A median has no numerator, a count no denominator: they are None.
        """
        numerator, denominator = sum_rows(self.rows)
        kind = self.kpi.header["kind"]
        if kind == "quantile":
            return None, denominator
        if kind == "count":
            return numerator, None
        if kind == "index":
            return numerator, self._expected(denominator)
        return numerator, denominator

    def _expected(self, exposure: Decimal) -> Decimal:
        """Return the cases that the exposure would have at the rate of the network."""
        assert self.network is not None, "an index is explained with its network"
        network_cases, network_exposure = self.network
        expected = Decimal(0)
        if network_exposure:
            expected = exposure * network_cases / network_exposure
        return expected.quantize(Decimal(1).scaleb(-PUBLISHED_DECIMALS), ROUND_HALF_UP)


def sum_rows(rows: pa.Table) -> tuple[Decimal, Decimal]:
    """Return what rows add up to: numerator and denominator."""
    numerator = pc.sum(rows["numerator"]).as_py()
    denominator = pc.sum(rows["denominator"]).as_py()
    return numerator or Decimal(0), denominator or Decimal(0)


class Tracer:
    """An engine with the relations of the extracts, ready to count any figure again row by row.

    Figures of one branch and period that are asked for one after the other rest on the same
    models. `keeps_models`: each is computed once, for many figures; else only what one figure asks
    of it, which for a single figure is less.
    """

    def __init__(self, engine: Engine, inputs: BuildInputs, keeps_models: bool = False):
        self.engine, self.inputs, self.models = engine, inputs, load_models()
        self.keeps_models = keeps_models
        self.period: Period | None = None
        self.period_row: dict = {}
        self.branch: str | None = None
        self.traced: set[str] = set()

    def open_period(self, period: Period) -> None:
        """Create what does not depend on a branch, for this period alone.

        What was over before it does not have to be looked at again.
        """
        if self.period == period:
            return
        calendar = calendar_tables([period], self.inputs.as_of, is_compared=False)
        create_parameters(self.engine, self.inputs, calendar)
        dimensions = [name for name in self.models if name.startswith("dim_")]
        for model in order_models(self.models, dimensions):
            self.engine.create(model.name, model.sql, model.header["kind"])
        (self.period_row,) = calendar["dim_period"].to_pylist()
        self.period, self.branch = period, None

    def explain(
        self, kpi: Model, branch: str, period: Period, segment: tuple[str, str]
    ) -> Explanation:
        """Return the rows behind one figure.

        Args:
            kpi: of the figure.
            branch: its code; the rows of the branches below it count as well.
            period: one of the published periods.
            segment: (kind, value), ("all", "all") for none.
        """
        self.open_period(period)
        models = order_models(self.models, kpi.reads)
        rows = self._count_rows(kpi, models, branch, segment)
        network = None
        if kpi.header["kind"] == "index":
            network = sum_rows(self._count_rows(kpi, models, self.find_head_office(), segment))
        return Explanation(kpi, models, rows, network)

    def branches_below(self) -> dict[str, list[str]]:
        """Return the branches that count for each branch in the period opened last, by code."""
        rows = self.engine.arrow(
            """SELECT ancestor_code, branch_code
            FROM dim_branch_ancestor JOIN dim_period_tree USING (tree_id) ORDER BY ALL"""
        )
        below: dict[str, list[str]] = {}
        for row in rows.to_pylist():
            below.setdefault(row["ancestor_code"], []).append(row["branch_code"])
        return below

    def find_head_office(self) -> str:
        """Return the branch that every row counts for in the period opened last."""
        below = self.branches_below()
        return max(sorted(below), key=lambda code: len(below[code]))

    def _open_branch(self, branch: str) -> None:
        self.engine.create(
            "counted_branch",
            f"""SELECT branch_code FROM dim_branch_ancestor JOIN dim_period_tree USING (tree_id)
            WHERE ancestor_code = {quote_text(branch)}""",
            "table",
        )
        self.branch, self.traced = branch, set()

    def _count_rows(
        self, kpi: Model, models: list[Model], branch: str, segment: tuple[str, str]
    ) -> pa.Table:
        """Return the rows of a branch and of those below it that the KPI counts in the period."""
        if self.branch != branch:
            self._open_branch(branch)
        for model in models:
            if model.name not in self.traced:
                self._create_model(model)
                self.traced.add(model.name)
        staging = [model.name for model in models if model.name in KEYS]
        return self.engine.arrow(
            _contributions_sql(self.engine, kpi, staging, self.period_row, segment)
        )

    def _create_model(self, model: Model) -> None:
        """Create a model whose rows have themselves as their branch; dimensions are there.

        A view computes only what a figure asks of it. What several models rest on is kept, where
        many figures are asked for.
        """
        if model.name in KEYS:
            self._create_staging(model)
        elif model.name.startswith("fct_"):
            is_shared = any(
                model.name in reader.reads
                for reader in self.models.values()
                if reader.name.startswith("fct_")
            )
            is_kept = self.keeps_models and is_shared
            self.engine.create(model.name, model.sql, "table" if is_kept else "view")

    def _create_staging(self, model: Model) -> None:
        # A row whose branch is missing, or is nowhere in the tree, counts as that of "(unknown)".
        branch = """CASE WHEN s.branch_code IN (SELECT branch_code FROM dim_branch_ancestor)
            THEN s.branch_code ELSE '(unknown)' END"""
        extract, key = KEYS[model.name]
        row_name = f"concat('{extract} ', {key})"
        self.engine.create(
            f"own_{model.name}",
            f"""SELECT {row_name} AS row_name, '{extract}' AS extract,
                CAST({key} AS VARCHAR) AS key, branch_code
            FROM ({model.sql}) AS s""",
            "table" if self.keeps_models else "view",
        )
        self.engine.create(
            model.name,
            f"""SELECT s.* REPLACE ({row_name} AS branch_code) FROM ({model.sql}) AS s
            WHERE {branch} IN (SELECT branch_code FROM counted_branch)""",
            model.header["kind"],
        )


def _contributions_sql(
    engine: Engine,
    kpi: Model,
    staging: list[str],
    period_row: dict,
    segment: tuple[str, str],
) -> str:
    """Return a query for what each row of staging models added, from the KPI's own SELECT."""
    columns = engine.arrow(f"DESCRIBE {kpi.sql}")["column_name"].to_pylist()
    is_in_period = f"k.period_id = {period_row['period_id']}"
    if "interval_id" in columns:
        first, end = period_row["first_interval"], period_row["end_interval"]
        is_in_period = f"k.interval_id >= {first} AND k.interval_id < {end}"
    numerator, denominator = "k.numerator", "k.denominator"
    if "observation" in columns:
        numerator, denominator = "k.observation", "k.weight"
    kind, value = segment
    is_in_segment = "TRUE"
    if kind != "all":
        is_in_segment = f"k.{kind} = {quote_text(value)}"
    if kind in kpi.header.get("of_all", ()):
        # A share of all cases: those outside the segment count in the denominator only.
        numerator = f"CASE WHEN {is_in_segment} THEN {numerator} ELSE 0 END"
        is_in_segment = "TRUE"
    decimal = f"DECIMAL(38, {PUBLISHED_DECIMALS})"
    own_rows = " UNION ALL ".join(f"SELECT * FROM own_{name}" for name in staging)
    return f"""WITH added AS (
            SELECT k.branch_code AS row_name,
                CAST(SUM({numerator}) AS {decimal}) AS numerator,
                CAST(SUM({denominator}) AS {decimal}) AS denominator
            FROM ({kpi.sql}) AS k WHERE {is_in_period} AND {is_in_segment} GROUP BY k.branch_code
        )
        SELECT extract, key, branch_code, numerator, denominator
        FROM added JOIN ({own_rows}) AS own USING (row_name)
        WHERE numerator <> 0 OR denominator <> 0 ORDER BY extract, key"""
