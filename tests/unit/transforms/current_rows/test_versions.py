"""Which version of a key stands, at the very day of a full extract, of a quarantine, of a look."""

from datetime import date

import pyarrow as pa
import pytest

from data.config.contract import load_contracts
from tests.company import make_extract
from transforms.current_rows.versions import CurrentVersions, known_sql
from transforms.engine.duckdb_engine import DuckDB

DAYS = [date(2012, 1, day) for day in (1, 2, 3, 4)]
DAY_1, DAY_2, DAY_3, DAY_4 = DAYS


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = DuckDB(tmp_path_factory.mktemp("engine"), "Asia/Shanghai", threads=1)
    yield engine
    engine.close()


def standing_days(engine, accepted, full, quarantined=(), known_at=DAY_4) -> list[date]:
    """Return the extract dates of the current versions of one key, at most one.

    `accepted` are the days whose extract has the key in a good row, `quarantined` those that have
    it in a bad one, `full` the days of full extracts.
    """
    contract = load_contracts()["complaints"]
    versions = make_extract(contract, [{"complaint_id": "k"} for _ in accepted], "Asia/Shanghai")
    versions = versions.append_column("_extract_date", pa.array(accepted, pa.date32()))
    engine.create_table_from("version", versions)
    bad = {"key": pa.array(["k"] * len(quarantined), pa.string())}
    bad["extract_date"] = pa.array(list(quarantined), pa.date32())
    current = CurrentVersions(engine, contract, full, pa.table(bad))
    rows = engine.arrow(known_sql(contract, "version", known_at, current))
    return rows["_extract_date"].to_pylist()


@pytest.mark.parametrize(
    ("known_at", "day"), [(DAY_1, DAY_1), (DAY_2, DAY_2), (DAY_3, DAY_2), (DAY_4, DAY_4)]
)
def test_the_latest_version_up_to_a_day(engine, known_at, day):
    assert standing_days(engine, [DAY_1, DAY_2, DAY_4], [], known_at=known_at) == [day]


@pytest.mark.parametrize(
    ("accepted", "full", "standing"),
    [
        ([DAY_2], [DAY_2], [DAY_2]),  # named by the full extract itself
        ([DAY_1], [DAY_2], []),  # a day before it: withdrawn
        ([DAY_3], [DAY_2], [DAY_3]),  # a day after it
        ([DAY_1, DAY_3], [DAY_2], [DAY_3]),  # came back
    ],
)
def test_a_full_extract_withdraws_what_it_does_not_name(engine, accepted, full, standing):
    assert standing_days(engine, accepted, full) == standing


@pytest.mark.parametrize(
    ("accepted", "full", "quarantined", "standing"),
    [
        # In a bad row of the full extract: the version before stands, also that of the very day of
        # the last full extract with a good row.
        ([DAY_1], [DAY_2], [DAY_2], [DAY_1]),
        ([DAY_1], [DAY_1, DAY_2], [DAY_2], [DAY_1]),
        ([DAY_1], [DAY_1, DAY_2, DAY_3], [DAY_2, DAY_3], [DAY_1]),
        # A full extract in between did not name it at all: withdrawn, and a bad row is no return.
        ([DAY_1], [DAY_2, DAY_3], [DAY_3], []),
        ([DAY_1], [DAY_1, DAY_2, DAY_3], [DAY_2], []),
    ],
)
def test_a_bad_row_keeps_the_version_before(engine, accepted, full, quarantined, standing):
    assert standing_days(engine, accepted, full, quarantined) == standing


def test_a_bad_row_without_a_key_keeps_nothing(engine):
    contract = load_contracts()["complaints"]
    versions = make_extract(contract, [{"complaint_id": "k"}], "Asia/Shanghai")
    engine.create_table_from(
        "version", versions.append_column("_extract_date", pa.array([DAY_1], pa.date32()))
    )
    bad = pa.table({"key": pa.array([None], pa.string()), "extract_date": pa.array([DAY_2])})
    current = CurrentVersions(engine, contract, [DAY_2], bad)
    assert engine.arrow("SELECT * FROM quarantined_key").num_rows == 0
    assert engine.arrow(known_sql(contract, "version", DAY_4, current)).num_rows == 0
