"""A company of 2,000 branches: its tables, and its report's pages."""

import re
import shutil
from collections import Counter
from itertools import cycle
from pathlib import Path

import duckdb
import pyarrow as pa

from data.synthetic.snapshot import branches_table
from data.synthetic.tree import make_company_tree
from tests.bench.large import DAY_BEFORE, write_landing
from tests.bench.processes import measure, run_night, scan_claims
from tests.bench.sample import describe_steps, memory, publication_of
from tests.bench.table import Row

BRANCHES, CLAIMS = 2_000, 1_000_000
# Each case goes to one of the copies of its branch.
SHARE_OUT = """
COPY (
    SELECT f.* EXCLUDE (file_row_number) REPLACE (
        CASE
            WHEN c.n IS NULL OR hash(f.file_row_number) % c.n = 0 THEN f.branch_code
            ELSE f.branch_code || 'c' || (hash(f.file_row_number) % c.n)
        END AS branch_code
    )
    FROM read_parquet('{source}', file_row_number = true) AS f
    LEFT JOIN copies AS c ON c.province = left(f.branch_code, 2)
) TO '{target}' (FORMAT parquet)
"""


def measure_branches(folder: Path) -> list[Row]:
    """Tables and pages of 2,000 branches."""
    landing, store = folder / "landing_branches", folder / "run_branches"
    shutil.rmtree(store, ignore_errors=True)
    count = write_many_branches(folder / f"landing_{CLAIMS}", landing)
    scan = scan_claims(f"{landing}/claims*.parquet")
    ended, outcome = run_night(landing, store, DAY_BEFORE)
    transform = outcome["seconds"]["transform"]
    tables = Row(
        f"{count:,} branches, {CLAIMS / 1e6:g} million claims: tables",
        transform,
        bar=60,
        scans=transform / scan,
        note=f"{describe_steps(outcome)}; whole process {ended.seconds:.1f} s, {memory(ended.peak)}",
    )
    pages = folder / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    published = publication_of(store) / "tables"
    rendered = measure("-m", "tests.bench.report", published, "--into", pages)
    note = f"{rendered.output.strip()}; {memory(rendered.peak)}"
    seconds = float(re.search(r"([\d.]+) s", rendered.output)[1])
    return [tables, Row(f"{count:,} branches: report pages", seconds, bar=90, note=note)]


def write_many_branches(source: Path, landing: Path) -> int:
    """Write a company whose provinces were copied until it has 2,000 branches, its cases shared out
    among the copies. Returns how many branches it has.
    """
    write_landing(source, CLAIMS)
    shutil.rmtree(landing, ignore_errors=True)
    landing.mkdir()
    rows = branches_table(make_company_tree(), DAY_BEFORE).to_pylist()
    copies = _count_copies(rows)
    enlarged = []
    for row in rows:
        number_of_copies = copies.get(row["branch_code"][:2], 1)
        enlarged += [_rename(row, number) for number in range(number_of_copies)]
    connection = duckdb.connect(config={"threads": 2})
    connection.register("copies", pa.table({"province": list(copies), "n": list(copies.values())}))
    for file in sorted(source.glob("*.parquet")):
        connection.execute(SHARE_OUT.format(source=file, target=landing / file.name))
    connection.register("enlarged", pa.Table.from_pylist(enlarged))
    target = landing / f"branches_{DAY_BEFORE:%Y%m%d}.csv"
    connection.execute(f"COPY enlarged TO '{target}' (HEADER)")
    return len({row["branch_code"] for row in enlarged})


def _count_copies(rows: list[dict]) -> dict[str, int]:
    """Return how often there is to be each province, by the two figures that its codes begin with."""
    codes = {row["branch_code"] for row in rows if row["level"] != "head_office"}
    size = Counter(code[:2] for code in codes)
    copies, total = dict.fromkeys(sorted(size), 1), len(codes) + 1
    for province in cycle(sorted(size)):
        if total >= BRANCHES:
            break
        copies[province] += 1
        total += size[province]
    return copies


def _rename(row: dict, number: int) -> dict:
    if number == 0:
        return row
    names = {"branch_code": f"{row['branch_code']}c{number}", "name": f"{row['name']}{number}"}
    is_below_province = row["level"] != "province"
    parent = f"{row['parent_code']}c{number}" if is_below_province else row["parent_code"]
    return row | names | {"parent_code": parent}
