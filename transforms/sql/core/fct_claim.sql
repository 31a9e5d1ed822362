/*
summary = """One row per claim: its spells (open from report or reopening until a settlement), its claim group, its settlement
cycle, and each date as the number of its interval. A settlement or a reopening counts where it ends or begins a spell that is
known: a reopening needs a settlement before it, a second settlement a reopening between."""
kind = "view"
*/
WITH reopened AS (
    SELECT
        *,
        reopened_at IS NOT NULL
        AND (COALESCE(previous_settled_at < reopened_at, FALSE) OR COALESCE(settled_at < reopened_at, FALSE)) AS is_reopened
    FROM stg_claim
),
spelled AS (
    SELECT
        *,
        CASE
            WHEN NOT is_reopened THEN COALESCE(settled_date, previous_settled_date)
            WHEN previous_settled_at < reopened_at AND (settled_at IS NULL OR settled_at >= reopened_at) THEN previous_settled_date
            ELSE settled_date
        END AS first_settled_date,
        CASE WHEN is_reopened AND settled_at >= reopened_at THEN settled_date END AS second_settled_date,
        COALESCE(settled_at, previous_settled_at) AS latest_settled_at
    FROM reopened
),
grouped AS (
    SELECT
        s.*,
        CASE WHEN s.latest_settled_at IS NULL THEN s.first_estimate ELSE s.paid_amount END AS group_amount,
        r.small_limit
    FROM spelled AS s
    CROSS JOIN dim_run AS r
)
SELECT
    g.claim_id,
    g.branch_code,
    g.line,
    CASE
        WHEN g.has_injury THEN 'injury'
        WHEN g.has_injury IS NULL OR g.group_amount IS NULL THEN 'unknown'
        WHEN g.group_amount <= g.small_limit THEN 'small_non_injury'
        ELSE 'other_non_injury'
    END AS claim_group,
    CASE WHEN g.latest_settled_at IS NOT NULL THEN g.outcome END AS outcome,
    g.reported_at,
    g.latest_settled_at AS settled_at,
    seconds_between(g.reported_at, g.latest_settled_at) AS settlement_seconds,
    reported.interval_id AS reported_interval,
    first_settled.interval_id AS first_settled_interval,
    reopening.interval_id AS reopened_interval,
    second_settled.interval_id AS second_settled_interval,
    COALESCE(second_settled.interval_id, first_settled.interval_id) AS settled_interval
FROM grouped AS g
CROSS JOIN dim_run AS r
LEFT JOIN dim_date AS reported
    ON reported.date = GREATEST(g.reported_date, r.first_date)
LEFT JOIN dim_date AS first_settled
    ON first_settled.date = CASE WHEN g.first_settled_date IS NOT NULL THEN GREATEST(g.first_settled_date, r.first_date) END
LEFT JOIN dim_date AS reopening
    ON reopening.date = CASE WHEN g.is_reopened THEN GREATEST(g.reopened_date, r.first_date) END
LEFT JOIN dim_date AS second_settled
    ON second_settled.date = CASE WHEN g.second_settled_date IS NOT NULL THEN GREATEST(g.second_settled_date, r.first_date) END
