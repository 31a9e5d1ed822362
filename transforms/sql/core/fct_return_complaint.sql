/*
summary = """Complaints that a return period has to do with, counted by line, subject, outcome, days to closing, age at as_of, and by what became of
them in the period. Business days are Monday to Friday after the day of receipt; public holidays are not known."""
kind = "table"
*/
WITH numbered AS (
    SELECT
        c.*,
        -- Days since a Monday long ago.
        days_between(DATE '1900-01-01', c.received_date) AS received_number,
        days_between(DATE '1900-01-01', c.closed_date) AS closed_number
    FROM stg_complaint AS c
),
counted AS (
    SELECT
        *,
        5 * (received_number - received_number % 7) + 7 * LEAST(received_number % 7 + 1, 5) AS received_sevenths,
        5 * (closed_number - closed_number % 7) + 7 * LEAST(closed_number % 7 + 1, 5) AS closed_sevenths
    FROM numbered
),
classified AS (
    SELECT
        p.return_period,
        c.line,
        CASE WHEN c.claim_id IS NOT NULL OR c.category IN ('claims', '理赔') THEN 'claims' ELSE 'policies' END AS subject,
        c.outcome,
        c.closed_sevenths - c.received_sevenths <= 7 * 3 AS is_within_3_business_days,
        days_between(c.received_date, c.closed_date) <= 56 AS is_within_8_weeks,
        CASE
            WHEN days_between(c.received_date, r.complaints_as_of) <= 15 THEN 'up to 15 days'
            WHEN days_between(c.received_date, r.complaints_as_of) <= 30 THEN '16 to 30 days'
            WHEN days_between(c.received_date, r.complaints_as_of) <= 90 THEN '31 to 90 days'
            ELSE 'over 90 days'
        END AS age,
        c.received_date >= p.period_start AS is_opened,
        c.closed_date IS NOT NULL AS is_closed
    FROM counted AS c
    CROSS JOIN dim_run AS r
    JOIN dim_return_period AS p
        ON p.return_period IN ('half_year', 'year_from_april')
        AND (c.closed_date IS NULL OR c.closed_date >= p.period_start)
)
SELECT
    return_period, line, subject, outcome, is_within_3_business_days, is_within_8_weeks, age, is_opened, is_closed,
    COUNT(*) AS complaints
FROM classified
GROUP BY return_period, line, subject, outcome, is_within_3_business_days, is_within_8_weeks, age, is_opened, is_closed
