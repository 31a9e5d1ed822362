/*
title = { zh = "报案至结案周期", en = "Mean days to settlement" }
unit = "days"
scale = [1, 86400]
kind = "mean"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
numerator = { zh = "报案至结案的秒数之和", en = "seconds from report to settlement" }
denominator = { zh = "期内正常结案件数", en = "claims settled in the period with outcome normal" }
excluded = { zh = "零结案、拒赔、注销、未决", en = "zero, rejected, cancelled and open claims" }
interval = "t"
source = "CN-CY-1: 案均报案支付周期；保监发〔2015〕75号"
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
WHERE outcome = 'normal'
