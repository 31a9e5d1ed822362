/*
summary = "One row per complaint: what it counts for, and each date as the number of its interval."
kind = "table"
*/
WITH dialled AS (
    SELECT subject_id AS complaint_id, MIN(first_dialled_at) AS earliest_dial_at
    FROM stg_callback
    WHERE kind = 'complaint'
    GROUP BY subject_id
),
called AS (
    SELECT
        c.*,
        c.received_at + INTERVAL 30 MINUTE AS callback_limit_at,
        d.earliest_dial_at,
        LEAST(r.complaints_as_of, r.callbacks_as_of) AS told_of_both,
        r.complaints_as_of,
        r.complaint_ratio_counts
    FROM stg_complaint AS c
    CROSS JOIN dim_run AS r
    LEFT JOIN dialled AS d
        ON d.complaint_id = c.complaint_id
)
SELECT
    c.branch_code,
    c.channel,
    c.category,
    COALESCE(c.is_valid, FALSE) AS is_valid,
    ratio.channel IS NOT NULL AND (c.complaint_ratio_counts = 'all' OR COALESCE(c.is_valid, FALSE)) AS counts_in_ratio,
    c.claim_id IS NOT NULL OR c.category IN ('claims', '理赔') AS is_about_claim,
    COALESCE(c.escalation_level > 0, FALSE) AS is_escalated,
    c.outcome,
    CAST(date_trunc('month', c.received_date) AS DATE) AS received_month,
    interval_of(c.received_date) AS received_interval,
    interval_of(c.closed_date) AS closed_interval,
    limit_interval_of(c.limit_date, c.complaints_as_of) AS limit_interval,
    COALESCE(c.closed_date <= c.limit_date, FALSE) AS is_on_time,
    limit_interval_of(CAST(civil(c.callback_limit_at) AS DATE), c.told_of_both) AS callback_limit_interval,
    COALESCE(c.earliest_dial_at <= c.callback_limit_at, FALSE) AS is_called_back_on_time
FROM called AS c
LEFT JOIN dim_ratio_channel AS ratio
    ON ratio.channel = c.channel
