/*
summary = "The provincial branch that each branch belongs to as the tree stands at as_of; a branch of the head office itself has none."
kind = "view"
*/
WITH latest AS (
    SELECT MAX(tree_id) AS tree_id FROM dim_period_tree
)
SELECT a.branch_code, MIN(a.ancestor_code) AS region_code
FROM dim_branch_ancestor AS a
JOIN latest AS l
    ON l.tree_id = a.tree_id
JOIN dim_branch_level AS v
    ON v.tree_id = a.tree_id
    AND v.branch_code = a.ancestor_code
WHERE v.level = 'province'
GROUP BY a.branch_code
