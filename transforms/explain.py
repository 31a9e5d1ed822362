"""Why a figure is what it is: the rows that a KPI counted, and what each added to its numerator and
denominator.

Every row of the extracts becomes a branch of its own, and then the models run as they always do:
what the KPI's SQL counts for such a branch is what the row counted. There is no second definition,
and it holds for every KPI, also for those that are still to come.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pyarrow.compute as pc

from transforms import build
from transforms.engine.models import Model, load_models, order_models
from transforms.kpis.arrow_columns import PLACES
from transforms.kpis.periods import Period

# What a row of a staged extract is called. Exposure has none of its own: it is a branch's month.
KEYS = {
    "stg_claim": ("claims", "claim_id"),
    "stg_callback": ("callbacks", "callback_id"),
    "stg_complaint": ("complaints", "complaint_id"),
    "stg_exposure": ("exposure", "concat_ws(' ', branch_code, strftime(month_start, '%Y-%m'))"),
}


@dataclass(frozen=True)
class Explanation:
    """The rows that were counted, in order of extract and key, and the models that the KPI rests
    on, each after what it reads.

    `rows` has `extract, key, branch_code` (its own branch), `numerator, denominator` (DECIMAL; of a
    median the observation in seconds, and 1). `network` is for an index: the numerator and the
    denominator of the whole network.
    """

    kpi: Model
    models: list[Model]
    rows: pa.Table
    network: tuple[Decimal, Decimal] | None = None

    def totals(self) -> tuple[Decimal | None, Decimal | None]:
        """Numerator and denominator as they are published: null for a median's numerator and a
        count's denominator.
        """
        numerator, denominator = sum_rows(self.rows)
        if self.kpi.header["kind"] == "index":
            cases, exposure = self.network
            expected = denominator * cases / exposure if exposure else Decimal(0)
            denominator = expected.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP)
        kind = self.kpi.header["kind"]
        return None if kind == "quantile" else numerator, None if kind == "count" else denominator


def sum_rows(rows: pa.Table) -> tuple[Decimal, Decimal]:
    """The sums of what rows added."""
    return tuple(pc.sum(rows[name]).as_py() or Decimal(0) for name in ("numerator", "denominator"))


class Tracer:
    """An engine that holds the relations of the extracts, made ready to count any figure again, row
    by row.
    """

    def __init__(self, engine, inputs: build.BuildInputs):
        build.sql_parameters(engine, inputs)
        self.engine, self.models = engine, load_models()
        for model in order_models(
            self.models, {name for name in self.models if name.startswith("dim_")}
        ):
            engine.create(model.name, model.sql, model.header["kind"])
        self.periods = engine.arrow("SELECT d.* FROM dim_period AS d ORDER BY d.period_id")
        self.trees = dict(
            zip(
                *engine.arrow("SELECT period_id, tree_id FROM dim_period_tree")
                .to_pydict()
                .values(),
                strict=True,
            )
        )

    def explain(
        self, kpi: Model, branch: str, period: Period, segment: tuple[str, str]
    ) -> Explanation:
        """One figure; `segment` is (kind, value), ("all", "all") for none."""
        asked = (period.kind, period.start, period.end)
        place = next(
            row
            for row in self.periods.to_pylist()
            if (row["period_kind"], row["period_start"], row["period_end"]) == asked
        )
        self.engine.create_table_from(
            "dim_period", self.periods.filter(pc.field("period_id") == place["period_id"])
        )
        resting = order_models(self.models, set(kpi.reads))
        rows = self._counted(kpi, resting, branch, place, segment)
        network = None
        if kpi.header["kind"] == "index":
            network = sum_rows(
                self._counted(kpi, resting, self._head_office(place), place, segment)
            )
        return Explanation(kpi, resting, rows, network)

    def _counted(
        self, kpi: Model, resting: list[Model], branch: str, place: dict, segment: tuple[str, str]
    ) -> pa.Table:
        """The rows of a branch and of those below it that the KPI counts in a period."""
        below = f"SELECT branch_code FROM dim_branch_ancestor WHERE tree_id = {self.trees[place['period_id']]} AND ancestor_code = {_quoted(branch)}"
        self.engine.create("counted_branch", below, "table")
        for model in resting:
            if model.name in KEYS:
                extract, key = KEYS[model.name]
                self.engine.create(
                    f"traced_{extract}",
                    f"""SELECT s.* REPLACE ({{'extract': '{extract}', 'key': CAST({key} AS VARCHAR), 'branch_code': s.branch_code}} AS branch_code)
                    FROM ({model.sql}) AS s
                    WHERE CASE WHEN s.branch_code IN (SELECT branch_code FROM dim_branch_ancestor) THEN s.branch_code ELSE '(unknown)' END
                        IN (SELECT branch_code FROM counted_branch)""",
                    "table",
                )
                self.engine.create(model.name, f"SELECT * FROM traced_{extract}", "view")
            elif model.name.startswith("fct_"):
                self.engine.create(model.name, model.sql, model.header["kind"])
        return self.engine.arrow(_added_sql(self.engine, kpi, place, segment))

    def _head_office(self, place: dict) -> str:
        """The branch that every row counts for."""
        found = self.engine.arrow(
            f"""SELECT ancestor_code FROM dim_branch_ancestor WHERE tree_id = {self.trees[place["period_id"]]}
            GROUP BY ancestor_code ORDER BY COUNT(*) DESC, ancestor_code LIMIT 1"""
        )
        return found["ancestor_code"][0].as_py()


def _added_sql(engine, kpi: Model, place: dict, segment: tuple[str, str]) -> str:
    """What each row added, from the KPI's own SELECT."""
    columns = engine.arrow(f"DESCRIBE {kpi.sql}")["column_name"].to_pylist()
    by_interval = (
        f"k.interval_id >= {place['first_interval']} AND k.interval_id < {place['end_interval']}"
    )
    wanted = by_interval if "interval_id" in columns else f"k.period_id = {place['period_id']}"
    numerator, denominator = (
        ("k.observation", "k.weight")
        if "observation" in columns
        else ("k.numerator", "k.denominator")
    )
    kind, value = segment
    inside = "TRUE" if kind == "all" else f"k.{kind} = {_quoted(value)}"
    if kind in kpi.header.get("of_all", ()):
        # Held against all cases: those outside the segment count in the denominator only.
        numerator = f"CASE WHEN {inside} THEN {numerator} ELSE 0 END"
        inside = "TRUE"
    return f"""WITH added AS (
            SELECT k.branch_code AS counted, CAST(SUM({numerator}) AS DECIMAL(38, {PLACES})) AS numerator,
                CAST(SUM({denominator}) AS DECIMAL(38, {PLACES})) AS denominator
            FROM ({kpi.sql}) AS k WHERE {wanted} AND {inside} GROUP BY k.branch_code
        )
        SELECT counted.extract AS extract, counted.key AS key, counted.branch_code AS branch_code, numerator, denominator
        FROM added WHERE numerator <> 0 OR denominator <> 0 ORDER BY extract, key"""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
