"""What is remembered of changes: every cell's first and current figures, and which published
figures changed by more than the policy lets pass.
"""

import pyarrow as pa

from data.config.published_tables import load_published_tables as dictionary
from transforms.build import conform

KEY = ", ".join(dictionary()["mart_kpi_value"].key)
FIGURES = ("numerator", "denominator", "value")
# Per changed cell: what it was before the first of its steps, and what it is after the last one.
ENDS = f"""SELECT {KEY}, any_value(branch_level) AS branch_level, string_agg(cause, '; ' ORDER BY step) AS causes,
        {", ".join(f"first({name}_before ORDER BY step) AS {name}_before, last({name}_after ORDER BY step) AS {name}_after" for name in FIGURES)}
    FROM mart_change GROUP BY {KEY}"""


def build_mart_revision(engine, publication_id: str) -> pa.Table:
    """The published table, from the relations `mart_change` (of this publication),
    `former_revision` (the table as it was) and `dim_period`: cells whose period is no longer
    published are forgotten.
    """
    parts = {
        name: f"coalesce({name}_after, 0) - coalesce({name}_before, 0)" for name in FIGURES[:2]
    }
    return conform(
        "mart_revision",
        engine.arrow(
            f"""WITH held AS (SELECT * FROM former_revision SEMI JOIN dim_period USING (period_kind, period_start, period_end)),
            ends AS ({ENDS}),
            known AS (
                SELECT {KEY}, any_value(branch_level) AS branch_level, {_any(f"first_{name}" for name in FIGURES)}, {_any(FIGURES)}, TRUE AS is_known
                FROM held GROUP BY {KEY}
            ),
            parts AS (
                SELECT {KEY}, cause, {", ".join(f"{name}_change" for name in parts)}, revisions, revised_in FROM held
                UNION ALL
                SELECT {KEY}, cause, {", ".join(parts.values())}, 1, '{publication_id}' FROM mart_change
            ),
            added AS (
                SELECT {KEY}, cause, {", ".join(f"sum({name}_change) AS {name}_change" for name in parts)}, sum(revisions) AS revisions,
                    max(revised_in) AS revised_in
                FROM parts GROUP BY {KEY}, cause
            )
            SELECT {KEY}, coalesce(e.branch_level, k.branch_level) AS branch_level, a.cause,
                {", ".join(f"CASE WHEN k.is_known THEN k.first_{name} ELSE e.{name}_before END AS first_{name}" for name in FIGURES)},
                {", ".join(f"CASE WHEN e.causes IS NULL THEN k.{name} ELSE e.{name}_after END AS {name}" for name in FIGURES)},
                {", ".join(f"a.{name}_change" for name in parts)}, a.revisions, a.revised_in
            FROM added AS a LEFT JOIN ends AS e USING ({KEY}) LEFT JOIN known AS k USING ({KEY})
            ORDER BY {KEY}, a.cause"""
        ),
    )


def _any(names) -> str:
    return ", ".join(f"any_value({name}) AS {name}" for name in names)


def build_mart_notice(engine, notice: dict) -> pa.Table:
    """The published table, from the relations `mart_change` and `dim_kpi`: the cells of segment
    `all` at the policy's levels whose value changed by more than its limit: in percentage points
    between two shares, in per cent otherwise (kpi-spec, section 2).
    """
    levels = ", ".join(f"'{level}'" for level in notice["levels"])
    return conform(
        "mart_notice",
        engine.arrow(
            f"""WITH ends AS ({ENDS}),
            told AS (
                SELECT e.*, k.unit, CASE WHEN k.unit = '%' THEN value_after - value_before
                    ELSE 100 * (value_after - value_before) / nullif(abs(value_before), 0) END AS change
                FROM ends AS e JOIN dim_kpi AS k USING (kpi_id) WHERE segment_kind = 'all' AND branch_level IN ({levels})
            )
            SELECT {KEY}, branch_level, value_before, value_after, change, causes FROM told
            WHERE abs(change) > CASE WHEN unit = '%' THEN {notice["points"]} ELSE {notice["percent"]} END
                OR (change IS NULL AND value_before IS DISTINCT FROM value_after)
            ORDER BY {KEY}"""
        ),
    )
