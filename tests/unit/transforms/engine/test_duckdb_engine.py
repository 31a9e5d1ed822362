"""SQL of a run reaches neither other files nor the network."""

import pytest

from transforms.engine.duckdb_engine import DuckDB


def test_sql_of_a_run_reaches_no_file_outside_the_store_and_no_network(tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "store").mkdir()
    engine = DuckDB(tmp_path / "store" / "work", "Asia/Shanghai")
    engine.confine(tmp_path / "store")
    engine.export("SELECT 1 AS a", tmp_path / "store" / "rows.parquet")
    assert (
        engine.arrow(f"SELECT a FROM read_parquet('{tmp_path}/store/rows.parquet')").num_rows == 1
    )
    for sql in (
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        f"SELECT * FROM read_csv('{tmp_path}/store/../secret.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/a.parquet')",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        "SET enable_external_access = true",
    ):
        with pytest.raises(Exception, match=r"disabled|[Pp]ermission|[Cc]annot|xtension"):
            engine.arrow(sql)
    engine.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv", "store"]
