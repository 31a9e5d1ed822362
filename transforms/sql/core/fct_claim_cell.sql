/*
summary = "Claims counted by what every claims KPI needs of them: one pass over the claims serves all periods and KPIs."
kind = "table"
*/
SELECT
    branch_code,
    line,
    claim_group,
    outcome,
    reported_interval,
    first_settled_interval,
    reopened_interval,
    second_settled_interval,
    COALESCE(second_settled_interval, first_settled_interval) AS settled_interval,
    COUNT(*) AS claims,
    SUM(settlement_seconds) AS settlement_seconds
FROM fct_claim
GROUP BY
    branch_code, line, claim_group, outcome,
    reported_interval, first_settled_interval, reopened_interval, second_settled_interval
