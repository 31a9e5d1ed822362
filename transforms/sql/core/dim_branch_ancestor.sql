/*
summary = "Where a row of a branch counts: for the branch itself, each branch above it, and always the head office."
kind = "table"
*/
WITH RECURSIVE above AS (
    SELECT tree_id, branch_code, branch_code AS ancestor_code, parent_code, 0 AS depth
    FROM dim_branch_tree
    UNION ALL
    SELECT a.tree_id, a.branch_code, b.branch_code, b.parent_code, a.depth + 1
    FROM above AS a
    JOIN dim_branch_tree AS b
        ON b.tree_id = a.tree_id
        AND b.branch_code = a.parent_code
    -- A tree that bites its own tail must not run for ever.
    WHERE a.depth < 12
)
SELECT tree_id, branch_code, ancestor_code, MIN(depth) AS depth
FROM (
    SELECT tree_id, branch_code, ancestor_code, depth FROM above
    UNION ALL
    SELECT b.tree_id, b.branch_code, h.branch_code, 12
    FROM dim_branch_tree AS b
    JOIN dim_branch_tree AS h
        ON h.tree_id = b.tree_id
        AND h.level = 'head_office'
        AND h.parent_code IS NULL
) AS counted
GROUP BY tree_id, branch_code, ancestor_code
