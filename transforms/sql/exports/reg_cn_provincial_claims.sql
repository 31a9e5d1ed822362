/*
summary = "Provincial claims indicators: closure and cycle of twelve months, of all claims and of small ones; the total is pooled."
kind = "table"
*/
WITH spread AS (
    SELECT
        geographic_level, branch_code,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' AND claim_group = 'all' THEN numerator END) AS settled,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' AND claim_group = 'all' THEN denominator END)
            AS registered,
        MAX(CASE WHEN kpi_id = 'claim_settlement_days_mean' AND claim_group = 'all' THEN numerator END) AS seconds,
        MAX(CASE WHEN kpi_id = 'claim_settlement_days_mean' AND claim_group = 'all' THEN denominator END) AS paid,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' AND claim_group <> 'all' THEN numerator END)
            AS small_settled,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' AND claim_group <> 'all' THEN denominator END)
            AS small_registered,
        MAX(CASE WHEN kpi_id = 'claim_small_settlement_days_mean' AND claim_group = 'all' THEN numerator END)
            AS small_seconds,
        MAX(CASE WHEN kpi_id = 'claim_small_settlement_days_mean' AND claim_group = 'all' THEN denominator END)
            AS small_paid
    FROM fct_return_kpi
    GROUP BY geographic_level, branch_code
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    s.geographic_level,
    s.branch_code,
    COALESCE(b.name, s.branch_code) AS branch_name,
    CAST(100 * s.settled AS DOUBLE) / CAST(NULLIF(s.registered, 0) AS DOUBLE) AS closure_percent,
    CAST(s.seconds AS DOUBLE) / CAST(NULLIF(86400 * s.paid, 0) AS DOUBLE) AS cycle_days,
    CAST(100 * CASE WHEN s.small_paid IS NOT NULL THEN s.small_settled END AS DOUBLE)
    / CAST(NULLIF(s.small_registered, 0) AS DOUBLE)
        AS small_closure_percent,
    CAST(s.small_seconds AS DOUBLE) / CAST(NULLIF(86400 * s.small_paid, 0) AS DOUBLE) AS small_cycle_days,
    s.registered AS registered_count,
    s.settled AS registered_settled_count,
    s.paid AS paid_count,
    CAST(s.seconds AS DOUBLE) / 86400 AS days_to_payment_amount,
    -- Where it is not known who was hurt, small claims cannot be counted.
    CASE WHEN s.small_paid IS NOT NULL THEN s.small_registered END AS small_registered_count,
    CASE WHEN s.small_paid IS NOT NULL THEN s.small_settled END AS small_registered_settled_count,
    s.small_paid AS small_paid_count,
    CAST(s.small_seconds AS DOUBLE) / 86400 AS small_days_to_payment_amount
FROM spread AS s
CROSS JOIN dim_return_period AS p
LEFT JOIN dim_branch AS b
    ON b.branch_code = s.branch_code
WHERE p.return_period = 'rolling12'
