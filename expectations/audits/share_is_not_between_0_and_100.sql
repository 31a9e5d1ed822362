-- A share counts some of the cases of its denominator. A mean of stamps that are out of order may be negative: the rows carry a warning.
SELECT v.kpi_id, v.period_kind, v.period_start, v.branch_code, v.segment, v.numerator, v.denominator
FROM mart_kpi_value AS v
JOIN dim_kpi_run AS k
    ON k.kpi_id = v.kpi_id
WHERE (v.numerator < 0 AND k.kind <> 'mean')
    OR v.denominator < 0
    OR (k.kind = 'share' AND v.numerator > v.denominator)
