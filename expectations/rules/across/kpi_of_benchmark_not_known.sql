/*
meaning = { zh = "对标数据的指标不存在", en = "the benchmark is of a KPI that is not in the catalogue" }
extracts = ["benchmarks"]
needs = []
columns = ["kpi_id"]
column = "kpi_id"
*/
SELECT {key} AS what
FROM benchmarks AS r
ANTI JOIN dim_kpi_run AS k
    ON k.kpi_id = r.kpi_id
