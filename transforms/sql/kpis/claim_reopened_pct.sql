/*
title = { zh = "赔案重开率", en = "Claims reopened" }
unit = "%"
scale = [100, 1]
kind = "rate"
direction = "down"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reopened_at", "claims.registered_at"]
numerator = { zh = "期内重开件数", en = "claims reopened in the period" }
denominator = { zh = "期内立案件数", en = "claims registered in the period" }
excluded = { zh = "无", en = "nothing" }
interval = "poisson"
source = "CN-CT-4: 赔案重开率（笔数）；保监会 2015 机动车保险理赔基础指标第1号"
version = 1
*/
SELECT reopening_interval AS interval_id, branch_code, line, claim_group, 1 AS numerator, 0 AS denominator
FROM fct_claim
WHERE reopening_interval IS NOT NULL
UNION ALL
SELECT registered_interval, branch_code, line, claim_group, 0, claims
FROM fct_claim_registered_cell
