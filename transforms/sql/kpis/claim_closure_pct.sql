/*
title = { zh = "结案率", en = "Claim closure rate" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
cases_per_row = 2
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
open_cases = true
numerator = { zh = "期内结案件数（不论报案日期与结案类型，重开后再结案另计）", en = "settlements in the period, whatever the report date or outcome; each settlement of a reopened claim counts" }
denominator = { zh = "期初未决 + 期内报案 + 期内重开", en = "claims open at the start + reported in the period + reopened in the period" }
excluded = { zh = "无", en = "nothing" }
interval = "wilson"
source = "CN-CL-4: 结案率（件数，存量加流量），机构考核口径"
version = 1
*/
SELECT period_id, branch_code, line, claim_group, settled AS numerator, open_at_start + begun AS denominator
FROM fct_claim_stock
