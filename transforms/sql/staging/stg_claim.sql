/*
summary = "One row per claim as it stood at the end of as_of: what happened later has not happened."
kind = "view"
*/
WITH named AS (
    SELECT
        c.*,
        -- An outcome that was never given follows from the amount (kpi-spec, section 1).
        COALESCE(
            c.outcome,
            CASE
                WHEN c.closed_at IS NULL AND c.paid_at IS NULL THEN NULL
                WHEN c.paid_amount = 0 THEN 'zero'
                ELSE 'normal'
            END
        ) AS known_outcome,
        r.closing_point,
        r.claims_until
    FROM claims AS c
    CROSS JOIN dim_run AS r
    WHERE c.reported_at < r.claims_until
),
settled AS (
    SELECT
        *,
        -- A claim that is closed but not paid is open, unless nothing is to be paid (CN-CL-2).
        CASE
            WHEN closing_point = 'payment' AND known_outcome = 'normal' THEN paid_at
            ELSE closed_at
        END AS settled_at
    FROM named
)
SELECT
    claim_id,
    branch_code,
    COALESCE(line, '(missing)') AS line,
    has_injury,
    first_estimate,
    outstanding_estimate,
    paid_amount,
    known_outcome AS outcome,
    reported_at,
    CAST(civil(reported_at) AS DATE) AS reported_date,
    survey_agreed_at,
    CASE WHEN surveyed_at < claims_until THEN surveyed_at END AS surveyed_at,
    CASE WHEN registered_at < claims_until THEN CAST(civil(registered_at) AS DATE) END AS registered_date,
    CASE WHEN documents_complete_at < claims_until THEN documents_complete_at END AS documents_complete_at,
    CASE WHEN approved_at < claims_until THEN approved_at END AS approved_at,
    CASE WHEN approved_at < claims_until THEN CAST(civil(approved_at) AS DATE) END AS approved_date,
    CASE WHEN paid_at < claims_until THEN paid_at END AS paid_at,
    CASE WHEN paid_at < claims_until THEN CAST(civil(paid_at) AS DATE) END AS paid_date,
    CASE WHEN settled_at < claims_until THEN settled_at END AS settled_at,
    CASE WHEN settled_at < claims_until THEN CAST(civil(settled_at) AS DATE) END AS settled_date,
    CASE WHEN previous_settled_at >= reported_at AND previous_settled_at < claims_until THEN previous_settled_at END
        AS previous_settled_at,
    CASE
        WHEN
            previous_settled_at >= reported_at AND previous_settled_at < claims_until
            THEN CAST(civil(previous_settled_at) AS DATE)
    END AS previous_settled_date,
    CASE WHEN reopened_at < claims_until THEN reopened_at END AS reopened_at,
    CASE WHEN reopened_at < claims_until THEN CAST(civil(reopened_at) AS DATE) END AS reopened_date
FROM settled
