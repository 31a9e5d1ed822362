/*
title = { zh = "5日结案率", en = "Claims settled within 5 days" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
cases_per_row = 1
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
open_cases = true
numerator = { zh = "报案后 5 日内结案的件数（含第 5 日）", en = "settled within 5 days of the report, day 5 included" }
denominator = { zh = "报案日 + 5 日落在期内的赔案，无论是否结案", en = "claims whose reported date + 5 days falls in the period, settled or not" }
excluded = { zh = "注销赔案（分子分母均不含）、期限未到的赔案", en = "cancelled claims, in numerator and denominator; claims whose limit has not yet been reached" }
interval = "wilson"
source = "CN-CY-11: 5日结案率"
version = 1
*/
SELECT limit_interval AS interval_id, branch_code, line, claim_group, on_time AS numerator, claims AS denominator
FROM fct_claim_limit
WHERE limit_name = 'settled_5'
