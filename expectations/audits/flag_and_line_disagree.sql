-- A branch is flagged exactly where its value lies outside of the line that a chart draws; on the line to the last bits it may be either.
SELECT
    l.kpi_id,
    l.period_kind,
    l.period_start,
    l.branch_level,
    l.branch_code,
    l.value,
    l.watch,
    f.watch_low,
    f.watch_high,
    l.act,
    f.act_low,
    f.act_high
FROM mart_league AS l
JOIN mart_funnel AS f
    ON f.kpi_id = l.kpi_id
    AND f.period_kind = l.period_kind
    AND f.period_start = l.period_start
    AND f.period_end = l.period_end
    AND f.branch_level = l.branch_level
    AND f.branch_code = l.branch_code
WHERE (l.watch AND l.value BETWEEN f.watch_low + 1e-9 * ABS(f.centre) AND f.watch_high - 1e-9 * ABS(f.centre))
    OR (NOT l.watch AND (l.value < f.watch_low - 1e-9 * ABS(f.centre) OR l.value > f.watch_high + 1e-9 * ABS(f.centre)))
    OR (l.act AND l.value BETWEEN f.act_low + 1e-9 * ABS(f.centre) AND f.act_high - 1e-9 * ABS(f.centre))
    OR (NOT l.act AND (l.value < f.act_low - 1e-9 * ABS(f.centre) OR l.value > f.act_high + 1e-9 * ABS(f.centre)))
    OR (l.act AND NOT l.watch)
