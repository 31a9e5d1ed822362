/*
summary = "Complaints that count in ratios, premium and policies by branch and calendar month."
kind = "table"
*/
SELECT
    branch_code, received_month AS month_start,
    COUNT(*) AS complaints, CAST(0 AS DECIMAL(28, 2)) AS premium, 0 AS policies_issued, 0 AS policies_in_force
FROM fct_complaint
WHERE counts_in_ratio
GROUP BY branch_code, received_month
UNION ALL
SELECT
    branch_code, month_start,
    0,
    CAST(COALESCE(premium, 0) AS DECIMAL(28, 2)),
    CAST(COALESCE(policies_issued, 0) AS BIGINT),
    CAST(COALESCE(policies_in_force, 0) AS BIGINT)
FROM stg_exposure
