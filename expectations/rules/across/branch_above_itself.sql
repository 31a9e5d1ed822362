/*
meaning = { zh = "机构绕了一圈又成了自己的上级", en = "the branches above it lead back to the branch: no total above them holds it but that of the head office" }
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
