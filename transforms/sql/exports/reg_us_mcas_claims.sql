/*
summary = "NAIC Market Conduct Annual Statement, private passenger auto, claims: flow, days to final payment in buckets, median; per line and total."
kind = "table"
*/
WITH flows AS (
    SELECT
        n.return_line, c.is_open_at_start, c.is_opened, c.is_open_at_end, c.settled_days,
        CASE WHEN c.is_closed AND c.outcome = 'normal' THEN 'paid' WHEN c.is_closed THEN 'unpaid' ELSE 'open' END
            AS fate,
        CASE
            WHEN c.settled_days <= 30 THEN '0 to 30' WHEN c.settled_days <= 60 THEN '31 to 60' WHEN
                c.settled_days <= 90
                THEN '61 to 90'
            WHEN c.settled_days <= 180 THEN '91 to 180' WHEN c.settled_days <= 365 THEN '181 to 365' ELSE 'over 365'
        END AS days,
        -- Where the flows are not known, a sum of nulls is null; where they are, nothing counts as 0.
        CASE WHEN s.has_claims THEN COALESCE(c.claims, 0) END AS claims,
        CASE WHEN s.has_claims THEN 0 END AS none
    FROM dim_return_supply AS s
    CROSS JOIN
        (
            SELECT DISTINCT line AS return_line FROM fct_return_claim
            WHERE return_period = 'year'
            UNION
            SELECT 'Total'
        ) AS n
    LEFT JOIN fct_return_claim AS c
        ON c.return_period = s.return_period
        AND (c.line = n.return_line OR n.return_line = 'Total')
    WHERE s.return_period = 'year'
),
paid AS (
    SELECT return_line, settled_days, SUM(claims) AS claims
    FROM flows
    WHERE fate = 'paid'
    GROUP BY return_line, settled_days
),
ranked AS (
    SELECT
        return_line, settled_days,
        SUM(claims) OVER (PARTITION BY return_line ORDER BY settled_days) AS up_to,
        SUM(claims) OVER (PARTITION BY return_line) AS whole
    FROM paid
),
middle AS (
    -- The median of whole days: the one in the middle, or half way between the two.
    SELECT
        return_line,
        MIN(CASE WHEN 2 * up_to >= whole THEN settled_days END)
        + MIN(CASE WHEN 2 * up_to >= whole + 1 + (whole + 1) % 2 THEN settled_days END)
            AS twice_the_median
    FROM ranked
    GROUP BY return_line
),
counted AS (
    SELECT
        return_line,
        SUM(CASE WHEN is_open_at_start THEN claims ELSE none END) AS open_at_start,
        SUM(CASE WHEN is_opened THEN claims ELSE none END) AS opened,
        SUM(CASE WHEN fate = 'paid' THEN claims ELSE none END) AS paid,
        SUM(CASE WHEN fate = 'unpaid' THEN claims ELSE none END) AS unpaid,
        SUM(CASE WHEN is_open_at_end THEN claims ELSE none END) AS open_at_end,
        SUM(CASE WHEN fate = 'paid' AND days = '0 to 30' THEN claims ELSE none END) AS paid_0_to_30,
        SUM(CASE WHEN fate = 'paid' AND days = '31 to 60' THEN claims ELSE none END) AS paid_31_to_60,
        SUM(CASE WHEN fate = 'paid' AND days = '61 to 90' THEN claims ELSE none END) AS paid_61_to_90,
        SUM(CASE WHEN fate = 'paid' AND days = '91 to 180' THEN claims ELSE none END) AS paid_91_to_180,
        SUM(CASE WHEN fate = 'paid' AND days = '181 to 365' THEN claims ELSE none END) AS paid_181_to_365,
        SUM(CASE WHEN fate = 'paid' AND days = 'over 365' THEN claims ELSE none END) AS paid_over_365,
        SUM(CASE WHEN fate = 'unpaid' AND days = '0 to 30' THEN claims ELSE none END) AS unpaid_0_to_30,
        SUM(CASE WHEN fate = 'unpaid' AND days = '31 to 60' THEN claims ELSE none END) AS unpaid_31_to_60,
        SUM(CASE WHEN fate = 'unpaid' AND days = '61 to 90' THEN claims ELSE none END) AS unpaid_61_to_90,
        SUM(CASE WHEN fate = 'unpaid' AND days = '91 to 180' THEN claims ELSE none END) AS unpaid_91_to_180,
        SUM(CASE WHEN fate = 'unpaid' AND days = '181 to 365' THEN claims ELSE none END) AS unpaid_181_to_365,
        SUM(CASE WHEN fate = 'unpaid' AND days = 'over 365' THEN claims ELSE none END) AS unpaid_over_365
    FROM flows
    GROUP BY return_line
)
SELECT
    p.time_period,
    p.return_period AS time_identifier,
    'company' AS geographic_level,
    h.branch_code,
    h.branch_name,
    c.return_line AS line,
    c.open_at_start AS open_at_start_count, c.opened AS opened_count,
    c.paid AS closed_with_payment_count, c.unpaid AS closed_without_payment_count, c.open_at_end AS open_at_end_count,
    CAST(m.twice_the_median AS DOUBLE) / 2 AS median_days,
    c.paid_0_to_30 AS paid_0_to_30_days_count,
    c.paid_31_to_60 AS paid_31_to_60_days_count,
    c.paid_61_to_90 AS paid_61_to_90_days_count,
    c.paid_91_to_180 AS paid_91_to_180_days_count,
    c.paid_181_to_365 AS paid_181_to_365_days_count,
    c.paid_over_365 AS paid_over_365_days_count,
    c.unpaid_0_to_30 AS unpaid_0_to_30_days_count,
    c.unpaid_31_to_60 AS unpaid_31_to_60_days_count,
    c.unpaid_61_to_90 AS unpaid_61_to_90_days_count,
    c.unpaid_91_to_180 AS unpaid_91_to_180_days_count,
    c.unpaid_181_to_365 AS unpaid_181_to_365_days_count,
    c.unpaid_over_365 AS unpaid_over_365_days_count,
    CAST(NULL AS BIGINT) AS suits_open_at_start_count, CAST(NULL AS BIGINT) AS suits_opened_count,
    CAST(NULL AS BIGINT) AS suits_closed_count, CAST(NULL AS BIGINT) AS suits_open_at_end_count
FROM counted AS c
CROSS JOIN dim_return_period AS p
CROSS JOIN dim_return_company AS h
LEFT JOIN middle AS m
    ON m.return_line = c.return_line
WHERE p.return_period = 'year'
