"""The engine: SQL over the store's Parquet files.

DuckDB takes extracts in, judges them and computes; Spark may compute in its place.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Protocol, Self

import duckdb
import pyarrow as pa

from data.problem import Problem
from transforms.engine import sql_functions
from transforms.engine.machine_memory import default_memory, parse_size
from transforms.engine.sql_functions import SqlFunction, quote_list, quote_text

ENGINES = ("duckdb", "spark")
ROWS_IN_GROUP = 61_440  # of exported Parquet: a multiple of DuckDB's vector of 2,048 rows


class Engine(Protocol):
    """What a computation asks of an engine.

    SQL given to it is what DuckDB and Spark read the same way, with the functions of
    `sql_functions.py`.
    """

    folder: Path  # where the engine writes what does not fit in memory
    threads: int  # how many queries are worth running at once

    def register_parquet(self, name: str, files: Iterable[str], schema: pa.Schema) -> None:
        """Make a relation of Parquet files; of none, an empty one with the given columns."""
        ...

    def create_table_from(self, name: str, table: pa.Table) -> None:
        """Make a table of the engine from an Arrow table."""
        ...

    def register_arrow(self, name: str, table: pa.Table) -> None:
        """Let SQL read an Arrow table without copying it where the engine can."""
        ...

    def create(self, name: str, sql: str, kind: str) -> None:
        """Create or replace a relation; `kind` is "table" (computed now) or "view"."""
        ...

    def dictionary_encode(self, name: str) -> None:
        """Keep the text columns of a table as numbers with a list of their values."""
        ...

    def define_calendar(self, dates: pa.Table) -> None:
        """Define `interval_of(day)` and `limit_interval_of(day, known_until)` for SQL.

        `dates` has one row per day, `date, interval_id`, the last one for all later days; a day
        before the first counts as the first. A limit after the last day that an extract reports
        on (`known_until`) is still to come.
        """
        ...

    def arrow(self, sql: str) -> pa.Table:
        """Return the rows of a query as one Arrow table: for results, never for extracts."""
        ...

    def cursor(self) -> Self:
        """Return the same relations for another thread of the program."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...


@contextmanager
def computing_engine(
    judge: "DuckDB", name: str, timezone: str, master: str | None
) -> Iterator[Engine]:
    """Give the engine that figures are computed on: the judging one, or Spark while it is needed.

    Args:
        judge: the DuckDB that judged the extracts; Spark's driver may use as much memory.
        name: one of `ENGINES`.
        timezone: of civil times, an IANA name.
        master: Spark's master; None for what spark-submit says, else this machine.

    Raises:
        Problem: the engine is unknown, not installed, or does not start.
    """
    if name not in ENGINES:
        raise Problem(f"unknown engine {name}", f"use one of {', '.join(ENGINES)}", "spark")
    if name == "duckdb":
        yield judge
        return
    try:
        from transforms.engine import spark_engine
    except ImportError:
        raise Problem(
            "the engine spark is not installed",
            "run make spark (README, Spark), or use --engine duckdb",
            "spark",
        ) from None
    session = spark_engine.open_session(judge.folder, master, judge.memory)
    try:
        yield spark_engine.Spark(judge.folder, timezone, session, judge.threads)
    finally:
        session.stop()


class DuckDB:
    """DuckDB in one file of a work folder; what does not fit in memory spills next to the file.

    `memory` is a size such as "6GB"; None: a share of what the machine has. No result depends on it
    or on `threads`. Raises Problem where it is not a size.
    """

    def __init__(self, folder: Path, timezone: str, threads: int = 2, memory: str | None = None):
        memory = memory or default_memory()
        parse_size(memory)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.connection = duckdb.connect(
            str(folder / "run.duckdb"),
            config={
                "threads": threads,
                "memory_limit": memory,
                "temp_directory": str(folder / "spill"),
                # Every query that promises an order has an ORDER BY; without this, DuckDB buffers
                # whole exports to keep the order of the files.
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
            },
        )
        self.threads, self.memory = threads, memory
        self.execute("SET GLOBAL TimeZone = 'UTC'")
        self._define(sql_functions.ELAPSED + sql_functions.clock_functions(timezone))

    def confine(self, *folders: Path) -> None:
        """Allow reading and writing below these folders and the engine's own only, from now on.

        No SQL, whatever it was made of, then reaches another file or the network. There is no way
        back.
        """
        paths = set()
        for folder in (self.folder, *folders):
            # DuckDB compares paths as text, so each spelling of a folder has to be allowed.
            paths |= {str(folder), str(folder.absolute()), str(folder.resolve())}
        self.execute(f"SET allowed_directories = {quote_list(sorted(paths))}")
        self.execute("SET enable_external_access = false")

    def cursor(self) -> "DuckDB":
        """Return the same database for another thread of the program."""
        other = copy(self)
        other.connection = self.connection.cursor()
        return other

    def execute(self, sql: str) -> None:
        """Run a statement. Errors repeat the SQL that failed."""
        try:
            self.connection.execute(sql)
        except duckdb.Error as error:
            raise type(error)(f"{error}\n--- the SQL that failed ---\n{sql}") from error

    def arrow(self, sql: str) -> pa.Table:
        """Return the rows of a query as one Arrow table: for results, never for extracts."""
        self.execute(sql)
        return self.connection.to_arrow_table()

    def export(self, sql: str, target: Path, partition: str | None = None) -> int:
        """Write the rows of a query as Parquet and return how many they are.

        They become one file or, with `partition`, a folder of files by the values of that column.
        """
        options = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROWS_IN_GROUP}"
        if partition:
            options += f", PARTITION_BY ({partition}), OVERWRITE"
        self.execute(f"COPY ({sql}) TO {quote_text(str(target))} ({options})")
        written = self.connection.fetchone()
        assert written is not None, "COPY returns the number of rows"
        return written[0]

    def create_table_from(self, name: str, table: pa.Table) -> None:
        """Make a table of the engine from an Arrow table."""
        self.connection.register("_arrow", table)
        self.create(name, "SELECT * FROM _arrow", "table")
        self.connection.unregister("_arrow")

    def dictionary_encode(self, name: str) -> None:
        """Keep the text columns of a table as ENUMs: grouping and handing over get cheap."""
        for row in self.arrow(f"DESCRIBE {name}").to_pylist():
            if row["column_type"] == "VARCHAR":
                self._encode_column(name, row["column_name"])

    def _encode_column(self, table: str, column: str) -> None:
        enum = f"{table}_{column}"
        values = (
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column}"
        )
        self.execute(f"CREATE OR REPLACE TYPE {enum} AS ENUM ({values})")
        self.execute(f"ALTER TABLE {table} ALTER {column} TYPE {enum}")

    def register_arrow(self, name: str, table: pa.Table) -> None:
        """Let SQL read an Arrow table in place.

        Raises duckdb.Error if the engine already has a relation of that name.
        """
        self.connection.register(name, table)

    def define_calendar(self, dates: pa.Table) -> None:
        """Define `interval_of` and `limit_interval_of`; see `Engine`."""
        self.create_table_from("dim_date", dates)
        intervals = "SELECT LIST(interval_id ORDER BY date) AS intervals FROM dim_date"
        self.create("dim_calendar", intervals, "table")
        self._define(sql_functions.calendar_functions(dates))

    def _define(self, functions: Iterable[SqlFunction]) -> None:
        for statement in sql_functions.duckdb_macros(functions):
            self.execute(statement)

    def register_parquet(self, name: str, files: Iterable[str], schema: pa.Schema) -> None:
        """Make a relation of Parquet files; of none, an empty one with the given columns."""
        files = list(files)
        if not files:
            self.create_table_from(name, schema.empty_table())
            return
        rows = (
            f"SELECT * FROM read_parquet({quote_list(files)},"
            " hive_partitioning = false, union_by_name = true)"
        )
        columns = self.arrow(f"DESCRIBE {rows}")["column_name"].to_pylist()
        if not set(schema.names) <= set(columns):
            # The files were written before the contract had all of its columns.
            self.create_table_from(f"{name}_without_rows", schema.empty_table())
            rows = f"FROM {name}_without_rows UNION ALL BY NAME {rows}"
        self.create(name, f"SELECT {', '.join(schema.names)} FROM ({rows})", "view")

    def create(self, name: str, sql: str, kind: str) -> None:
        """Create or replace a relation; `kind` is "table" (computed now) or "view"."""
        # DuckDB replaces a table by a table and a view by a view, but not one by the other.
        existing = self.connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
        ).fetchone()
        if existing:
            existing_kind = "view" if existing[0] == "VIEW" else "table"
            if existing_kind != kind:
                self.execute(f"DROP {existing_kind.upper()} {name}")
        self.execute(f"CREATE OR REPLACE {kind.upper()} {name} AS {sql}")

    def close(self) -> None:
        """Close the database."""
        self.connection.close()
