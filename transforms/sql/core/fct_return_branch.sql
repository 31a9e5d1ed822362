/*
summary = """Complaints that count in ratios, and premium, of the calendar year to date: per provincial branch, of the head office itself
(with what no branch of the tree accounts for), and of the company. What has no province above it is counted on its own, not as a remainder."""
kind = "table"
*/
WITH period AS (
    SELECT * FROM dim_return_period
    WHERE return_period = 'year'
),
published AS (
    SELECT v.*
    FROM mart_kpi_value AS v
    JOIN period AS p
        ON v.period_kind = 'ytd'
        AND v.period_start = p.period_start
        AND v.period_end = p.period_end
    WHERE v.branch_level IN ('head_office', 'province')
),
counted AS (
    SELECT a.branch_code, a.branch_level, a.state, CAST(COALESCE(SUM(c.numerator), 0) AS BIGINT) AS complaints
    FROM published AS a
    CROSS JOIN dim_run AS r
    LEFT JOIN published AS c
        ON c.kpi_id = a.kpi_id
        AND c.branch_code = a.branch_code
        AND c.segment_kind = 'channel'
        AND c.segment IN (SELECT channel FROM dim_ratio_channel)
    WHERE a.segment_kind = 'all'
        AND a.kpi_id
        = CASE WHEN r.complaint_ratio_counts = 'valid' THEN 'complaint_valid_count' ELSE 'complaint_count' END
    GROUP BY a.branch_code, a.branch_level, a.state
),
by_branch AS (
    SELECT
        CASE WHEN c.branch_level = 'head_office' THEN 'company' ELSE 'region' END AS geographic_level,
        c.branch_code,
        CASE WHEN c.state <> 'not_available' THEN c.complaints END AS complaints,
        CAST(m.numerator AS BIGINT) AS month_complaints,
        m.denominator AS premium_100m
    FROM counted AS c
    LEFT JOIN published AS m
        ON m.kpi_id = 'complaint_per_100m_premium'
        AND m.branch_code = c.branch_code
        AND m.segment_kind = 'all'
),
company AS (
    SELECT
        MAX(CASE WHEN complaints IS NOT NULL THEN 1 ELSE 0 END) AS has_complaints,
        MAX(CASE WHEN premium_100m IS NOT NULL THEN 1 ELSE 0 END) AS has_premium
    FROM by_branch
    WHERE geographic_level = 'company'
),
own AS (
    SELECT COUNT(*) AS complaints
    FROM fct_complaint AS f
    CROSS JOIN period AS p
    LEFT JOIN dim_branch_region AS b
        ON b.branch_code = f.branch_code
    WHERE f.counts_in_ratio
        AND f.received_interval >= p.first_interval
        AND f.received_interval < p.end_interval
        AND b.region_code IS NULL
),
own_month AS (
    SELECT COALESCE(SUM(m.complaints), 0) AS complaints, COALESCE(SUM(m.premium), 0) AS premium
    FROM fct_complaint_month AS m
    CROSS JOIN period AS p
    JOIN dim_period AS q
        ON q.period_kind = 'ytd'
        AND q.period_start = p.period_start
        AND q.period_end = p.period_end
    JOIN dim_period_month AS d
        ON d.period_id = q.period_id
        AND d.month_start = m.month_start
    LEFT JOIN dim_branch_region AS b
        ON b.branch_code = m.branch_code
    WHERE b.region_code IS NULL
)
SELECT
    geographic_level, branch_code, complaints, month_complaints, CAST(premium_100m AS DECIMAL(38, 10)) AS premium_100m
FROM by_branch
UNION ALL
SELECT
    'other', '(other)',
    CASE WHEN c.has_complaints = 1 THEN o.complaints END,
    CASE WHEN c.has_premium = 1 THEN CAST(m.complaints AS BIGINT) END,
    CASE
        WHEN
            c.has_premium = 1
            THEN CAST(CAST(m.premium AS DECIMAL(28, 2)) * CAST(0.00000001 AS DECIMAL(9, 8)) AS DECIMAL(38, 10))
    END
FROM own AS o
CROSS JOIN own_month AS m
CROSS JOIN company AS c
