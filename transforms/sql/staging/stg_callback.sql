/*
summary = "One row per call-back case as it stood at the end of as_of; a complaint's call-back counts for the complaint's branch."
kind = "view"
*/
WITH dated AS (
    SELECT
        c.callback_id,
        COALESCE(k.branch_code, c.branch_code) AS branch_code,
        c.kind,
        c.rating,
        CAST(civil(c.first_dialled_at) AS DATE) AS dialled_date,
        CAST(civil(c.completed_at) AS DATE) AS completed_date,
        r.callbacks_as_of
    FROM callbacks AS c
    LEFT JOIN complaints AS k
        ON k.complaint_id = CASE WHEN c.kind = 'complaint' THEN c.subject_id END
    CROSS JOIN dim_run AS r
)
SELECT
    callback_id,
    branch_code,
    kind,
    CASE WHEN dialled_date <= callbacks_as_of THEN dialled_date END AS dialled_date,
    CASE WHEN completed_date <= callbacks_as_of THEN completed_date END AS completed_date,
    CASE WHEN completed_date <= callbacks_as_of THEN rating END AS rating
FROM dated
