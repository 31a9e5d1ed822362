/*
summary = "One row per complaint, each date as the number of its interval."
kind = "table"
*/
SELECT
    c.branch_code,
    c.channel,
    c.category,
    COALESCE(c.is_valid, FALSE) AS is_valid,
    ratio.channel IS NOT NULL AS counts_in_ratio,
    CAST(date_trunc('month', c.received_date) AS DATE) AS received_month,
    interval_of(c.received_date) AS received_interval,
    limit_interval_of(c.limit_date, r.complaints_as_of) AS limit_interval,
    COALESCE(c.closed_date <= c.limit_date, FALSE) AS is_on_time
FROM stg_complaint AS c
CROSS JOIN dim_run AS r
LEFT JOIN dim_ratio_channel AS ratio
    ON ratio.channel = c.channel
