/*
meaning = { zh = "与较早交付的文件内容完全相同", en = "byte for byte the same as a file delivered for an earlier day" }
*/
SELECT f.file_name || ' is ' || e.file_name || ' of ' || e.extract_date || ' again' AS what
FROM delivered_file AS f
CROSS JOIN delivery AS d
JOIN former_file AS e
    ON e.sha256 = f.sha256
-- A full extract of what seldom changes may well be the same every day.
WHERE d.delivery = 'delta'
