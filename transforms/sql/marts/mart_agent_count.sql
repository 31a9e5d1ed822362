/*
summary = "What each call-back agent did in each published period that the call-backs cover from its first day on."
kind = "table"
*/
SELECT
    p.period_kind, p.period_start, p.period_end,
    -- Text again, not a position in a list of values (engine.compact): of no agents that list would be empty.
    CAST(a.measure_id AS STRING) AS measure_id,
    CAST(a.agent_id AS STRING) AS agent_id,
    CAST(a.kind AS STRING) AS kind,
    CAST(SUM(a.numerator) AS DECIMAL(28, 4)) AS numerator,
    CAST(SUM(a.denominator) AS BIGINT) AS denominator,
    CAST(SUM(a.squares) AS DECIMAL(38, 8)) AS squares
FROM fct_agent_cell AS a
JOIN dim_period AS p
    ON p.first_interval <= a.interval_id
    AND p.end_interval > a.interval_id
JOIN dim_kpi_run AS k
    ON k.kpi_id = 'callback_completion_pct'
    AND k.history_from <= p.period_start
WHERE p.is_published
GROUP BY a.measure_id, p.period_kind, p.period_start, p.period_end, a.agent_id, a.kind
