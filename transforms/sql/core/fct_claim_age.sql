/*
summary = """Claims by age, in days since the report, and the interval in which they were of that age: how many came under observation at that age
(at age 0 by their report, later because the interval begins), how many left it after that age (settled, withdrawn, or because the interval or
the first year ends), and how many of them were settled or withdrawn. Whole numbers that add up over intervals: a period, being a run of intervals, holds its
own claims and those open at its start, which enter late. Settlements after more than a year are counted at age 366."""
kind = "table"
*/
WITH life AS (
    SELECT
        c.branch_code, c.line, c.claim_group, c.reported_date, c.reported_interval, c.settled_interval, c.settled_days,
        COALESCE(c.settled_days <= 365, FALSE) AS is_ended,
        -- A claim that its policy-holder withdrew is neither settled nor open: its settlement can no longer come.
        COALESCE(c.outcome = 'cancelled', FALSE) AS is_withdrawn,
        CAST(
            CASE
                WHEN c.settled_days <= 365 THEN c.settled_days
                WHEN
                    days_between(c.reported_date, r.claims_as_of) < 365
                    THEN days_between(c.reported_date, r.claims_as_of)
                ELSE 365
            END AS INTEGER
        ) AS last_age
    FROM fct_claim AS c
    CROSS JOIN dim_run AS r
),
dated AS (
    SELECT *, interval_of(reported_date + last_age) AS last_interval FROM life
),
cut AS (
    SELECT interval_id, MIN(date) AS first_date FROM dim_date
    GROUP BY interval_id
),
crossing AS (
    SELECT p.branch_code, p.line, p.claim_group, c.interval_id, days_between(p.reported_date, c.first_date) AS age
    FROM dated AS p
    JOIN cut AS c
        ON c.interval_id > p.reported_interval
        AND c.interval_id <= p.last_interval
),
moved AS (
    SELECT
        branch_code,
        line,
        claim_group,
        reported_interval AS interval_id,
        0 AS age,
        1 AS entered,
        0 AS gone,
        0 AS settled,
        0 AS withdrawn
    FROM dated
    UNION ALL
    SELECT branch_code, line, claim_group, interval_id, age, 1, 0, 0, 0 FROM crossing
    UNION ALL
    SELECT branch_code, line, claim_group, interval_id - 1, age - 1, 0, 1, 0, 0 FROM crossing
    UNION ALL
    SELECT
        branch_code, line, claim_group, last_interval, last_age, 0, 1,
        CASE WHEN is_ended AND NOT is_withdrawn THEN 1 ELSE 0 END,
        CASE WHEN is_ended AND is_withdrawn THEN 1 ELSE 0 END
    FROM dated
    UNION ALL
    SELECT branch_code, line, claim_group, settled_interval, 366, 0, 0, 1, 0
    FROM dated
    WHERE settled_days > 365 AND NOT is_withdrawn
)
SELECT
    branch_code, line, claim_group, interval_id, age,
    CAST(SUM(entered) AS BIGINT) AS entered,
    CAST(SUM(gone) AS BIGINT) AS gone,
    CAST(SUM(settled) AS BIGINT) AS settled,
    CAST(SUM(withdrawn) AS BIGINT) AS withdrawn
FROM moved
GROUP BY branch_code, line, claim_group, interval_id, age
