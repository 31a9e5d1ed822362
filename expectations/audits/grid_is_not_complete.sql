-- Every KPI x published period x branch is present once for segment `all`: absence is stated, never left out.
WITH present AS (
    SELECT
        kpi_id,
        COUNT(*) AS cells,
        COUNT(DISTINCT(period_kind, period_start, period_end, branch_code)) AS distinct_cells
    FROM mart_kpi_value
    WHERE segment_kind = 'all'
    GROUP BY kpi_id
    UNION ALL
    SELECT kpi_id, COUNT(*), COUNT(DISTINCT(period_kind, period_start, period_end, branch_code))
    FROM mart_survival
    WHERE segment_kind = 'all'
    GROUP BY kpi_id
),
due AS (
    SELECT (
        SELECT COUNT(*) FROM dim_period
        WHERE is_published
    ) * (SELECT COUNT(*) FROM dim_branch
    ) AS cells
)
SELECT k.kpi_id, p.cells, d.cells AS due_cells
FROM dim_kpi_run AS k
CROSS JOIN due AS d
LEFT JOIN present AS p
    ON p.kpi_id = k.kpi_id
-- A curve is not a figure: it has many points, of the latest twelve months.
WHERE k.kpi_id <> 'claim_km_curve_pct'
    AND (p.cells IS NULL OR p.cells <> d.cells OR p.distinct_cells <> d.cells)
