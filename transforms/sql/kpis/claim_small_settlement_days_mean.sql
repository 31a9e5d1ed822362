/*
title = { zh = "小额非人伤结案周期", en = "Settlement cycle of small claims without injury, mean" }
unit = "days"
scale = [1, 86400]
kind = "mean"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at", "claims.has_injury", "claims.paid_amount"]
numerator = { zh = "报案至结案的秒数之和", en = "seconds from report to settlement" }
denominator = { zh = "期内正常结案的小额(含限额)非人伤件数", en = "claims without injury settled in the period with outcome normal and a paid amount up to and including the small limit" }
excluded = { zh = "零结案、拒赔、注销、未决", en = "zero, rejected, cancelled and open claims" }
interval = "none"
source = "CN-CY-9: 小额案件结案周期, 3,000 元及以下非人伤"
version = 1
*/
WITH settled AS (
    SELECT branch_code, line, claim_group, settled_interval, SUM(settlement_seconds) AS seconds, SUM(claims) AS claims
    FROM fct_claim_cell
    WHERE outcome = 'normal' AND claim_group = 'small_non_injury'
    GROUP BY branch_code, line, claim_group, settled_interval
)
SELECT
    p.period_id,
    s.branch_code,
    s.line,
    s.claim_group,
    SUM(s.seconds) AS numerator,
    SUM(s.claims) AS denominator
FROM settled AS s
JOIN dim_period AS p
    ON s.settled_interval >= p.first_interval
    AND s.settled_interval < p.end_interval
GROUP BY p.period_id, s.branch_code, s.line, s.claim_group
