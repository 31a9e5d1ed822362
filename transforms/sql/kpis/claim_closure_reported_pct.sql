/*
title = { zh = "报案结案率", en = "Closure of claims reported in the period" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
cases_per_row = 1
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
open_cases = true
numerator = { zh = "其中期内结案的件数", en = "of these, settled in the period" }
denominator = { zh = "期内报案件数", en = "claims reported in the period" }
excluded = { zh = "注销赔案（分子分母均不含）", en = "cancelled claims, in numerator and denominator" }
interval = "wilson"
source = "CN-CL-6: 广西 2022 车险服务指标，报案当年结案"
version = 1
*/
WITH cell AS (
    SELECT branch_code, line, claim_group, reported_interval, settled_interval, COUNT(*) AS claims
    FROM fct_claim
    WHERE outcome IS NULL OR outcome <> 'cancelled'
    GROUP BY branch_code, line, claim_group, reported_interval, settled_interval
)
SELECT
    p.period_id, c.branch_code, c.line, c.claim_group,
    SUM(CASE WHEN c.settled_interval < p.end_interval THEN c.claims ELSE 0 END) AS numerator,
    SUM(c.claims) AS denominator
FROM cell AS c
JOIN dim_period AS p
    ON c.reported_interval >= p.first_interval
    AND c.reported_interval < p.end_interval
GROUP BY p.period_id, c.branch_code, c.line, c.claim_group
