/*
title = { zh = "万张保单投诉量", en = "Complaints per 10,000 policies" }
unit = "per 10k policies"
scale = [1, 1]
kind = "rate"
direction = "down"
segments = []
extracts = ["complaints", "exposure"]
columns = ["complaints.received_at", "exposure.policies_issued|exposure.policies_in_force"]
exposure = true
numerator = { zh = "期内整月收到、按口径设置计入的投诉（默认监管渠道；无渠道列则为全部）", en = "complaints received in the whole months of the period that count by policy (default: through the regulator; all of them where the extract has no channel)" }
denominator = { zh = "同样整月签发的保单（万张）；按口径设置可为最后一个整月末有效保单", en = "policies issued in the same months, in tens of thousands (by policy: in force at the end of the last of them)" }
excluded = { zh = "非整月、无业务量的月份、不计入的投诉", en = "months that are not whole or have no exposure; complaints that do not count" }
interval = "poisson"
source = "CN-CO-4: 万张保单投诉量"
version = 1
*/
SELECT
    p.period_id, m.branch_code,
    SUM(m.complaints) AS numerator,
    CAST(
        SUM(
            CASE
                WHEN r.policy_denominator = 'issued' THEN m.policies_issued WHEN
                    p.is_last
                    THEN m.policies_in_force
                ELSE 0
            END
        ) AS DECIMAL(18, 0)
    ) * CAST(0.0001 AS DECIMAL(5, 4)) AS denominator
FROM fct_complaint_month AS m
JOIN dim_period_month AS p
    ON p.month_start = m.month_start
CROSS JOIN dim_run AS r
GROUP BY p.period_id, m.branch_code
