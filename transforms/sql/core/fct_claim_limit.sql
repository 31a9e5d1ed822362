/*
summary = """Claims by the interval in which a time limit of theirs falls: how many were on time, whether they were done early, late or not
at all. A limit that is still to come is in the interval after as_of."""
kind = "table"
*/
SELECT
    branch_code, line, claim_group, 'settled_5' AS limit_name, limit_5_interval AS limit_interval,
    COUNT(*) AS claims, COUNT(CASE WHEN settled_days <= 5 THEN 1 END) AS on_time
FROM fct_claim
WHERE outcome IS NULL OR outcome <> 'cancelled'
GROUP BY branch_code, line, claim_group, limit_5_interval
UNION ALL
SELECT
    branch_code,
    line,
    claim_group,
    'settled_10',
    limit_10_interval,
    COUNT(*),
    COUNT(CASE WHEN settled_days <= 10 THEN 1 END)
FROM fct_claim
WHERE outcome IS NULL OR outcome <> 'cancelled'
GROUP BY branch_code, line, claim_group, limit_10_interval
UNION ALL
SELECT
    branch_code,
    line,
    claim_group,
    'settled_30',
    limit_30_interval,
    COUNT(*),
    COUNT(CASE WHEN settled_days <= 30 THEN 1 END)
FROM fct_claim
WHERE outcome IS NULL OR outcome <> 'cancelled'
GROUP BY branch_code, line, claim_group, limit_30_interval
UNION ALL
SELECT
    branch_code,
    line,
    claim_group,
    'surveyed',
    survey_limit_interval,
    COUNT(*),
    COUNT(CASE WHEN is_survey_on_time THEN 1 END)
FROM fct_claim
WHERE outcome IS NULL OR outcome <> 'cancelled'
GROUP BY branch_code, line, claim_group, survey_limit_interval
UNION ALL
SELECT
    branch_code,
    line,
    claim_group,
    'paid',
    payment_limit_interval,
    COUNT(*),
    COUNT(CASE WHEN is_payment_on_time THEN 1 END)
FROM fct_claim
WHERE payment_limit_interval IS NOT NULL AND (outcome IS NULL OR outcome = 'normal')
GROUP BY branch_code, line, claim_group, payment_limit_interval
