"""Measure the report: `python -m tests.bench.report TABLES --branches 40 2000`.

It is rendered of as many branches of a publication, or of copies of them.
"""

import argparse
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CODES = ("branch_code", "parent_code", "province_code")


def enlarged(tables: Path, folder: Path, branches: int) -> None:
    """The published tables with so many branches: the first of them, or all of them and their
    copies, row group by row group.
    """
    tree = pq.read_table(tables / "dim_branch.parquet")
    head = tree.filter(pc.field("branch_level") == "head_office")["branch_code"][0].as_py()
    codes = [code for code in tree["branch_code"].to_pylist() if code != head]
    for path in sorted(tables.rglob("*.parquet")):
        file = pq.ParquetFile(path)
        copy = folder / path.relative_to(tables)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(copy, file.schema_arrow, compression="zstd") as writer:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group)
                copies = -(-branches // len(codes)) if "branch_code" in rows.column_names else 1
                for number in range(copies):
                    taken = codes[: branches - number * len(codes)]
                    writer.write_table(_copied(rows, head, taken, number))


def _copied(rows: pa.Table, head: str, taken: list[str], number: int) -> pa.Table:
    """The rows of some branches, under the names of their copies; those of the head office stand
    among the first.
    """
    if "branch_code" not in rows.column_names:
        return rows
    codes = [*taken, head] if number == 0 else taken
    rows = rows.filter(pc.is_in(rows["branch_code"], pa.array(codes)))
    for name in CODES if number else ():
        if name in rows.column_names:
            named = pc.if_else(
                pc.equal(rows[name], head),
                rows[name],
                pc.binary_join_element_wise(rows[name], str(number), "c"),
            )
            rows = rows.set_column(rows.column_names.index(name), name, named)
    return rows


def render(tables: Path, folder: Path) -> None:
    """Render the pages alone, and print what it took."""
    from data.config import policy
    from reports import site
    from reports.facts import ReportFacts
    from reports.tables.publication import Publication

    day = date(2012, 12, 31)
    facts = ReportFacts("2012-12-31-0123456789ab", day, known_at=None, policy=policy.load_policy())
    started, used = time.perf_counter(), time.process_time()
    publication = Publication(tables, facts)
    site.write_site(publication, folder)
    took, peak = (
        time.perf_counter() - started,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    )
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    steps = ", ".join(
        f"{name} {sizes[name] / 1e6:.2f} MB"
        for name in ("index.html", "matrix.html", "branches.html")
    )
    print(
        f"  {len(publication.branches):,} branches: {len(sizes):,} pages, {sum(sizes.values()) / 1e6:.0f} MB, {took:.1f} s",
        end="",
    )
    print(f" ({time.process_time() - used:.1f} s of CPU), {peak:.2f} GiB; {steps}", flush=True)


def report(tables: Path, sizes: list[int]) -> None:
    """Each size in a process of its own, as the peak of memory is a process's."""
    print("\nthe report's pages")
    for branches in sizes:
        with TemporaryDirectory() as enlarged_tables, TemporaryDirectory() as folder:
            enlarged(tables, Path(enlarged_tables), branches)
            subprocess.run(
                [sys.executable, "-m", "tests.bench.report", enlarged_tables, "--into", folder],
                check=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path)
    parser.add_argument("--branches", type=int, nargs="*", default=[40, 2000])
    parser.add_argument(
        "--into", type=Path, help="render these tables as they are into this folder"
    )
    options = parser.parse_args()
    render(options.tables, options.into) if options.into else report(
        options.tables, options.branches
    )
