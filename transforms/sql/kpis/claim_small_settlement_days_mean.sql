/*
title = { zh = "小额非人伤结案周期", en = "Mean days to settlement, small claims without injury" }
unit = "days"
scale = [1, 86400]
kind = "mean"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at", "claims.has_injury", "claims.paid_amount"]
numerator = { zh = "报案至结案的秒数之和", en = "seconds from report to settlement" }
denominator = { zh = "期内正常结案的小额（限额见口径设置）非人伤件数", en = "claims without injury settled in the period with outcome normal and a paid amount up to the small limit (policy)" }
excluded = { zh = "零结案、拒赔、注销、未决", en = "zero, rejected, cancelled and open claims" }
interval = "t"
source = "CN-CY-9: 小额案件结案周期，3,000 元及以下非人伤"
version = 1
*/
SELECT
    settled_interval AS interval_id,
    branch_code,
    line,
    claim_group,
    settlement_seconds AS numerator,
    claims AS denominator,
    settlement_squares AS squares
FROM fct_claim_settled
WHERE outcome = 'normal' AND claim_group = 'small_non_injury'
