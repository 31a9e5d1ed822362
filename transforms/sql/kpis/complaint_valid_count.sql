/*
title = { zh = "有效投诉量", en = "Valid complaints" }
unit = "complaints"
scale = [1, 1]
kind = "count"
direction = "down"
segments = ["channel", "category"]
extracts = ["complaints"]
columns = ["complaints.received_at", "complaints.is_valid"]
numerator = { zh = "期内收到的有效投诉", en = "valid complaints received in the period" }
denominator = { zh = "无", en = "none" }
excluded = { zh = "无效投诉、未判定的投诉", en = "complaints not marked valid" }
interval = "poisson"
source = "CN-CO-2: 有效投诉；2012: 零有效投诉，金华中心支公司"
version = 1
*/
SELECT received_interval AS interval_id, branch_code, channel, category, 1 AS numerator, NULL AS denominator
FROM fct_complaint
WHERE is_valid
