/*
summary = """The periods that returns are made for, up to as_of: the calendar year, the half year, the year from April, the last twelve months.
One row each, with its intervals, its tree, and its name as an ISO 8601 interval of first and last day."""
kind = "table"
*/
WITH begun AS (
    SELECT 'year' AS return_period, MAX(period_start) AS period_start
    FROM dim_period
    WHERE period_kind = 'month' AND EXTRACT(MONTH FROM period_start) = 1
    UNION ALL
    SELECT 'half_year', MAX(period_start)
    FROM dim_period
    WHERE period_kind = 'month' AND EXTRACT(MONTH FROM period_start) IN (1, 7)
    UNION ALL
    SELECT 'year_from_april', MAX(period_start)
    FROM dim_period
    WHERE period_kind = 'month' AND EXTRACT(MONTH FROM period_start) = 4
    UNION ALL
    SELECT 'rolling12', MAX(period_start)
    FROM dim_period
    WHERE period_kind = 'rolling12' AND is_published
),
ended AS (
    SELECT MAX(period_end) AS period_end, MAX(end_interval) AS end_interval
    FROM dim_period
    WHERE is_published
)
SELECT
    b.return_period,
    b.period_start,
    e.period_end,
    MIN(p.first_interval) AS first_interval,
    MIN(e.end_interval) AS end_interval,
    MAX(t.tree_id) AS tree_id,
    CAST(b.period_start AS STRING) || '/' || CAST(r.as_of AS STRING) AS time_period
FROM begun AS b
CROSS JOIN ended AS e
CROSS JOIN dim_run AS r
JOIN dim_period AS p
    ON p.period_start = b.period_start
JOIN dim_period AS q
    ON q.period_end = e.period_end
JOIN dim_period_tree AS t
    ON t.period_id = q.period_id
GROUP BY b.return_period, b.period_start, e.period_end, r.as_of
