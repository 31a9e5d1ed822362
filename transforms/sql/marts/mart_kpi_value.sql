/*
summary = "One row per KPI, period, branch and segment; for segment `all` the full grid, so that absence is stated. Intervals are added behind it."
kind = "table"
*/
WITH exposed AS (
    SELECT DISTINCT period_id FROM dim_period_month
),
-- A cell and its counterpart of the year before, side by side, and the full grid for segment `all`: one grouping instead of two joins.
side AS (
    SELECT
        r.kpi_id, r.period_id, r.branch_code, r.segment_kind, r.segment,
        r.numerator, r.denominator, NULL AS numerator_prior, NULL AS denominator_prior, 1 AS is_due
    FROM kpi_rollup AS r
    JOIN dim_period AS p
        ON p.period_id = r.period_id
        AND p.is_published
    UNION ALL
    SELECT r.kpi_id, p.period_id, r.branch_code, r.segment_kind, r.segment, NULL, NULL, r.numerator, r.denominator, 0
    FROM kpi_rollup AS r
    JOIN dim_period AS p
        ON p.year_earlier_id = r.period_id
    UNION ALL
    SELECT k.kpi_id, p.period_id, b.branch_code, 'all', 'all', NULL, NULL, NULL, NULL, 1
    FROM dim_kpi_run AS k
    CROSS JOIN dim_period AS p
    CROSS JOIN dim_branch AS b
    WHERE p.is_published
),
cell AS (
    SELECT
        kpi_id, period_id, branch_code, segment_kind, segment,
        SUM(numerator) AS numerator,
        SUM(denominator) AS denominator,
        SUM(numerator_prior) AS numerator_prior,
        SUM(denominator_prior) AS denominator_prior
    FROM side
    GROUP BY kpi_id, period_id, branch_code, segment_kind, segment
    HAVING MAX(is_due) = 1
),
counted AS (
    SELECT
        c.kpi_id, c.branch_code, c.segment_kind, c.segment,
        p.period_kind, p.period_start, p.period_end,
        k.is_count, k.unit, k.scale_up, k.scale_down,
        b.level AS branch_level,
        CASE
            WHEN k.reason IS NOT NULL THEN k.reason
            WHEN p.period_start < k.history_from THEN 'the period begins before the extract does (' || CAST(k.history_from AS VARCHAR) || ')'
            WHEN k.divides_by_exposure AND e.period_id IS NULL THEN 'no whole month of the period has exposure'
        END AS missing_reason,
        CASE
            WHEN k.extract_as_of < d.as_of AND p.period_end > k.extract_as_of + 1
                THEN 'the latest extract is of ' || CAST(k.extract_as_of AS VARCHAR)
        END AS stale_reason,
        COALESCE(c.numerator, 0) AS numerator,
        CASE WHEN k.is_count THEN NULL ELSE COALESCE(c.denominator, 0) END AS denominator,
        c.numerator_prior,
        c.denominator_prior,
        before.period_start >= k.history_from AS has_prior
    FROM cell AS c
    CROSS JOIN dim_run AS d
    JOIN dim_kpi_run AS k
        ON k.kpi_id = c.kpi_id
    JOIN dim_period AS p
        ON p.period_id = c.period_id
    JOIN dim_period_tree AS t
        ON t.period_id = c.period_id
    JOIN dim_branch_level AS b
        ON b.tree_id = t.tree_id
        AND b.branch_code = c.branch_code
    LEFT JOIN dim_period AS before
        ON before.period_id = p.year_earlier_id
    LEFT JOIN exposed AS e
        ON e.period_id = c.period_id
),
valued AS (
    SELECT
        *,
        CASE
            WHEN missing_reason IS NOT NULL THEN NULL
            WHEN is_count THEN CAST(numerator AS DOUBLE)
            ELSE CAST(numerator * scale_up AS DOUBLE) / NULLIF(CAST(denominator * scale_down AS DOUBLE), 0)
        END AS value,
        CASE
            WHEN NOT has_prior THEN NULL
            WHEN is_count THEN CAST(COALESCE(numerator_prior, 0) AS DOUBLE)
            ELSE CAST(numerator_prior * scale_up AS DOUBLE) / NULLIF(CAST(denominator_prior * scale_down AS DOUBLE), 0)
        END AS value_prior_year
    FROM counted
)
SELECT
    kpi_id,
    period_kind,
    period_start,
    period_end,
    branch_code,
    branch_level,
    segment_kind,
    segment,
    CASE WHEN missing_reason IS NULL THEN numerator END AS numerator,
    CASE WHEN missing_reason IS NULL THEN denominator END AS denominator,
    value,
    value_prior_year,
    -- Two shares differ by percentage points, anything else in per cent (kpi-spec, section 2).
    CASE WHEN unit = '%' THEN value - value_prior_year ELSE 100 * (value - value_prior_year) / NULLIF(value_prior_year, 0) END AS change_prior_year,
    CASE
        WHEN missing_reason IS NOT NULL THEN 'not_available'
        WHEN value IS NULL THEN 'no_cases'
        WHEN stale_reason IS NOT NULL THEN 'stale'
        ELSE 'ok'
    END AS state,
    CASE
        WHEN missing_reason IS NOT NULL THEN missing_reason
        WHEN value IS NULL THEN 'no cases in the period'
        ELSE stale_reason
    END AS reason
FROM valued
