/*
summary = "NAIC complaint index: a branch's share of complaints over its share of premium; per provincial branch and for the company."
kind = "table"
*/
WITH whole AS (
    SELECT month_complaints, premium_100m FROM fct_return_branch
    WHERE geographic_level = 'company'
),
shared AS (
    SELECT
        f.*,
        CAST(100 * f.month_complaints AS DOUBLE) / CAST(NULLIF(w.month_complaints, 0) AS DOUBLE) AS complaints_share,
        100 * CAST(f.premium_100m AS DOUBLE) / CAST(NULLIF(w.premium_100m, 0) AS DOUBLE) AS premium_share
    FROM fct_return_branch AS f
    CROSS JOIN whole AS w
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    s.geographic_level,
    s.branch_code,
    COALESCE(b.name, s.branch_code) AS branch_name,
    s.complaints_share / NULLIF(s.premium_share, 0) AS complaint_index,
    s.complaints_share AS complaints_share_percent,
    s.premium_share AS premium_share_percent,
    s.month_complaints AS complaints_count,
    s.premium_100m AS premium_100m_amount
FROM shared AS s
CROSS JOIN dim_return_period AS p
LEFT JOIN dim_branch AS b
    ON b.branch_code = s.branch_code
WHERE p.return_period = 'year'
