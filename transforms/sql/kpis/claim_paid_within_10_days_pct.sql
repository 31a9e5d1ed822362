/*
title = { zh = "支付及时率", en = "Payments within ten days" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
columns = ["claims.approved_at", "claims.paid_at"]
open_cases = true
numerator = { zh = "核赔后 10 日内支付的件数（含第 10 日）", en = "paid within 10 days of approval, the tenth day included" }
denominator = { zh = "核赔日 + 10 日落在期内的赔案，无论是否支付", en = "claims whose approved date + 10 days falls in the period, paid or not" }
excluded = { zh = "零结案、拒赔、注销、期限未到的赔案", en = "zero, rejected and cancelled claims; claims whose limit has not yet been reached" }
interval = "wilson"
source = "CN-CT-12: 保险法第二十三条，达成协议后十日内支付"
version = 1
*/
SELECT limit_interval AS interval_id, branch_code, line, claim_group, on_time AS numerator, claims AS denominator
FROM fct_claim_limit
WHERE limit_name = 'paid'
