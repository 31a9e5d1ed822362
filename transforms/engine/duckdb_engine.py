"""The engine: runs SQL over the store's Parquet files. DuckDB takes in, judges and computes; Spark
may compute in its place.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from data.problem import Problem
from transforms.engine import sql_functions

ENGINES = ("duckdb", "spark")


class Engine(Protocol):
    """What computing figures asks of an engine. SQL in it is what both read the same way, with the
    functions of `dialect.py`.
    """

    threads: int  # how many queries are worth asking at once

    def register_parquet(self, name: str, files: Iterable[str], schema: pa.Schema) -> None: ...
    def create_table_from(self, name: str, table: pa.Table) -> None: ...
    def register_arrow(self, name: str, table: pa.Table) -> None: ...
    def create(self, name: str, sql: str, kind: str) -> None: ...
    def dictionary_encode(self, name: str) -> None: ...
    def define_calendar(self, dates: pa.Table) -> None: ...
    def arrow(self, sql: str) -> pa.Table: ...
    def cursor(self) -> "Engine": ...
    def close(self) -> None: ...


@contextmanager
def computing_engine(
    judge: "DuckDB", name: str, timezone: str, master: str | None, memory: str
) -> Iterator[Engine]:
    """The engine that figures are computed on: the one that judged, or Spark for as long as it is
    needed.

    Raises Problem where there is no such engine, or it does not start.
    """
    if name not in ENGINES:
        raise Problem(f"there is no engine {name}", f"use one of {', '.join(ENGINES)}", "spark")
    if name == "duckdb":
        yield judge
        return
    try:
        from transforms.engine import spark_engine
    except ImportError:
        raise Problem(
            "the engine spark is not installed",
            "make spark (README, Spark), or use --engine duckdb",
            "spark",
        ) from None
    session = spark_engine.open_session(judge.folder, master, memory)
    try:
        yield spark_engine.Spark(judge.folder, timezone, session, judge.threads)
    finally:
        session.stop()


class DuckDB:
    """DuckDB in one file of a work folder, so that what does not fit in memory spills beside it.

    `memory` is a DuckDB size such as "2GB"; nothing that comes out depends on it or on `threads`.
    """

    def __init__(self, folder: Path, timezone: str, threads: int = 2, memory: str = "2GB"):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.connection = duckdb.connect(
            str(folder / "run.duckdb"),
            config={
                "threads": threads,
                "memory_limit": memory,
                "temp_directory": str(folder / "spill"),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
            },
        )
        self.threads, self.memory = threads, memory
        self.execute("SET GLOBAL TimeZone = 'UTC'")
        self._define(sql_functions.ELAPSED | sql_functions.clock_functions(timezone))

    def confine(self, *folders: Path) -> None:
        """From now on read and write below these folders only, and its own: no SQL, whatever it was
        made of, reaches another file or the network. There is no way back.
        """
        named = {
            str(path)
            for folder in (self.folder, *folders)
            for path in (folder, folder.absolute(), folder.resolve())
        }
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted(named))
        self.execute(f"SET allowed_directories = [{listed}]")
        self.execute("SET enable_external_access = false")

    def cursor(self) -> "DuckDB":
        """The same database for another thread of the program."""
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
        """The rows of a query as one Arrow table: for results, never for extracts."""
        self.execute(sql)
        return self.connection.to_arrow_table()

    def export(self, sql: str, target: Path, partition: str | None = None) -> int:
        """Write the rows of a query as Parquet: one file, or a folder of files by the values of a
        column. Returns how many rows.
        """
        options = f", PARTITION_BY ({partition}), OVERWRITE" if partition else ""
        self.execute(
            f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440{options})"
        )
        return self.connection.fetchone()[0]

    def create_table_from(self, name: str, table: pa.Table) -> None:
        """Make a table of the engine out of an Arrow table."""
        self.connection.register("_arrow", table)
        self.create(name, "SELECT * FROM _arrow", "table")
        self.connection.unregister("_arrow")

    def dictionary_encode(self, name: str) -> None:
        """Store the text columns of a fact table as numbers with a list of their values (ENUM):
        grouping and handing over get cheap, SQL stays.
        """
        for column in self.arrow(f"DESCRIBE {name}").to_pylist():
            if column["column_type"] == "VARCHAR":
                text = column["column_name"]
                self.execute(
                    f"CREATE OR REPLACE TYPE {name}_{text} AS ENUM (SELECT DISTINCT {text} FROM {name} WHERE {text} IS NOT NULL ORDER BY {text})"
                )
                self.execute(f"ALTER TABLE {name} ALTER {text} TYPE {name}_{text}")

    def register_arrow(self, name: str, table: pa.Table) -> None:
        """Let SQL read an Arrow table where it lies. Raises duckdb.Error where the engine has a
        relation of that name.
        """
        self.connection.register(name, table)

    def define_calendar(self, dates: pa.Table) -> None:
        """Make SQL know the number of a day's interval. `dates` has one row per day, `date,
        interval_id`, the last one for all later days.

        A day before the first counts as the first. `limit_interval_of(day, told)` is for limits:
        one after the last day that an extract tells of is still to come.
        """
        self.create_table_from("dim_date", dates)
        self.create(
            "dim_calendar",
            "SELECT LIST(interval_id ORDER BY date) AS intervals FROM dim_date",
            "table",
        )
        self._define(
            sql_functions.calendar_functions(
                dates["date"][0].as_py(),
                dates["date"][-1].as_py(),
                dates["interval_id"].to_pylist(),
            )
        )

    def _define(self, functions: dict) -> None:
        for statement in sql_functions.duckdb_macros(functions):
            self.execute(statement)

    def register_parquet(self, name: str, files: Iterable[str], schema: pa.Schema) -> None:
        """Make a relation out of Parquet files; none of them: an empty one with the given
        columns.
        """
        files = list(files)
        if files:
            listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
            rows = f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
            if set(schema.names) - set(self.arrow(f"DESCRIBE {rows}")["column_name"].to_pylist()):
                # Written before the contract had all of its columns.
                self.create_table_from(f"{name}_without_rows", schema.empty_table())
                rows = f"FROM {name}_without_rows UNION ALL BY NAME {rows}"
            self.create(name, f"SELECT {', '.join(schema.names)} FROM ({rows})", "view")
        else:
            self.create_table_from(name, schema.empty_table())

    def create(self, name: str, sql: str, kind: str) -> None:
        """Create or replace a table or a view."""
        other = "VIEW" if kind == "table" else "TABLE"
        held = self.connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
        ).fetchone()
        if held and (held[0] == "VIEW") == (other == "VIEW"):
            self.execute(f"DROP {other} {name}")
        self.execute(f"CREATE OR REPLACE {kind.upper()} {name} AS {sql}")

    def close(self) -> None:
        self.connection.close()
