/*
summary = "One row per complaint received up to as_of, with its time limit."
kind = "table"
*/
WITH dated AS (
    SELECT
        c.complaint_id,
        c.branch_code,
        COALESCE(c.channel, '(missing)') AS channel,
        COALESCE(c.category, '(missing)') AS category,
        COALESCE(c.line, '(missing)') AS line,
        c.is_valid,
        c.received_at,
        CAST(civil(c.received_at) AS DATE) AS received_date,
        CAST(civil(c.closed_at) AS DATE) AS closed_date,
        CASE WHEN c.branch_contacted_at < r.complaints_until THEN c.branch_contacted_at END AS branch_contacted_at,
        c.outcome,
        c.claim_id,
        c.escalation_level,
        COALESCE(c.complexity, 'simple') AS complexity,
        COALESCE(c.extended, FALSE) AS extended,
        r.complaints_as_of
    FROM complaints AS c
    CROSS JOIN dim_run AS r
)
SELECT
    d.complaint_id,
    d.branch_code,
    d.channel,
    d.category,
    d.line,
    d.is_valid,
    d.received_at,
    d.received_date,
    d.branch_contacted_at,
    d.claim_id,
    d.escalation_level,
    CASE WHEN d.closed_date <= d.complaints_as_of THEN d.closed_date END AS closed_date,
    CASE WHEN d.closed_date <= d.complaints_as_of THEN d.outcome END AS outcome,
    date_add(d.received_date, CAST(CASE WHEN d.extended THEN l.extended_days ELSE l.days END AS INTEGER)) AS limit_date
FROM dated AS d
LEFT JOIN dim_time_limit AS l
    ON d.complexity = l.complexity
    AND d.received_date >= l.valid_from
    AND d.received_date < l.valid_to
WHERE d.received_date <= d.complaints_as_of
