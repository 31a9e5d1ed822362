/*
summary = "One row per claim as it stood at the end of as_of: what happened later has not happened."
kind = "view"
*/
WITH named AS (
    SELECT
        c.claim_id,
        c.branch_code,
        COALESCE(c.line, '(missing)') AS line,
        c.has_injury,
        c.first_estimate,
        c.paid_amount,
        c.reported_at,
        c.closed_at,
        c.paid_at,
        CASE WHEN c.previous_settled_at >= c.reported_at THEN c.previous_settled_at END AS previous_settled_at,
        c.reopened_at,
        -- An outcome that was never given follows from the amount (kpi-spec, section 1).
        COALESCE(
            c.outcome,
            CASE
                WHEN c.closed_at IS NULL AND c.paid_at IS NULL THEN NULL
                WHEN c.paid_amount = 0 THEN 'zero'
                ELSE 'normal'
            END
        ) AS outcome,
        r.closing_point,
        r.claims_as_of
    FROM claims AS c
    CROSS JOIN dim_run AS r
),
settled AS (
    SELECT
        *,
        -- A claim that is closed but not paid is open, unless nothing is to be paid (CN-CL-2).
        CASE
            WHEN closing_point = 'payment' AND outcome = 'normal' THEN paid_at
            ELSE closed_at
        END AS settled_at
    FROM named
),
dated AS (
    SELECT
        *,
        CAST(civil(reported_at) AS DATE) AS reported_date,
        CAST(civil(settled_at) AS DATE) AS settled_date,
        CAST(civil(previous_settled_at) AS DATE) AS previous_settled_date,
        CAST(civil(reopened_at) AS DATE) AS reopened_date
    FROM settled
)
SELECT
    claim_id,
    branch_code,
    line,
    has_injury,
    first_estimate,
    paid_amount,
    outcome,
    reported_at,
    reported_date,
    CASE WHEN settled_date <= claims_as_of THEN settled_at END AS settled_at,
    CASE WHEN settled_date <= claims_as_of THEN settled_date END AS settled_date,
    CASE WHEN previous_settled_date <= claims_as_of THEN previous_settled_at END AS previous_settled_at,
    CASE WHEN previous_settled_date <= claims_as_of THEN previous_settled_date END AS previous_settled_date,
    CASE WHEN reopened_date <= claims_as_of THEN reopened_at END AS reopened_at,
    CASE WHEN reopened_date <= claims_as_of THEN reopened_date END AS reopened_date
FROM dated
WHERE reported_date <= claims_as_of
