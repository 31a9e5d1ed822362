/*
summary = "Estimates of registered claims by the intervals of their registration and of each spell that they are open."
kind = "table"
*/
WITH estimated AS (
    SELECT
        *,
        -- What is still to be paid is known of claims open at as_of only.
        CASE
            WHEN (reopened_interval IS NULL AND first_settled_interval IS NULL)
                OR (reopened_interval IS NOT NULL AND second_settled_interval IS NULL)
                THEN outstanding_cents
            ELSE first_estimate_cents
        END AS cents
    FROM fct_claim
    WHERE registered_interval IS NOT NULL
)
SELECT
    branch_code, line, claim_group, registered_interval, reported_interval AS begun, first_settled_interval AS ended,
    CAST(COALESCE(SUM(cents), 0) AS BIGINT) AS cents
FROM estimated
GROUP BY branch_code, line, claim_group, registered_interval, reported_interval, first_settled_interval
UNION ALL
SELECT
    branch_code, line, claim_group, registered_interval, reopened_interval, second_settled_interval,
    CAST(COALESCE(SUM(cents), 0) AS BIGINT)
FROM estimated
WHERE reopened_interval IS NOT NULL
GROUP BY branch_code, line, claim_group, registered_interval, reopened_interval, second_settled_interval
