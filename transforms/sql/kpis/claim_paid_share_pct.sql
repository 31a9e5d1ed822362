/*
title = { zh = "获赔率", en = "Claims paid" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "none"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at", "claims.outcome"]
numerator = { zh = "期内正常结案件数", en = "claims settled in the period with outcome normal" }
denominator = { zh = "期内正常结案与拒赔件数", en = "claims settled in the period with outcome normal or rejected" }
excluded = { zh = "零结案、注销、未决", en = "zero, cancelled and open claims" }
interval = "wilson"
source = "CN-CT-9: 理赔获赔率；保监发〔2015〕75号"
version = 1
*/
SELECT
    settled_interval AS interval_id,
    branch_code,
    line,
    claim_group,
    CASE WHEN outcome = 'normal' THEN claims ELSE 0 END AS numerator,
    claims AS denominator
FROM fct_claim_settled
WHERE outcome IN ('normal', 'rejected')
