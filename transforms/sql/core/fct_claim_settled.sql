/*
summary = "Claims by the interval of their latest settlement: one pass serves every KPI of settled claims."
kind = "table"
*/
SELECT
    branch_code, line, claim_group, outcome, settled_interval,
    COUNT(*) AS claims,
    CAST(SUM(settlement_seconds) AS BIGINT) AS settlement_seconds,
    -- Squares of seconds leave 64 bits at a century: they are decimals.
    CAST(
        SUM(CAST(settlement_seconds AS DECIMAL(19, 0)) * CAST(settlement_seconds AS DECIMAL(19, 0))) AS DECIMAL(38, 0)
    ) AS settlement_squares,
    CAST(COALESCE(SUM(ABS(first_estimate_cents - paid_cents)), 0) AS BIGINT) AS deviation_cents,
    CAST(COALESCE(SUM(CASE WHEN first_estimate_cents IS NOT NULL THEN paid_cents END), 0) AS BIGINT) AS estimated_cents
FROM fct_claim
WHERE settled_interval IS NOT NULL
GROUP BY branch_code, line, claim_group, outcome, settled_interval
