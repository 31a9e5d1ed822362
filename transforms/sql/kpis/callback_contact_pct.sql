/*
title = { zh = "回访接通率", en = "Call-backs connected" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["kind"]
extracts = ["callbacks"]
cases_per_row = 1
columns = ["callbacks.first_dialled_at", "callbacks.connected_at"]
numerator = { zh = "其中接通的回访（按件，不按拨打次数）", en = "of these, connected (per case, not per dial)" }
denominator = { zh = "期内首次拨打的回访", en = "cases first dialled in the period" }
excluded = { zh = "未拨打的回访", en = "cases not dialled" }
interval = "wilson"
source = "CN-CB-4: 接通率，按件"
version = 1
*/
SELECT dialled_interval AS interval_id, branch_code, kind, connected AS numerator, cases AS denominator
FROM fct_callback_cell
WHERE dialled_interval IS NOT NULL
