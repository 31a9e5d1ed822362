/*
summary = "One row per complaint, each date as the number of its interval."
kind = "table"
*/
SELECT
    c.complaint_id,
    c.branch_code,
    c.channel,
    c.category,
    COALESCE(c.is_valid, FALSE) AS is_valid,
    ratio.channel IS NOT NULL AS counts_in_ratio,
    received.month_start AS received_month,
    received.interval_id AS received_interval,
    due.interval_id AS limit_interval,
    COALESCE(c.closed_date <= c.limit_date, FALSE) AS is_on_time
FROM stg_complaint AS c
CROSS JOIN dim_run AS r
JOIN dim_date AS received
    ON received.date = GREATEST(c.received_date, r.first_date)
LEFT JOIN dim_date AS due
    ON due.date = GREATEST(c.limit_date, r.first_date)
LEFT JOIN dim_ratio_channel AS ratio
    ON ratio.channel = c.channel
