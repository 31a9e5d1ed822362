/*
title = { zh = "机构及时联系率", en = "Complainants already contacted by the branch" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["channel", "category"]
extracts = ["complaints", "callbacks"]
columns = ["complaints.branch_contacted_at", "callbacks.subject_id", "callbacks.connected_at"]
numerator = { zh = "接通时机构已联系客户", en = "of these, the branch had already contacted the customer when the call was connected" }
denominator = { zh = "期内接通的投诉回访", en = "complaint call-backs connected in the period" }
excluded = { zh = "未接通的投诉回访", en = "complaint call-backs not connected" }
interval = "wilson"
source = "CN-CO-14: 投诉后30分钟回访，核实机构是否已联系客户"
version = 1
*/
SELECT
    connected_interval AS interval_id, branch_code, channel, category,
    CASE WHEN is_contacted_before THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM fct_complaint_callback
WHERE connected_interval IS NOT NULL
