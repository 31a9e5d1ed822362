/*
title = { zh = "回访件数", en = "Call-backs" }
unit = "calls"
scale = [1, 1]
kind = "count"
direction = "none"
segments = ["kind"]
extracts = ["callbacks"]
columns = ["callbacks.first_dialled_at"]
numerator = { zh = "期内首次拨打的回访", en = "cases first dialled in the period" }
denominator = { zh = "无", en = "none" }
excluded = { zh = "未拨打的回访", en = "cases not dialled" }
interval = "none"
source = "CN-CB-1: 回访量"
version = 1
*/
SELECT dialled_interval AS interval_id, branch_code, kind, cases AS numerator, NULL AS denominator
FROM fct_callback_cell
WHERE dialled_interval IS NOT NULL
