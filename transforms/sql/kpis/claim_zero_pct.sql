/*
title = { zh = "零结案率", en = "Claims settled at zero" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "none"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at", "claims.outcome"]
numerator = { zh = "期内零结案件数", en = "claims settled in the period with outcome zero" }
denominator = { zh = "期内结案件数", en = "claims settled in the period" }
excluded = { zh = "未决", en = "open claims" }
interval = "wilson"
source = "CN-CT-5: 零赔付结案率；保监会 2015 机动车保险理赔基础指标第1号"
version = 1
*/
SELECT
    settled_interval AS interval_id,
    branch_code,
    line,
    claim_group,
    CASE WHEN outcome = 'zero' THEN claims ELSE 0 END AS numerator,
    claims AS denominator
FROM fct_claim_settled
WHERE outcome IS NOT NULL
