/*
summary = """Claims that a return period has to do with, counted by line, latest outcome, days to settlement, age at as_of, and by what
became of them in the period. A claim counts once, as it stands at as_of: settled and reopened inside the period, it was not closed."""
kind = "table"
*/
WITH classified AS (
    SELECT
        p.return_period,
        CAST(c.line AS STRING) AS line,
        CAST(c.outcome AS STRING) AS outcome,
        c.settled_days,
        CASE
            WHEN c.reported_date > CAST(r.as_of - INTERVAL 3 MONTH AS DATE) THEN 'under 3 months'
            WHEN c.reported_date > CAST(r.as_of - INTERVAL 6 MONTH AS DATE) THEN '3 to 6 months'
            WHEN c.reported_date > CAST(r.as_of - INTERVAL 12 MONTH AS DATE) THEN '6 to 12 months'
            ELSE '1 year and over'
        END AS age,
        c.reported_interval >= p.first_interval AS is_reported,
        COALESCE(c.reopened_interval >= p.first_interval, FALSE) AS is_reopened,
        COALESCE(c.settled_interval >= p.first_interval, FALSE) AS is_settled,
        (
            c.reported_interval < p.first_interval
            AND (c.first_settled_interval IS NULL OR c.first_settled_interval >= p.first_interval)
        )
        OR COALESCE(
            c.reopened_interval < p.first_interval
            AND (c.second_settled_interval IS NULL OR c.second_settled_interval >= p.first_interval),
            FALSE
        ) AS is_open_at_start,
        CASE
            WHEN c.reopened_interval IS NULL THEN c.first_settled_interval IS NULL
            ELSE c.second_settled_interval IS NULL
        END AS is_open_at_end
    FROM fct_claim AS c
    CROSS JOIN dim_run AS r
    JOIN dim_return_period AS p
        ON p.return_period IN ('year', 'year_from_april')
        AND (c.settled_interval IS NULL OR c.settled_interval >= p.first_interval OR c.reopened_interval IS NOT NULL)
)
SELECT
    return_period, line, outcome, settled_days, age, is_open_at_start, is_open_at_end,
    is_reported OR (is_reopened AND NOT is_open_at_start) AS is_opened,
    is_reported,
    is_settled AND NOT is_open_at_end AS is_closed,
    COUNT(*) AS claims
FROM classified
GROUP BY
    return_period,
    line,
    outcome,
    settled_days,
    age,
    is_open_at_start,
    is_open_at_end,
    is_reported,
    is_settled,
    is_reopened
