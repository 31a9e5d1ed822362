/*
meaning = { zh = "回访的投诉不存在", en = "the call-back refers to an unknown complaint" }
extracts = ["callbacks"]
needs = ["complaints"]
columns = ["subject_id"]
column = "subject_id"
*/
SELECT {key} AS what
FROM callbacks AS r
ANTI JOIN complaints AS c
    ON c.complaint_id = r.subject_id
WHERE r.kind = 'complaint'
    AND r.subject_id IS NOT NULL
