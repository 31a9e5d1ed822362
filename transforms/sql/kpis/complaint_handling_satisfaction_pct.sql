/*
title = { zh = "投诉处理满意率", en = "Satisfaction with complaint handling" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["kind"]
extracts = ["callbacks"]
columns = ["callbacks.completed_at", "callbacks.rating"]
numerator = { zh = "投诉回访评价 4 或 5", en = "complaint call-backs rated 4 or 5" }
denominator = { zh = "期内完成且有评价的投诉回访", en = "complaint call-backs completed in the period with a rating" }
excluded = { zh = "其他类型回访、未评价的回访", en = "other kinds of call-back, call-backs without a rating" }
interval = "wilson"
source = "CN-CB-5 on complaint call-backs: 投诉处理满意率"
version = 1
*/
WITH completed AS (
    SELECT branch_code, kind, completed_interval, SUM(satisfied) AS satisfied, SUM(rated) AS rated
    FROM fct_callback_cell
    WHERE kind = 'complaint' AND rated > 0
    GROUP BY branch_code, kind, completed_interval
)
SELECT
    p.period_id,
    c.branch_code,
    c.kind,
    SUM(c.satisfied) AS numerator,
    SUM(c.rated) AS denominator
FROM completed AS c
JOIN dim_period AS p
    ON c.completed_interval >= p.first_interval
    AND c.completed_interval < p.end_interval
GROUP BY p.period_id, c.branch_code, c.kind
