/*
summary = "The organisation tree as delivered, one row per branch and the day from which it holds; one head office on top."
kind = "table"
*/
WITH met AS (
    SELECT branch_code FROM stg_claim
    UNION
    SELECT branch_code FROM stg_callback
    UNION
    SELECT branch_code FROM stg_complaint
    UNION
    SELECT branch_code FROM stg_exposure
),
delivered AS (
    SELECT
        branch_code, name, parent_code, level, region, opened_on, closed_on,
        COALESCE(valid_from, DATE '0001-01-01') AS valid_from
    FROM branches
),
head AS (
    SELECT COALESCE(
        (
            SELECT MIN(branch_code) FROM delivered
            WHERE level = 'head_office'
        ),
        (
            SELECT MIN(branch_code) FROM delivered
            WHERE parent_code IS NULL
            HAVING COUNT(DISTINCT branch_code) = 1
        ),
        'HQ'
    ) AS branch_code
)
-- Without a branches extract every code met is a provincial branch under one head office (kpi-spec, section 1).
SELECT
    d.branch_code, d.name,
    CASE WHEN d.branch_code <> h.branch_code THEN COALESCE(d.parent_code, h.branch_code) END AS parent_code,
    CASE WHEN d.branch_code = h.branch_code THEN 'head_office' ELSE d.level END AS level,
    d.region, d.opened_on, d.closed_on, d.valid_from
FROM delivered AS d
CROSS JOIN head AS h
UNION ALL
SELECT m.branch_code, m.branch_code, h.branch_code, 'province', NULL, NULL, NULL, DATE '0001-01-01'
FROM met AS m
CROSS JOIN head AS h
WHERE NOT EXISTS (SELECT 1 FROM delivered) AND m.branch_code <> h.branch_code
UNION ALL
SELECT h.branch_code, h.branch_code, NULL, 'head_office', NULL, NULL, NULL, DATE '0001-01-01'
FROM head AS h
WHERE NOT EXISTS (
        SELECT 1 FROM delivered AS d
        WHERE d.branch_code = h.branch_code
    )
UNION ALL
SELECT '(unknown)', '(unknown)', MAX(h.branch_code), 'unknown', NULL, NULL, NULL, DATE '0001-01-01'
FROM met AS m
CROSS JOIN head AS h
WHERE EXISTS (SELECT 1 FROM delivered) AND m.branch_code NOT IN (SELECT branch_code FROM delivered)
HAVING COUNT(*) > 0
