/*
title = { zh = "客户满意度", en = "Customer satisfaction" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["kind"]
extracts = ["callbacks"]
cases_per_row = 1
columns = ["callbacks.completed_at", "callbacks.rating"]
numerator = { zh = "评价 4 或 5（满意、非常满意）", en = "ratings 4 or 5 (satisfied, very satisfied)" }
denominator = { zh = "期内完成且有评价的回访", en = "call-backs completed in the period with a rating" }
excluded = { zh = "未评价的回访", en = "call-backs without a rating" }
interval = "wilson"
source = "CN-CB-5: 客户满意度，前两档 / 有效评价"
version = 1
*/
SELECT completed_interval AS interval_id, branch_code, kind, satisfied AS numerator, rated AS denominator
FROM fct_callback_cell
WHERE completed_interval IS NOT NULL
