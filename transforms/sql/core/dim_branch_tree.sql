/*
summary = "Every branch in every tree that a period uses; before its first valid_from a branch is where that row puts it."
kind = "table"
*/
WITH used AS (
    SELECT DISTINCT t.tree_id, t.valid_from
    FROM dim_tree AS t
    WHERE t.tree_id IN (SELECT tree_id FROM dim_period_tree)
),
ordered AS (
    SELECT
        u.tree_id,
        b.*,
        ROW_NUMBER() OVER (
            PARTITION BY u.tree_id, b.branch_code
            ORDER BY
                CASE WHEN b.valid_from <= u.valid_from THEN 0 ELSE 1 END,
                CASE WHEN b.valid_from <= u.valid_from THEN b.valid_from END DESC,
                b.valid_from
        ) AS preference
    FROM used AS u
    CROSS JOIN stg_branch AS b
)
SELECT tree_id, branch_code, name, parent_code, level, region, opened_on, closed_on
FROM ordered
WHERE preference = 1
