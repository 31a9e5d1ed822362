/*
title = { zh = "未决赔案", en = "Open claims" }
unit = "claims"
scale = [1, 1]
kind = "count"
direction = "none"
segments = ["line", "claim_group", "age"]
extracts = ["claims"]
columns = ["claims.reported_at", "claims.closed_at|claims.paid_at"]
open_cases = true
numerator = { zh = "期末未决件数（重开的赔案重新未决）", en = "claims open at the end of the period; a reopened claim is open again" }
denominator = { zh = "无", en = "none" }
excluded = { zh = "无", en = "nothing" }
interval = "none"
source = "CN-CT-10: 未决赔案；账龄自报案日至期末日，分段同 NAIC MCAS"
version = 1
*/
WITH spell AS (
    SELECT branch_code, line, claim_group, reported_date, reported_interval AS begun, first_settled_interval AS ended
    FROM fct_claim
    WHERE first_settled_interval IS NULL OR first_settled_interval > reported_interval
    UNION ALL
    SELECT branch_code, line, claim_group, reported_date, reopened_interval, second_settled_interval
    FROM fct_claim
    WHERE reopened_interval IS NOT NULL
),
finish AS (
    SELECT DISTINCT end_interval, period_end - 1 AS last_date FROM dim_period
),
aged AS (
    SELECT s.branch_code, s.line, s.claim_group, f.end_interval, days_between(s.reported_date, f.last_date) AS days
    FROM spell AS s
    JOIN finish AS f
        ON s.begun < f.end_interval
        AND (s.ended IS NULL OR s.ended >= f.end_interval)
),
banded AS (
    SELECT
        branch_code, line, claim_group, end_interval,
        CASE
            WHEN days <= 30 THEN '0-30'
            WHEN days <= 60 THEN '31-60'
            WHEN days <= 90 THEN '61-90'
            WHEN days <= 180 THEN '91-180'
            WHEN days <= 365 THEN '181-365'
            ELSE '>365'
        END AS age,
        COUNT(*) AS claims
    FROM aged
    GROUP BY branch_code, line, claim_group, end_interval, age
)
SELECT p.period_id, b.branch_code, b.line, b.claim_group, b.age, b.claims AS numerator, NULL AS denominator
FROM banded AS b
JOIN dim_period AS p
    ON p.end_interval = b.end_interval
