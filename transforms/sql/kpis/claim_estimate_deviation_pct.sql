/*
title = { zh = "估损偏差率", en = "Deviation of the first estimate" }
unit = "%"
scale = [100, 1]
kind = "ratio"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at", "claims.first_estimate", "claims.paid_amount"]
numerator = { zh = "首次估损与赔款之差的绝对值之和（元）", en = "absolute differences between the first estimate and the paid amount, in yuan" }
denominator = { zh = "同一批赔案的赔款之和（元）", en = "paid amounts of the same claims, in yuan" }
excluded = { zh = "零结案、拒赔、注销、未决、缺任一金额的赔案", en = "zero, rejected, cancelled and open claims, claims without both amounts" }
interval = "none"
source = "CN-CT-7: 估损偏差率（绝对）"
version = 1
*/
SELECT
    settled_interval AS interval_id, branch_code, line, claim_group,
    CAST(deviation_cents AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS numerator,
    CAST(estimated_cents AS DECIMAL(18, 0)) * CAST(0.01 AS DECIMAL(3, 2)) AS denominator
FROM fct_claim_settled
WHERE outcome = 'normal'
