/*
meaning = { zh = "机构的上级关系形成循环", en = "the chain of parent branches leads back to the branch: of the totals above it only the head office's includes it" }
extracts = ["branches"]
columns = ["parent_code"]
column = "parent_code"
*/
WITH RECURSIVE above AS (
    SELECT branch_code, parent_code
    FROM branches
    WHERE parent_code IS NOT NULL
    UNION
    SELECT a.branch_code, b.parent_code
    FROM above AS a
    JOIN branches AS b
        ON b.branch_code = a.parent_code
    WHERE b.parent_code IS NOT NULL
)
SELECT branch_code AS what
FROM above
WHERE parent_code = branch_code
