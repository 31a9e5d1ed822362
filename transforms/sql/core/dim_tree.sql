/*
summary = "The days from which the organisation tree changed: tree n holds from valid_from until the next."
kind = "table"
*/
SELECT
    CAST(ROW_NUMBER() OVER (ORDER BY valid_from) AS INTEGER) AS tree_id,
    valid_from
FROM (SELECT DISTINCT valid_from FROM stg_branch) AS changed
