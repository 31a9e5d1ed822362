/*
summary = "Premium and policies per branch and whole calendar month, up to the last month that ended by as_of."
kind = "table"
*/
WITH monthly AS (
    SELECT
        e.branch_code,
        CAST(date_trunc('month', e.month) AS DATE) AS month_start,
        e.premium,
        e.policies_issued,
        e.policies_in_force
    FROM exposure AS e
)
SELECT
    m.branch_code,
    m.month_start,
    CAST(m.month_start + INTERVAL 1 MONTH AS DATE) AS month_end,
    SUM(m.premium) AS premium,
    SUM(m.policies_issued) AS policies_issued,
    SUM(m.policies_in_force) AS policies_in_force
FROM monthly AS m
CROSS JOIN dim_run AS r
WHERE CAST(m.month_start + INTERVAL 1 MONTH AS DATE) <= r.as_of + 1
GROUP BY m.branch_code, m.month_start
