/*
meaning = { zh = "某列空值占比与近期明显不同", en = "a column is empty much more or less often than in recent deliveries" }
*/
WITH share AS (
    SELECT m.subject, m.extract_date, CAST(m.amount AS DOUBLE) / NULLIF(d.rows_accepted, 0) AS empty_share
    FROM former_measure AS m
    JOIN former_delivery AS d
        ON d.extract_date = m.extract_date
    WHERE m.subject_kind = 'empty'
),
usual AS (
    SELECT subject, COUNT(*) AS deliveries, MIN(empty_share) AS least, MAX(empty_share) AS most
    FROM share
    GROUP BY subject
),
present AS (
    SELECT m.subject, CAST(m.amount AS DOUBLE) / NULLIF(d.rows_accepted, 0) AS empty_share
    FROM measure AS m
    CROSS JOIN delivery AS d
    WHERE m.subject_kind = 'empty'
)
SELECT
    p.subject
    || ' is empty in '
    || CAST(100 * p.empty_share AS DECIMAL(5, 1))
    || ' % of the rows; in the last '
    || u.deliveries
    || ' deliveries '
    || CAST(100 * u.least AS DECIMAL(5, 1)) || ' to ' || CAST(100 * u.most AS DECIMAL(5, 1)) || ' %' AS what
FROM present AS p
JOIN usual AS u
    ON u.subject = p.subject
CROSS JOIN limits AS l
WHERE u.deliveries >= l.deliveries
    AND (p.empty_share < u.least - l.empty_share OR p.empty_share > u.most + l.empty_share)
