/*
summary = "Call-back cases counted by what every call-back KPI needs of them."
kind = "table"
*/
SELECT
    c.branch_code,
    c.kind,
    dialled.interval_id AS dialled_interval,
    completed.interval_id AS completed_interval,
    COUNT(*) AS cases,
    COUNT(c.rating) AS rated,
    COUNT(CASE WHEN c.rating >= 4 THEN 1 END) AS satisfied
FROM stg_callback AS c
CROSS JOIN dim_run AS r
LEFT JOIN dim_date AS dialled
    ON dialled.date = CASE WHEN c.dialled_date IS NOT NULL THEN GREATEST(c.dialled_date, r.first_date) END
LEFT JOIN dim_date AS completed
    ON completed.date = CASE WHEN c.completed_date IS NOT NULL THEN GREATEST(c.completed_date, r.first_date) END
GROUP BY c.branch_code, c.kind, dialled.interval_id, completed.interval_id
