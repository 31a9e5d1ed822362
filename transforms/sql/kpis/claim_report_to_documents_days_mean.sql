/*
title = { zh = "报案理算周期", en = "Mean days, report to complete documents" }
unit = "days"
scale = [1, 86400]
kind = "mean"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.documents_complete_at", "claims.approved_at", "claims.paid_at"]
numerator = { zh = "报案至单证齐全的秒数之和", en = "seconds from report to complete documents" }
denominator = { zh = "期内支付、四个时点齐全的正常赔案件数", en = "claims paid in the period with outcome normal and all four time stamps" }
excluded = { zh = "零结案、拒赔、注销、未决、缺任一时点的赔案", en = "zero, rejected, cancelled and open claims, claims without all four time stamps" }
interval = "t"
source = "CN-CY-2: 案均报案理算周期；保监会 2015 机动车保险理赔基础指标第1号"
version = 1
*/
SELECT
    staged_interval AS interval_id,
    branch_code,
    line,
    claim_group,
    documents_seconds AS numerator,
    claims AS denominator,
    documents_squares AS squares
FROM fct_claim_staged
