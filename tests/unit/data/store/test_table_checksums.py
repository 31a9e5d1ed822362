"""Nothing is read from the lake that is not what was written to it."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.problem import Problem
from data.store.books import BOOKS
from data.store.lake import MAX_FILES_OF_A_BOOK, Lake

JUNE = date(2012, 6, 30)
ROWS = pa.table({"claim_id": ["1"], "_extract_date": [JUNE]})


def flip(path: Path, position: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def replace_rows(lake: Lake, folder: Path, month: str) -> None:
    """Make a month of current claims."""
    part = folder / "export" / f"_month={month}"
    part.mkdir(parents=True)
    pq.write_table(ROWS, part / "rows.parquet")
    lake.replace_rows("current", "claims", ROWS.schema, folder / "export", [month])


def write_rules(lake: Lake) -> None:
    row = {"extract": "claims", "extract_date": JUNE, "rule_id": "claims_key"}
    rows = pa.Table.from_pylist([row], schema=BOOKS["rule_result"])
    lake.write("rule_result", rows, "claims", JUNE)


@pytest.fixture
def lake(tmp_path) -> Lake:
    """A lake that everything was done to that changes one."""
    lake = Lake(tmp_path / "store")
    for month in ("2012-05", "2012-06", "2012-06"):
        replace_rows(lake, tmp_path, month)
    for _ in range(2):
        write_rules(lake)
    entry = {"extract": "claims", "extract_date": JUNE}
    for _ in range(MAX_FILES_OF_A_BOOK + 1):
        lake.add("delivery", [entry])
    lake.remove_delivery("claims", date(2012, 1, 31))
    lake.add("quarantine", [entry | {"file_name": "claims.csv", "content": "rows"}])
    lake.blank_quarantine(date(2012, 12, 31), dry_run=False)
    lake.tables.keep_logs()
    lake.tables.vacuum({}, dry_run=False)
    return Lake(tmp_path / "store")


def test_every_file_of_the_lake_is_listed_whatever_wrote_it(lake):
    listed = set()
    for name in lake.tables.names():
        listed |= lake.tables.checksums(name).list.read().keys()
    files = {
        path.relative_to(lake.root).as_posix()
        for path in lake.root.rglob("*")
        if path.is_file() and path.suffix != ".sha256" and path.name != "_last_checkpoint"
    }
    assert files == listed


def test_earlier_versions_are_listed_as_well(tmp_path):
    lake = Lake(tmp_path)
    lengths = {}
    for number in range(MAX_FILES_OF_A_BOOK + 3):
        lake.add("decision", [{"publication_id": str(number)}])
        lengths[lake.tables.open("decision").version()] = number + 1
    for version, length in lengths.items():
        assert len(Lake(tmp_path).pinned({"decision": version}).read("decision")) == length


@pytest.mark.parametrize("kind", ["data", "log"])
def test_a_flipped_bit_stops_whoever_reads_and_is_named(lake, kind):
    for name in ("current/claims", "delivery", "rule_result"):
        path = Path(lake.tables.files(name)[0])
        if kind == "log":
            path = sorted(lake.tables.path(name).glob("_delta_log/0*"))[0]
        content = path.read_bytes()
        flip(path, len(content) // 2)
        with pytest.raises(Problem, match=rf"{path.name} is damaged") as raised:
            Lake(lake.root).tables.files(name)
        assert raised.value.page == "damaged-store"
        path.write_bytes(content)
        assert Lake(lake.root).tables.files(name)


def test_a_damaged_file_of_another_month_stops_nobody(lake):
    may, _ = lake.tables.files("current/claims")
    flip(Path(may))
    again = Lake(lake.root)
    assert len(again.files("current", "claims", ["2012-06"])) == 1
    with pytest.raises(Problem, match="damaged"):
        again.files("current", "claims", ["2012-05"])


def test_damage_gets_no_checksum_of_its_own_when_rows_are_written_again(lake):
    flip(Path(lake.tables.files("rule_result")[0]))
    with pytest.raises(Problem, match="is damaged"):
        write_rules(Lake(lake.root))


@pytest.mark.parametrize("what", ["data", "commit", "checksums"])
def test_a_file_that_is_gone_is_missed(lake, what):
    name = "delivery"
    commits = sorted(lake.tables.path(name).glob("_delta_log/*.json"))
    path = {
        "data": Path(lake.tables.files(name)[0]),
        # Without its last commit a table is as it was before, and nothing else says so.
        "commit": commits[-1],
        "checksums": lake.tables.checksums(name).list.path,
    }[what]
    path.unlink()
    again = Lake(lake.root)
    with pytest.raises(Problem, match=rf"{path.name} is (missing|damaged: checksums are missing)"):
        again.tables.record_unfinished()
        again.read(name)


def test_what_a_kill_left_without_checksums_is_read_and_recorded(lake):
    """Between a commit and its checksums: the delivery counts, and nobody calls it damage."""
    checksums = lake.tables.checksums("delivery").list
    before = checksums.path.read_bytes()
    lake.add("delivery", [{"extract": "claims", "extract_date": JUNE}])
    count = len(lake.read("delivery"))
    checksums.path.write_bytes(before)
    again = Lake(lake.root)
    assert len(again.read("delivery")) == count
    again.tables.record_unfinished()
    assert checksums.path.read_bytes() != before
    flip(Path(Lake(lake.root).tables.files("delivery")[-1]))
    with pytest.raises(Problem, match="is damaged"):
        Lake(lake.root).read("delivery")


def test_a_vacuum_leaves_nothing_listed_that_it_removes(lake, tmp_path):
    replace_rows(lake, tmp_path, "2012-06")
    assert lake.tables.vacuum({}, dry_run=False)[0] == 1
    for name in lake.tables.names():
        assert lake.tables.checksums(name).list.find_faults() == {}
