"""The history of the runs of a store: three tables about what each took and found, whether it
published or not. Folders of Parquet files, one per run, which any tool reads as a table. They stand
beside the publications: when and how long a program ran is no part of what it publishes.

runs/quality_run/           a row per run
runs/quality_run_step/      a row per step of a run
runs/quality_run_finding/   a row per problem, note and failed rule of a run
runs/history.html           the latest of them as a page
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

TIMESTAMP = pa.timestamp("s", "UTC")
TABLES = {
    "quality_run_finding": pa.schema(
        [
            ("run_id", pa.string()),
            ("kind", pa.string()),  # problem, note, rule
            ("said", pa.string()),  # the sentence, or extract, extract date and rule
            ("rows", pa.int64()),  # that break the rule
        ]
    ),
    "quality_run_step": pa.schema(
        [
            ("run_id", pa.string()),
            ("position", pa.int64()),
            ("step", pa.string()),
            ("seconds", pa.float64()),
            ("rows", pa.int64()),  # read by land and take in, made by the others
            ("bytes", pa.int64()),  # of files read or written, of tables in memory
            ("peak_memory_bytes", pa.int64()),  # resident, of the whole program while the step ran
        ]
    ),
    "quality_run": pa.schema(
        [
            ("run_id", pa.string()),
            ("started", TIMESTAMP),
            ("ended", TIMESTAMP),
            ("state", pa.string()),  # published, held, failed
            ("reason", pa.string()),
            (
                "publication_id",
                pa.string(),
            ),  # built or found; null where the run did not get so far
            ("readers_see", pa.string()),
            ("seconds", pa.float64()),
            ("rows_read", pa.int64()),
            ("bytes_read", pa.int64()),
            ("peak_memory_bytes", pa.int64()),
            ("problems", pa.int64()),
            ("rules_failed", pa.int64()),
        ]
    ),
}


class RunHistory:
    """The runs that a store remembers."""

    def __init__(self, root: Path):
        self.root = root
        self.page = root / "history.html"

    def add(self, run_id: str, told: dict[str, list[dict]]) -> None:
        """Remember a run: its rows of every table, that of the run itself last."""
        for name, schema in TABLES.items():
            folder = self.root / name
            folder.mkdir(parents=True, exist_ok=True)
            aside = folder / f".{run_id}"
            try:
                pq.write_table(pa.Table.from_pylist(told[name], schema=schema), aside)
                aside.rename(folder / f"{run_id}.parquet")
            finally:
                aside.unlink(missing_ok=True)

    def read(self, name: str) -> pa.Table:
        """One of the tables, of all runs."""
        files = sorted((self.root / name).glob("[!.]*.parquet"))
        return (
            ds.dataset(files, schema=TABLES[name]).to_table()
            if files
            else TABLES[name].empty_table()
        )

    def clear(self) -> None:
        """Remove what killed runs left half written."""
        for half in (*self.root.glob(".*"), *self.root.glob("*/.*")):
            half.unlink(missing_ok=True)
