/*
summary = "Stock and flow of each period: spells open at its start, begun in it (report or reopening), ended in it (a settlement, each time)."
kind = "table"
*/
WITH spell AS (
    SELECT
        branch_code, line, claim_group, reported_interval AS begun, first_settled_interval AS ended, COUNT(*) AS spells
    FROM fct_claim
    GROUP BY branch_code, line, claim_group, reported_interval, first_settled_interval
    UNION ALL
    SELECT branch_code, line, claim_group, reopened_interval, second_settled_interval, COUNT(*)
    FROM fct_claim
    WHERE reopened_interval IS NOT NULL
    GROUP BY branch_code, line, claim_group, reopened_interval, second_settled_interval
)
SELECT
    p.period_id, s.branch_code, s.line, s.claim_group,
    CAST(SUM(CASE WHEN s.begun < p.first_interval THEN s.spells ELSE 0 END) AS BIGINT) AS open_at_start,
    CAST(SUM(CASE WHEN s.begun >= p.first_interval THEN s.spells ELSE 0 END) AS BIGINT) AS begun,
    CAST(SUM(CASE WHEN s.ended < p.end_interval THEN s.spells ELSE 0 END) AS BIGINT) AS settled,
    CAST(SUM(CASE WHEN s.ended < p.end_interval AND s.begun < p.first_interval THEN s.spells ELSE 0 END) AS BIGINT)
        AS settled_of_open_at_start
FROM spell AS s
JOIN dim_period AS p
    ON s.begun < p.end_interval
    AND (s.ended IS NULL OR s.ended >= p.first_interval)
GROUP BY p.period_id, s.branch_code, s.line, s.claim_group
