/*
summary = "The company that a return is about: the head office."
kind = "view"
*/
SELECT MIN(branch_code) AS branch_code, MIN(name) AS branch_name
FROM dim_branch
WHERE branch_level = 'head_office'
