"""Explain a figure: the rows that a KPI counted, and what each added.

Every row of the extracts becomes a branch of its own, and then the models run as they always do:
what the KPI's SQL counts for such a branch is what the row added to numerator and denominator.
There is no second definition, and it holds for every KPI, also for those still to be written.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pyarrow.compute as pc

from transforms import build
from transforms.engine.duckdb_engine import Engine
from transforms.engine.models import Model, load_models, order_models
from transforms.engine.sql_functions import quote_text
from transforms.kpis.arrow_columns import PUBLISHED_DECIMALS
from transforms.kpis.periods import Period

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
    """An engine with the relations of the extracts, ready to count any figure again row by row."""

    def __init__(self, engine: Engine, inputs: build.BuildInputs):
        build.create_parameters(engine, inputs)
        self.engine, self.models = engine, load_models()
        dimensions = [name for name in self.models if name.startswith("dim_")]
        for model in order_models(self.models, dimensions):
            engine.create(model.name, model.sql, model.header["kind"])
        self.periods = engine.arrow("SELECT d.* FROM dim_period AS d ORDER BY d.period_id")
        trees = engine.arrow("SELECT period_id, tree_id FROM dim_period_tree").to_pylist()
        self.trees = {row["period_id"]: row["tree_id"] for row in trees}

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
        period_row = self._find_period(period)
        only_this_period = pc.field("period_id") == period_row["period_id"]
        self.engine.create_table_from("dim_period", self.periods.filter(only_this_period))
        models = order_models(self.models, kpi.reads)
        rows = self._count_rows(kpi, models, branch, period_row, segment)
        network = None
        if kpi.header["kind"] == "index":
            head_office = self._find_head_office(period_row)
            network = sum_rows(self._count_rows(kpi, models, head_office, period_row, segment))
        return Explanation(kpi, models, rows, network)

    def _find_period(self, period: Period) -> dict:
        """Return the row of dim_period."""
        wanted = (period.kind, period.start, period.end)
        return next(
            row
            for row in self.periods.to_pylist()
            if (row["period_kind"], row["period_start"], row["period_end"]) == wanted
        )

    def _count_rows(
        self,
        kpi: Model,
        models: list[Model],
        branch: str,
        period_row: dict,
        segment: tuple[str, str],
    ) -> pa.Table:
        """Return the rows of a branch and of those below it that the KPI counts in a period."""
        tree = self.trees[period_row["period_id"]]
        self.engine.create(
            "counted_branch",
            f"""SELECT branch_code FROM dim_branch_ancestor
            WHERE tree_id = {tree} AND ancestor_code = {quote_text(branch)}""",
            "table",
        )
        for model in models:
            if model.name in KEYS:
                self._create_traced(model)
            elif model.name.startswith("fct_"):
                self.engine.create(model.name, model.sql, model.header["kind"])
        return self.engine.arrow(_contributions_sql(self.engine, kpi, period_row, segment))

    def _create_traced(self, model: Model) -> None:
        """Create a staging model whose rows have themselves as their branch."""
        extract, key = KEYS[model.name]
        identity = (
            f"{{'extract': '{extract}', 'key': CAST({key} AS VARCHAR),"
            " 'branch_code': s.branch_code}"
        )
        # A row whose branch is missing, or is nowhere in the tree, counts as that of "(unknown)".
        branch = """CASE WHEN s.branch_code IN (SELECT branch_code FROM dim_branch_ancestor)
            THEN s.branch_code ELSE '(unknown)' END"""
        self.engine.create(
            f"traced_{extract}",
            f"""SELECT s.* REPLACE ({identity} AS branch_code) FROM ({model.sql}) AS s
            WHERE {branch} IN (SELECT branch_code FROM counted_branch)""",
            "table",
        )
        self.engine.create(model.name, f"SELECT * FROM traced_{extract}", "view")

    def _find_head_office(self, period_row: dict) -> str:
        """Return the branch that every row counts for."""
        ancestors = self.engine.arrow(
            f"""SELECT ancestor_code FROM dim_branch_ancestor
            WHERE tree_id = {self.trees[period_row["period_id"]]}
            GROUP BY ancestor_code ORDER BY COUNT(*) DESC, ancestor_code LIMIT 1"""
        )
        return ancestors["ancestor_code"][0].as_py()


def _contributions_sql(
    engine: Engine, kpi: Model, period_row: dict, segment: tuple[str, str]
) -> str:
    """Return a query for what each row added, from the KPI's own SELECT."""
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
    return f"""WITH added AS (
            SELECT k.branch_code AS counted,
                CAST(SUM({numerator}) AS {decimal}) AS numerator,
                CAST(SUM({denominator}) AS {decimal}) AS denominator
            FROM ({kpi.sql}) AS k WHERE {is_in_period} AND {is_in_segment} GROUP BY k.branch_code
        )
        SELECT counted.extract AS extract, counted.key AS key,
            counted.branch_code AS branch_code, numerator, denominator
        FROM added WHERE numerator <> 0 OR denominator <> 0 ORDER BY extract, key"""
