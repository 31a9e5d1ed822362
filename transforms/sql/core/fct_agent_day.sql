/*
summary = "Days that each call-back agent worked, by interval, with the cases completed on them and the squares of each day's."
kind = "table"
*/
WITH dates AS (
    SELECT agent_id, dialled_date, completed_date, COUNT(*) AS cases
    FROM stg_callback
    WHERE agent_id IS NOT NULL
    GROUP BY agent_id, dialled_date, completed_date
),
-- A case that was completed on a day was dialled on it, whatever day it was dialled first.
worked AS (
    SELECT agent_id, dialled_date AS worked_date, 0 AS completed FROM dates
    WHERE dialled_date IS NOT NULL
    UNION ALL
    SELECT agent_id, completed_date, cases FROM dates
    WHERE completed_date IS NOT NULL
),
days AS (
    SELECT agent_id, interval_of(worked_date) AS interval_id, SUM(completed) AS completed
    FROM worked
    GROUP BY agent_id, worked_date
)
SELECT
    agent_id, interval_id,
    CAST(SUM(completed) AS BIGINT) AS completed,
    COUNT(*) AS days,
    CAST(SUM(completed * completed) AS BIGINT) AS squares
FROM days
GROUP BY agent_id, interval_id
