/*
meaning = { zh = "上次交付有的列本次没有", en = "a column that the previous delivery had is missing: its cells are empty from now on" }
*/
SELECT m.subject || ' was in the delivery of ' || m.extract_date || ' and is not in this one' AS what
FROM former_measure AS m
ANTI JOIN measure AS p
    ON p.subject_kind = 'empty'
    AND p.subject = m.subject
WHERE m.subject_kind = 'empty'
    AND m.extract_date = (SELECT MAX(extract_date) FROM former_delivery)
