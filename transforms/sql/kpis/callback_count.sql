/*
title = { zh = "回访量", en = "Call-backs" }
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
WITH dialled AS (
    SELECT branch_code, kind, dialled_interval, SUM(cases) AS cases
    FROM fct_callback_cell
    WHERE dialled_interval IS NOT NULL
    GROUP BY branch_code, kind, dialled_interval
)
SELECT
    p.period_id,
    d.branch_code,
    d.kind,
    SUM(d.cases) AS numerator,
    NULL AS denominator
FROM dialled AS d
JOIN dim_period AS p
    ON d.dialled_interval >= p.first_interval
    AND d.dialled_interval < p.end_interval
GROUP BY p.period_id, d.branch_code, d.kind
