/*
meaning = { zh = "行数超出近期交付的范围", en = "far fewer or far more rows than in recent deliveries" }
severity = "critical"
*/
WITH usual AS (
    SELECT COUNT(*) AS deliveries, MIN(rows_read) AS fewest, MAX(rows_read) AS most
    FROM former_delivery
)
SELECT d.rows_read || ' rows; the last ' || u.deliveries || ' deliveries had ' || u.fewest || ' to ' || u.most AS what
FROM delivery AS d
CROSS JOIN usual AS u
CROSS JOIN limits AS l
WHERE u.deliveries >= l.deliveries
    AND (d.rows_read < l.fewest_share * u.fewest OR d.rows_read > l.most_share * u.most)
