/*
title = { zh = "存量结案率", en = "Closure of claims open at start" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
open_cases = true
numerator = { zh = "期初未决中期内结案的件数", en = "of these, settled in the period" }
denominator = { zh = "期初未决件数", en = "claims open at the start of the period" }
excluded = { zh = "期内报案、期内重开", en = "claims reported or reopened in the period" }
interval = "wilson"
source = "CN-CL-3: 立案结案率（存量）"
version = 1
*/
SELECT period_id, branch_code, line, claim_group, settled_of_open_at_start AS numerator, open_at_start AS denominator
FROM fct_claim_stock
WHERE open_at_start > 0
