/*
title = { zh = "金额结案率", en = "Claim closure rate by amount" }
unit = "%"
scale = [100, 1]
kind = "ratio"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.registered_at", "claims.closed_at|claims.paid_at", "claims.paid_amount", "claims.first_estimate"]
open_cases = true
numerator = { zh = "期内立案、正常且期内结案的赔款（元）", en = "paid amount of claims registered in the period and settled in it with outcome normal, in yuan" }
denominator = { zh = "上述赔款 + 期内立案、期末未决的估损（元；截至日仍未决的用当前未决估损，否则用首次估损）", en = "the above + estimates of claims registered in the period and open at its end, in yuan (the outstanding estimate where still open at as_of, else the first one)" }
excluded = { zh = "零结案、拒赔、注销、期外立案", en = "zero, rejected and cancelled claims, claims registered outside the period" }
interval = "none"
source = "CN-CL-7: 金额结案率；保监会 2015 机动车保险理赔基础指标第1号"
version = 1
*/
WITH paid AS (
    SELECT branch_code, line, claim_group, registered_interval, settled_interval, SUM(paid_cents) AS cents
    FROM fct_claim_registered_cell
    WHERE outcome = 'normal'
    GROUP BY branch_code, line, claim_group, registered_interval, settled_interval
),
moved AS (
    SELECT p.period_id, c.branch_code, c.line, c.claim_group, c.cents AS paid, 0 AS estimated
    FROM paid AS c
    JOIN dim_period AS p
        ON c.registered_interval >= p.first_interval
        AND c.registered_interval < p.end_interval
        AND c.settled_interval >= p.first_interval
        AND c.settled_interval < p.end_interval
    UNION ALL
    SELECT p.period_id, e.branch_code, e.line, e.claim_group, 0, e.cents
    FROM fct_claim_estimate_cell AS e
    JOIN dim_period AS p
        ON e.registered_interval >= p.first_interval
        AND e.registered_interval < p.end_interval
        AND e.begun < p.end_interval
        AND (e.ended IS NULL OR e.ended >= p.end_interval)
)
SELECT
    period_id, branch_code, line, claim_group,
    CAST(SUM(paid) AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS numerator,
    CAST(SUM(paid + estimated) AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS denominator
FROM moved
GROUP BY period_id, branch_code, line, claim_group
