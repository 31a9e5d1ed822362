/*
summary = "FCA complaints return (DISP 1 Annex 1R) of the half year: flow, closing within 3 business days and 8 weeks, upheld, per 1,000 policies in force."
kind = "table"
*/
WITH in_force AS (
    SELECT COALESCE(e.line, '(missing)') AS line, CAST(SUM(e.policies_in_force) AS BIGINT) AS policies
    FROM exposure AS e
    JOIN (
        -- In force at the end: of the last whole month of the half year that has exposure.
        SELECT MAX(x.month_start) AS month_start
        FROM stg_exposure AS x
        JOIN dim_return_period AS p
            ON p.return_period = 'half_year'
            AND x.month_start >= p.period_start
    ) AS l
        ON CAST(date_trunc('month', e.month) AS DATE) = l.month_start
    GROUP BY COALESCE(e.line, '(missing)')
),
lines AS (
    SELECT line FROM fct_return_complaint
    WHERE return_period = 'half_year'
    UNION
    SELECT line FROM in_force
    UNION
    SELECT 'Total'
),
flows AS (
    SELECT
        n.line, c.is_opened, c.is_closed, c.is_within_3_business_days, c.is_within_8_weeks, c.outcome,
        -- Where complaints are not known, a sum of nulls is null; where they are, nothing counts as 0.
        CASE WHEN s.has_complaints THEN COALESCE(c.complaints, 0) END AS complaints,
        CASE WHEN s.has_complaints THEN 0 END AS none
    FROM dim_return_supply AS s
    CROSS JOIN lines AS n
    LEFT JOIN fct_return_complaint AS c
        ON c.return_period = s.return_period
        AND (c.line = n.line OR n.line = 'Total')
    WHERE s.return_period = 'half_year'
),
counted AS (
    SELECT
        line,
        SUM(CASE WHEN NOT is_opened THEN complaints ELSE none END) AS open_at_start,
        SUM(CASE WHEN is_opened THEN complaints ELSE none END) AS opened,
        SUM(CASE WHEN is_closed AND is_within_3_business_days THEN complaints ELSE none END) AS closed_early,
        SUM(CASE WHEN is_closed AND NOT is_within_3_business_days AND is_within_8_weeks THEN complaints ELSE none END)
            AS closed_in_time,
        SUM(
            CASE
                WHEN is_closed AND NOT is_within_3_business_days AND NOT is_within_8_weeks THEN complaints ELSE none
            END
        ) AS closed_late,
        SUM(CASE WHEN is_closed THEN complaints ELSE none END) AS closed,
        SUM(CASE WHEN is_closed AND outcome IN ('upheld', 'partly_upheld') THEN complaints ELSE none END) AS upheld,
        SUM(CASE WHEN NOT is_closed THEN complaints ELSE none END) AS open_at_end
    FROM flows
    GROUP BY line
),
insured AS (
    SELECT line, policies FROM in_force
    UNION ALL
    SELECT 'Total', CAST(SUM(policies) AS BIGINT) FROM in_force
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    'company' AS geographic_level,
    h.branch_code,
    h.branch_name,
    c.line,
    c.open_at_start AS open_at_start_count,
    c.opened AS opened_count,
    c.closed_early AS closed_within_3_business_days_count,
    c.closed_in_time AS closed_within_8_weeks_count,
    c.closed_late AS closed_later_count,
    c.closed AS closed_count,
    c.upheld AS upheld_count,
    CAST(NULL AS DECIMAL(38, 10)) AS redress_paid_amount,
    c.open_at_end AS open_at_end_count,
    CAST(100 * c.closed_early AS DOUBLE) / CAST(NULLIF(c.closed, 0) AS DOUBLE) AS closed_within_3_business_days_percent,
    CAST(100 * c.closed_in_time AS DOUBLE) / CAST(NULLIF(c.closed, 0) AS DOUBLE) AS closed_within_8_weeks_percent,
    CAST(100 * c.upheld AS DOUBLE) / CAST(NULLIF(c.closed, 0) AS DOUBLE) AS upheld_percent,
    CAST(1000 * c.opened AS DOUBLE) / CAST(NULLIF(i.policies, 0) AS DOUBLE) AS opened_per_1000_policies,
    i.policies AS policies_in_force_amount
FROM counted AS c
CROSS JOIN dim_return_period AS p
CROSS JOIN dim_return_company AS h
LEFT JOIN insured AS i
    ON i.line = c.line
WHERE p.return_period = 'half_year'
