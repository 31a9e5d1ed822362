"""What is remembered of changes: every cell's first and current figures, and which published
figures changed by more than the policy lets pass.
"""

from collections.abc import Iterable

import pyarrow as pa

from data.config.policy_sections import NoticePolicy
from data.config.published_tables import load_published_tables
from transforms.build import conform
from transforms.engine.duckdb_engine import Engine

KEY = ", ".join(load_published_tables()["mart_kpi_value"].key)
COUNTS = ("numerator", "denominator")
FIGURES = (*COUNTS, "value")


def _list_columns(template: str, names: Iterable[str] = FIGURES) -> str:
    """Return a template's columns, one per name."""
    return ", ".join(template.format(name=name) for name in names)


# Per changed cell: what it was before the first of its steps, and what it is after the last one.
ENDS = f"""
    SELECT {KEY},
        any_value(branch_level) AS branch_level,
        string_agg(cause, '; ' ORDER BY step) AS causes,
        {_list_columns("first({name}_before ORDER BY step) AS {name}_before")},
        {_list_columns("last({name}_after ORDER BY step) AS {name}_after")}
    FROM mart_change GROUP BY {KEY}
    """


# The table as it was, one row per cell and cause, without periods that are no longer published.
FORMER = """
    SELECT * FROM former_revision
    SEMI JOIN dim_period USING (period_kind, period_start, period_end)
    """
# Per cell of it: its first and its last figures.
KNOWN = f"""
    SELECT {KEY},
        any_value(branch_level) AS branch_level,
        {_list_columns("any_value(first_{name}) AS first_{name}")},
        {_list_columns("any_value({name}) AS {name}")},
        TRUE AS is_known
    FROM former GROUP BY {KEY}
    """


def build_mart_revision(engine: Engine, publication_id: str) -> pa.Table:
    """Return the published table, from the relations `mart_change` (of this publication),
    `former_revision` (the table as it was) and `dim_period`: cells whose period is no longer
    published are forgotten.
    """
    change = "coalesce({name}_after, 0) - coalesce({name}_before, 0)"
    first = "CASE WHEN k.is_known THEN k.first_{name} ELSE e.{name}_before END AS first_{name}"
    current = "CASE WHEN e.causes IS NULL THEN k.{name} ELSE e.{name}_after END AS {name}"
    parts = f"""
        SELECT {KEY}, cause, {_list_columns("{name}_change", COUNTS)}, revisions, revised_in
        FROM former
        UNION ALL
        SELECT {KEY}, cause, {_list_columns(change, COUNTS)}, 1, '{publication_id}'
        FROM mart_change
        """
    added = f"""
        SELECT {KEY}, cause,
            {_list_columns("sum({name}_change) AS {name}_change", COUNTS)},
            sum(revisions) AS revisions,
            max(revised_in) AS revised_in
        FROM parts GROUP BY {KEY}, cause
        """
    columns = ", ".join(
        [
            f"{KEY}, coalesce(e.branch_level, k.branch_level) AS branch_level, a.cause",
            _list_columns(first),
            _list_columns(current),
            _list_columns("a.{name}_change", COUNTS),
            "a.revisions, a.revised_in",
        ]
    )
    table = engine.arrow(
        f"""
        WITH former AS ({FORMER}), ends AS ({ENDS}), known AS ({KNOWN}), parts AS ({parts}),
            added AS ({added})
        SELECT {columns}
        FROM added AS a LEFT JOIN ends AS e USING ({KEY}) LEFT JOIN known AS k USING ({KEY})
        ORDER BY {KEY}, a.cause
        """
    )

    return conform("mart_revision", table)


def build_mart_notice(engine: Engine, notice: NoticePolicy) -> pa.Table:
    """Return the published table, from the relations `mart_change` and `dim_kpi`: the cells of
    segment `all` at the policy's levels whose value changed by more than its limit, in percentage
    points between two shares, in per cent otherwise (kpi-spec, section 2).
    """
    levels = ", ".join(f"'{level}'" for level in notice.levels)
    table = engine.arrow(
        f"""
        WITH ends AS ({ENDS}),
        changed AS (
            SELECT e.*, k.unit,
                CASE
                    WHEN k.unit = '%' THEN value_after - value_before
                    ELSE 100 * (value_after - value_before) / nullif(abs(value_before), 0)
                END AS change
            FROM ends AS e JOIN dim_kpi AS k USING (kpi_id)
            WHERE segment_kind = 'all' AND branch_level IN ({levels})
        )
        SELECT {KEY}, branch_level, value_before, value_after, change, causes FROM changed
        WHERE abs(change) > CASE WHEN unit = '%' THEN {notice.points}
                ELSE {notice.percent} END
            OR (change IS NULL AND value_before IS DISTINCT FROM value_after)
        ORDER BY {KEY}
        """
    )
    return conform("mart_notice", table)
