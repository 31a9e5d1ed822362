/*
title = { zh = "投诉30分钟回访率", en = "Complainants called within 30 minutes" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["channel", "category"]
extracts = ["complaints", "callbacks"]
columns = ["complaints.received_at", "callbacks.subject_id", "callbacks.first_dialled_at"]
numerator = { zh = "投诉回访最早一次拨打不晚于收到后 30 分钟", en = "of these, first dialled within 30 minutes, the limit included" }
denominator = { zh = "收到后 30 分钟落在期内的投诉，无论是否回访", en = "complaints whose 30 minutes end in the period, called or not" }
excluded = { zh = "时限未到的投诉", en = "complaints whose limit has not yet been reached" }
interval = "wilson"
source = "CN-CO-14: 投诉后30分钟回访，大地保险 95590"
version = 1
*/
SELECT
    callback_limit_interval AS interval_id, branch_code, channel, category,
    CASE WHEN is_called_back_on_time THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM fct_complaint
