/*
summary = "The whole calendar months inside each period for which the network has exposure: what is divided by exposure uses these."
kind = "table"
*/
WITH inside AS (
    SELECT DISTINCT p.period_id, e.month_start
    FROM dim_period AS p
    JOIN stg_exposure AS e
        ON e.month_start >= p.period_start
        AND e.month_end <= p.period_end
)
SELECT period_id, month_start, month_start = MAX(month_start) OVER (PARTITION BY period_id) AS is_last
FROM inside
