/*
summary = "Claims by the intervals of their registration and their latest settlement: the cohorts of registered claims."
kind = "table"
*/
SELECT
    branch_code, line, claim_group, outcome, registered_interval, settled_interval,
    COUNT(*) AS claims,
    CAST(COALESCE(SUM(paid_cents), 0) AS BIGINT) AS paid_cents
FROM fct_claim
WHERE registered_interval IS NOT NULL
GROUP BY branch_code, line, claim_group, outcome, registered_interval, settled_interval
