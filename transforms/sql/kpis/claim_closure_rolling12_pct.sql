/*
title = { zh = "滚动12个月立案结案率", en = "Closure of claims registered in twelve months" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.registered_at", "claims.closed_at|claims.paid_at", "claims.outcome"]
open_cases = true
looks_back = true
numerator = { zh = "其中在此十二个月内结案的件数", en = "of these, settled within the same twelve months" }
denominator = { zh = "截至期末十二个月内立案件数", en = "claims registered within the twelve months to the end of the period" }
excluded = { zh = "零结案与注销（分子分母均不含）", en = "zero and cancelled claims, in numerator and denominator" }
interval = "wilson"
source = "CN-CL-1: 江西省保险行业协会 车险理赔指标，注1"
version = 1
*/
SELECT
    p.period_id, c.branch_code, c.line, c.claim_group,
    SUM(
        CASE
            WHEN
                c.settled_interval >= p.year_first_interval AND c.settled_interval < p.end_interval
                THEN c.claims
            ELSE 0
        END
    ) AS numerator,
    SUM(c.claims) AS denominator
FROM fct_claim_registered_cell AS c
JOIN dim_period AS p
    ON c.registered_interval >= p.year_first_interval
    AND c.registered_interval < p.end_interval
WHERE c.outcome IS NULL OR c.outcome NOT IN ('zero', 'cancelled')
GROUP BY p.period_id, c.branch_code, c.line, c.claim_group
