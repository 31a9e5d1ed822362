/*
meaning = { zh = "最新一行数据远早于数据日期", en = "the newest row is days older than the extract" }
*/
SELECT 'the newest row is of ' || d.newest_on || ', the extract of ' || d.extract_date AS what
FROM delivery AS d
CROSS JOIN limits AS l
WHERE d.newest_on < d.extract_date - CAST(l.newest_days AS INTEGER)
