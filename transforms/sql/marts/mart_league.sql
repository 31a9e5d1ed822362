/*
summary = "One row per league (KPI, period, level of the tree) and branch: competition rank on the unrounded value. Verdicts are added behind it."
kind = "table"
*/
WITH entry AS (
    SELECT
        v.kpi_id, v.period_kind, v.period_start, v.period_end, v.branch_level, v.branch_code,
        v.value, v.numerator, v.denominator,
        n.value AS network_value,
        k.direction, k.scale_up, k.scale_down,
        v.value IS NOT NULL
        AND k.direction <> 'none'
        AND COALESCE(v.denominator, v.numerator) >= k.minimum_volume AS is_ranked
    FROM mart_kpi_value AS v
    JOIN dim_kpi_run AS k
        ON k.kpi_id = v.kpi_id
    JOIN dim_branch AS h
        ON h.branch_level = 'head_office'
    JOIN mart_kpi_value AS n
        ON n.kpi_id = v.kpi_id
        AND n.period_kind = v.period_kind
        AND n.period_start = v.period_start
        AND n.period_end = v.period_end
        AND n.segment_kind = 'all'
        AND n.branch_code = h.branch_code
    WHERE v.segment_kind = 'all'
        AND v.branch_level IN ('province', 'central', 'sub')
        AND v.state IN ('ok', 'stale', 'no_cases')
),
ranked AS (
    SELECT
        *,
        CASE WHEN is_ranked THEN
            RANK() OVER (
                PARTITION BY kpi_id, period_kind, period_start, period_end, branch_level, is_ranked
                ORDER BY CASE WHEN direction = 'down' THEN value ELSE -value END
            )
        END AS rank,
        COUNT(*) OVER (PARTITION BY kpi_id, period_kind, period_start, period_end, branch_level, is_ranked, value) AS sharing,
        COUNT(CASE WHEN is_ranked THEN 1 END) OVER (PARTITION BY kpi_id, period_kind, period_start, period_end, branch_level) AS ranked_of
    FROM entry
)
SELECT
    kpi_id, period_kind, period_start, period_end, branch_level, branch_code,
    value, numerator, denominator,
    CAST(rank AS INTEGER) AS rank,
    is_ranked AND sharing > 1 AS rank_tied,
    CAST(ranked_of AS INTEGER) AS ranked_of,
    -- What the branch's numerator would be if it did as the network does.
    network_value * CAST(denominator * scale_down AS DOUBLE) / CAST(scale_up AS DOUBLE) AS expected,
    COALESCE(direction = 'down' AND numerator = 0 AND value = 0, FALSE) AS zero_record
FROM ranked
