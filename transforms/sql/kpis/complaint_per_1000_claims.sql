/*
title = { zh = "千件赔案投诉量", en = "Complaints per 1,000 claims" }
unit = "per 1,000 claims"
scale = [1, 1]
kind = "rate"
direction = "down"
segments = []
extracts = ["complaints", "claims"]
columns = ["complaints.received_at", "complaints.claim_id|complaints.category", "claims.registered_at"]
numerator = { zh = "期内收到、关联赔案或类别为理赔的投诉", en = "complaints received in the period that name a claim or are about claims" }
denominator = { zh = "期内立案件数（千件）", en = "claims registered in the period, in thousands" }
excluded = { zh = "与理赔无关的投诉", en = "complaints about other things" }
interval = "poisson"
source = "CN-CO-11: 投诉率（千件，北京 2016）"
version = 1
*/
SELECT received_interval AS interval_id, branch_code, 1 AS numerator, CAST(0 AS DECIMAL(18, 3)) AS denominator
FROM fct_complaint
WHERE is_about_claim
UNION ALL
SELECT registered_interval, branch_code, 0, CAST(claims AS DECIMAL(15, 0)) * CAST(0.001 AS DECIMAL(4, 3))
FROM fct_claim_registered_cell
