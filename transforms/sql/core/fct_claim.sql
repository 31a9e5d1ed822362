/*
summary = """One row per claim: its spells (open from report or reopening until a settlement), its claim group, its latest settlement,
its time limits, and each date as the number of its interval. Claims that were over, limits and all, before the first period are left out: years of
history behind the periods cost no more than to be read. A settlement or a reopening counts where it ends or begins a spell that is
known: a reopening needs a settlement before it, a second settlement a reopening between."""
kind = "table"
*/
WITH reopened AS (
    SELECT
        *,
        reopened_at IS NOT NULL
        AND (COALESCE(previous_settled_at < reopened_at, FALSE) OR COALESCE(settled_at < reopened_at, FALSE))
            AS is_reopened
    FROM stg_claim
),
spelled AS (
    SELECT
        *,
        CASE
            WHEN NOT is_reopened THEN COALESCE(settled_date, previous_settled_date)
            WHEN
                previous_settled_at < reopened_at AND (settled_at IS NULL OR settled_at >= reopened_at)
                THEN previous_settled_date
            ELSE settled_date
        END AS first_settled_date,
        CASE WHEN is_reopened AND settled_at >= reopened_at THEN settled_date END AS second_settled_date,
        COALESCE(settled_at, previous_settled_at) AS latest_settled_at,
        COALESCE(settled_date, previous_settled_date) AS latest_settled_date
    FROM reopened
),
known AS (
    SELECT
        s.*,
        CASE WHEN s.latest_settled_at IS NOT NULL THEN s.outcome END AS latest_outcome,
        CASE WHEN s.latest_settled_at IS NULL THEN s.first_estimate ELSE s.paid_amount END AS group_amount,
        COALESCE(s.survey_agreed_at, s.reported_at) + r.survey_minutes * INTERVAL 1 MINUTE AS survey_limit_at,
        r.claims_as_of,
        r.first_date,
        r.small_limit,
        r.small_limit_included
    FROM spelled AS s
    CROSS JOIN dim_run AS r
)
SELECT
    branch_code,
    line,
    CASE
        WHEN has_injury THEN 'injury'
        WHEN has_injury IS NULL OR group_amount IS NULL THEN 'unknown'
        WHEN group_amount < small_limit OR (small_limit_included AND group_amount = small_limit) THEN 'small_non_injury'
        ELSE 'other_non_injury'
    END AS claim_group,
    latest_outcome AS outcome,
    reported_date,
    interval_of(reported_date) AS reported_interval,
    interval_of(registered_date) AS registered_interval,
    interval_of(reopened_date) AS reopening_interval,
    interval_of(first_settled_date) AS first_settled_interval,
    CASE WHEN is_reopened THEN interval_of(reopened_date) END AS reopened_interval,
    interval_of(second_settled_date) AS second_settled_interval,
    interval_of(latest_settled_date) AS settled_interval,
    seconds_between(reported_at, latest_settled_at) AS settlement_seconds,
    -- The three stages of a normal claim add up to the whole only where all four stamps are known.
    CASE
        WHEN
            latest_outcome = 'normal' AND documents_complete_at IS NOT NULL AND approved_at IS NOT NULL
            THEN interval_of(paid_date)
    END
        AS staged_interval,
    seconds_between(reported_at, documents_complete_at) AS documents_seconds,
    seconds_between(documents_complete_at, approved_at) AS approval_seconds,
    seconds_between(approved_at, paid_at) AS payment_seconds,
    -- Money in cents, so that sums are sums of whole numbers.
    CAST(paid_amount * 100 AS BIGINT) AS paid_cents,
    CAST(first_estimate * 100 AS BIGINT) AS first_estimate_cents,
    CAST(COALESCE(outstanding_estimate, first_estimate) * 100 AS BIGINT) AS outstanding_cents,
    days_between(reported_date, latest_settled_date) AS settled_days,
    limit_interval_of(reported_date + 5, claims_as_of) AS limit_5_interval,
    limit_interval_of(reported_date + 10, claims_as_of) AS limit_10_interval,
    limit_interval_of(reported_date + 30, claims_as_of) AS limit_30_interval,
    limit_interval_of(CAST(civil(survey_limit_at) AS DATE), claims_as_of) AS survey_limit_interval,
    COALESCE(surveyed_at <= survey_limit_at, FALSE) AS is_survey_on_time,
    limit_interval_of(approved_date + 10, claims_as_of) AS payment_limit_interval,
    COALESCE(days_between(approved_date, paid_date) <= 10, FALSE) AS is_payment_on_time
FROM known
WHERE
    CASE WHEN is_reopened THEN second_settled_date ELSE latest_settled_date END IS NULL
    OR first_date <= latest_settled_date
    OR first_date <= GREATEST(
        reported_date + 30,
        registered_date,
        reopened_date,
        approved_date + 10,
        paid_date,
        CAST(civil(survey_limit_at) AS DATE)
    )
