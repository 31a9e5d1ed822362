/*
summary = "China complaint bulletin: complaints, rank and share; per 100m yuan of premium and rank; per provincial branch and for the company."
kind = "table"
*/
WITH formed AS (
    SELECT
        *,
        CAST(month_complaints AS DOUBLE) / CAST(NULLIF(premium_100m, 0) AS DOUBLE) AS ratio
    FROM fct_return_branch
),
ranked AS (
    SELECT
        branch_code,
        ROW_NUMBER() OVER (ORDER BY complaints DESC, ratio DESC NULLS LAST, branch_code) AS complaints_rank,
        ROW_NUMBER() OVER (ORDER BY ratio DESC, complaints DESC, branch_code) AS ratio_rank
    FROM formed
    WHERE geographic_level = 'region' AND complaints IS NOT NULL
),
company AS (
    SELECT complaints FROM formed
    WHERE geographic_level = 'company'
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    f.geographic_level,
    f.branch_code,
    COALESCE(b.name, f.branch_code) AS branch_name,
    f.complaints AS complaints_count,
    k.complaints_rank,
    CAST(100 * f.complaints AS DOUBLE) / CAST(NULLIF(c.complaints, 0) AS DOUBLE) AS complaints_share_percent,
    f.ratio AS complaints_per_100m_premium,
    CASE WHEN f.ratio IS NOT NULL THEN k.ratio_rank END AS complaints_per_100m_premium_rank,
    f.month_complaints AS complaints_whole_months_count,
    f.premium_100m AS premium_100m_amount
FROM formed AS f
CROSS JOIN dim_return_period AS p
CROSS JOIN company AS c
LEFT JOIN ranked AS k
    ON k.branch_code = f.branch_code
LEFT JOIN dim_branch AS b
    ON b.branch_code = f.branch_code
WHERE p.return_period = 'year'
