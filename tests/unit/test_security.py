"""What may not be reached: paths out of a folder, files beside the store, the network."""

import pytest

from data import safe_names
from data.config import profile
from data.problem import Problem
from data.store.releases import Releases
from data.store.store import Store
from flows.intake import check_file
from transforms.engine.duckdb_engine import DuckDB

ESCAPES = [
    "../outside",
    "..",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "",
    ".hidden",
    "nul",
    "COM1.txt",
    "line\nfeed",
    "a" * 101,
]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_is_never_a_way_out(name, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "manifest.json").write_text("{}")
    store = Store(tmp_path / "store")
    (store.published).mkdir(parents=True)
    (store.published / "CURRENT").write_text("../../outside")
    assert store.current() is None and not store.is_published(name) and not safe_names.is_name(name)
    for reach in (
        profile.load_profile,
        Releases(store.root).register,
        Releases(store.root).building,
        lambda name: Releases(store.root).folder("r", name),
    ):
        with pytest.raises(Problem, match="is not a valid name of a"):
            reach(name)


def test_sql_of_a_run_reaches_no_file_beside_the_store_and_no_network(tmp_path):
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


def test_looking_at_a_file_reaches_its_folder_and_the_store_and_no_other(tmp_path, monkeypatch):
    for name in ("landing", "store", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "claims_20120630.csv").write_text("claim_id\nC1\n")

    class Curious(check_file.Intake):
        def judge(self, *_):
            for name in ("landing", "store"):
                assert (
                    self.engine.arrow(
                        f"FROM read_csv('{tmp_path}/{name}/claims_20120630.csv')"
                    ).num_rows
                    == 1
                )
            self.engine.arrow(f"FROM read_csv('{tmp_path}/outside/claims_20120630.csv')")

    monkeypatch.setattr(check_file, "Intake", Curious)
    with pytest.raises(Exception, match="Permission Error"):
        check_file.check_file(
            tmp_path / "landing" / "claims_20120630.csv",
            "default",
            None,
            tmp_path / "store",
            5,
            tmp_path / "aside",
        )
