/*
meaning = { zh = "事件发生时机构尚未开业或已撤销", en = "the branch was not open on the day the case began" }
extracts = ["claims", "complaints"]
needs = ["branches"]
column = "branch_code"
*/
WITH bounded AS (
    SELECT
        branch_code,
        MIN(opened_on) AS opened_on,
        CASE WHEN COUNT(closed_on) = COUNT(*) THEN MAX(closed_on) END AS closed_on
    FROM branches
    GROUP BY branch_code
    HAVING MIN(opened_on) IS NOT NULL OR COUNT(closed_on) = COUNT(*)
)
SELECT {key} AS what
FROM {extract} AS r
JOIN bounded AS b
    ON b.branch_code = r.branch_code
WHERE CAST(civil(r.{moment}) AS DATE) < b.opened_on
    OR CAST(civil(r.{moment}) AS DATE) > b.closed_on
