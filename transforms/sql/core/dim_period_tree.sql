/*
summary = "The tree that each period uses: that of its last day; before the first one known, the first."
kind = "table"
*/
SELECT
    p.period_id,
    COALESCE(MAX(t.tree_id), 1) AS tree_id
FROM dim_period AS p
LEFT JOIN dim_tree AS t
    ON t.valid_from < p.period_end
GROUP BY p.period_id
