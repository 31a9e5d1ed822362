/*
summary = "Normal claims with all four stamps by the interval of their payment: the three stages of one population."
kind = "table"
*/
SELECT
    branch_code, line, claim_group, staged_interval,
    COUNT(*) AS claims,
    CAST(SUM(documents_seconds) AS BIGINT) AS documents_seconds,
    CAST(SUM(CAST(documents_seconds AS DECIMAL(19, 0)) * CAST(documents_seconds AS DECIMAL(19, 0))) AS DECIMAL(38, 0))
        AS documents_squares,
    CAST(SUM(approval_seconds) AS BIGINT) AS approval_seconds,
    CAST(SUM(CAST(approval_seconds AS DECIMAL(19, 0)) * CAST(approval_seconds AS DECIMAL(19, 0))) AS DECIMAL(38, 0))
        AS approval_squares,
    CAST(SUM(payment_seconds) AS BIGINT) AS payment_seconds,
    CAST(SUM(CAST(payment_seconds AS DECIMAL(19, 0)) * CAST(payment_seconds AS DECIMAL(19, 0))) AS DECIMAL(38, 0))
        AS payment_squares
FROM fct_claim
WHERE staged_interval IS NOT NULL
GROUP BY branch_code, line, claim_group, staged_interval
