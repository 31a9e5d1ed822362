/*
title = { zh = "投诉量", en = "Complaints" }
unit = "complaints"
scale = [1, 1]
kind = "count"
direction = "down"
segments = ["channel", "category"]
extracts = ["complaints"]
columns = ["complaints.received_at"]
numerator = { zh = "期内收到的投诉", en = "complaints received in the period" }
denominator = { zh = "无", en = "none" }
excluded = { zh = "无", en = "nothing" }
interval = "poisson"
source = "CN-CP-1: 投诉量(件)"
version = 1
*/
WITH received AS (
    SELECT branch_code, channel, category, received_interval, COUNT(*) AS complaints
    FROM fct_complaint
    GROUP BY branch_code, channel, category, received_interval
)
SELECT
    p.period_id,
    c.branch_code,
    c.channel,
    c.category,
    SUM(c.complaints) AS numerator,
    NULL AS denominator
FROM received AS c
JOIN dim_period AS p
    ON c.received_interval >= p.first_interval
    AND c.received_interval < p.end_interval
GROUP BY p.period_id, c.branch_code, c.channel, c.category
