"""Published tables on disk: large ones with a file per period, equal parts one file."""

from datetime import date

import pyarrow as pa
import pytest

from data.config.published_tables import load_published_tables
from data.store.table_files import (
    differing_parts,
    list_tables,
    part_name,
    read_part,
    read_table,
    table_files,
    write_tables,
)

MAY = ("month", date(2012, 5, 1), date(2012, 6, 1))
JUNE = ("month", date(2012, 6, 1), date(2012, 7, 1))
YEAR = ("ytd", date(2012, 1, 1), date(2012, 7, 1))


def tables(rows: list[tuple[str, tuple, float]]) -> dict[str, pa.Table]:
    """Return mart_kpi_value with a row per KPI, period and value, and the periods May to YEAR."""
    columns = ("period_kind", "period_start", "period_end")
    values = [
        dict(zip(columns, period, strict=True)) | {"kpi_id": kpi, "value": value}
        for kpi, period, value in rows
    ]
    periods = [dict(zip(columns, period, strict=True)) for period in (MAY, JUNE, YEAR)]
    published = load_published_tables()
    return {
        "mart_kpi_value": pa.Table.from_pylist(values, published["mart_kpi_value"].schema),
        "dim_period": pa.Table.from_pylist(periods, published["dim_period"].schema),
    }


ROWS = [("a", MAY, 1.0), ("a", JUNE, 2.0), ("a", YEAR, 3.0), ("b", MAY, 4.0), ("b", JUNE, 5.0)]


def test_a_table_with_parts_has_a_file_per_period_in_the_order_of_its_key(tmp_path):
    write_tables(tmp_path, tables(ROWS))
    assert [path.name for path in table_files(tmp_path, "mart_kpi_value")] == [
        part_name(MAY),
        part_name(JUNE),
        part_name(YEAR),
    ]
    of_june = read_part(tmp_path, "mart_kpi_value", JUNE)
    assert (of_june["kpi_id"].to_pylist(), of_june["value"].to_pylist()) == (["a", "b"], [2, 5])
    assert read_table(tmp_path, "mart_kpi_value")["value"].to_pylist() == [1, 4, 2, 5, 3]
    assert list_tables(tmp_path) == ["dim_period", "mart_kpi_value"]


def test_a_period_without_rows_has_a_file_without_rows(tmp_path):
    write_tables(tmp_path, tables(ROWS[:1]))
    assert len(table_files(tmp_path, "mart_kpi_value")) == 3
    assert read_part(tmp_path, "mart_kpi_value", YEAR).num_rows == 0
    schema = load_published_tables()["mart_kpi_value"].schema
    assert read_part(tmp_path, "mart_kpi_value", YEAR).schema.equals(schema)


@pytest.mark.parametrize(("changed", "differing"), [(2.0, []), (2.5, [JUNE])])
def test_an_equal_part_is_the_same_file_as_in_the_publication_before(tmp_path, changed, differing):
    former, present = tmp_path / "former", tmp_path / "present"
    former.mkdir()
    present.mkdir()
    write_tables(former, tables(ROWS))
    write_tables(present, tables([ROWS[0], ("a", JUNE, changed), *ROWS[2:]]), former)
    parts = differing_parts(former, present, "mart_kpi_value")
    assert [path.name for _, path in parts] == [part_name(period) for period in differing]
    one_file = {
        period
        for period in (MAY, JUNE, YEAR)
        if (former / "mart_kpi_value" / part_name(period)).samefile(
            present / "mart_kpi_value" / part_name(period)
        )
    }
    assert one_file == {MAY, JUNE, YEAR} - set(differing)


def test_a_table_that_was_not_published_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="mart_league is missing"):
        read_table(tmp_path, "mart_league")
