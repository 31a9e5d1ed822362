-- In a league a better value never stands behind a worse one.
WITH ranked AS (
    SELECT
        l.*,
        LAG(l.rank) OVER (
            PARTITION BY l.kpi_id, l.period_kind, l.period_start, l.period_end, l.branch_level
            ORDER BY CASE WHEN k.direction = 'down' THEN l.value ELSE -l.value END, l.branch_code
        ) AS rank_of_better
    FROM mart_league AS l
    JOIN dim_kpi_run AS k
        ON k.kpi_id = l.kpi_id
    WHERE l.rank IS NOT NULL
)
SELECT kpi_id, period_kind, period_start, branch_level, branch_code, value, rank, rank_of_better
FROM ranked
WHERE rank < rank_of_better OR rank > ranked_of
