/*
summary = "Call-back cases counted by what every call-back KPI needs of them."
kind = "table"
*/
SELECT
    branch_code,
    kind,
    interval_of(dialled_date) AS dialled_interval,
    interval_of(completed_date) AS completed_interval,
    COUNT(*) AS cases,
    COUNT(rating) AS rated,
    COUNT(CASE WHEN rating >= 4 THEN 1 END) AS satisfied
FROM stg_callback
GROUP BY branch_code, kind, interval_of(dialled_date), interval_of(completed_date)
