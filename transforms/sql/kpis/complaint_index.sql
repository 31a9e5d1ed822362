/*
title = { zh = "投诉指数", en = "Complaint index" }
unit = "1 = as the network"
scale = [1, 1]
kind = "index"
direction = "down"
segments = []
extracts = ["complaints", "exposure"]
columns = ["complaints.received_at", "exposure.premium"]
exposure = true
numerator = { zh = "期内整月收到、按口径设置计入的投诉（默认监管渠道；无渠道列则为全部）", en = "complaints received in the whole months of the period that count by policy (default: through the regulator; all of them where the extract has no channel)" }
denominator = { zh = "按全系统平均水平的期望投诉量 = 本机构保费 × 全系统投诉量 / 全系统保费（列出十位小数，指标值按未舍入值计算）", en = "complaints expected at the network's rate = the branch's premium × network complaints / network premium (shown to ten decimals; the value is formed from the unrounded one)" }
excluded = { zh = "非整月、无业务量的月份、不计入的投诉", en = "months that are not whole or have no exposure; complaints that do not count" }
interval = "poisson"
source = "NAIC complaint index: 投诉份额 / 保费份额，1.00 为相称"
version = 2
*/
SELECT
    p.period_id, m.branch_code,
    SUM(m.complaints) AS numerator,
    SUM(m.premium) AS denominator
FROM fct_complaint_month AS m
JOIN dim_period_month AS p
    ON p.month_start = m.month_start
GROUP BY p.period_id, m.branch_code
