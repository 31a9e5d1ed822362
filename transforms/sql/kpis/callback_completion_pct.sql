/*
title = { zh = "回访成功率", en = "Call-backs completed" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["kind"]
extracts = ["callbacks"]
cases_per_row = 1
columns = ["callbacks.due_at", "callbacks.completed_at"]
numerator = { zh = "其中已完成的回访", en = "of these, completed" }
denominator = { zh = "期内应访的回访", en = "cases due in the period" }
excluded = { zh = "应访时间未到的回访", en = "cases not yet due" }
interval = "wilson"
source = "CN-CB-2: 回访成功率，成功件数 / 应访件数"
version = 1
*/
SELECT
    due_interval AS interval_id,
    branch_code,
    kind,
    CASE WHEN completed_interval IS NOT NULL THEN cases ELSE 0 END AS numerator,
    cases AS denominator
FROM fct_callback_cell
WHERE due_interval IS NOT NULL
