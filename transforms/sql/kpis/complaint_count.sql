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
source = "CN-CO-1: 投诉量（件）"
version = 1
*/
SELECT received_interval AS interval_id, branch_code, channel, category, 1 AS numerator, NULL AS denominator
FROM fct_complaint
