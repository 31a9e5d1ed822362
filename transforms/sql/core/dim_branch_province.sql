/*
summary = "The province that each branch below one belongs to, in each published period."
kind = "table"
*/
SELECT p.period_kind, p.period_start, p.period_end, a.branch_code, MIN(a.ancestor_code) AS province_code
FROM dim_period AS p
JOIN dim_period_tree AS t
    ON t.period_id = p.period_id
JOIN dim_branch_ancestor AS a
    ON a.tree_id = t.tree_id
    AND a.branch_code <> a.ancestor_code
JOIN dim_branch_level AS v
    ON v.tree_id = t.tree_id
    AND v.branch_code = a.ancestor_code
WHERE p.is_published AND v.level = 'province'
GROUP BY p.period_kind, p.period_start, p.period_end, a.branch_code
