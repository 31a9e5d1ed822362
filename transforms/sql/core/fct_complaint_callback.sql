/*
summary = "One row per complaint call-back, with the channel and category of its complaint."
kind = "table"
*/
SELECT
    b.branch_code,
    COALESCE(c.channel, '(missing)') AS channel,
    COALESCE(c.category, '(missing)') AS category,
    interval_of(CAST(civil(b.connected_at) AS DATE)) AS connected_interval,
    COALESCE(c.branch_contacted_at <= b.connected_at, FALSE) AS is_contacted_before,
    interval_of(b.completed_date) AS completed_interval,
    b.rating
FROM stg_callback AS b
LEFT JOIN stg_complaint AS c
    ON c.complaint_id = b.subject_id
WHERE b.kind = 'complaint'
