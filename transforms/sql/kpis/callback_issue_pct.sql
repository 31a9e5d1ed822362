/*
title = { zh = "客户意见占比", en = "Call-backs with an issue" }
unit = "%"
scale = [100, 1]
kind = "share"
direction = "down"
segments = ["kind", "issue"]
extracts = ["callbacks"]
columns = ["callbacks.completed_at", "callbacks.reported_issue"]
of_all = ["issue"]
numerator = { zh = "其中客户反映问题的回访（按问题细分时为该问题）", en = "of these, with an issue (by issue: with that one)" }
denominator = { zh = "期内完成的回访（按问题细分时分母不变）", en = "call-backs completed in the period (the same ones for every issue)" }
excluded = { zh = "未完成的回访", en = "call-backs not completed" }
interval = "wilson"
source = "2012: 客户意见占比"
version = 1
*/
SELECT
    completed_interval AS interval_id,
    branch_code,
    kind,
    issue,
    CASE WHEN issue IS NOT NULL THEN cases ELSE 0 END AS numerator,
    cases AS denominator
FROM fct_callback_cell
WHERE completed_interval IS NOT NULL
