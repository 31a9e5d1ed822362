/*
summary = "Service evaluation of 2015, property and casualty: its eight indicators with their points, score and grade; per provincial branch and for the company."
kind = "table"
*/
WITH part AS (
    -- A value that earns no points for lack of cases is not published either.
    SELECT
        c.branch_code, c.kpi_id, c.points,
        CASE WHEN c.points IS NOT NULL THEN c.value END AS value,
        CASE WHEN c.points IS NOT NULL THEN c.numerator END AS numerator,
        CASE WHEN c.points IS NOT NULL THEN c.denominator END AS denominator
    FROM mart_composite_part AS c
    JOIN dim_return_period AS p
        ON p.return_period = 'year'
        AND c.period_kind = 'ytd'
        AND c.period_start = p.period_start
        AND c.period_end = p.period_end
    WHERE c.composite_id = 'service_evaluation'
),
spread AS (
    SELECT
        branch_code,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' THEN value END) AS closure,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' THEN points END) AS closure_points,
        MAX(CASE WHEN kpi_id = 'claim_settlement_days_mean' THEN value END) AS cycle,
        MAX(CASE WHEN kpi_id = 'claim_settlement_days_mean' THEN points END) AS cycle_points,
        MAX(CASE WHEN kpi_id = 'claim_paid_share_pct' THEN value END) AS paid_share,
        MAX(CASE WHEN kpi_id = 'claim_paid_share_pct' THEN points END) AS paid_share_points,
        MAX(CASE WHEN kpi_id = 'complaint_per_100m_premium' THEN value END) AS complaint_rate,
        MAX(CASE WHEN kpi_id = 'complaint_per_100m_premium' THEN points END) AS complaint_rate_points,
        MAX(CASE WHEN kpi_id = 'complaint_on_time_pct' THEN value END) AS complaint_on_time,
        MAX(CASE WHEN kpi_id = 'complaint_on_time_pct' THEN points END) AS complaint_on_time_points,
        MAX(CASE WHEN kpi_id = 'satisfaction_pct' THEN value END) AS satisfaction,
        MAX(CASE WHEN kpi_id = 'satisfaction_pct' THEN points END) AS satisfaction_points,
        MAX(CASE WHEN kpi_id = 'satisfaction_pct' THEN numerator END) AS satisfied,
        MAX(CASE WHEN kpi_id = 'satisfaction_pct' THEN denominator END) AS rated,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' THEN numerator END) AS registered_settled,
        MAX(CASE WHEN kpi_id = 'claim_closure_rolling12_pct' THEN denominator END) AS registered,
        MAX(CASE WHEN kpi_id = 'claim_settlement_days_mean' THEN numerator END) AS cycle_seconds,
        MAX(CASE WHEN kpi_id = 'claim_settlement_days_mean' THEN denominator END) AS paid,
        MAX(CASE WHEN kpi_id = 'claim_paid_share_pct' THEN numerator END) AS paid_decided,
        MAX(CASE WHEN kpi_id = 'claim_paid_share_pct' THEN denominator END) AS decided,
        MAX(CASE WHEN kpi_id = 'complaint_on_time_pct' THEN numerator END) AS complaints_on_time,
        MAX(CASE WHEN kpi_id = 'complaint_on_time_pct' THEN denominator END) AS complaints_due
    FROM part
    GROUP BY branch_code
),
whole AS (
    SELECT c.branch_code, c.score, c.coverage, c.grade
    FROM mart_composite AS c
    JOIN dim_return_period AS p
        ON p.return_period = 'year'
        AND c.period_kind = 'ytd'
        AND c.period_start = p.period_start
        AND c.period_end = p.period_end
    WHERE c.composite_id = 'service_evaluation'
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    f.geographic_level,
    f.branch_code,
    COALESCE(b.name, f.branch_code) AS branch_name,
    CAST(NULL AS DOUBLE) AS inbound_calls_answered_percent,
    s.satisfaction AS satisfaction_percent,
    CAST(NULL AS DOUBLE) AS query_objections_handled_percent,
    s.closure AS closure_percent,
    s.cycle AS cycle_days,
    s.paid_share AS paid_share_percent,
    s.complaint_rate AS complaints_per_100m_premium,
    s.complaint_on_time AS complaints_on_time_percent,
    s.satisfaction_points, s.closure_points, s.cycle_points, s.paid_share_points,
    s.complaint_rate_points AS complaints_per_100m_premium_points,
    s.complaint_on_time_points AS complaints_on_time_points,
    CASE WHEN w.grade IS NOT NULL THEN w.score END AS score_points,
    w.coverage AS weight_of_score_percent,
    -- The rule grades the company and only scores its branches.
    CASE WHEN f.geographic_level = 'company' THEN COALESCE(w.grade, '(none)') ELSE '(scored only)' END AS grade,
    f.month_complaints AS complaints_whole_months_count,
    f.premium_100m AS premium_100m_amount,
    CAST(s.satisfied AS BIGINT) AS satisfied_count,
    CAST(s.rated AS BIGINT) AS rated_count,
    CAST(s.registered_settled AS BIGINT) AS registered_settled_count,
    CAST(s.registered AS BIGINT) AS registered_count,
    CAST(s.cycle_seconds AS DOUBLE) / 86400 AS days_to_payment_amount,
    CAST(s.paid AS BIGINT) AS paid_count,
    CAST(s.paid_decided AS BIGINT) AS paid_decided_count,
    CAST(s.decided AS BIGINT) AS decided_count,
    CAST(s.complaints_on_time AS BIGINT) AS complaints_on_time_count,
    CAST(s.complaints_due AS BIGINT) AS complaints_due_count
FROM fct_return_branch AS f
CROSS JOIN dim_return_period AS p
LEFT JOIN spread AS s
    ON s.branch_code = f.branch_code
LEFT JOIN whole AS w
    ON w.branch_code = f.branch_code
LEFT JOIN dim_branch AS b
    ON b.branch_code = f.branch_code
WHERE p.return_period = 'year'
