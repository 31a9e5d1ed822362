/*
title = { zh = "回访及时率", en = "Call-backs on time" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["kind"]
extracts = ["callbacks"]
cases_per_row = 1
columns = ["callbacks.due_at", "callbacks.first_dialled_at"]
numerator = { zh = "首次拨打不晚于应访时间", en = "first dialled at or before the due time" }
denominator = { zh = "期内应访的回访，无论是否拨打", en = "cases due in the period, dialled or not" }
excluded = { zh = "应访时间未到的回访", en = "cases not yet due" }
interval = "wilson"
source = "CN-CB-3: 回访及时率"
version = 1
*/
SELECT due_interval AS interval_id, branch_code, kind, on_time AS numerator, cases AS denominator
FROM fct_callback_cell
WHERE due_interval IS NOT NULL
