/*
meaning = { zh = "上级机构不在机构树中", en = "the parent branch is not in the tree" }
extracts = ["branches"]
columns = ["parent_code"]
column = "parent_code"
*/
SELECT r.branch_code AS what
FROM branches AS r
ANTI JOIN branches AS b
    ON b.branch_code = r.parent_code
WHERE r.parent_code IS NOT NULL
