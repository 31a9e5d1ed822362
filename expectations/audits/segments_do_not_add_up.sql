-- The segments of a KPI add up to all of it; a case may have several issues or none.
WITH added AS (
    SELECT
        kpi_id,
        period_kind,
        period_start,
        period_end,
        branch_code,
        segment_kind,
        SUM(numerator) AS numerator,
        SUM(denominator) AS denominator
    FROM mart_kpi_value
    WHERE segment_kind NOT IN ('all', 'issue')
    GROUP BY kpi_id, period_kind, period_start, period_end, branch_code, segment_kind
)
SELECT a.*, v.numerator AS numerator_all, v.denominator AS denominator_all
FROM added AS a
JOIN mart_kpi_value AS v
    ON v.kpi_id = a.kpi_id
    AND v.period_kind = a.period_kind
    AND v.period_start = a.period_start
    AND v.period_end = a.period_end
    AND v.branch_code = a.branch_code
    AND v.segment_kind = 'all'
WHERE v.state NOT IN ('not_available')
    AND (a.numerator <> v.numerator OR a.denominator <> v.denominator)
