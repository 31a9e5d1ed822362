/*
meaning = { zh = "回访的赔案不存在", en = "the call-back refers to an unknown claim" }
extracts = ["callbacks"]
needs = ["claims"]
columns = ["subject_id"]
column = "subject_id"
*/
SELECT {key} AS what
FROM callbacks AS r
ANTI JOIN claims AS c
    ON c.claim_id = r.subject_id
WHERE r.kind IN ('scene_report', 'closed_claim')
    AND r.subject_id IS NOT NULL
