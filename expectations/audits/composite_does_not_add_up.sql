-- A composite's score is what its parts add up to, and its rank lies within its ranges.
WITH added AS (
    SELECT
        composite_id, period_kind, period_start, period_end, branch_code,
        100 * SUM(points) / SUM(CASE WHEN points IS NOT NULL THEN weight END) AS score
    FROM mart_composite_part
    GROUP BY composite_id, period_kind, period_start, period_end, branch_code
)
SELECT
    c.composite_id,
    c.period_kind,
    c.period_start,
    c.branch_code,
    c.score,
    a.score AS added_up,
    c.rank,
    c.rank_low,
    c.rank_high
FROM mart_composite AS c
LEFT JOIN added AS a
    ON a.composite_id = c.composite_id
    AND a.period_kind = c.period_kind
    AND a.period_start = c.period_start
    AND a.period_end = c.period_end
    AND a.branch_code = c.branch_code
WHERE COALESCE(ABS(c.score - a.score) > 0.000001, c.score IS NOT NULL OR a.score IS NOT NULL)
    OR c.rank NOT BETWEEN c.rank_low AND c.rank_high
    OR c.rank NOT BETWEEN c.rank_weights_low AND c.rank_weights_high
