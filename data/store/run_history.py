"""The history of the runs of a store: what each read and found, whether it published or not.

Three tables as folders of Parquet files, one file per run, which any tool reads as a table. They
are kept apart from the publications: when and how long a program ran is not part of what it
publishes.

runs/quality_run/           a row per run
runs/quality_run_step/      a row per step of a run
runs/quality_run_finding/   a row per problem, note and failed rule of a run
runs/history.html           the latest of them as a page
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.store.atomic import replace_file
from data.store.parquet_files import read_parquet_files

TIMESTAMP = pa.timestamp("s", "UTC")

FINDING_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("kind", pa.string()),  # problem, note, rule
        ("said", pa.string()),  # the sentence, or extract, extract date and rule
        ("rows", pa.int64()),  # that break the rule
    ]
)

STEP_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("position", pa.int64()),
        ("step", pa.string()),
        ("seconds", pa.float64()),
        ("rows", pa.int64()),  # read by land and take in, written by the others
        ("bytes", pa.int64()),  # of files read or written, of tables in memory
        ("peak_memory_bytes", pa.int64()),  # resident, of the whole program while the step ran
    ]
)

RUN_COLUMNS = {
    "run_id": pa.string(),
    "started": TIMESTAMP,
    "ended": TIMESTAMP,
    "state": pa.string(),  # published, held, failed
    "reason": pa.string(),
    "publication_id": pa.string(),  # null where the run failed before it had one
    "readers_see": pa.string(),
    "seconds": pa.float64(),
    "rows_read": pa.int64(),
    "bytes_read": pa.int64(),
    "peak_memory_bytes": pa.int64(),
    "problems": pa.int64(),
    "rules_failed": pa.int64(),
}

# The table of the runs is written last: a run that is in it is complete.
TABLES = {
    "quality_run_finding": FINDING_SCHEMA,
    "quality_run_step": STEP_SCHEMA,
    "quality_run": pa.schema(list(RUN_COLUMNS.items())),
}


class RunHistory:
    """The runs that a store remembers."""

    def __init__(self, root: Path):
        self.root = root
        self.page = root / "history.html"

    def add(self, run_id: str, rows_by_table: dict[str, list[dict]]) -> None:
        """Remember a run by its rows of every table."""
        for name, schema in TABLES.items():
            folder = self.root / name
            folder.mkdir(parents=True, exist_ok=True)
            rows = pa.Table.from_pylist(rows_by_table[name], schema=schema)
            with replace_file(folder / f"{run_id}.parquet") as path:
                pq.write_table(rows, path, write_page_checksum=True)

    def read(self, name: str) -> pa.Table:
        """Return one of the tables, with the rows of all runs."""
        files = sorted((self.root / name).glob("[!.]*.parquet"))
        return read_parquet_files(files, TABLES[name])

    def clear(self) -> None:
        """Remove what killed runs left half written."""
        for path in (*self.root.glob(".*"), *self.root.glob("*/.*")):
            path.unlink(missing_ok=True)
