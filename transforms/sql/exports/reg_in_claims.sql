/*
summary = "IRDAI claims data (NL-37) of the financial year from April: flow of claims, and those outstanding by age; per line and total."
kind = "table"
*/
WITH flows AS (
    SELECT
        n.return_line, c.is_open_at_start, c.is_opened, c.is_reported, c.is_closed, c.is_open_at_end, c.outcome, c.age,
        -- Where the flows are not known, a sum of nulls is null; where they are, nothing counts as 0.
        CASE WHEN s.has_claims THEN COALESCE(c.claims, 0) END AS claims,
        CASE WHEN s.has_claims THEN 0 END AS none
    FROM dim_return_supply AS s
    CROSS JOIN
        (
            SELECT DISTINCT line AS return_line FROM fct_return_claim
            WHERE return_period = 'year_from_april'
            UNION
            SELECT 'Total'
        ) AS n
    LEFT JOIN fct_return_claim AS c
        ON c.return_period = s.return_period
        AND (c.line = n.return_line OR n.return_line = 'Total')
    WHERE s.return_period = 'year_from_april'
),
counted AS (
    SELECT
        return_line,
        SUM(CASE WHEN is_open_at_start THEN claims ELSE none END) AS open_at_start,
        SUM(CASE WHEN is_opened AND is_reported THEN claims ELSE none END) AS reported,
        SUM(CASE WHEN is_opened AND NOT is_reported THEN claims ELSE none END) AS reopened,
        SUM(CASE WHEN is_closed AND outcome = 'normal' THEN claims ELSE none END) AS paid,
        SUM(CASE WHEN is_closed AND outcome = 'rejected' THEN claims ELSE none END) AS repudiated,
        SUM(CASE WHEN is_closed AND outcome NOT IN ('normal', 'rejected') THEN claims ELSE none END)
            AS closed_otherwise,
        SUM(CASE WHEN is_open_at_end THEN claims ELSE none END) AS open_at_end,
        SUM(CASE WHEN is_open_at_end AND age = 'under 3 months' THEN claims ELSE none END) AS open_3,
        SUM(CASE WHEN is_open_at_end AND age = '3 to 6 months' THEN claims ELSE none END) AS open_6,
        SUM(CASE WHEN is_open_at_end AND age = '6 to 12 months' THEN claims ELSE none END) AS open_12,
        SUM(CASE WHEN is_open_at_end AND age = '1 year and over' THEN claims ELSE none END) AS open_longer
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
    c.open_at_start AS open_at_start_count,
    c.reported AS reported_count,
    c.reopened AS reopened_count,
    c.paid AS settled_by_payment_count,
    c.repudiated AS repudiated_count,
    c.closed_otherwise AS closed_otherwise_count,
    c.open_at_end AS open_at_end_count,
    c.open_3 AS open_under_3_months_count,
    c.open_6 AS open_3_to_6_months_count,
    c.open_12 AS open_6_to_12_months_count,
    c.open_longer AS open_1_year_and_over_count,
    CAST(100 * c.paid AS DOUBLE)
    / CAST(NULLIF(c.open_at_start + c.reported + c.reopened, 0) AS DOUBLE) AS settlement_percent,
    c.open_at_start + c.reported + c.reopened AS to_be_settled_count
FROM counted AS c
CROSS JOIN dim_return_period AS p
CROSS JOIN dim_return_company AS h
WHERE p.return_period = 'year_from_april'
