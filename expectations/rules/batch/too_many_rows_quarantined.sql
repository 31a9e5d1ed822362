/*
meaning = { zh = "暂扣行占比过高", en = "more of its rows would be quarantined than policy allows" }
severity = "critical"
*/
SELECT
    d.rows_quarantined || ' of ' || (d.rows_read - d.rows_skipped) || ' rows would be quarantined, more than '
    || CAST(100 * l.quarantined_share AS DECIMAL(5, 1)) || ' %' AS what
FROM delivery AS d
CROSS JOIN limits AS l
WHERE d.rows_read - d.rows_skipped >= l.quarantined_rows
    AND d.rows_quarantined > l.quarantined_share * (d.rows_read - d.rows_skipped)
