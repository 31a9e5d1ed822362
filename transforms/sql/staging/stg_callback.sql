/*
summary = "One row per call-back case as it stood at the end of as_of; a complaint's call-back counts for the complaint's branch."
kind = "view"
*/
SELECT
    c.callback_id,
    COALESCE(k.branch_code, c.branch_code) AS branch_code,
    c.kind,
    c.subject_id,
    c.agent_id,
    c.due_at,
    CAST(civil(c.due_at) AS DATE) AS due_date,
    CASE WHEN c.first_dialled_at < r.callbacks_until THEN c.first_dialled_at END AS first_dialled_at,
    CASE WHEN c.first_dialled_at < r.callbacks_until THEN CAST(civil(c.first_dialled_at) AS DATE) END AS dialled_date,
    CASE WHEN c.connected_at < r.callbacks_until THEN c.connected_at END AS connected_at,
    CASE WHEN c.completed_at < r.callbacks_until THEN CAST(civil(c.completed_at) AS DATE) END AS completed_date,
    CASE WHEN c.completed_at < r.callbacks_until THEN c.rating END AS rating,
    CASE WHEN c.completed_at < r.callbacks_until THEN c.reported_issue END AS issue,
    -- What cannot be is not a measurement: a call of over four hours (a warning of the contract), a score beyond any scale.
    CASE WHEN c.completed_at < r.callbacks_until AND c.talk_seconds BETWEEN 0 AND 14400 THEN c.talk_seconds END
        AS talk_seconds,
    CASE
        WHEN c.completed_at < r.callbacks_until AND c.qa_score BETWEEN 0 AND 1000 THEN CAST(c.qa_score AS DECIMAL(8, 4))
    END AS qa_score,
    r.callbacks_as_of
FROM callbacks AS c
LEFT JOIN complaints AS k
    ON k.complaint_id = CASE WHEN c.kind = 'complaint' THEN c.subject_id END
CROSS JOIN dim_run AS r
