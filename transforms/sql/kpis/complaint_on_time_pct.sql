/*
title = { zh = "投诉处理及时率", en = "Complaints handled on time" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["channel", "category"]
extracts = ["complaints"]
cases_per_row = 1
columns = ["complaints.received_at", "complaints.closed_at"]
open_cases = true
time_limits = true
numerator = { zh = "在时限日或之前办结", en = "complaints closed on or before their limit date" }
denominator = { zh = "时限日落在期内的投诉，无论是否办结", en = "complaints whose limit date falls in the period, closed or not" }
excluded = { zh = "时限未到的投诉", en = "complaints whose limit has not yet been reached" }
interval = "wilson"
source = "银保监会令2020年第3号 第二十条; rule set of the day of receipt in time_limits.toml"
version = 1
*/
SELECT
    limit_interval AS interval_id,
    branch_code,
    channel,
    category,
    CASE WHEN is_on_time THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM fct_complaint
WHERE limit_interval IS NOT NULL
