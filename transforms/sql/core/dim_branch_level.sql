/*
summary = "The level of every branch in every tree: as delivered, else by its depth."
kind = "table"
*/
SELECT
    b.tree_id,
    b.branch_code,
    COALESCE(b.level, CASE COUNT(*) WHEN 2 THEN 'province' WHEN 3 THEN 'central' ELSE 'sub' END) AS level
FROM dim_branch_tree AS b
JOIN dim_branch_ancestor AS a
    ON a.tree_id = b.tree_id
    AND a.branch_code = b.branch_code
GROUP BY b.tree_id, b.branch_code, b.level
