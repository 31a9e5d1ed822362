-- A branch's rank is one of those that the data allow, and the rank to expect is one of its league.
SELECT kpi_id, period_kind, period_start, branch_level, branch_code, rank, rank_low, rank_high, rank_expected, ranked_of
FROM mart_league
WHERE rank < rank_low
    OR rank > rank_high
    OR rank_low < 1
    OR rank_high > ranked_of
    OR rank_expected < 1
    OR rank_expected > ranked_of
