/*
title = { zh = "投诉属实率", en = "Complaints upheld" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "down"
segments = ["channel", "category"]
extracts = ["complaints"]
cases_per_row = 1
columns = ["complaints.closed_at", "complaints.outcome"]
numerator = { zh = "其中属实与部分属实的投诉", en = "of these, upheld or partly upheld" }
denominator = { zh = "期内办结、有结果且未撤诉的投诉", en = "complaints closed in the period with an outcome other than withdrawn" }
excluded = { zh = "撤诉、无处理结果、未办结的投诉", en = "withdrawn complaints, complaints without an outcome, open ones" }
interval = "wilson"
source = "FCA DISP 1.10.3G(2): 部分属实视为属实"
version = 1
*/
SELECT
    closed_interval AS interval_id, branch_code, channel, category,
    CASE WHEN outcome IN ('upheld', 'partly_upheld') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM fct_complaint
WHERE closed_interval IS NOT NULL AND outcome <> 'withdrawn'
