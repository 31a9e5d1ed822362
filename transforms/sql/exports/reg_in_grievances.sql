/*
summary = "IRDAI grievance disposal (NL-45) of the financial year from April: flow, outcome, pending by age; per 10,000 policies and claims."
kind = "table"
*/
WITH flows AS (
    SELECT
        n.subject, c.is_opened, c.is_closed, c.outcome, c.age,
        -- Where complaints are not known, a sum of nulls is null; where they are, nothing counts as 0.
        CASE WHEN s.has_complaints THEN COALESCE(c.complaints, 0) END AS complaints,
        CASE WHEN s.has_complaints THEN 0 END AS none
    FROM dim_return_supply AS s
    CROSS JOIN (
        SELECT 'claims' AS subject
        UNION ALL
        SELECT 'policies'
        UNION ALL
        SELECT 'Total'
    ) AS n
    LEFT JOIN fct_return_complaint AS c
        ON c.return_period = s.return_period
        AND (c.subject = n.subject OR n.subject = 'Total')
    WHERE s.return_period = 'year_from_april'
),
counted AS (
    SELECT
        subject,
        SUM(CASE WHEN NOT is_opened THEN complaints ELSE none END) AS open_at_start,
        SUM(CASE WHEN is_opened THEN complaints ELSE none END) AS opened,
        SUM(CASE WHEN is_closed AND outcome = 'upheld' THEN complaints ELSE none END) AS accepted,
        SUM(CASE WHEN is_closed AND outcome = 'partly_upheld' THEN complaints ELSE none END) AS partly,
        SUM(CASE WHEN is_closed AND outcome = 'rejected' THEN complaints ELSE none END) AS rejected,
        SUM(
            CASE
                WHEN
                    is_closed AND COALESCE(outcome, 'none') NOT IN ('upheld', 'partly_upheld', 'rejected')
                    THEN complaints
                ELSE none
            END
        ) AS otherwise,
        SUM(CASE WHEN NOT is_closed THEN complaints ELSE none END) AS pending,
        SUM(CASE WHEN NOT is_closed AND age = 'up to 15 days' THEN complaints ELSE none END) AS pending_15,
        SUM(CASE WHEN NOT is_closed AND age = '16 to 30 days' THEN complaints ELSE none END) AS pending_30,
        SUM(CASE WHEN NOT is_closed AND age = '31 to 90 days' THEN complaints ELSE none END) AS pending_90,
        SUM(CASE WHEN NOT is_closed AND age = 'over 90 days' THEN complaints ELSE none END) AS pending_later
    FROM flows
    GROUP BY subject
),
base AS (
    SELECT 'claims' AS subject, CASE WHEN s.has_claims THEN CAST(COALESCE(SUM(c.claims), 0) AS BIGINT) END AS cases
    FROM dim_return_supply AS s
    JOIN dim_return_period AS p
        ON p.return_period = s.return_period
    LEFT JOIN fct_claim_registered_cell AS c
        ON c.registered_interval >= p.first_interval
        AND c.registered_interval < p.end_interval
    WHERE p.return_period = 'year_from_april'
    GROUP BY s.has_claims
    UNION ALL
    SELECT 'policies', CAST(SUM(e.policies_issued) AS BIGINT)
    FROM dim_return_period AS p
    JOIN stg_exposure AS e
        ON e.month_start >= p.period_start
    WHERE p.return_period = 'year_from_april'
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    'company' AS geographic_level,
    h.branch_code,
    h.branch_name,
    c.subject,
    c.open_at_start AS open_at_start_count, c.opened AS additions_count,
    c.accepted AS fully_accepted_count,
    c.partly AS partly_accepted_count,
    c.rejected AS rejected_count,
    c.otherwise AS closed_otherwise_count,
    c.pending AS pending_count,
    c.pending_15 AS pending_up_to_15_days_count,
    c.pending_30 AS pending_16_to_30_days_count,
    c.pending_90 AS pending_31_to_90_days_count, c.pending_later AS pending_over_90_days_count,
    CAST(10000 * c.opened AS DOUBLE) / CAST(NULLIF(b.cases, 0) AS DOUBLE) AS additions_per_10000,
    b.cases AS base_amount
FROM counted AS c
CROSS JOIN dim_return_period AS p
CROSS JOIN dim_return_company AS h
LEFT JOIN base AS b
    ON b.subject = c.subject
WHERE p.return_period = 'year_from_april'
