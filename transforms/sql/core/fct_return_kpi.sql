/*
summary = """Numerators and denominators of KPIs over the twelve months to as_of, per provincial branch, for the company, and of what is left:
the head office itself and what no branch of the tree accounts for. Null where the KPI is not available."""
kind = "table"
*/
WITH published AS (
    SELECT v.*
    FROM mart_kpi_value AS v
    JOIN dim_return_period AS p
        ON p.return_period = 'rolling12'
        AND v.period_kind = 'rolling12'
        AND v.period_start = p.period_start
        AND v.period_end = p.period_end
    WHERE v.branch_level IN ('head_office', 'province')
),
by_branch AS (
    SELECT
        CASE WHEN a.branch_level = 'head_office' THEN 'company' ELSE 'region' END AS geographic_level,
        a.branch_code, a.kpi_id,
        CASE WHEN s.claim_group IS NULL THEN 'all' ELSE s.claim_group END AS claim_group,
        -- A segment without cases has no row; it counts none.
        CASE WHEN a.state <> 'not_available' THEN COALESCE(c.numerator, 0) END AS numerator,
        CASE WHEN a.state <> 'not_available' THEN COALESCE(c.denominator, 0) END AS denominator
    FROM published AS a
    CROSS JOIN (
        SELECT 'all' AS claim_group
        UNION ALL
        SELECT 'small_non_injury'
    ) AS s
    LEFT JOIN published AS c
        ON c.kpi_id = a.kpi_id
        AND c.branch_code = a.branch_code
        AND c.segment_kind = CASE WHEN s.claim_group = 'all' THEN 'all' ELSE 'claim_group' END
        AND c.segment = s.claim_group
    WHERE a.segment_kind = 'all'
),
whole AS (
    SELECT geographic_level, branch_code, kpi_id, claim_group, numerator, denominator
    FROM by_branch
    UNION ALL
    SELECT
        'other', '(other)', kpi_id, claim_group,
        SUM(CASE WHEN geographic_level = 'company' THEN numerator ELSE -numerator END),
        SUM(CASE WHEN geographic_level = 'company' THEN denominator ELSE -denominator END)
    FROM by_branch
    GROUP BY kpi_id, claim_group
)
SELECT
    geographic_level, branch_code, kpi_id, claim_group,
    CAST(numerator AS BIGINT) AS numerator,
    CAST(denominator AS BIGINT) AS denominator
FROM whole
