/*
title = { zh = "当期立案结案率", en = "Closure of claims registered in the period" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.registered_at", "claims.closed_at|claims.paid_at"]
open_cases = true
numerator = { zh = "其中期内结案的件数", en = "of these, settled in the period" }
denominator = { zh = "期内立案件数", en = "claims registered in the period" }
excluded = { zh = "无", en = "nothing" }
interval = "wilson"
source = "CN-CL-2: 立案结案率（当期）；保监会 2015 机动车保险理赔基础指标第1号"
version = 1
*/
SELECT
    p.period_id, c.branch_code, c.line, c.claim_group,
    SUM(
        CASE
            WHEN c.settled_interval >= p.first_interval AND c.settled_interval < p.end_interval THEN c.claims ELSE 0
        END
    ) AS numerator,
    SUM(c.claims) AS denominator
FROM fct_claim_registered_cell AS c
JOIN dim_period AS p
    ON c.registered_interval >= p.first_interval
    AND c.registered_interval < p.end_interval
GROUP BY p.period_id, c.branch_code, c.line, c.claim_group
