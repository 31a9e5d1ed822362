/*
meaning = { zh = "机构不在机构树中", en = "the branch is not in the tree: the row counts for the head office and for (unknown)" }
extracts = ["claims", "callbacks", "complaints", "exposure"]
needs = ["branches"]
column = "branch_code"
*/
SELECT {key} AS what
FROM {extract} AS r
ANTI JOIN branches AS b
    ON b.branch_code = r.branch_code
