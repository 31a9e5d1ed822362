/*
title = { zh = "赔案注销率", en = "Claims cancelled" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "none"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at", "claims.outcome"]
numerator = { zh = "期内注销件数", en = "claims settled in the period with outcome cancelled" }
denominator = { zh = "期内结案件数", en = "claims settled in the period" }
excluded = { zh = "未决", en = "open claims" }
interval = "wilson"
source = "CN-CT-6: 注销率，以同期结案为分母，不超过 100%"
version = 1
*/
SELECT
    settled_interval AS interval_id,
    branch_code,
    line,
    claim_group,
    CASE WHEN outcome = 'cancelled' THEN claims ELSE 0 END AS numerator,
    claims AS denominator
FROM fct_claim_settled
WHERE outcome IS NOT NULL
