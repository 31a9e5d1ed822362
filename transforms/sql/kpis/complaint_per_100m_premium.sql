/*
title = { zh = "亿元保费投诉量", en = "Complaints per 100m yuan of premium" }
unit = "per 100m yuan"
scale = [1, 1]
kind = "rate"
direction = "down"
segments = []
extracts = ["complaints", "exposure"]
columns = ["complaints.received_at", "exposure.premium"]
exposure = true
numerator = { zh = "期内整月收到、按口径设置计入的投诉（默认监管渠道；无渠道列则为全部）", en = "complaints received in the whole months of the period that count by policy (default: through the regulator; all of them where the extract has no channel)" }
denominator = { zh = "同样整月的保费（亿元）", en = "premium of the same months, in 100m yuan" }
excluded = { zh = "非整月、无业务量的月份、不计入的投诉", en = "months that are not whole or have no exposure; complaints that do not count" }
interval = "poisson"
source = "保监会 2012 年保险消费者投诉情况通报：亿元保费投诉量"
version = 1
*/
SELECT
    p.period_id, m.branch_code,
    SUM(m.complaints) AS numerator,
    CAST(SUM(m.premium) AS DECIMAL(28, 2)) * CAST(0.00000001 AS DECIMAL(9, 8)) AS denominator
FROM fct_complaint_month AS m
JOIN dim_period_month AS p
    ON p.month_start = m.month_start
GROUP BY p.period_id, m.branch_code
