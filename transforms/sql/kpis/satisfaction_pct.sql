/*
title = { zh = "客户满意度", en = "Customer satisfaction" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["kind"]
extracts = ["callbacks"]
columns = ["callbacks.completed_at", "callbacks.rating"]
numerator = { zh = "评价 4 或 5(满意、非常满意)", en = "ratings 4 or 5 (satisfied, very satisfied)" }
denominator = { zh = "期内完成且有评价的回访", en = "call-backs completed in the period with a rating" }
excluded = { zh = "未评价的回访", en = "call-backs without a rating" }
interval = "wilson"
source = "CN-CB-5: 客户满意度, 前两档 / 有效评价"
version = 1
*/
WITH completed AS (
    SELECT branch_code, kind, completed_interval, SUM(satisfied) AS satisfied, SUM(rated) AS rated
    FROM fct_callback_cell
    WHERE rated > 0
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
