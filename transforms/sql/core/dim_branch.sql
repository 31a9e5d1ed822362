/*
summary = "The branches as the tree stands at as_of."
kind = "table"
*/
WITH latest AS (
    SELECT MAX(tree_id) AS tree_id FROM dim_period_tree
)
SELECT
    b.branch_code,
    b.name,
    b.parent_code,
    v.level AS branch_level,
    b.region,
    b.opened_on,
    b.closed_on
FROM dim_branch_tree AS b
JOIN latest AS l
    ON l.tree_id = b.tree_id
JOIN dim_branch_level AS v
    ON v.tree_id = b.tree_id
    AND v.branch_code = b.branch_code
ORDER BY b.branch_code
