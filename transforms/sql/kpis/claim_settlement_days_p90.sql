/*
title = { zh = "报案至结案周期（第90百分位）", en = "90th percentile of days to settlement" }
unit = "days"
scale = [1, 86400]
kind = "quantile"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
percentile = [9, 10]
numerator = { zh = "报案至结案天数的第90百分位（线性插值）", en = "90th percentile of the time from report to settlement, linear interpolation between neighbours" }
denominator = { zh = "期内正常结案件数", en = "claims settled in the period with outcome normal" }
excluded = { zh = "零结案、拒赔、注销、未决", en = "zero, rejected, cancelled and open claims" }
interval = "order"
source = "NAIC MCAS: median days to final payment; Excel PERCENTILE.INC"
version = 1
*/
SELECT
    settled_interval AS interval_id, branch_code, line, claim_group,
    settlement_seconds AS observation,
    COUNT(*) AS weight
FROM fct_claim
WHERE outcome = 'normal'
GROUP BY settled_interval, branch_code, line, claim_group, settlement_seconds
