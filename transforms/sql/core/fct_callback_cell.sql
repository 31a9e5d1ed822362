/*
summary = "Call-back cases counted by what every call-back KPI needs of them, by the intervals of when they were due, dialled and completed."
kind = "table"
*/
WITH callbacks AS (
    SELECT
        branch_code, kind, issue, rating,
        limit_interval_of(due_date, callbacks_as_of) AS due_interval,
        interval_of(dialled_date) AS dialled_interval,
        interval_of(completed_date) AS completed_interval,
        connected_at IS NOT NULL AS is_connected,
        COALESCE(first_dialled_at <= due_at, FALSE) AS is_on_time
    FROM stg_callback
)
SELECT
    branch_code, kind, issue, due_interval, dialled_interval, completed_interval,
    COUNT(*) AS cases,
    COUNT(CASE WHEN is_connected THEN 1 END) AS connected,
    COUNT(CASE WHEN is_on_time THEN 1 END) AS on_time,
    COUNT(rating) AS rated,
    COUNT(CASE WHEN rating >= 4 THEN 1 END) AS satisfied
FROM callbacks
GROUP BY branch_code, kind, issue, due_interval, dialled_interval, completed_interval
