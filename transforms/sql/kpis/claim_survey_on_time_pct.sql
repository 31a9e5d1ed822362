/*
title = { zh = "查勘及时率", en = "Surveys on time" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "up"
segments = ["line", "claim_group"]
extracts = ["claims"]
cases_per_row = 1
columns = ["claims.reported_at", "claims.surveyed_at"]
numerator = { zh = "查勘到场不晚于时限", en = "surveyor on the scene by the limit, the limit included" }
denominator = { zh = "时限（约定时间，无约定则报案时间，加口径设置的分钟数）落在期内的赔案", en = "claims whose limit (the agreed time, else the report, plus the policy's minutes) falls in the period" }
excluded = { zh = "注销赔案（分子分母均不含）、时限未到的赔案", en = "cancelled claims, in numerator and denominator; claims whose limit has not yet been reached" }
interval = "wilson"
source = "CN-CT-11: 查勘及时率；重庆 2012 查勘服务标准"
version = 1
*/
SELECT limit_interval AS interval_id, branch_code, line, claim_group, on_time AS numerator, claims AS denominator
FROM fct_claim_limit
WHERE limit_name = 'surveyed'
