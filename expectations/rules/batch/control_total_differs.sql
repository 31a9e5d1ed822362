/*
meaning = { zh = "与控制文件的合计不符", en = "the file does not match its control file" }
severity = "critical"
*/
SELECT
    c.file_name
    || ': '
    || c.measure
    || ' is '
    || COALESCE(CAST(t.amount AS VARCHAR), 'not in the file')
    || ', its control file says '
    || c.expected AS what
FROM control AS c
LEFT JOIN file_total AS t
    ON t.file_name = c.file_name
    AND t.measure = c.measure
WHERE t.amount IS DISTINCT FROM c.expected
