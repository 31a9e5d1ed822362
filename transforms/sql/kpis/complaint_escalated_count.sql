/*
title = { zh = "逐级督办件数", en = "Complaints escalated" }
unit = "complaints"
scale = [1, 1]
kind = "count"
direction = "none"
segments = ["channel", "category"]
extracts = ["complaints"]
columns = ["complaints.received_at", "complaints.escalation_level"]
numerator = { zh = "期内收到、督办级别大于 0 的投诉", en = "complaints received in the period with an escalation level above 0" }
denominator = { zh = "无", en = "none" }
excluded = { zh = "未督办的投诉", en = "complaints not escalated" }
interval = "poisson"
source = "2012: 逐级督办"
version = 1
*/
SELECT received_interval AS interval_id, branch_code, channel, category, 1 AS numerator, NULL AS denominator
FROM fct_complaint
WHERE is_escalated
