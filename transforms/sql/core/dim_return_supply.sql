/*
summary = "Whether the flows of claims and of complaints are known for each return period: the extract is there, and its history reaches back."
kind = "view"
*/
SELECT
    p.return_period,
    MAX(
        CASE
            WHEN k.kpi_id = 'claim_closure_pct' AND k.reason IS NULL AND k.history_from <= p.period_start THEN 1 ELSE 0
        END
    )
    = 1 AS has_claims,
    MAX(
        CASE
            WHEN k.kpi_id = 'complaint_count' AND k.reason IS NULL AND k.history_from <= p.period_start THEN 1 ELSE 0
        END
    )
    = 1 AS has_complaints
FROM dim_return_period AS p
CROSS JOIN dim_kpi_run AS k
GROUP BY p.return_period
