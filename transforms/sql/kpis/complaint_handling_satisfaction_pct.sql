/*
title = { zh = "投诉处理满意率", en = "Satisfaction with complaint handling" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["channel", "category"]
extracts = ["callbacks"]
columns = ["callbacks.completed_at", "callbacks.rating"]
numerator = { zh = "投诉回访评价 4 或 5", en = "complaint call-backs rated 4 or 5" }
denominator = { zh = "期内完成且有评价的投诉回访", en = "complaint call-backs completed in the period with a rating" }
excluded = { zh = "其他类型回访、未评价的回访", en = "other kinds of call-back, call-backs without a rating" }
interval = "wilson"
source = "CN-CB-5 on complaint call-backs: 投诉处理满意率"
version = 2
*/
SELECT
    completed_interval AS interval_id, branch_code, channel, category,
    CASE WHEN rating >= 4 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM fct_complaint_callback
WHERE completed_interval IS NOT NULL AND rating IS NOT NULL
