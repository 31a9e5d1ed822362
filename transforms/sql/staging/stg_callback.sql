/*
summary = "One row per call-back case as it stood at the end of as_of; a complaint's call-back counts for the complaint's branch."
kind = "view"
*/
SELECT
    c.callback_id,
    COALESCE(k.branch_code, c.branch_code) AS branch_code,
    c.kind,
    c.subject_id,
    c.due_at,
    CAST(civil(c.due_at) AS DATE) AS due_date,
    CASE WHEN c.first_dialled_at < r.callbacks_until THEN c.first_dialled_at END AS first_dialled_at,
    CASE WHEN c.first_dialled_at < r.callbacks_until THEN CAST(civil(c.first_dialled_at) AS DATE) END AS dialled_date,
    CASE WHEN c.connected_at < r.callbacks_until THEN c.connected_at END AS connected_at,
    CASE WHEN c.completed_at < r.callbacks_until THEN CAST(civil(c.completed_at) AS DATE) END AS completed_date,
    CASE WHEN c.completed_at < r.callbacks_until THEN c.rating END AS rating,
    CASE WHEN c.completed_at < r.callbacks_until THEN c.reported_issue END AS issue,
    r.callbacks_as_of
FROM callbacks AS c
LEFT JOIN complaints AS k
    ON k.complaint_id = CASE WHEN c.kind = 'complaint' THEN c.subject_id END
CROSS JOIN dim_run AS r
