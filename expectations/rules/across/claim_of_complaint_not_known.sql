/*
meaning = { zh = "投诉所指赔案不存在", en = "the complaint refers to an unknown claim" }
extracts = ["complaints"]
needs = ["claims"]
columns = ["claim_id"]
column = "claim_id"
*/
SELECT {key} AS what
FROM complaints AS r
ANTI JOIN claims AS c
    ON c.claim_id = r.claim_id
WHERE r.claim_id IS NOT NULL
