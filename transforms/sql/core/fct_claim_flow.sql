/*
summary = "Claims that came in (reported or reopened) and went out (settled, each time), by interval."
kind = "table"
*/
WITH movement AS (
    SELECT branch_code, line, claim_group, reported_interval AS interval_id, claims AS inflow, 0 AS settlements
    FROM fct_claim_cell
    UNION ALL
    SELECT branch_code, line, claim_group, reopened_interval, claims, 0
    FROM fct_claim_cell
    WHERE reopened_interval IS NOT NULL
    UNION ALL
    SELECT branch_code, line, claim_group, first_settled_interval, 0, claims
    FROM fct_claim_cell
    WHERE first_settled_interval IS NOT NULL
    UNION ALL
    SELECT branch_code, line, claim_group, second_settled_interval, 0, claims
    FROM fct_claim_cell
    WHERE second_settled_interval IS NOT NULL
)
SELECT
    branch_code,
    line,
    claim_group,
    interval_id,
    SUM(inflow) AS inflow,
    SUM(settlements) AS settlements
FROM movement
GROUP BY branch_code, line, claim_group, interval_id
