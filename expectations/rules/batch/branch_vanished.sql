/*
meaning = { zh = "近期每次都有数据的机构本次无数据", en = "a branch with rows in each of the latest deliveries has none" }
severity = "critical"
column = "branch_code"
*/
WITH usual AS (
    SELECT subject AS branch_code, COUNT(*) AS deliveries, MIN(amount) AS fewest, MAX(amount) AS most
    FROM former_measure
    WHERE subject_kind = 'branch'
    GROUP BY subject
)
SELECT
    u.branch_code
    || ' had '
    || u.fewest
    || ' to '
    || u.most
    || ' rows in each of the last '
    || u.deliveries
    || ' deliveries' AS what
FROM usual AS u
CROSS JOIN limits AS l
ANTI JOIN measure AS m
    ON m.subject_kind = 'branch'
    AND m.subject = u.branch_code
WHERE u.deliveries >= l.deliveries
    AND u.deliveries = (SELECT COUNT(*) FROM former_delivery)
    AND u.fewest >= l.vanished_rows
